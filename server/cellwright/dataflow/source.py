"""The Python that IPython makes of a cell, and where each position of it came from."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

_LINE_END = re.compile(r"\r\n|\r|\n")
_PROMPT = re.compile(r"\s*(>>>|\.{3,}:?|((\[nav\]|\[ins\])?\s*)?In \[\d+\]:)?\s*")
_CALL = "get_ipython()"
_CELL_MAGIC_CALL = "get_ipython().run_cell_magic("


@dataclass(frozen=True)
class Line:
    """Where one line of the transformed text came from.

    `line` and `last` are 0-based lines of the original, both included; `shift` is how many columns
    were cut off at its left (a prompt, an indent). `rewritten` is the 0-based column from which on
    the line is IPython's own text (a magic, a shell command), None when it was copied.
    """

    line: int
    last: int
    shift: int = 0
    rewritten: int | None = None


@dataclass(frozen=True)
class LineMap:
    """Maps positions of a transformed text to the original; None stands for the identity."""

    lines: tuple[Line, ...] | None = None

    def original(self, line: int, column: int) -> tuple[int, int]:
        """Return the original place (1-based line, 0-based code point) of a transformed one.

        A place inside IPython's own text maps to where the magic or command starts.
        """
        if self.lines is None:
            return line, column
        if not self.lines:
            return 1, 0
        entry = self.lines[min(max(line, 1), len(self.lines)) - 1]
        if entry.rewritten is not None:
            column = min(column, entry.rewritten)
        return entry.line + 1, column + entry.shift


IDENTITY = LineMap()


@dataclass(frozen=True)
class PythonSource:
    """What IPython makes of a cell: `text` is what it compiles, `lines` maps it back."""

    text: str
    lines: LineMap = IDENTITY


def split_lines(text: str) -> list[str]:
    """Split into lines as Python's tokenizer does (not at form feeds), without line ends."""
    return _LINE_END.split(text)


def line_offsets(text: str) -> list[int]:
    """Return the offset at which each of `split_lines(text)` starts."""
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


def parse_python(text: str) -> ast.Module:
    """Parse plain Python, top-level `await` allowed. Raises `SyntaxError`, and only that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes, surrogates, depth
        raise SyntaxError(str(error) or "too deeply nested") from error


@lru_cache(maxsize=512)
def to_python(source: str) -> PythonSource:
    """Return the Python that IPython would compile for a cell.

    A source that parses is its own transformation, so that IPython is imported only for the rest.
    `In [1]: x` is the exception: it parses, as an annotation, but IPython reads it as a prompt.
    """
    if not source.lstrip().startswith("In ["):
        try:
            parse_python(source)
        except SyntaxError:
            pass
        else:
            return PythonSource(source)
    transformed = _transform(source)
    if transformed == source:
        return PythonSource(source)
    return PythonSource(transformed, align(source, transformed))


def _transform(source: str) -> str:
    # Slow to import, and needed only by cells that are not plain Python.
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    except (SyntaxError, RuntimeError, UnicodeError):  # its own complaint, or its loop limit
        return source


def align(original: str, transformed: str) -> LineMap:
    """Find out where each line of a transformed cell came from, from the two texts alone.

    IPython's transformer drops leading blank lines, cuts prompts and indents off the left, and
    turns one magic, command or help request (with its continuation lines) into one line. It leaves
    the order alone, so one walk over both texts is enough. This works for any version of IPython.
    """
    if original == transformed:
        return IDENTITY
    old = split_lines(original)
    new = split_lines(transformed)
    if new and not new[-1]:
        new.pop()
    entries: list[Line] = []
    at = 0
    if new and new[0].strip():
        at = next((i for i, text in enumerate(old) if text.strip()), 0)
    for index, text in enumerate(new):
        at = min(at, len(old) - 1)
        shift = _cut(old[at], text)
        if shift is not None:
            entry = Line(at, at, shift)
        else:
            following = new[index + 1] if index + 1 < len(new) else None
            entry = _rewritten(old, at, text, following)
        entries.append(entry)
        at = entry.last + 1
    return LineMap(tuple(entries))


def _cut(old: str, new: str) -> int | None:
    """Return how many columns were cut off the left of `old` to get `new`, None if not so."""
    if not old.endswith(new):
        return None
    shift = len(old) - len(new)
    return shift if _PROMPT.fullmatch(old, 0, shift) else None


def _rewritten(old: list[str], at: int, new: str, following: str | None) -> Line:
    """Return the entry of a line that IPython wrote, in place of one or more lines from `at`."""
    kept = new.find(_CALL)
    if kept < 0:  # `,f a b` and the like, made into a call of f
        kept = len(new) - len(new.lstrip())
    shift = _left(old[at], new[:kept])
    if new.startswith(_CELL_MAGIC_CALL) and old[at].startswith("%%", shift):
        return Line(at, len(old) - 1, shift, kept)
    last = at
    while last + 1 < len(old) and old[last].endswith("\\"):
        last += 1
    if following is not None and _CALL not in following:
        # A help request over several lines ends where the next copied line begins.
        last = next(
            (i for i in range(last, len(old) - 1) if _cut(old[i + 1], following) is not None), last
        )
    return Line(at, last, shift, kept)


def _left(old: str, kept: str) -> int:
    """Return how many columns of prompt or indent lie left of what was kept."""
    for shift in reversed(range(len(old) - len(kept) + 1)):
        after = old[shift + len(kept) :]
        starts = old.startswith(kept, shift) and not after[:1].isspace()
        if starts and _PROMPT.fullmatch(old, 0, shift):
            return shift
    return 0
