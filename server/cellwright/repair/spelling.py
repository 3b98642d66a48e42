"""Near matches of a misspelt name, column, key or file among those that exist.

A slip of the finger is one insertion, deletion, substitution or swap of neighbours (F. J. Damerau,
"A technique for computer detection and correction of spelling errors", CACM 7(3), 1964; the
optimal string alignment distance). A slip of convention is another case, separator or plural.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_SEPARATORS = re.compile(r"[\s_\-./]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_DIGITS = re.compile(r"\d+")

FOLDED = 0.97
"""Score of two spellings that differ in case and separators only."""
PLURAL = 0.93
"""Score of a singular and its plural."""
REORDERED = 0.8
"""Score of the same words in another order."""


@dataclass(frozen=True)
class Match:
    """An existing spelling, and how near it is (0..1, 1 is nearest)."""

    text: str
    score: float


def fold(text: str) -> str:
    """Return a spelling without what people mix up: case, accents' composition, separators."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def words(text: str) -> list[str]:
    """Return the lower-case words of an identifier, in any naming style."""
    return [word.casefold() for word in _WORDS.findall(unicodedata.normalize("NFKC", text))]


def distance(first: str, second: str, bound: int) -> int | None:
    """Return the optimal string alignment distance, or None when it is above `bound`."""
    if abs(len(first) - len(second)) > bound:
        return None
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        before, above, row = row, before, [i]
        for j, right in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > bound:
            return None
    return row[-1] if row[-1] <= bound else None


def similarity(wrong: str, right: str) -> float:
    """Return how likely `wrong` was meant as `right` (0..1); 0 when it is too far or the same."""
    if wrong == right:
        return 0.0
    first, second = fold(wrong), fold(right)
    if not first or not second:
        return 0.0
    if first == second:
        return FOLDED if len(first) > 1 else 0.75
    digits = _DIGITS.findall(first), _DIGITS.findall(second)
    if digits[0] != digits[1] and all(digits):
        return 0.0  # x1 and x2 are two names on purpose
    if min(len(first), len(second)) > 2 and _is_plural(first, second):
        return PLURAL
    score = _aligned(first, second)
    if score == 0.0 and _reordered(wrong, right):
        score = REORDERED
    return score * (0.85 if digits[0] != digits[1] else 1.0)


def near(wrong: str, names: Iterable[str], *, floor: float = 0.6, limit: int = 5) -> list[Match]:
    """Return the names that `wrong` may be a misspelling of, nearest first.

    Ties keep the order of `names`. A name of one or two letters matches only in another case.
    """
    found = [Match(name, similarity(wrong, name)) for name in dict.fromkeys(names)]
    good = [match for match in found if match.score >= floor]
    return sorted(good, key=lambda match: -match.score)[:limit]


def _allowed(length: int) -> int:
    """Return how many slips a word of that length may hold and still be recognised."""
    return 0 if length <= 2 else 1 if length <= 5 else 2 if length <= 9 else 3


def _aligned(first: str, second: str) -> float:
    length = max(len(first), len(second))
    slips = distance(first, second, _allowed(length))
    if slips is None:
        return 0.0
    score = 0.96 * (1 - slips / (length + 1))
    return score if first[0] == second[0] else score * 0.9


def _is_plural(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    return long in {short + "s", short + "es"} or (
        short.endswith("y") and long == short[:-1] + "ies"
    )


def _reordered(wrong: str, right: str) -> bool:
    first, second = words(wrong), words(right)
    return len(first) > 1 and sorted(first) == sorted(second)
