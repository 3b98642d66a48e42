"""What the text of the cells and the runs tell without running anything: undefined and stale.

Work is done in slices on the event loop once typing has paused, one cell at a time, and is
proportional to what changed: a name's readers are looked at again when a cell that binds it is.
"""

from __future__ import annotations

import asyncio
import builtins
from collections import defaultdict
from collections.abc import Callable, Iterable

from cellwright.dataflow.cell import CellFlow, analyse
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.session.client import Finding, RelatedPlace

PAUSE = 0.2
"""Seconds without an edit before analysis goes on: it must not be in the way of typing."""

LARGE = 4_000
"""Characters above which a cell is analysed in a thread, so that the loop stays free."""

KNOWN = frozenset(dir(builtins)) | {
    *("get_ipython", "display", "exit", "quit", "In", "Out", "_", "__", "___"),
    *("_i", "_ii", "_iii", "_ih", "_oh", "_dh", "__name__", "__builtins__", "__doc__"),
}
"""Names that an IPython kernel's namespace has before any cell runs."""

Changed = Callable[[frozenset[CellId]], None]


class Analysis:
    """Keeps the flow of each Python cell, and the findings that follow from the flows.

    `on_change` hears of the cells whose findings may be others now. `has_run` tells whether the
    text that a cell has now ran to its end in the kernel as it is.
    """

    def __init__(self, on_change: Changed, has_run: Callable[[Cell], bool]) -> None:
        self._on_change = on_change
        self._has_run = has_run
        self._notebook: Notebook | None = None
        self._flows: dict[CellId, CellFlow] = {}
        self._binders: defaultdict[str, set[CellId]] = defaultdict(set)
        self._readers: defaultdict[str, set[CellId]] = defaultdict(set)
        self._open: set[CellId] = set()
        self._waiting: dict[CellId, None] = {}
        self._touched: set[CellId] = set()
        self._last_edit = 0.0
        self._task: asyncio.Task[None] | None = None

    def update(
        self, notebook: Notebook, *, changed: Iterable[CellId], removed: Iterable[CellId]
    ) -> None:
        """Take the next snapshot and look at it when typing has paused."""
        self._notebook = notebook
        for cell_id in removed:
            self._touched |= self._replace(cell_id, None)
            self._waiting.pop(cell_id, None)
        self._waiting.update(dict.fromkeys(changed))
        self._wake()

    def look_again(self, cells: Iterable[CellId]) -> None:
        """Work out the findings of cells again, because of what has run."""
        self._touched.update(cells)
        self._wake()

    def flow(self, cell_id: CellId) -> CellFlow | None:
        """Return the flow of a cell, None where it has not been looked at yet."""
        return self._flows.get(cell_id)

    def readers(self, cell_id: CellId) -> frozenset[CellId]:
        """Return the cells that read a name which this cell binds."""
        flow = self._flows.get(cell_id)
        names = flow.bound | flow.deleted if flow else frozenset[str]()
        return frozenset(reader for name in names for reader in self._readers.get(name, ()))

    def close(self) -> None:
        """Stop the work."""
        if self._task is not None:
            self._task.cancel()

    def _wake(self) -> None:
        self._last_edit = asyncio.get_running_loop().time()
        if (self._waiting or self._touched) and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting or self._touched:
            pause = self._last_edit + PAUSE - loop.time()
            if pause > 0:
                await asyncio.sleep(pause)
                continue
            if self._waiting:
                await self._analyse_one()
                await asyncio.sleep(0)
            else:
                touched, self._touched = frozenset(self._touched), set()
                self._on_change(touched)

    async def _analyse_one(self) -> None:
        cell_id = next(iter(self._waiting))
        del self._waiting[cell_id]
        cell = self._notebook.get(cell_id) if self._notebook else None
        if cell is None or not cell.is_python:
            self._touched |= self._replace(cell_id, None)
            return
        large = len(cell.source) > LARGE
        flow = await asyncio.to_thread(analyse, cell.source) if large else analyse(cell.source)
        if cell_id not in self._waiting:
            self._touched |= self._replace(cell_id, flow)

    def _replace(self, cell_id: CellId, flow: CellFlow | None) -> set[CellId]:
        """Put another flow in place of a cell's; return the cells whose findings it bears on."""
        old = self._flows.pop(cell_id, None)
        self._open.discard(cell_id)
        if old is not None:
            _file(old, cell_id, self._binders, self._readers, remove=True)
        if flow is not None:
            self._flows[cell_id] = flow
            _file(flow, cell_id, self._binders, self._readers, remove=False)
            if flow.opens or not flow.complete:
                self._open.add(cell_id)
        was, now = (old.bound if old else frozenset()), (flow.bound if flow else frozenset())
        touched = {cell_id, *(r for name in was ^ now for r in self._readers.get(name, ()))}
        opened = bool(old and (old.opens or not old.complete)) != (cell_id in self._open)
        return touched | set(self._flows) if opened else touched

    def findings(self, cell_id: CellId) -> tuple[Finding, ...]:
        """Return the names that a cell needs and that are not bound when it runs."""
        notebook, flow = self._notebook, self._flows.get(cell_id)
        cell = notebook.get(cell_id) if notebook else None
        if notebook is None or flow is None or cell is None or not flow.complete:
            return ()
        if self._has_run(cell) or self._something_unknown_before(notebook, cell_id):
            return ()
        found = (self._undefined(notebook, cell, flow, name) for name in sorted(flow.required))
        return tuple(finding for finding in found if finding is not None)

    def _something_unknown_before(self, notebook: Notebook, cell_id: CellId) -> bool:
        here = notebook.position(cell_id)
        return any(c in notebook and notebook.position(c) <= here for c in self._open)

    def _undefined(
        self, notebook: Notebook, cell: Cell, flow: CellFlow, name: str
    ) -> Finding | None:
        if name in KNOWN:
            return None
        here = notebook.position(cell.id)
        binders = [notebook.cell(c) for c in self._binders.get(name, ()) if c in notebook]
        others = sorted(
            (other for other in binders if other.id != cell.id),
            key=lambda other: notebook.position(other.id),
        )
        if any(notebook.position(o.id) < here or self._has_run(o) for o in others):
            return None
        spans = flow.uses.get(name) or (Span(0, 0),)
        if not others:
            message = f"`{name}` is not defined: no cell of this notebook binds it."
            return Finding(cell.id, spans[0], "warning", "undefined-name", message)
        later = others[0]
        message = f"`{name}` is bound only further down, in cell {notebook.number(later.id)}."
        place = (self._flows[later.id].bindings.get(name) or (Span(0, 0),))[0]
        related = (RelatedPlace(later.id, place, f"`{name}` is bound here"),)
        return Finding(cell.id, spans[0], "warning", "name-bound-later", message, related)


def _file(
    flow: CellFlow,
    cell_id: CellId,
    binders: defaultdict[str, set[CellId]],
    readers: defaultdict[str, set[CellId]],
    *,
    remove: bool,
) -> None:
    for names, index in ((flow.bound, binders), (flow.read | flow.deferred, readers)):
        for name in names:
            if remove:
                index[name].discard(cell_id)
                if not index[name]:
                    del index[name]
            else:
                index[name].add(cell_id)
