r"""Positions: offsets in code points here, lines and characters in a client's encoding there.

Lines end in `\n`, `\r\n` or `\r`, and what lies outside the text is clamped, as the Language
Server Protocol 3.17 says ("Text Documents", "Position").
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")
_SMALL = 20_000


def line_starts(text: str) -> tuple[int, ...]:
    """Return the offset at which each line starts; an empty text has one line."""
    return _starts_in_cell(text) if len(text) <= _SMALL else _starts_in_file(text)


def _find_starts(text: str) -> tuple[int, ...]:
    return (0, *(match.end() for match in _LINE_END.finditer(text)))


# A cache keeps its texts alive: many of cells, but few of whole files.
_starts_in_cell = lru_cache(maxsize=512)(_find_starts)
_starts_in_file = lru_cache(maxsize=2)(_find_starts)


def offset_of(text: str, line: int, character: int, encoding: Encoding) -> int:
    """Return the offset of a position, both 0-based.

    A line past the last is the end of the text, a character past the line's end is that end, and
    one inside a code point is the start of that code point.
    """
    starts = line_starts(text)
    if line < 0:
        return 0
    if line >= len(starts):
        return len(text)
    start, end = starts[line], _line_end(text, starts, line)
    if character <= 0:
        return start
    content = text[start:end]
    if encoding == "utf-32" or content.isascii():
        return min(start + character, end)
    units = 0
    for index, char in enumerate(content):
        units += _units(char, encoding)
        if units > character:
            return start + index
    return end


def position_of(text: str, offset: int, encoding: Encoding) -> tuple[int, int]:
    r"""Return the 0-based line and character of an offset, clamped to the text.

    The place between `\r` and `\n` has no position of its own: it is the end of that line.
    """
    starts = line_starts(text)
    offset = min(max(offset, 0), len(text))
    line = bisect_right(starts, offset) - 1
    before = text[starts[line] : min(offset, _line_end(text, starts, line))]
    if encoding == "utf-32" or before.isascii():
        return line, len(before)
    return line, sum(_units(char, encoding) for char in before)


def _line_end(text: str, starts: tuple[int, ...], line: int) -> int:
    if line + 1 == len(starts):
        return len(text)
    end = starts[line + 1] - 1
    return end - 1 if text[end] == "\n" and end > starts[line] and text[end - 1] == "\r" else end


def _units(char: str, encoding: Encoding) -> int:
    point = ord(char)
    if encoding == "utf-16":
        return 2 if point > 0xFFFF else 1
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point <= 0xFFFF else 4
