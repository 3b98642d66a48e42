"""Read JSON and remember where the parts of a notebook stand in its text.

Only three levels are walked here: the notebook, its cells, and a cell's members. Each value below
is read by the standard library's scanner, which also tells where the value ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from json import JSONDecodeError, decoder
from typing import Any, NamedTuple

from cellwright.notebook.edit import Span

scan_text: Callable[[str, int, bool], tuple[str, int]] = decoder.scanstring  # type: ignore[attr-defined]
"""Read a JSON text from the character after its quote; return it and the offset behind it."""

_scan_value: Callable[[str, int], tuple[Any, int]] = decoder.JSONDecoder().scan_once  # type: ignore[attr-defined]
_SPACE = re.compile(r"[ \t\n\r]*")
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_AFTER = re.compile(r"[ \t\n\r]*([,}\]])[ \t\n\r]*")
_CONFLICT = re.compile(r"^(<{7}|>{7})( |$)", re.MULTILINE)


class NotebookFormatError(ValueError):
    """The text is no notebook that can be read. The message says where and what to do."""


class Member(NamedTuple):
    """Where one member of an object stands: its key's quote, and its value."""

    key: int
    start: int
    end: int


class ObjectLayout(NamedTuple):
    """Where an object stands, and its members (of a repeated key the last, as Python reads it)."""

    span: Span
    members: dict[str, Member]


@dataclass(frozen=True)
class Layout:
    """Where the notebook, its list of cells and each cell stand. `cells` is None without a list."""

    root: ObjectLayout
    cells: Span | None
    each: tuple[ObjectLayout, ...]


def scan(text: str) -> tuple[dict[str, Any], Layout]:
    """Return the notebook as Python values, and its layout. Raises `NotebookFormatError`."""
    try:
        return _scan(text)
    except JSONDecodeError as error:
        raise NotebookFormatError(_explain(text, error)) from None
    except RecursionError:
        raise NotebookFormatError(
            "The file nests lists or objects too deeply to be a notebook. "
            "Clear the outputs of the notebook in the editor that wrote it, and try again."
        ) from None
    except ValueError as error:
        # int() refuses numbers of more digits than sys.set_int_max_str_digits allows.
        raise NotebookFormatError(
            f"The file holds a number that cannot be read: {error}. Write it as a text instead."
        ) from None


def place(text: str, offset: int) -> str:
    """Return an offset as a person reads it: line and column, both from 1."""
    line_start = text.rfind("\n", 0, offset) + 1
    return f"line {text.count(chr(10), 0, offset) + 1}, column {offset - line_start + 1}"


def _scan(text: str) -> tuple[dict[str, Any], Layout]:
    start = skip_space(text, 1 if text.startswith("\ufeff") else 0)
    if start == len(text):
        raise NotebookFormatError(
            "The file is empty. Delete it and create a notebook of that name, "
            "or restore it from a backup."
        )
    if text[start] != "{":
        _value(text, start)
        raise NotebookFormatError(
            "This is JSON, but not a notebook: a notebook is an object with a list of cells. "
            "Check that it is the right file."
        )
    found: list[tuple[Span, list[ObjectLayout]]] = []

    def member(key: str, at: int) -> tuple[Any, int]:
        if key != "cells":
            return _value(text, at)
        found.clear()
        if not text.startswith("[", at):
            return _value(text, at)
        values, layouts, end = _cells(text, at)
        found.append((Span(at, end), layouts))
        return values, end

    values, root = _object(text, start, member)
    end = skip_space(text, root.span.end)
    if end != len(text):
        raise JSONDecodeError("Extra data", text, end)
    cells, each = found[0] if found else (None, [])
    return values, Layout(root, cells, tuple(each))


def _cells(text: str, at: int) -> tuple[list[dict[str, Any]], list[ObjectLayout], int]:
    values: list[dict[str, Any]] = []
    layouts: list[ObjectLayout] = []

    def member(_: str, at: int) -> tuple[Any, int]:
        return _value(text, at)

    at = skip_space(text, at + 1)
    if text.startswith("]", at):
        return values, layouts, at + 1
    while True:
        if not text.startswith("{", at):
            _value(text, at)
            raise NotebookFormatError(
                f"Cell {len(values) + 1} ({place(text, at)}) is not an object. "
                "Remove it, or restore the file from a backup."
            )
        value, layout = _object(text, at, member)
        values.append(value)
        layouts.append(layout)
        mark, at, following = _after(text, layout.span.end, "]")
        if mark == "]":
            return values, layouts, at + 1
        at = following


def _object(
    text: str, start: int, member: Callable[[str, int], tuple[Any, int]]
) -> tuple[dict[str, Any], ObjectLayout]:
    values: dict[str, Any] = {}
    members: dict[str, Member] = {}
    at = skip_space(text, start + 1)
    if text.startswith("}", at):
        return values, ObjectLayout(Span(start, at + 1), members)
    while True:
        if not text.startswith('"', at):
            raise JSONDecodeError("Expecting a name in double quotes", text, at)
        key, end = scan_text(text, at + 1, True)
        colon = _COLON.match(text, end)
        if colon is None:
            raise JSONDecodeError("Expecting ':' delimiter", text, skip_space(text, end))
        values[key], end = member(key, colon.end())
        members[key] = Member(at, colon.end(), end)
        mark, at, following = _after(text, end, "}")
        if mark == "}":
            return values, ObjectLayout(Span(start, at + 1), members)
        at = following


def _after(text: str, end: int, close: str) -> tuple[str, int, int]:
    """Return the comma or closing bracket behind a value, where it is, and what follows it."""
    match = _AFTER.match(text, end)
    if match is None or match[1] not in (",", close):
        raise JSONDecodeError("Expecting ',' delimiter", text, skip_space(text, end))
    return match[1], match.start(1), match.end()


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        return _scan_value(text, at)
    except StopIteration as stop:
        raise JSONDecodeError("Expecting value", text, stop.value) from None


def skip_space(text: str, at: int) -> int:
    """Return the offset of the next character that is no JSON white space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _explain(text: str, error: JSONDecodeError) -> str:
    conflict = _CONFLICT.search(text)
    if conflict:
        return (
            f"The file holds an unresolved merge conflict ({place(text, conflict.start())}). "
            "Resolve it in git, and try again."
        )
    where = place(text, error.pos)
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return (
            f"The file ends in the middle of the notebook, or a text in it is not closed ({where})."
            " Restore it from a backup or from version control."
        )
    return (
        f"The file is not valid JSON: {error.msg} ({where}). "
        "Mend that place in a text editor, or restore the file from version control."
    )
