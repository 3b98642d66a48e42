"""An open document, the session that works on it, and the client as that session sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cellwright.lsp.documents import Document
from cellwright.lsp.port import EditorClient
from cellwright.notebook.model import CellId, Notebook
from cellwright.session.session import Session

if TYPE_CHECKING:
    from cellwright.lsp.server import Server


@dataclass(frozen=True)
class AppliedFix:
    """A fix that was applied here: the offer, its title, and the cells as it left them."""

    offer: str
    title: str
    hashes: Mapping[CellId, str | None]

    def stands_in(self, notebook: Notebook, cell_id: CellId) -> bool:
        """Return whether the fix touched this cell, and no cell of it has changed since."""
        found = {cell: notebook.get(cell) for cell in self.hashes}
        return cell_id in self.hashes and all(
            (cell.hash if cell else None) == self.hashes[key] for key, cell in found.items()
        )


class Open:
    """The one place where a document changes. `session` always knows the latest snapshot."""

    def __init__(
        self, server: Server, document: Document, *, folder: Path, inside: bool, label: str
    ) -> None:
        self.document = document
        self.folder = folder
        self.inside_workspace = inside
        self.client = EditorClient(server, self)
        self.session = Session(
            document.notebook,
            self.client,
            folder=folder,
            settings=server.settings.session,
            automatic=inside,
            label=label,
        )
        self.applied: list[AppliedFix] = []
        self._moved = asyncio.Event()

    def take(
        self, document: Document, changed: Iterable[CellId], removed: Iterable[CellId]
    ) -> None:
        """Go on to the next snapshot."""
        removed = tuple(removed)
        self.document = document
        self.session.update(document.notebook, changed=changed, removed=removed)
        self.client.forget(removed)
        self._moved.set()

    async def reaches(self, holds: Callable[[Notebook], bool], seconds: float) -> bool:
        """Wait until the document is as expected; return whether it came to be so in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not holds(self.document.notebook):
            self._moved.clear()
            try:
                await asyncio.wait_for(self._moved.wait(), deadline - loop.time())
            except asyncio.TimeoutError:
                return holds(self.document.notebook)
        return True

    async def close(self) -> None:
        """Clear what is shown, and end the session with its kernel."""
        self.client.leave()
        await self.session.close()
