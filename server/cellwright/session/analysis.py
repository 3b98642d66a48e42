"""What the text of the cells tells without running anything: the graph, and undefined names.

Work is done in slices on the event loop once typing has paused, one cell at a time, and is
proportional to what changed: a name's readers are looked at again when a cell that binds it is.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cellwright.dataflow.flow import CellFlow
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.session.client import Finding, RelatedPlace
from cellwright.session.preload import preload

if TYPE_CHECKING:
    from cellwright.dataflow.graph import Graph, Undefined

PAUSE = 0.2
"""Seconds without an edit before analysis goes on: it must not be in the way of typing."""

LARGE = 4_000
"""Characters above which a cell is analysed in a thread, so that the loop stays free."""

AT_A_TIME = 50
"""Cells put into the graph before the loop gets its turn."""

NOTHING = CellFlow()


class Analysis:
    """Keeps the flow of each Python cell, their graph in document order, and what follows.

    `on_change` hears of each cell whose findings may be others now. `has_run` tells whether the
    text that a cell has now ran to its end in the kernel as it is.
    """

    def __init__(
        self, on_change: Callable[[CellId], None], has_run: Callable[[Cell], bool]
    ) -> None:
        self._on_change = on_change
        self._has_run = has_run
        self._notebook = Notebook(())
        self._flows: dict[CellId, CellFlow] = {}
        self._readers: defaultdict[str, set[CellId]] = defaultdict(set)
        self._graph: Graph | None = None
        self._order: tuple[CellId, ...] = ()
        self._positions: dict[CellId, int] = {}
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
            self._touched |= self._file(cell_id, None)
            self._waiting.pop(cell_id, None)
        self._waiting.update(dict.fromkeys(changed))
        self._wake()

    def look_again(self, cells: Iterable[CellId]) -> None:
        """Work out the findings of cells again, because of what has run."""
        self._touched.update(cells)
        self._wake()

    def readers(self, cell_id: CellId) -> frozenset[CellId]:
        """Return the cells that read a name which this cell binds or deletes."""
        flow = self._flows.get(cell_id, NOTHING)
        names = flow.bound | flow.deleted
        return frozenset(reader for name in names for reader in self._readers.get(name, ()))

    def dependents(self, cell_id: CellId) -> tuple[CellId, ...]:
        """Return the cells further down whose names lead back to this one."""
        position = self._positions.get(cell_id)
        if position is None or self._graph is None:
            return ()
        return tuple(self._order[p] for p in self._graph.dependents(position))

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
                await preload("cellwright.dataflow.cell", "cellwright.dataflow.graph")
            elif self._waiting:
                await self._analyse_one()
                await asyncio.sleep(0)
            elif await self._build_graph():
                self._on_change(self._touched.pop())
                await asyncio.sleep(0)

    async def _analyse_one(self) -> None:
        cell_id = next(iter(self._waiting))
        del self._waiting[cell_id]
        cell = self._notebook.get(cell_id)
        if cell is None or not cell.is_python:
            self._touched |= self._file(cell_id, None)
            return
        large = len(cell.source) > LARGE
        from cellwright.dataflow.cell import analyse

        flow = await asyncio.to_thread(analyse, cell.source) if large else analyse(cell.source)
        if cell_id not in self._waiting:
            self._touched |= self._file(cell_id, flow)

    def _file(self, cell_id: CellId, flow: CellFlow | None) -> set[CellId]:
        """Put another flow in place of a cell's; return the cells whose findings it bears on."""
        old = self._flows.pop(cell_id, NOTHING)
        new = flow or NOTHING
        for name in old.read | old.deferred:
            self._readers[name].discard(cell_id)
        for name in new.read | new.deferred:
            self._readers[name].add(cell_id)
        if flow is not None:
            self._flows[cell_id] = flow
            position = self._positions.get(cell_id)
            if position is not None and self._graph is not None:
                self._graph.replace(position, flow)
        if old.opens != new.opens:
            return {cell_id, *self._flows}
        changed = (old.bound ^ new.bound) | (old.deleted ^ new.deleted)
        return {cell_id, *(r for name in changed for r in self._readers.get(name, ()))}

    async def _build_graph(self) -> bool:
        """Bring the graph to the order of the cells; return False when that changed meanwhile."""
        order = tuple(cell.id for cell in self._notebook.cells if cell.id in self._flows)
        if order == self._order:
            return True
        from cellwright.dataflow.graph import Graph

        graph = Graph()
        for index, cell_id in enumerate(order):
            if index % AT_A_TIME == AT_A_TIME - 1:
                await asyncio.sleep(0)
            if cell_id not in self._flows:
                return False
            graph.append(cell_id, self._flows[cell_id])
        if order:
            # The first question works out what all others share.
            await asyncio.to_thread(graph.undefined, len(order) - 1)
        if self._waiting:
            return False
        self._graph, self._order = graph, order
        self._positions = {cell_id: position for position, cell_id in enumerate(order)}
        self._touched |= set(order)
        return True

    def findings(self, cell_id: CellId) -> tuple[Finding, ...]:
        """Return the names that a cell needs and that are not bound when it runs."""
        position, cell = self._positions.get(cell_id), self._notebook.get(cell_id)
        flow = self._flows.get(cell_id)
        if position is None or cell is None or flow is None or not flow.complete:
            return ()
        if cell_id in self._waiting or self._has_run(cell):
            return ()
        if self._graph is None:
            return ()
        missing = self._graph.undefined(position).values()
        found = (self._finding(cell, undefined) for undefined in missing)
        return tuple(finding for finding in found if finding is not None)

    def _finding(self, cell: Cell, undefined: Undefined) -> Finding | None:
        span = undefined.spans[0] if undefined.spans else Span(0, 0)
        others = [c for c in map(self._notebook.get, map(str, undefined.cells)) if c is not None]
        name, number = undefined.name, self._notebook.number
        if undefined.why == "later":
            if any(self._has_run(other) for other in others):
                return None
            message = f"`{name}` is bound only further down, in cell {number(others[0].id)}."
            code = "name-bound-later"
        elif undefined.why == "deleted":
            message = f"`{name}` was deleted in cell {number(others[0].id)}."
            code = "name-deleted"
        else:
            message = f"`{name}` is not defined: no cell above binds it."
            code = "undefined-name"
        related = tuple(
            RelatedPlace(other.id, self._binding(other, name), f"`{name}` is bound here")
            for other in others
            if name in self._flows[other.id].bindings
        )
        return Finding(cell.id, span, "warning", code, message, related)

    def _binding(self, cell: Cell, name: str) -> Span:
        return self._flows[cell.id].bindings[name][0]
