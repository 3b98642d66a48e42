"""workspace/didChangeWorkspaceFolders."""

from __future__ import annotations

from lsprotocol import types

from cellwright.lsp.server import Server
from cellwright.lsp.uris import path_of


def changed(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Add and remove folders. Documents opened from now on are judged by them."""
    for folder in params.event.removed:
        server.folders.pop(folder.uri, None)
    for folder in params.event.added:
        if (path := path_of(folder.uri)) is not None:
            server.folders[folder.uri] = path
