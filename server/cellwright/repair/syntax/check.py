"""Say where and why a cell's source does not compile, in offsets of that source."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from itertools import accumulate

from cellwright.dataflow.source import to_python
from cellwright.repair.syntax.model import Fault, Phase

Check = Callable[[str], Fault | None]

_FILE = "<cellwright syntax>"
warnings.filterwarnings("ignore", module=re.escape(_FILE))  # A candidate's warnings are no news.

_LEXICAL = re.compile(
    r"unterminated|never closed|does not match|unmatched|invalid character|non-printable"
    r"|inconsistent use of tabs|unindent|unexpected EOF|EOL while|EOF while|leading zeros"
    r"|invalid \w+ literal|after line continuation|invalid digit|in identifier|null byte"
    r"|too many levels|invalid imaginary"
)
_SCOPE = re.compile(
    r"outside|nonlocal|global declaration|is parameter and|duplicate argument|properly in loop"
    r"|only allowed at module level|__future__|is used prior to|is assigned to before"
    r"|default 'except"
)
_MAYBE_MAGIC = re.compile(r"^[ \t]*(?:[%!?,;/]|>>>|In \[)|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_PYTHON_CELL_MAGIC = re.compile(r"\s*%%(?:time|timeit|capture|prun)\b[^\n]*")


def fault(phase_message: str, source: str, line: int, column: int, end: int | None) -> Fault:
    """Return the fault at a 1-based line and 0-based code-point columns."""
    starts = [0, *accumulate(len(text) for text in source.splitlines(keepends=True))]
    row = min(max(line - 1, 0), max(len(starts) - 2, 0))
    offset = min(starts[row] + max(column, 0), len(source))
    stop = offset if end is None else min(starts[row] + end, len(source))
    return Fault(_phase(phase_message), phase_message, offset, max(stop, offset))


def _phase(message: str) -> Phase:
    if _LEXICAL.search(message):
        return "lexical"
    return "scope" if _SCOPE.search(message) else "grammar"


def local_check(source: str) -> Fault | None:
    """Return the first fault that this process's Python finds in a cell, None if it compiles.

    Magics and shell lines are read as IPython reads them; top-level await is allowed.
    """
    masked = _PYTHON_CELL_MAGIC.sub(lambda m: "#" * len(m.group()), source, count=1)
    error = _compile(masked)
    if error is None:
        return None
    if not _MAYBE_MAGIC.search(masked) and not masked[:1].isspace():
        return _fault_of(error, masked)
    python = to_python(masked)
    error = _compile(python.text)
    if error is None:
        return None
    line, column = python.lines.original(error.lineno or 1, (error.offset or 1) - 1)
    return fault(error.msg, masked, line, column, None)


def _compile(text: str) -> SyntaxError | None:
    try:
        compile(text, _FILE, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return SyntaxError(str(error), (_FILE, 1, 1, "", 1, 1))
    return None


def _fault_of(error: SyntaxError, source: str) -> Fault:
    same_line = error.end_lineno == error.lineno and bool(error.end_offset)
    end = (error.end_offset or 1) - 1 if same_line else None
    return fault(error.msg, source, error.lineno or 1, (error.offset or 1) - 1, end)
