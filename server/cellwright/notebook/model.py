"""What a notebook is: immutable snapshots of cells in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

CellId = str
"""An opaque handle of a cell: the nbformat id in a file, the document URI in an editor."""

CellKind = Literal["code", "markdown", "raw"]


def source_hash(source: str) -> str:
    """Return the hash that edits are anchored on (lone surrogates are kept apart)."""
    return hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Cell:
    """One cell as it stood at one moment.

    `version` is the editor's version of the cell's text, 0 for a file. `saved_outputs` are nbformat
    output dicts found in the file; run records, not cells, hold what we saw run. `extra` are the
    keys of a cell in a file that have no field here, such as attachments.
    """

    id: CellId
    kind: CellKind
    source: str
    language: str = "python"
    version: int = 0
    nbformat_id: str | None = None
    execution_count: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    saved_outputs: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def hash(self) -> str:
        """Hash of the source."""
        return source_hash(self.source)

    @property
    def is_python(self) -> bool:
        """Whether the cell holds code that the data flow and the rules can read."""
        return self.kind == "code" and self.language == "python"


class UnknownCell(KeyError):
    """The notebook has no cell of that id (it may have been removed meanwhile)."""


@dataclass(frozen=True)
class Notebook:
    """A snapshot: cells in document order, and metadata of the whole.

    Replacing the text of a cell shares the index with the snapshot before it, so the cost of a
    keystroke does not grow with hashing the notebook.
    """

    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    language: str = "python"
    kernel_name: str | None = None
    version: int = 0

    @cached_property
    def _index(self) -> dict[CellId, int]:
        return {cell.id: position for position, cell in enumerate(self.cells)}

    def __contains__(self, cell_id: object) -> bool:
        return cell_id in self._index

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def position(self, cell_id: CellId) -> int:
        """Return the 0-based place of a cell in the document.

        Raises `UnknownCell`.
        """
        try:
            return self._index[cell_id]
        except KeyError:
            raise UnknownCell(cell_id) from None

    def cell(self, cell_id: CellId) -> Cell:
        """Return the cell of that id. Raises `UnknownCell`."""
        return self.cells[self.position(cell_id)]

    def get(self, cell_id: CellId) -> Cell | None:
        """Return the cell of that id, or None."""
        position = self._index.get(cell_id)
        return None if position is None else self.cells[position]

    def number(self, cell_id: CellId) -> int:
        """Return the 1-based number of a cell among the code cells: what people are told.

        A cell that is no code has the number of the code cell before it. Raises `UnknownCell`.
        """
        upto = self.cells[: self.position(cell_id) + 1]
        return sum(cell.kind == "code" for cell in upto)

    def with_cell(self, cell: Cell) -> Notebook:
        """Return the next snapshot with the cell of the same id replaced. Raises `UnknownCell`."""
        position = self.position(cell.id)
        cells = (*self.cells[:position], cell, *self.cells[position + 1 :])
        following = replace(self, cells=cells)
        following.__dict__["_index"] = self._index
        return following

    def with_cells(self, cells: tuple[Cell, ...]) -> Notebook:
        """Return the next snapshot with other cells, or another order."""
        return replace(self, cells=cells)

    @property
    def code_cells(self) -> tuple[Cell, ...]:
        """The cells a kernel would run, in document order."""
        return tuple(cell for cell in self.cells if cell.kind == "code")
