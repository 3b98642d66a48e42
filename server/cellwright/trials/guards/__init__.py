"""Guards: say when a change would hide an error rather than mend it.

A check on two sources, IPython syntax included. It is meant for small repairs: what it cannot
explain as one (a statement without counterpart, a new handler, a failing expression that became a
constant) it takes for hiding. What only shows at run time is for `trial.try_candidate`.
"""

from __future__ import annotations

import re

from cellwright.dataflow.source import parse_python, to_python
from cellwright.notebook.edit import Span
from cellwright.trials.guards.features import Features
from cellwright.trials.guards.statements import worse_statements
from cellwright.trials.guards.words import (
    dropped_line,
    lost_words,
    similar,
    without_comments,
    words,
)

__all__ = ["hides_error"]

_TIMING_MAGICS = {"time", "timeit"}
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_MOST_LOST_WORDS = 2


def hides_error(before: str, after: str, statement: Span | None) -> str | None:
    """Return why a change of a cell would hide its error, as a clause; None if it would not.

    `statement` is the failing statement in `before`, None where it is not known or not there.
    """
    if (reason := _new_cell_magic(before, after)) is not None:
        return reason
    if not _parses(after):
        return None  # nothing is hidden: its trial will fail
    old, new = Features.of(before), Features.of(after)
    if not _parses(before):
        old.allow_for_text(before)
        return new.worse_than(old) or _dropped_text(before, after)
    if (reason := new.worse_than(old)) is not None:
        return reason
    return worse_statements(before, after, statement)


def _parses(source: str) -> bool:
    try:
        parse_python(to_python(source).text)
    except SyntaxError:
        return False
    return True


def _new_cell_magic(before: str, after: str) -> str | None:
    old, new = _CELL_MAGIC.match(before), _CELL_MAGIC.match(after)
    if "--no-raise-error" in after and "--no-raise-error" not in before:
        return "it tells the magic not to raise errors"
    if new is None or new.group(1) in _TIMING_MAGICS:
        return None
    if old is not None and similar(old.group(1), new.group(1)):
        return None
    return f"%%{new.group(1)} keeps the cell from running as it is"


def _dropped_text(before: str, after: str) -> str | None:
    """Compare by words a source that did not parse: a repair adds or alters few of them."""
    if (line := dropped_line(before, after)) is not None:
        return f"it drops the line {line!r}"
    total = sum(words(without_comments(before)).values())
    if lost_words(before, after) > max(_MOST_LOST_WORDS, total // 10):
        return "it drops a large part of the cell"
    return None
