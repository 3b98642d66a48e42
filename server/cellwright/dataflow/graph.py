"""Which cells depend on which, over run order or document order."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cellwright.dataflow import known
from cellwright.dataflow.flow import CellFlow
from cellwright.dataflow.places import Board, Key
from cellwright.dataflow.sharing import Sharing
from cellwright.notebook.edit import Span


@dataclass(frozen=True)
class Undefined:
    """A name that a cell needs and that nothing before it has left bound.

    `why`: a cell further on binds it, one that has not run does, one that failed may not have come
    to it, it was deleted, or nothing binds it. `cells` are the keys of those cells, nearest first.
    """

    name: str
    why: Literal["later", "not-run", "failed", "deleted", "nowhere"]
    cells: tuple[Key, ...] = ()
    spans: tuple[Span, ...] = ()


class Graph:
    """The data flow of cells in the order they run.

    Positions are 0-based places in that order. `halfway` are the keys of cells that did not run to
    their end: what they bind for certain is not certain. An answer is worked out when it is asked
    for, from the cells that it concerns; a change of one cell costs what that cell's names cost.
    """

    def __init__(
        self, cells: Iterable[tuple[Key, CellFlow]] = (), halfway: Collection[Key] = ()
    ) -> None:
        self._board = Board(halfway)
        self._sharing = Sharing(self._board)
        for key, flow in cells:
            self._board.append(key, flow)

    def __len__(self) -> int:
        return len(self._board)

    def key(self, position: int) -> Key:
        """Return the key of the cell at a position."""
        return self._board.keys[position]

    def flow(self, position: int) -> CellFlow:
        """Return the flow of the cell at a position."""
        return self._board.flows[position]

    def append(self, key: Key, flow: CellFlow) -> None:
        """Add a cell at the end."""
        self._sharing.forget()
        self._board.append(key, flow)

    def replace(self, position: int, flow: CellFlow) -> None:
        """Give the cell at a position another flow."""
        if self._board.flows[position] is not flow:
            self._sharing.forget()
            self._board.replace(position, flow)

    # Questions

    def backward_slice(self, position: int) -> tuple[int, ...]:
        """Return the positions of the cells that one depends on, in order, itself not included.

        Running these, and then the cell, gives what running all of them gives. Cells with effects
        that have no name are among them. The method is Weiser's slicing, over cells: values first,
        then all that may have changed them in place through any name.
        """
        wanted: set[int] = set()
        heap: list[int] = []
        seen: set[tuple[str, int]] = set()

        def want(cells: Iterable[int]) -> None:
            for cell in cells:
                if cell not in wanted:
                    wanted.add(cell)
                    heapq.heappush(heap, -cell)

        want(self._nameless(position))
        want(self._needs(position, seen))
        while heap:
            want(self._needs(-heapq.heappop(heap), seen))
        return tuple(sorted(wanted))

    def sources(self, position: int) -> frozenset[int]:
        """Return the cells that made or changed what one cell reads; effects do not count."""
        return frozenset(self._needs(position, set()))

    def dependents(self, position: int) -> tuple[int, ...]:
        """Return the positions of the later cells whose names lead back to one cell, in order."""
        found: set[int] = set()
        todo = [position]
        while todo:
            at = todo.pop()
            for candidate in self._candidates(at):
                if candidate not in found and at in self.sources(candidate):
                    found.add(candidate)
                    todo.append(candidate)
        return tuple(sorted(found))

    def definers(self, name: str, before: int) -> tuple[int, ...]:
        """Return the cells whose binding of a name may be the one seen at a position, in order."""
        board = self._board
        start = max(board.certain.last_before(name, before), 0)
        through = board.loading(board.knowledge.bound_through(name), start, before)
        return tuple(sorted({*board.bound.between(name, start, before), *through}))

    def undefined(
        self, position: int, pending: Sequence[tuple[Key, CellFlow]] = ()
    ) -> Mapping[str, Undefined]:
        """Return the names that the cell at a position needs and does not find.

        `pending` are cells that have not run. Where an earlier cell may bind names that its text
        does not tell (star imports, `exec`, `%run`), nothing is said.
        """
        if self._board.effects.between("opens", 0, position):
            return {}
        flow = self.flow(position)
        found = {}
        for name in sorted(flow.required - known.BUILTINS):
            if flow.loaded & self._board.knowledge.bound_through(name):
                continue  # a function that the cell itself calls may bind it
            missing = self._missing(name, position, pending)
            if missing is not None:
                why, cells = missing
                found[name] = Undefined(name, why, cells, flow.uses.get(name, ()))
        return found

    def _missing(
        self, name: str, position: int, pending: Sequence[tuple[Key, CellFlow]]
    ) -> tuple[Literal["later", "not-run", "failed", "deleted", "nowhere"], tuple[Key, ...]] | None:
        definers = self.definers(name, position)
        gone = self._board.gone.last_before(name, position)
        alive = [p for p in definers if self.key(p) not in self._board.halfway and p != gone]
        if alive:
            return None
        failed = [self.key(p) for p in reversed(definers) if p != gone]
        if failed:
            return "failed", tuple(failed)
        if gone >= 0:
            return "deleted", (self.key(gone),)
        later = self._board.bound.between(name, position + 1, len(self))
        if later:
            return "later", tuple(self.key(p) for p in later)
        waiting = tuple(key for key, flow in pending if name in flow.bound)
        return ("not-run", waiting) if waiting else ("nowhere", ())

    # What the questions share

    def _needs(self, position: int, seen: set[tuple[str, int]]) -> set[int]:
        """Return the cells before a position that its cell needs directly.

        `seen` are the values asked for already, from later cells: what those want of a value
        includes what an earlier one wants.
        """
        flow, knowledge = self.flow(position), self._board.knowledge
        if flow.reads_all or any(knowledge.calls_read_all(name) for name in flow.loaded):
            return set(range(position))
        found: set[int] = set()
        for name in flow.read.union(*(knowledge.body_reads(name) for name in flow.loaded)):
            node = (name, self._board.certain.last_before(name, position))
            if node not in seen and not knowledge.is_builtin(name):
                seen.add(node)
                found |= self._sharing.makers(name, position)
        return found

    def _nameless(self, position: int) -> set[int]:
        """Return the cells before a position with effects that have no name."""
        board = self._board
        found = set(board.effects.between("always", 0, position))
        seeds = board.effects.between("seed", 0, position)
        if seeds:
            found.update(board.effects.between("draw", seeds[0], position))
        found |= board.loading(board.knowledge.effectful(seeded=bool(seeds)), 0, position)
        for callee in board.knowledge.hidden_effects():
            found.update(board.calls.between(callee, 0, position))
        for name in board.knowledge.imports:
            # An attribute stored on a module or an imported class: a monkeypatch.
            found.update(board.stored.between(name, 0, position))
        return found

    def _candidates(self, position: int) -> set[int]:
        """Return the later cells that may look at what the cell at a position made or changed."""
        flow, board = self.flow(position), self._board
        changed = {touch.name for touch in flow.touches if not board.knowledge.harmless(touch)}
        for loaded in flow.loaded:
            changed |= board.knowledge.changed_by(loaded)
        nodes = {(name, position) for name in flow.bound | flow.deleted}
        nodes = nodes.union(*(self._sharing.nodes(name, position) for name in changed))
        found: set[int] = set()
        for name, start in nodes:
            _, end = board.interval(name, start + 1)
            readers = (name, *board.knowledge.read_through(name))
            found |= board.loading(readers, position + 1, end + 1)
        return found
