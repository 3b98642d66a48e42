"""Best-first search from a source that does not compile to sources that do."""

from __future__ import annotations

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from cellwright.notebook.text import apply_text
from cellwright.repair.syntax.check import Check, local_check
from cellwright.repair.syntax.generators import GENERATORS
from cellwright.repair.syntax.model import Fault, Idea, Scene, SourceRepair

MAX_SOURCE = 50_000
"""Characters above which a cell is left alone."""

_STUCK_EDITS = 3
_SAME_FAULT = 3
_MARGIN = 2.5
_MORE = 0.3
"""Share of the time that other repairs are looked for after the last one found."""
_MOST_COST = 9.0
_PHASES = {"lexical": 0, "grammar": 1, "scope": 2}


@dataclass(frozen=True)
class _State:
    source: str
    fault: Fault
    ideas: tuple[Idea, ...] = ()
    cost: float = 0.0
    pending: float = 0.0
    stuck: int = 0

    @property
    def progress(self) -> tuple[int, int]:
        """How far compiling gets: the phase, and (negated) how much of the source is left."""
        return _PHASES[self.fault.phase], self.fault.offset - len(self.source)

    @property
    def rank(self) -> float:
        """The lower the sooner expanded: cost spent on the fault at hand weighs most."""
        return self.pending + 0.25 * self.cost


def repair_source(
    source: str,
    *,
    limit: int = 8,
    check: Check = local_check,
    first: Fault | None = None,
    budget: float = 1.0,
    cancelled: Callable[[], bool] = lambda: False,
    parameters: Callable[[str], tuple[str, ...] | None] = lambda _name: None,
) -> list[SourceRepair]:
    """Return up to `limit` sources that compile, the likeliest first; none if it compiles already.

    `check` tells the first fault of a source, `first` is that of this one where it is known already
    (another Python's, perhaps); `budget` is in seconds of wall clock; `cancelled` is
    asked between edits; `parameters` tells the parameter names of functions known to the notebook.
    """
    first = first or check(source)
    if first is None or len(source) > MAX_SOURCE:
        return []
    deadline = time.monotonic() + budget
    found: dict[str, SourceRepair] = {}
    seen = {source: 0.0}
    expanded: Counter[tuple[int, int]] = Counter()
    order = itertools.count()
    heap = [(0.0, next(order), _State(source, first))]
    best = _MOST_COST
    while heap and time.monotonic() < deadline and not cancelled():
        _, _, state = heapq.heappop(heap)
        expanded[state.progress] += 1
        if expanded[state.progress] > _SAME_FAULT or state.cost > best + _MARGIN:
            continue
        for idea, changed in _changes(state, parameters):
            if time.monotonic() > deadline or cancelled():
                break
            cost = state.cost + idea.cost
            if cost > best + _MARGIN or seen.get(changed, _MOST_COST) <= cost:
                continue
            seen[changed] = cost
            fault = check(changed)
            ideas = (*state.ideas, idea)
            if fault is None:
                found[changed] = SourceRepair(changed, cost, ideas)
                best = min(best, cost)
                deadline = min(deadline, time.monotonic() + _MORE * budget)
            elif following := _follow(state, idea, changed, fault):
                heapq.heappush(heap, (following.rank, next(order), following))
    return _undominated(found.values())[:limit]


def _undominated(repairs: Iterable[SourceRepair]) -> list[SourceRepair]:
    """Return the repairs, best first, without those that do more than a cheaper one has to."""
    kept: list[tuple[Counter[str], SourceRepair]] = []
    for repair in sorted(repairs, key=lambda each: each.cost):
        titles = Counter(idea.title for idea in repair.ideas)
        if not any(less < titles for less, _ in kept):
            kept.append((titles, repair))
    return [repair for _, repair in kept]


def _changes(
    state: _State, parameters: Callable[[str], tuple[str, ...] | None]
) -> Iterator[tuple[Idea, str]]:
    """Yield what the generators make of a state, the cheapest first."""
    scene = Scene(state.source, state.fault, parameters)
    ideas = [idea for generator in GENERATORS for idea in generator(scene)]
    for idea in sorted(ideas, key=lambda each: each.cost):
        changed = apply_text(state.source, idea.edits)
        if changed != state.source:
            yield idea, changed


def _follow(state: _State, idea: Idea, changed: str, fault: Fault) -> _State | None:
    """Return the state after an edit that leaves a fault; None where it leads nowhere."""
    cost = state.cost + idea.cost
    following = _State(changed, fault, (*state.ideas, idea), cost)
    if following.progress > state.progress:
        return following
    if state.stuck + 1 >= _STUCK_EDITS:
        return None
    return replace(following, pending=state.pending + idea.cost, stuck=state.stuck + 1)
