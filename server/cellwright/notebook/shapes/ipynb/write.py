"""Write an edit into the text of a notebook file, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from cellwright.notebook.apply import apply_edit
from cellwright.notebook.edit import InsertCell, NotebookEdit, Span, TextEdit
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.order import in_place
from cellwright.notebook.shapes.ipynb.cells import (
    cell_text,
    changed_cell,
    kind_changes,
    nbformat_id,
)
from cellwright.notebook.shapes.ipynb.read import MAJOR, IpynbFile, parse
from cellwright.notebook.shapes.ipynb.source import changed_source, source_text
from cellwright.notebook.shapes.ipynb.style import Style
from cellwright.notebook.text import apply_text, trimmed

Origins = Sequence[int | None]
"""For each cell after an edit its place in the file, None for a new one."""


def render(file: IpynbFile, edit: NotebookEdit) -> str:
    """Return the file's text with an edit written into it; what it does not touch stays.

    Raises `EditRejected` as `apply_edit` does, `NotebookFormatError` for what JSON cannot hold.
    """
    return apply_text(file.text, text_edits(file, edit))


def update(file: IpynbFile, edit: NotebookEdit) -> IpynbFile:
    """Return the file after an edit, its cells under the ids that they have in memory."""
    after = apply_edit(file.notebook, edit).notebook
    return parse(render(file, edit), ids=[cell.id for cell in after])


def text_edits(file: IpynbFile, edit: NotebookEdit) -> tuple[TextEdit, ...]:
    """Return an edit as sorted, disjoint text edits in offsets of the file's text.

    Raises what `render` raises.
    """
    after = apply_edit(file.notebook, edit).notebook
    inserted = {each.cell.id for each in edit.operations if isinstance(each, InsertCell)}
    origins = [None if cell.id in inserted else file.notebook.position(cell.id) for cell in after]
    kept = in_place(origins)
    edits = [
        change
        for place in kept
        if (origin := origins[place]) is not None
        for change in _cell_edits(file, origin, after.cells[place])
    ]
    edits += _order_edits(file, after, origins, kept)
    return in_file(file, sorted(edits, key=lambda change: change.span))


def in_file(file: IpynbFile, edits: Sequence[TextEdit]) -> tuple[TextEdit, ...]:
    """Return edits of `file.body` as edits of `file.text`: one of all, if it was upgraded."""
    if file.body == file.text or not edits:
        return tuple(edits)
    return (TextEdit(Span(0, len(file.text)), apply_text(file.body, edits)),)


def new(notebook: Notebook) -> str:
    """Return the text of a new file of nbformat 4.5, as the nbformat library would lay it out."""
    style = Style(base="  ")
    taken: set[str] = set()
    cells = [_fresh(cell, notebook, taken, style) for cell in notebook]
    listed = f"[\n  {(',' + chr(10) + '  ').join(cells)}\n ]" if cells else "[]"
    metadata = dict(notebook.metadata)
    if notebook.kernel_name and "kernelspec" not in metadata:
        metadata["kernelspec"] = {
            "display_name": notebook.kernel_name,
            "language": notebook.language,
            "name": notebook.kernel_name,
        }
    if "language_info" not in metadata:
        metadata["language_info"] = {"name": notebook.language}
    root = {
        "cells": listed,
        "metadata": Style().dump(metadata),
        "nbformat": str(MAJOR),
        "nbformat_minor": "5",
    }
    return Style().dump_object(root) + "\n"


def _cell_edits(file: IpynbFile, index: int, cell: Cell) -> tuple[TextEdit, ...]:
    """Return what turns a cell of the file into `cell`, where it stands."""
    before = file.notebook.cells[index]
    same = cell.source == before.source
    turned = _beside_source(cell) != _beside_source(before)
    if same and not turned:
        return ()
    layout, style = file.layout.each[index], file.style(index)
    source = layout.members.get("source")
    if source is not None and not turned:
        raw = file.body[source.start : source.end]
        changed = changed_source(raw, cell.source, style)
        return (trimmed(file.body, source.start, source.end, changed),)
    changes = kind_changes(cell, style) if turned else {}
    if not same:
        changes["source"] = source_text(cell.source, style)
    return (TextEdit(layout.span, changed_cell(file.body, layout, style, changes)),)


def _beside_source(cell: Cell) -> tuple[object, ...]:
    """Return what a change of kind can change."""
    return cell.kind, cell.execution_count, cell.saved_outputs, cell.extra


def _order_edits(
    file: IpynbFile, after: Notebook, origins: Origins, kept: Sequence[int]
) -> Iterator[TextEdit]:
    """Yield the edits between cells that keep their place: others gone, come or moved there."""
    each = file.layout.each
    taken = {
        cell.nbformat_id
        for cell, origin in zip(after, origins, strict=True)
        if origin is not None and cell.nbformat_id
    }
    for left, right in pairwise((-1, *kept, len(after))):
        above = -1 if left < 0 else _known(origins[left])
        below = len(each) if right == len(after) else _known(origins[right])
        if right - left == 1 and below - above == 1:
            continue
        texts: list[str] = []
        for place in range(left + 1, right):
            origin = origins[place]
            if origin is None:
                style = file.style(max(above, 0))
                name_from = taken if file.has_ids else None
                texts.append(_fresh(after.cells[place], after, name_from, style))
            else:
                texts.append(_moved(file, origin, after.cells[place]))
        span = Span(
            each[above].span.end if above >= 0 else _array(file).start + 1,
            each[below].span.start if below < len(each) else _array(file).end - 1,
        )
        yield TextEdit(span, _between(file, above, below, texts))


def _between(file: IpynbFile, above: int, below: int, texts: Sequence[str]) -> str:
    """Return what stands between two cells of the file when `texts` are the cells between them."""
    count = len(file.layout.each)
    head, tail, comma = _spacing(file)
    first = head if above < 0 else _gap(file, above) if above + 1 < count else comma
    last = tail if below == count else _gap(file, below - 1) if below > 0 else comma
    if texts:
        return first + comma.join(texts) + last
    if above < 0 and below == count:
        return ""
    return first if above < 0 else last


def _spacing(file: IpynbFile) -> tuple[str, str, str]:
    """Return what stands before the first cell, after the last, and between two."""
    each, array, body = file.layout.each, _array(file), file.body
    style = file.style(0)
    if not each:
        head = style.newline and style.newline + style.base
        tail = style.newline and head.removesuffix(style.unit)
    else:
        head = body[array.start + 1 : each[0].span.start]
        tail = body[each[-1].span.end : array.end - 1]
    comma = _gap(file, 0) if len(each) > 1 else "," + head if head else style.comma
    return head, tail, comma


def _gap(file: IpynbFile, index: int) -> str:
    """Return what stands between a cell of the file and the next."""
    each = file.layout.each
    return file.body[each[index].span.end : each[index + 1].span.start]


def _array(file: IpynbFile) -> Span:
    assert file.layout.cells is not None  # parse refuses a file without
    return file.layout.cells


def _moved(file: IpynbFile, index: int, cell: Cell) -> str:
    span = file.layout.each[index].span
    shifted = (
        TextEdit(Span(edit.span.start - span.start, edit.span.end - span.start), edit.text)
        for edit in _cell_edits(file, index, cell)
    )
    return apply_text(file.body[span.start : span.end], shifted)


def _fresh(cell: Cell, notebook: Notebook, taken: set[str] | None, style: Style) -> str:
    """Return the text of a new cell, with an id unless `taken` is None."""
    name = None
    if taken is not None:
        name = nbformat_id(cell, taken)
        taken.add(name)
    return cell_text(cell, notebook.language, name, style)


def _known(origin: int | None) -> int:
    assert origin is not None
    return origin
