"""initialize, initialized, shutdown, exit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from cellwright import __version__
from cellwright.lsp import abilities, commands, messages
from cellwright.lsp.features import configuration
from cellwright.lsp.features.code_action import KINDS
from cellwright.lsp.server import Server
from cellwright.lsp.settings import users_own
from cellwright.lsp.uris import path_of

NOTEBOOK_TYPES = ("jupyter-notebook", "interactive")


def initialize(server: Server, params: Any) -> types.InitializeResult:
    """Resolve what the client can do and say what the server does.

    A second one (a proxy may share one server among clients) gets the first one's answer.
    """
    if not isinstance(params, Mapping) or not isinstance(params.get("capabilities"), Mapping):
        raise JsonRpcInvalidParams("the params have no capabilities")
    if not server.initialized:
        server.abilities = abilities.resolve(params["capabilities"])
        options = params.get("initializationOptions")
        user = options.get("user") if isinstance(options, Mapping) else None
        server.user_settings = server.settings = users_own(user)
        server.folders = _folders(params)
        server.initialized = True
    return types.InitializeResult(
        _capabilities(server), types.ServerInfo("cellwright", __version__)
    )


async def initialized(server: Server, params: Any) -> None:
    """Ask for the settings, and to be told when they change."""
    del params
    if server.abilities.watch_configuration:
        watched = types.Registration(
            "cellwright-configuration",
            types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            types.DidChangeConfigurationRegistrationOptions(section=configuration.SECTION),
        )
        await server.ask(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([watched]))
    await configuration.pull(server)


def shutdown(server: Server, params: Any) -> None:
    """Stop all work; `exit` follows, and waits for the kernels to end."""
    del params
    server.stop_work()


def leave(server: Server, params: Any) -> None:
    """End the process."""
    del params
    server.leave()


def _folders(params: Mapping[str, Any]) -> dict[str, Path]:
    listed = params.get("workspaceFolders")
    folders = listed if isinstance(listed, list) else []
    uris = [folder.get("uri") for folder in folders if isinstance(folder, Mapping)]
    if not uris:
        uris = [params.get("rootUri")]
    found = {uri: path_of(uri) for uri in uris if isinstance(uri, str)}
    if not found and isinstance(root := params.get("rootPath"), str):
        found = {root: Path(root)}
    return {uri: path for uri, path in found.items() if path is not None}


def _capabilities(server: Server) -> types.ServerCapabilities:
    selector = [
        types.NotebookDocumentFilterWithNotebook(
            types.NotebookDocumentFilterNotebookType(notebook_type=name)
        )
        for name in NOTEBOOK_TYPES
    ]
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(server.abilities.encoding),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental
        ),
        notebook_document_sync=types.NotebookDocumentSyncOptions(selector)
        if server.abilities.notebooks
        else None,
        hover_provider=True,
        code_lens_provider=types.CodeLensOptions(resolve_provider=False),
        code_action_provider=types.CodeActionOptions(
            code_action_kinds=list(KINDS), resolve_provider=True
        ),
        execute_command_provider=types.ExecuteCommandOptions(
            list(commands.ALL), work_done_progress=True
        ),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(
                supported=True, change_notifications=True
            )
        ),
        experimental={"cellwright": {"protocolVersion": messages.PROTOCOL_VERSION}},
    )
