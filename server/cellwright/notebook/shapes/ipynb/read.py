"""Read a notebook from the text of its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cellwright.notebook.language import cell_language, kernel_name, notebook_language
from cellwright.notebook.model import Cell, CellId, CellKind, Notebook
from cellwright.notebook.shapes.ipynb.scan import Layout, NotebookFormatError, place, scan
from cellwright.notebook.shapes.ipynb.style import (
    Style,
    escapes_non_ascii,
    first_cell_style,
    style_of,
)
from cellwright.notebook.shapes.ipynb.upgrade import upgraded

MAJOR = 4
_KINDS: dict[Any, CellKind] = {"code": "code", "markdown": "markdown", "raw": "raw"}
_FIELDS = {"cell_type", "execution_count", "id", "metadata", "outputs", "source"}


@dataclass(frozen=True)
class IpynbFile:
    """A notebook file as read.

    `text` is the file; `body` is what edits are made in: the same, or for an old format what it
    was upgraded to, so that the first edit writes the whole file anew. `layout` is of `body`.
    `has_ids` tells whether cells carry ids in this file. `warnings` are sentences for a person.
    """

    text: str
    body: str
    layout: Layout
    notebook: Notebook
    has_ids: bool
    warnings: tuple[str, ...] = ()

    def style(self, index: int) -> Style:
        """Return the style of the cell at a place, or of a cell that were put there."""
        if not self.layout.each:
            return first_cell_style(self.body, self.layout.root, escaped=self._escaped)
        nearest = self.layout.each[min(index, len(self.layout.each) - 1)]
        layout = nearest if nearest.members else self.layout.root
        return style_of(self.body, layout, escaped=self._escaped)

    @cached_property
    def _escaped(self) -> bool:
        return escapes_non_ascii(self.body) is True


def parse(text: str, *, ids: Sequence[CellId] | None = None) -> IpynbFile:
    """Read the text of an `.ipynb` file of any nbformat up to 4.x.

    Missing and repeated cell ids are replaced by the cell's place (`cell-3`), so that the same text
    gives the same ids; the text keeps what it has. `ids` names the cells, in order, for who knows
    them already: after an edit of a file without ids.

    Raises `NotebookFormatError`.
    """
    values, layout = scan(text)
    warnings: list[str] = []
    body = text
    major = _major(values)
    if major < MAJOR:
        warnings.append(
            f"The notebook is of the old nbformat {major}; saving a change writes it as 4.5."
        )
        body = upgraded(text, major)
        values, layout = scan(body)
    cells = values.get("cells")
    if not isinstance(cells, list) or layout.cells is None:
        raise NotebookFormatError(
            'This is JSON, but not a notebook: it has no list of "cells". '
            "Check that it is the right file."
        )
    metadata = _mapping(values.get("metadata"))
    language = notebook_language(metadata)
    names, repaired = _ids(cells)
    minor = values.get("nbformat_minor")
    has_ids = (isinstance(minor, int) and minor >= 5) or any("id" in cell for cell in cells)
    if has_ids and repaired:
        warnings.append(
            f"Cells without an id of their own: {repaired}. They are named by their place."
        )
    warnings += _oddities(cells)
    for cell, where in zip(cells, layout.each, strict=True):
        if not _is_text(cell.get("source", "")):
            raise NotebookFormatError(
                f"The source of the cell at {place(body, where.span.start)} is neither a text nor "
                "a list of texts. Mend it in a text editor, or restore the file from a backup."
            )
    read = tuple(
        _cell(cell, name, own, language)
        for cell, name, own in zip(cells, names if ids is None else ids, names, strict=True)
    )
    notebook = Notebook(read, metadata, language, kernel_name(metadata))
    return IpynbFile(text, body, layout, notebook, has_ids, tuple(warnings))


def _major(values: Mapping[str, Any]) -> int:
    major = values.get("nbformat")
    if major is None and "worksheets" not in values:
        cells = values.get("cells")
        old = isinstance(cells, list) and any("code" in cell or "text" in cell for cell in cells)
        return 1 if old else MAJOR
    if not isinstance(major, int) or isinstance(major, bool) or major < 1:
        raise NotebookFormatError(
            f'The notebook\'s "nbformat" is {major!r}, which is no version. '
            f'Set it to {MAJOR} in a text editor if the file has "cells".'
        )
    if major in (2, 3) and "worksheets" not in values:
        raise NotebookFormatError(
            f"The notebook says it is of nbformat {major}, but has no worksheets. "
            f'If it has "cells", set its "nbformat" to {MAJOR} in a text editor.'
        )
    if major > MAJOR:
        raise NotebookFormatError(
            f"The notebook is of nbformat {major}; this version of Cellwright reads up to {MAJOR}. "
            f"Save it as nbformat {MAJOR} in the program that wrote it, or upgrade Cellwright."
        )
    return major


def _ids(cells: Sequence[Mapping[str, Any]]) -> tuple[list[CellId], int]:
    """Return an id for each cell, and for how many the file had none that could serve."""
    own = [cell.get("id") for cell in cells]
    taken = {name for name in own if isinstance(name, str) and name}
    seen: set[str] = set()
    names: list[CellId] = []
    for index, name in enumerate(own):
        if isinstance(name, str) and name and name not in seen:
            seen.add(name)
            names.append(name)
            continue
        spare = f"cell-{index + 1}"
        while spare in taken:
            spare += "-"
        names.append(spare)
    return names, len(own) - len(seen)


def _cell(value: Mapping[str, Any], name: CellId, own: str, language: str) -> Cell:
    kind = _KINDS.get(_text(value.get("cell_type")), "raw")
    metadata = _mapping(value.get("metadata"))
    count = value.get("execution_count")
    outputs = value.get("outputs") if kind == "code" else None
    return Cell(
        id=name,
        kind=kind,
        source="".join(value.get("source", "")),
        language=cell_language(kind, metadata, language),
        nbformat_id=own if value.get("id") == own else None,
        execution_count=count if isinstance(count, int) and kind == "code" else None,
        metadata=metadata,
        saved_outputs=tuple(each for each in _list(outputs) if isinstance(each, dict)),
        extra={key: each for key, each in value.items() if key not in _FIELDS},
    )


def _is_text(source: Any) -> bool:
    if isinstance(source, list):
        return all(isinstance(line, str) for line in source)
    return isinstance(source, str)


def _oddities(cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    unknown = [
        index + 1 for index, cell in enumerate(cells) if _text(cell.get("cell_type")) not in _KINDS
    ]
    if unknown:
        yield f"{_cells(unknown)} of a type that nbformat does not know, and read as raw text."
    bare = [index + 1 for index, cell in enumerate(cells) if "source" not in cell]
    if bare:
        yield f"{_cells(bare)} without a source, and read as empty."


def _cells(numbers: Sequence[int]) -> str:
    return f"Cell {numbers[0]} is" if len(numbers) == 1 else f"{len(numbers)} cells are"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
