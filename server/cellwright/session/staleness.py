"""Which cells are stale, worked out in a thread once typing has paused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from cellwright.notebook.edit import Span
from cellwright.notebook.model import CellId, Notebook
from cellwright.session.analysis import PAUSE
from cellwright.session.client import Finding
from cellwright.session.history import History
from cellwright.session.preload import preload

if TYPE_CHECKING:
    from cellwright.dataflow.stale import Stale

REASONS = {
    "edited": "its text has changed since it ran",
    "ran-again": "{other}, which it reads from, ran after it",
    "removed": "{other} that it read from is gone",
    "upstream": "{other}, which it reads from, is stale",
}


class Staleness:
    """Keeps the stale cells of one notebook.

    `on_change` hears of the cells that became stale, are so no more, or are so for another reason.
    """

    def __init__(
        self,
        notebook: Callable[[], Notebook],
        history: History,
        on_change: Callable[[Iterable[CellId]], None],
    ) -> None:
        self._notebook = notebook
        self._history = history
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None
        self.stale: Mapping[CellId, Stale] = {}

    def ran(self, cell_id: CellId) -> None:
        """Take note that a cell has just run: it is not stale, others may be."""
        if cell_id in self.stale:
            self._settle({cell: why for cell, why in self.stale.items() if cell != cell_id})
        self.look_again()

    def look_again(self) -> None:
        """Work it out anew, soon. Costs nothing in a notebook where nothing has run."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._history.records:
            self._task = asyncio.ensure_future(self._look())
        else:
            self._settle({})

    def finding(self, cell_id: CellId) -> Finding | None:
        """Return what is to be shown in a stale cell."""
        stale, notebook = self.stale.get(cell_id), self._notebook()
        cell = notebook.get(cell_id)
        if stale is None or cell is None:
            return None
        if stale.because is not None and stale.because in notebook:
            other = f"cell {notebook.number(stale.because)}"
        else:
            other = "a cell"
        message = f"This cell is stale: {REASONS[stale.why].format(other=other)}."
        first_line = Span(0, len(cell.source.partition("\n")[0]))
        return Finding(cell_id, first_line, "hint", "stale-cell", message)

    def close(self) -> None:
        """Stop the work."""
        if self._task is not None:
            self._task.cancel()

    async def _look(self) -> None:
        await asyncio.sleep(PAUSE)
        await preload("cellwright.dataflow.stale")
        from cellwright.dataflow.stale import stale_cells

        cells = [(cell.id, cell.source) for cell in self._notebook().cells if cell.is_python]
        self._settle(await asyncio.to_thread(stale_cells, cells, self._history.records))

    def _settle(self, stale: Mapping[CellId, Stale]) -> None:
        either = self.stale.keys() | stale.keys()
        changed = [cell for cell in either if self.stale.get(cell) != stale.get(cell)]
        self.stale = stale
        if changed:
            self._on_change(changed)
