"""Which cells moved, when an order became another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def in_place(origins: Sequence[int | None]) -> list[int]:
    """Return the places of as many items as can have stayed, when the others moved around them.

    `origins` has for each item now its place before, None for a new one. The answer is a longest
    increasing subsequence, by patience sorting (Fredman 1975).
    """
    tails: list[int] = []
    places: list[int] = []
    previous: dict[int, int | None] = {}
    for place, origin in enumerate(origins):
        if origin is None:
            continue
        pile = bisect_left(tails, origin)
        previous[place] = places[pile - 1] if pile else None
        tails[pile : pile + 1] = [origin]
        places[pile : pile + 1] = [place]
    kept: list[int] = []
    last = places[-1] if places else None
    while last is not None:
        kept.append(last)
        last = previous[last]
    return kept[::-1]
