"""Which cells depend on which, over run order or document order."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cellwright.dataflow import known
from cellwright.dataflow.flow import CellFlow
from cellwright.dataflow.knowledge import Knowledge
from cellwright.notebook.edit import Span

Key = Hashable


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


class _Places:
    """Sorted positions by name."""

    def __init__(self) -> None:
        self._at: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, name: str, position: int) -> None:
        insort(self._at[name], position)

    def remove(self, name: str, position: int) -> None:
        places = self._at[name]
        del places[bisect_left(places, position)]

    def between(self, name: str, start: int, end: int) -> Sequence[int]:
        """Return the positions p with start <= p < end."""
        places = self._at.get(name)
        if not places:
            return ()
        return places[bisect_left(places, start) : bisect_left(places, end)]

    def last_before(self, name: str, position: int) -> int:
        """Return the last position before one, -1 if there is none."""
        places = self._at.get(name, [])
        index = bisect_left(places, position)
        return places[index - 1] if index else -1

    def first_from(self, name: str, position: int) -> int | None:
        places = self._at.get(name, [])
        index = bisect_left(places, position)
        return places[index] if index < len(places) else None


class Graph:
    """The data flow of cells in the order they run.

    Positions are 0-based places in that order. `halfway` are the keys of cells that did not run to
    their end: what they bind for certain is not certain. An answer is worked out when it is asked
    for, from the cells that it concerns; a change of one cell costs what that cell's names cost.
    """

    def __init__(
        self, cells: Iterable[tuple[Key, CellFlow]] = (), halfway: Collection[Key] = ()
    ) -> None:
        self._keys: list[Key] = []
        self._flows: list[CellFlow] = []
        self._halfway = frozenset(halfway)
        self.knowledge = Knowledge()
        self.bound = _Places()
        self.certain = _Places()
        self._gone = _Places()
        self.changed = _Places()
        self.loaded = _Places()
        self.linked = _Places()
        self._stored = _Places()
        self._calls = _Places()
        self._effects = _Places()
        for key, flow in cells:
            self.append(key, flow)

    def __len__(self) -> int:
        return len(self._flows)

    def key(self, position: int) -> Key:
        """Return the key of the cell at a position."""
        return self._keys[position]

    def flow(self, position: int) -> CellFlow:
        """Return the flow of the cell at a position."""
        return self._flows[position]

    def append(self, key: Key, flow: CellFlow) -> None:
        """Add a cell at the end."""
        self._keys.append(key)
        self._flows.append(flow)
        self._enter(len(self._flows) - 1, flow)

    def replace(self, position: int, flow: CellFlow) -> None:
        """Give the cell at a position another flow."""
        old = self._flows[position]
        if old is flow:
            return
        self.knowledge.count(old, -1)
        for places, names in self._entries(position, old):
            for name in names:
                places.remove(name, position)
        self._flows[position] = flow
        self._enter(position, flow)

    def _enter(self, position: int, flow: CellFlow) -> None:
        self.knowledge.count(flow, 1)
        for places, names in self._entries(position, flow):
            for name in names:
                places.add(name, position)

    def _entries(self, position: int, flow: CellFlow) -> Iterator[tuple[_Places, Collection[str]]]:
        whole = self._keys[position] not in self._halfway
        yield self.bound, flow.bound
        yield self.certain, (flow.certain | flow.gone) if whole else ()
        yield self._gone, flow.gone if whole else ()
        yield self.changed, {touch.name for touch in flow.touches} | flow.deleted
        yield self.loaded, flow.loaded
        yield self.linked, {end for link in flow.links for end in (link.target, link.source)}
        yield self._stored, {touch.name for touch in flow.touches if touch.how == "set"}
        yield self._calls, flow.calls
        yield self._effects, _effects(flow)

    # Questions

    def backward_slice(self, position: int) -> tuple[int, ...]:
        """Return the positions of the cells that one depends on, in order, itself not included.

        Running these, and then the cell, gives what running all of them gives. Cells with effects
        that have no name are among them. The method is Weiser's slicing, over cells: values first,
        then all that may have changed them in place through any name.
        """
        search = _Search(self)
        wanted: set[int] = set()
        heap: list[int] = []

        def want(cells: Iterable[int]) -> None:
            for cell in cells:
                if cell < position and cell not in wanted:
                    wanted.add(cell)
                    heapq.heappush(heap, -cell)

        want(self._nameless(position))
        want(self._needs(position, search))
        while heap:
            # Latest first: what a later cell wants of a name includes what an earlier one wants.
            want(self._needs(-heapq.heappop(heap), search))
        return tuple(sorted(wanted))

    def sources(self, position: int) -> frozenset[int]:
        """Return the cells that made or changed what one cell reads; effects do not count."""
        return frozenset(self._needs(position, _Search(self)))

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
        start = max(self.certain.last_before(name, before), 0)
        through = self.called(self.knowledge.bound_through(name), start, before)
        return tuple(sorted({*self.bound.between(name, start, before), *through}))

    def undefined(
        self, position: int, pending: Sequence[tuple[Key, CellFlow]] = ()
    ) -> Mapping[str, Undefined]:
        """Return the names that the cell at a position needs and does not find.

        `pending` are cells that have not run. Where an earlier cell may bind names that its text
        does not tell (star imports, `exec`, `%run`), nothing is said.
        """
        if self._effects.between("opens", 0, position):
            return {}
        flow = self._flows[position]
        found = {}
        for name in sorted(flow.required - known.BUILTINS):
            missing = self._missing(name, position, pending)
            if missing is not None:
                why, cells = missing
                found[name] = Undefined(name, why, cells, flow.uses.get(name, ()))
        return found

    def _missing(
        self, name: str, position: int, pending: Sequence[tuple[Key, CellFlow]]
    ) -> tuple[Literal["later", "not-run", "failed", "deleted", "nowhere"], tuple[Key, ...]] | None:
        definers = self.definers(name, position)
        gone = self._gone.last_before(name, position)
        alive = [p for p in definers if self._keys[p] not in self._halfway and p != gone]
        if alive:
            return None
        failed = [self._keys[p] for p in reversed(definers) if p != gone]
        if failed:
            return "failed", tuple(failed)
        if gone >= 0:
            return "deleted", (self._keys[gone],)
        later = self.bound.between(name, position + 1, len(self))
        if later:
            return "later", tuple(self._keys[p] for p in later)
        waiting = tuple(key for key, flow in pending if name in flow.bound)
        return ("not-run", waiting) if waiting else ("nowhere", ())

    # What the questions share

    def _needs(self, position: int, search: _Search) -> set[int]:
        """Return the cells before a position that its cell needs directly."""
        flow = self._flows[position]
        if flow.reads_all or self._calls_all(flow):
            return set(range(position))
        for name in self._reads(flow):
            search.want(name, position)
        return search.take()

    def _reads(self, flow: CellFlow) -> frozenset[str]:
        return flow.read.union(*(self.knowledge.body_reads(name) for name in flow.loaded))

    def _calls_all(self, flow: CellFlow) -> bool:
        return any(
            body.reads_all
            for name in flow.loaded
            for holder in self.knowledge.carried(name)
            for body in self.knowledge.bodies[holder]
        )

    def _nameless(self, position: int) -> set[int]:
        """Return the cells before a position with effects that have no name."""
        found = set(self._effects.between("always", 0, position))
        seeds = self._effects.between("seed", 0, position)
        if seeds:
            found.update(self._effects.between("draw", seeds[0], position))
        for name in self.knowledge.effectful(seeded=bool(seeds)):
            found.update(self.loaded.between(name, 0, position))
        for callee in self.knowledge.hidden_effects():
            found.update(self._calls.between(callee, 0, position))
        for name in self.knowledge.imports:
            # An attribute stored on a module or an imported class: a monkeypatch.
            found.update(self._stored.between(name, 0, position))
        return found

    def called(self, through: Iterable[str], start: int, end: int) -> set[int]:
        """Return the cells in a range that look up one of some names."""
        return {p for name in through for p in self.loaded.between(name, start, end)}

    def changes(self, position: int, name: str) -> bool:
        """Return whether a cell may change the object behind a name, or delete the name."""
        flow = self._flows[position]
        return name in flow.deleted or any(
            touch.name == name and not self.knowledge.harmless(touch) for touch in flow.touches
        )

    def partners(self, position: int, name: str) -> set[str]:
        """Return the names that one may come to share its value with in a cell."""
        return {
            link.source if link.target == name else link.target
            for link in self._flows[position].links
            if name in {link.target, link.source} and self.knowledge.holds(link)
        }

    def _candidates(self, position: int) -> set[int]:
        """Return the later cells that may look at what the cell at a position made or changed."""
        flow = self._flows[position]
        search = _Search(self, len(self))
        names = flow.bound | flow.deleted
        names |= {touch.name for touch in flow.touches if not self.knowledge.harmless(touch)}
        for loaded in flow.loaded:
            names |= self.knowledge.changed_by(loaded)
        for name in names:
            search.want(name, position + 1)
        return {
            p
            for name, end in search.reached
            for reader in (name, *self.knowledge.read_through(name))
            for p in self.loaded.between(reader, position + 1, end + 1)
        }


def _effects(flow: CellFlow) -> set[str]:
    kinds = set(flow.effects) & {"seed", "draw"}
    if flow.effects - {"draw"} or flow.opens:
        kinds.add("always")
    if flow.opens:
        kinds.add("opens")
    return kinds


class _Search:
    """Finds the cells that made or changed values, through every name that may share them.

    A node is a name between two certain bindings of it: one value as far as aliases go. Functions
    and classes without state only pass their arguments on, cell by cell, and are nodes of one cell.
    """

    def __init__(self, graph: Graph, limit: int | None = None) -> None:
        self.graph = graph
        self.limit = limit
        self.reached: list[tuple[str, int]] = []
        self._found: set[int] = set()
        self._seen: set[tuple[str, int]] = set()
        self._seen_hubs: set[tuple[str, int]] = set()
        self._todo: list[tuple[str, int]] = []

    def take(self) -> set[int]:
        """Return what was found since the last time."""
        found, self._found = self._found, set()
        return found

    def want(self, name: str, before: int) -> None:
        """Look for all that made the value of a name as it is seen just before a position."""
        self._todo = [(name, before)]
        while self._todo:
            self._visit(*self._todo.pop(), before if self.limit is None else self.limit)

    def _visit(self, name: str, at: int, limit: int) -> None:
        graph, knowledge = self.graph, self.graph.knowledge
        start = graph.certain.last_before(name, at)
        if (name, start) in self._seen or knowledge.is_builtin(name):
            return
        self._seen.add((name, start))
        following = graph.certain.first_from(name, start + 1)
        end = len(graph) if following is None else following
        first, last = max(start, 0), min(end + 1, limit)
        self.reached.append((name, end))
        self._found.update(graph.bound.between(name, first, min(end, limit)))
        for alias in knowledge.siblings(name):
            self._found.update(
                p for p in graph.changed.between(alias, first, last) if graph.changes(p, alias)
            )
        if knowledge.is_inert(name):
            return
        self._found.update(graph.called(knowledge.changed_through(name), first, last))
        if not knowledge.is_hub(name):
            self._follow(name, first, last)

    def _follow(self, name: str, first: int, last: int) -> None:
        """Go on to the names that a name shares its value with."""
        graph, knowledge = self.graph, self.graph.knowledge
        for p in graph.linked.between(name, first, last):
            for other in graph.partners(p, name):
                self._go(other, p)
        for through in knowledge.linked_through(name):
            for p in graph.loaded.between(through, first, last):
                self._go(through, p)

    def _go(self, name: str, position: int) -> None:
        knowledge = self.graph.knowledge
        if not knowledge.is_hub(name):
            if not knowledge.is_inert(name):
                self._todo += [(name, position), (name, position + 1)]
        elif (name, position) not in self._seen_hubs:
            self._seen_hubs.add((name, position))
            for other in (*self.graph.partners(position, name), *knowledge.exits(name)):
                self._go(other, position)
