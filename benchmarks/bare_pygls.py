"""The yardstick: pygls with handlers that do nothing, and a code action that is one literal."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer(
    "bare",
    "1",
    notebook_document_sync=types.NotebookDocumentSyncOptions(
        notebook_selector=[
            types.NotebookDocumentFilterWithNotebook(
                notebook="jupyter-notebook",
                cells=[types.NotebookCellLanguage(language="python")],
            )
        ]
    ),
)


@server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
def did_open(_params: types.DidOpenNotebookDocumentParams) -> None:
    """Do nothing."""


@server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
def did_change(_params: types.DidChangeNotebookDocumentParams) -> None:
    """Do nothing."""


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
)
def code_action(_params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return one literal."""
    return [types.CodeAction(title="Nothing", kind=types.CodeActionKind.QuickFix)]


if __name__ == "__main__":
    server.start_io()
