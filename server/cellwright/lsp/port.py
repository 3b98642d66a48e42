"""A session's client: the editor behind one open document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cellwright.lsp import messages
from cellwright.lsp.applying import apply
from cellwright.lsp.diagnostics import Shown
from cellwright.lsp.outputs import nbformat_output
from cellwright.lsp.progress import WorkDone
from cellwright.notebook.edit import NotebookEdit, Receipt
from cellwright.notebook.model import CellId, Notebook
from cellwright.session.client import (
    CellOutput,
    Event,
    FindingsChanged,
    OffersChanged,
    StateChanged,
)

if TYPE_CHECKING:
    from cellwright.lsp.open import Open
    from cellwright.lsp.server import Server


class EditorClient:
    """Implements `session.client.Client` over the protocol, as far as this editor speaks it."""

    def __init__(self, server: Server, opened: Open) -> None:
        self._server = server
        self._open = opened
        self._shown = Shown(server, opened)
        self._left = False

    async def apply(self, edit: NotebookEdit, notebook: Notebook, label: str) -> Receipt:
        """Apply an edit in the editor, and read it back."""
        return await apply(self._server, self._open, edit, notebook, label)

    async def approve(self, question: str, *, remember_as: str) -> bool:
        """Ask in the editor; the answer holds for the workspace folder."""
        return await self._server.approve(self._open, question, remember_as)

    def publish(self, event: Event) -> None:
        """Show an event, if the editor can."""
        uri, server = self._open.document.uri, self._server
        if self._left:
            return
        if isinstance(event, FindingsChanged):
            self._shown.update(event.cell, event.findings)
        elif isinstance(event, StateChanged):
            if server.abilities.states:
                server.notify(messages.STATUS, messages.StatusParams(uri, event.states))
        elif isinstance(event, CellOutput):
            if server.abilities.outputs:
                output = nbformat_output(event.output) if event.output else None
                server.notify(
                    messages.OUTPUT,
                    messages.OutputParams(
                        uri, event.cell, output, event.clear, event.display_id, event.update
                    ),
                )
        elif isinstance(event, OffersChanged):
            server.refresh_lenses()

    def progress(self, title: str) -> WorkDone:
        """Open a progress display."""
        return WorkDone(self._server, title)

    def forget(self, cells: Iterable[CellId]) -> None:
        """Clear what was shown in cells that are gone."""
        for cell_id in cells:
            self._shown.update(cell_id, ())

    def redraw(self) -> None:
        """Show again what is shown, where it stands now."""
        self._shown.redraw()

    def leave(self) -> None:
        """Clear all that is shown, and show nothing more: the document was closed."""
        self._shown.clear()
        self._left = True
