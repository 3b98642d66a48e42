"""Words of a source: what guards compare where trees cannot tell, or where there is no tree."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_WORD = re.compile(r"[^\W\d]\w*|\d+")
# A string is matched so that a '#' inside it starts no comment.
_COMMENT = re.compile(
    r"(\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')|#[^\n]*", re.DOTALL
)
_DEBRIS = re.compile(r"\s*(<{7}|={7}|>{7}|\|{7}|```|~~~|In\s*\[\d*\]|Out\s*\[\d*\])")
_PROSE = re.compile(r"\s*[^\W\d_]+(?:[ ,;'’-]+[^\W\d_]+){3,}\s*[.:!?]?\s*\Z")
_SIMILAR = 0.6


def without_comments(source: str) -> str:
    """Return a source without its comments, whether it parses or not."""
    return _COMMENT.sub(lambda found: found.group(1) or "", source)


def words(text: str) -> Counter[str]:
    """Count the words and numbers of a text that are not Python's keywords."""
    return Counter(word for word in _WORD.findall(text) if not keyword.iskeyword(word))


@lru_cache(maxsize=4096)
def similar(one: str, other: str) -> bool:
    """Return whether one word could be the other, respelt."""
    one, other = one.casefold(), other.casefold()
    return one == other or SequenceMatcher(None, one, other).ratio() >= _SIMILAR


def kept_share(before: str, after: str) -> float:
    """Return which share of a text's words is still there, perhaps respelt (1.0 for none)."""
    old, new = words(before), words(after)
    named = [word for word in old if not word.isdigit()]
    old = Counter(named or old)
    if not old:
        return 1.0
    kept = sum(any(word == other or similar(word, other) for other in new) for word in old)
    return kept / len(old)


def respelt(gone: Iterable[str], come: str) -> bool:
    """Return whether a new word is a repair of the spelling of one that is gone."""
    return any(SequenceMatcher(None, word, come).ratio() >= 0.8 for word in gone)


def dropped_line(before: str, after: str) -> str | None:
    """Return a line of code of an unparsable source that has no counterpart in `after`.

    Debris of copying (prompts, code fences, merge marks) and plain prose may go.
    """
    left = words(without_comments(after))
    for line in without_comments(before).splitlines():
        wanted = words(line)
        if not wanted or _DEBRIS.match(line) or _is_prose(line):
            continue
        if not any(word in left or any(similar(word, w) for w in left) for word in wanted):
            return line.strip()
    return None


def lost_words(before: str, after: str) -> int:
    """Return how many words of an unparsable source are gone, debris and prose not counted."""
    code = "\n".join(
        line
        for line in without_comments(before).splitlines()
        if not _DEBRIS.match(line) and not _is_prose(line)
    )
    gone = words(code) - words(without_comments(after))
    come = words(without_comments(after)) - words(code)
    return sum(n for word, n in gone.items() if not any(similar(word, w) for w in come))


def _is_prose(line: str) -> bool:
    first = line.split(maxsplit=1)[:1]
    return bool(_PROSE.match(line)) and not keyword.iskeyword(first[0]) and first[0] != "print"
