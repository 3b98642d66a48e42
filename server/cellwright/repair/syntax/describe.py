"""Say in plain words what a repair does and why."""

from __future__ import annotations

import re
from collections import Counter
from math import exp

from cellwright.repair.syntax.model import SourceRepair

_PLACES = re.compile(r" \((\d+) places\)$")
_MOST_PARTS = 3
_DOUBT = 1.5
"""How much costlier than the best repair the right one is taken to be when none is right."""


def title(repair: SourceRepair) -> str:
    """Return what a repair does, the same action at several places said once."""
    counts: Counter[str] = Counter()
    for idea in repair.ideas:
        match = _PLACES.search(idea.title)
        counts[_PLACES.sub("", idea.title)] += int(match.group(1)) if match else 1
    parts = [
        f"{action} ({count} places)" if count > 1 else action for action, count in counts.items()
    ]
    if len(parts) > _MOST_PARTS:
        return f"Mend {sum(counts.values())} faults of syntax"
    parts[1:] = [part[0].lower() + part[1:] for part in parts[1:]]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def explanation(repair: SourceRepair) -> str:
    """Return why, in a sentence or two."""
    return " ".join(list(dict.fromkeys(idea.why for idea in repair.ideas))[:2])


def priors(repairs: list[SourceRepair]) -> list[float]:
    """Return how likely each repair is right, by its cost beside the others'."""
    if not repairs:
        return []
    best = min(repair.cost for repair in repairs)
    weights = [exp(best - repair.cost) for repair in repairs]
    total = sum(weights) + exp(-_DOUBT)
    return [
        weight / total * (0.6 if repair.guesses else 1.0)
        for weight, repair in zip(weights, repairs, strict=True)
    ]
