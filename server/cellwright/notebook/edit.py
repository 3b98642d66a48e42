"""Edits of a notebook: anchored on cell ids and source hashes, atomic, invertible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cellwright.notebook.model import Cell, CellId, CellKind


@dataclass(frozen=True, order=True)
class Span:
    """A half-open range of code points in one cell's source."""

    start: int
    end: int


@dataclass(frozen=True)
class TextEdit:
    """Replace what lies in `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True)
class ReplaceText:
    """Text edits in one cell; spans are in the source `source_hash` names, sorted, disjoint."""

    cell: CellId
    source_hash: str
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True)
class InsertCell:
    """Insert `cell` after the cell `after`, or first when it is None."""

    cell: Cell
    after: CellId | None


@dataclass(frozen=True)
class DeleteCell:
    """Remove a cell."""

    cell: CellId
    source_hash: str


@dataclass(frozen=True)
class MoveCell:
    """Put a cell after the cell `after`, or first when it is None."""

    cell: CellId
    source_hash: str
    after: CellId | None


@dataclass(frozen=True)
class ChangeKind:
    """Turn a cell into another kind, its source kept."""

    cell: CellId
    source_hash: str
    kind: CellKind


Operation = ReplaceText | InsertCell | DeleteCell | MoveCell | ChangeKind


@dataclass(frozen=True)
class NotebookEdit:
    """Operations that apply in order, all or none. Each hash names the source before this edit."""

    operations: tuple[Operation, ...]


class EditRejected(Exception):
    """The notebook is not what the edit was made for; nothing was changed.

    `cell` is the cell whose anchor failed; `reason` is a sentence for a person.
    """

    def __init__(self, cell: CellId, reason: str) -> None:
        super().__init__(reason)
        self.cell = cell
        self.reason = reason


@dataclass(frozen=True)
class Landing:
    """What became of one operation. `source_hash` is of the source that was read back, if any."""

    cell: CellId
    landed: bool
    reason: str = ""
    source_hash: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What an edit did, as read back. `inverse` undoes it, and is None unless all of it landed."""

    status: Literal["applied", "rejected", "partial"]
    landings: tuple[Landing, ...]
    inverse: NotebookEdit | None = None
