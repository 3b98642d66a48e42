"""The difference between two snapshots, cell by cell, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.notebook.order import in_place

LineKind = Literal["heading", "context", "removed", "added"]
_MARKS: dict[LineKind, str] = {"heading": "@@ ", "context": " ", "removed": "-", "added": "+"}


@dataclass(frozen=True)
class DiffLine:
    """One line of a difference; `text` begins with the mark of unified diffs: @@, space, - or +."""

    cell: CellId
    kind: LineKind
    text: str


def unified_diff(before: Notebook, after: Notebook, context: int = 3) -> list[DiffLine]:
    """Return what differs: cells that went, then those that came, moved or changed, in order.

    Each change stands under a heading that names its cell; `context` counts the unchanged lines
    around it.
    """
    lines = [
        line
        for cell in before
        if cell.id not in after
        for line in _whole(cell, f"{_name(before, cell)}, deleted", "removed")
    ]
    origins = [before.position(cell.id) if cell.id in before else None for cell in after]
    stayed = {after.cells[place].id for place in in_place(origins)}
    for cell in after:
        old = before.get(cell.id)
        if old is None:
            lines += _whole(cell, f"{_name(after, cell)}, new", "added")
            continue
        if cell.id not in stayed:
            position = after.position(cell.id)
            place = f"below {_name(after, after.cells[position - 1])}" if position else "to the top"
            lines.append(_line(cell, "heading", f"{_name(before, old)}, moved {place} @@"))
        if old.kind != cell.kind:
            lines.append(_line(cell, "heading", f"{_name(before, old)}, now {cell.kind} @@"))
        lines += _hunks(old, cell, _name(before, old), context)
    return lines


def _name(notebook: Notebook, cell: Cell) -> str:
    number = notebook.number(cell.id)
    if cell.kind == "code":
        return f"cell {number}"
    return f"{cell.kind} below cell {number}" if number else f"{cell.kind} at the top"


def _whole(cell: Cell, heading: str, kind: LineKind) -> Iterator[DiffLine]:
    yield _line(cell, "heading", f"{heading} @@")
    for line in cell.source.split("\n"):
        yield _line(cell, kind, line)


def _hunks(before: Cell, after: Cell, name: str, context: int) -> Iterator[DiffLine]:
    old, new = before.source.split("\n"), after.source.split("\n")
    if old == new:
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(context):
        yield _line(after, "heading", f"{name}, line {group[0][1] + 1} @@")
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from (_line(after, "context", line) for line in old[i:j])
                continue
            yield from (_line(after, "removed", line) for line in old[i:j])
            yield from (_line(after, "added", line) for line in new[k:m])


def _line(cell: Cell, kind: LineKind, text: str) -> DiffLine:
    return DiffLine(cell.id, kind, _MARKS[kind] + text)
