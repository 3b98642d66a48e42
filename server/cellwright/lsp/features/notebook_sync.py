"""notebookDocument/didOpen, didChange, didClose."""

from __future__ import annotations

import logging
from dataclasses import replace

from lsprotocol import types

from cellwright.lsp import sync
from cellwright.lsp.documents import CellsDocument
from cellwright.lsp.server import Server

logger = logging.getLogger(__name__)

LOST = "Cellwright lost track of this notebook. Close it and open it again to get fixes for it."


def opened(server: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    """Start to work on a notebook."""
    uri = params.notebook_document.uri
    try:
        server.open(CellsDocument(uri, sync.opened(params)))
    except sync.OutOfSync as error:
        _lost(server, uri, error)


def changed(server: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Take over a change. One that does not fit ends the work: no edit may rest on a guess."""
    opened = server.find(params.notebook_document.uri)
    if opened is None or not isinstance(opened.document, CellsDocument):
        return
    document = opened.document
    try:
        synced = sync.changed(document.notebook, params.change, server.abilities.encoding)
    except sync.OutOfSync as error:
        _lost(server, document.uri, error)
        return
    following = replace(document, notebook=synced.notebook)
    opened.take(following, synced.changed, synced.removed)
    cells = params.change.cells
    if cells is not None and cells.structure is not None:
        inserted = (cell.document for cell in cells.structure.array.cells or ())
        server.know(opened, inserted, synced.removed)


def closed(server: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    """Stop to work on a notebook and clear what was shown."""
    server.close_document(params.notebook_document.uri)


def _lost(server: Server, uri: str, error: sync.OutOfSync) -> None:
    logger.warning("out of sync: %s", error)
    server.close_document(uri)
    server.show(LOST, types.MessageType.Warning)
