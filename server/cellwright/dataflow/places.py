"""The cells of a graph in order, indexed by name so that a question finds its cells at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from cellwright.dataflow.flow import CellFlow, Touch
from cellwright.dataflow.knowledge import Knowledge

Key = Hashable
What = TypeVar("What", bound=Hashable)


class Places(Generic[What]):
    """Sorted positions of whatever is looked for."""

    def __init__(self) -> None:
        self._at: defaultdict[What, list[int]] = defaultdict(list)

    def add(self, what: What, position: int) -> None:
        """Enter a position."""
        insort(self._at[what], position)

    def remove(self, what: What, position: int) -> None:
        """Take a position away that was entered before."""
        places = self._at[what]
        del places[bisect_left(places, position)]

    def between(self, what: What, start: int, end: int) -> Sequence[int]:
        """Return the positions p with start <= p < end."""
        places = self._at.get(what)
        if not places:
            return ()
        return places[bisect_left(places, start) : bisect_left(places, end)]

    def last_before(self, what: What, position: int) -> int:
        """Return the last position before one, -1 if there is none."""
        places = self._at.get(what, [])
        index = bisect_left(places, position)
        return places[index - 1] if index else -1

    def first_from(self, what: What, position: int) -> int | None:
        """Return the first position that is not before one, None if there is none."""
        places = self._at.get(what, [])
        index = bisect_left(places, position)
        return places[index] if index < len(places) else None


class Board:
    """Cells in order, where their names stand, and what they tell together.

    `halfway` are the keys of cells that did not run to their end: what they bind or delete for
    certain is not certain.
    """

    def __init__(self, halfway: Collection[Key]) -> None:
        self.keys: list[Key] = []
        self.flows: list[CellFlow] = []
        self.halfway = frozenset(halfway)
        self.knowledge = Knowledge()
        self.bound: Places[str] = Places()
        self.certain: Places[str] = Places()
        self.deleted: Places[str] = Places()
        self.gone: Places[str] = Places()
        self.loaded: Places[str] = Places()
        self.linked: Places[str] = Places()
        self.touched: Places[Touch] = Places()
        self.stored: Places[str] = Places()
        self.calls: Places[str] = Places()
        self.effects: Places[str] = Places()

    def __len__(self) -> int:
        return len(self.flows)

    def append(self, key: Key, flow: CellFlow) -> None:
        """Add a cell at the end."""
        self.keys.append(key)
        self.flows.append(flow)
        self._enter(len(self) - 1, flow)

    def replace(self, position: int, flow: CellFlow) -> None:
        """Give the cell at a position another flow."""
        old = self.flows[position]
        self.knowledge.count(old, -1)
        for places, names in self._entries(position, old):
            for name in names:
                places.remove(name, position)
        self.flows[position] = flow
        self._enter(position, flow)

    def _enter(self, position: int, flow: CellFlow) -> None:
        self.knowledge.count(flow, 1)
        for places, names in self._entries(position, flow):
            for name in names:
                places.add(name, position)

    def _entries(
        self, position: int, flow: CellFlow
    ) -> Iterator[tuple[Places[Any], Collection[Any]]]:
        whole = self.keys[position] not in self.halfway
        yield self.bound, flow.bound
        yield self.certain, (flow.certain | flow.gone) if whole else ()
        yield self.deleted, flow.deleted
        yield self.gone, flow.gone if whole else ()
        yield self.loaded, flow.loaded
        yield self.linked, {end for link in flow.links for end in (link.target, link.source)}
        yield self.touched, flow.touches
        yield self.stored, {touch.name for touch in flow.touches if touch.how == "set"}
        yield self.calls, flow.calls
        yield self.effects, _effects(flow)

    def interval(self, name: str, position: int) -> tuple[int, int]:
        """Return the certain bindings around a position: the last before it (or -1), the next."""
        start = self.certain.last_before(name, position)
        end = self.certain.first_from(name, start + 1)
        return start, len(self) if end is None else end

    def loading(self, names: Iterable[str], start: int, end: int) -> set[int]:
        """Return the cells in a range that look up one of some names."""
        return {p for name in names for p in self.loaded.between(name, start, end)}

    def changing(self, name: str, start: int, end: int) -> set[int]:
        """Return the cells in a range that may change, in place, what a name holds."""
        found: set[int] = set()
        for alias in self.knowledge.siblings(name):
            for touch in self.knowledge.changes(alias):
                found.update(self.touched.between(touch, start, end))
        return found | self.loading(self.knowledge.changed_through(name), start, end)

    def partners(self, position: int, name: str) -> set[str]:
        """Return the names that one may come to share its value with in a cell."""
        return {
            link.source if link.target == name else link.target
            for link in self.flows[position].links
            if name in {link.target, link.source} and self.knowledge.holds(link)
        }


def _effects(flow: CellFlow) -> set[str]:
    kinds = set(flow.effects) & {"seed", "draw"}
    if flow.effects - {"draw"} or flow.opens:
        kinds.add("always")
    if flow.opens:
        kinds.add("opens")
    return kinds
