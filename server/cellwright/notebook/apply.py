"""Apply edits to snapshots: atomic, anchored on cell id and source hash, invertible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cellwright.notebook.edit import (
    ChangeKind,
    DeleteCell,
    EditRejected,
    InsertCell,
    Landing,
    MoveCell,
    NotebookEdit,
    Operation,
    Receipt,
    ReplaceText,
    Span,
    TextEdit,
)
from cellwright.notebook.language import cell_language
from cellwright.notebook.model import Cell, CellId, CellKind, Notebook
from cellwright.notebook.text import apply_text, compose, invert_text, map_span, text_change

__all__ = [
    "Applied",
    "apply_edit",
    "apply_text",
    "changed_cells",
    "combine",
    "map_span",
    "rejection",
    "replace_text",
    "text_change",
]


@dataclass(frozen=True)
class Applied:
    """The snapshot after an edit, the edit that takes it back, and what landed."""

    notebook: Notebook
    inverse: NotebookEdit
    receipt: Receipt


def apply_edit(notebook: Notebook, edit: NotebookEdit) -> Applied:
    """Apply all of an edit, or none of it.

    A hash names the source of its cell before this edit, or as this edit inserted it; so one cell
    takes one `ReplaceText`. `Cell.version` is the editor's and stays what it is.

    Raises `EditRejected` when an anchor or a span does not fit.
    """
    result = notebook
    anchors: dict[CellId, str] = {}
    replaced: set[CellId] = set()
    undo: list[Operation] = []
    for operation in edit.operations:
        if isinstance(operation, InsertCell):
            anchors[operation.cell.id] = operation.cell.hash
            replaced.discard(operation.cell.id)
        else:
            cell = _cell(result, operation.cell)
            if operation.source_hash != anchors.setdefault(cell.id, cell.hash):
                raise EditRejected(cell.id, "The cell has changed since the edit was made for it.")
        if isinstance(operation, ReplaceText):
            if operation.cell in replaced:
                raise EditRejected(operation.cell, "The edit changes the text of a cell twice.")
            replaced.add(operation.cell)
        after = _step(result, operation)
        undo = [*_inverse(result, operation), *undo]
        result = after
    inverse = NotebookEdit(tuple(_anchored(undo, result)))
    landings = tuple(_landing(cell_id, result) for cell_id in changed_cells(edit))
    return Applied(result, inverse, Receipt("applied", landings, inverse))


def rejection(edit: NotebookEdit, error: EditRejected) -> Receipt:
    """Return the receipt of an edit that was rejected: nothing of it landed."""
    landings = tuple(
        Landing(cell, False, error.reason if cell == error.cell else "")
        for cell in changed_cells(edit)
    )
    return Receipt("rejected", landings)


def replace_text(cell: Cell, *edits: tuple[Span, str]) -> NotebookEdit:
    """Return the edit that replaces spans of a cell's source, given in any order."""
    ordered = sorted(edits, key=lambda edit: edit[0])
    texts = tuple(TextEdit(span, text) for span, text in ordered)
    return NotebookEdit((ReplaceText(cell.id, cell.hash, texts),))


def changed_cells(edit: NotebookEdit) -> tuple[CellId, ...]:
    """Return the cells that an edit touches, each once, in the edit's order."""
    return tuple(dict.fromkeys(_subject(operation) for operation in edit.operations))


def combine(first: NotebookEdit, second: NotebookEdit, notebook: Notebook) -> NotebookEdit:
    """Return one edit of `notebook` equal to `first` and then `second`.

    Raises `EditRejected` when `first` does not fit `notebook`, or `second` what `first` makes.
    """
    middle = apply_edit(notebook, first).notebook
    apply_edit(middle, second)
    operations = list(first.operations)
    inserted: set[CellId] = set()
    for operation in second.operations:
        if isinstance(operation, InsertCell):
            inserted.add(operation.cell.id)
        elif operation.cell not in inserted:
            origin, index = _history(operations, operation.cell, notebook)
            if isinstance(operation, ReplaceText) and index is not None:
                earlier = operations[index]
                assert isinstance(earlier, ReplaceText)
                merged = compose(origin.source, earlier.edits, operation.edits)
                operations[index] = replace(earlier, edits=merged)
                continue
            operation = replace(operation, source_hash=origin.hash)
        operations.append(operation)
    return NotebookEdit(tuple(operations))


def _step(notebook: Notebook, operation: Operation) -> Notebook:
    if isinstance(operation, ReplaceText):
        cell = notebook.cell(operation.cell)
        try:
            source = apply_text(cell.source, operation.edits)
        except ValueError as error:
            raise EditRejected(cell.id, f"The edit does not fit the cell: {error}.") from None
        return notebook.with_cell(replace(cell, source=source))
    if isinstance(operation, ChangeKind):
        return notebook.with_cell(_turned(notebook, operation.cell, operation.kind))
    if isinstance(operation, InsertCell):
        if operation.cell.id in notebook:
            raise EditRejected(operation.cell.id, "The notebook already has a cell of that id.")
        return _placed(notebook, notebook.cells, operation.cell, operation.after)
    position = notebook.position(operation.cell)
    others = (*notebook.cells[:position], *notebook.cells[position + 1 :])
    if isinstance(operation, DeleteCell):
        return notebook.with_cells(others)
    if operation.after == operation.cell:
        raise EditRejected(operation.cell, "A cell cannot be put after itself.")
    return _placed(notebook, others, notebook.cells[position], operation.after)


def _placed(
    notebook: Notebook, others: tuple[Cell, ...], cell: Cell, after: CellId | None
) -> Notebook:
    """Put a cell among the others; `notebook` knows the places before it was taken out."""
    place = 0
    if after is not None:
        place = notebook.position(_cell(notebook, after).id) + 1
        if cell.id in notebook and notebook.position(cell.id) < place:
            place -= 1
    return notebook.with_cells((*others[:place], cell, *others[place:]))


def _turned(notebook: Notebook, cell_id: CellId, kind: CellKind) -> Cell:
    """Return the cell as another kind, without what nbformat does not let that kind have."""
    cell = notebook.cell(cell_id)
    language = cell_language(kind, cell.metadata, notebook.language)
    if kind == "code":
        extra = {key: value for key, value in cell.extra.items() if key != "attachments"}
        return replace(cell, kind=kind, language=language, extra=extra)
    return replace(cell, kind=kind, language=language, execution_count=None, saved_outputs=())


def _inverse(before: Notebook, operation: Operation) -> tuple[Operation, ...]:
    """Return what takes one operation back; its hashes are set by `_anchored`."""
    if isinstance(operation, InsertCell):
        return (DeleteCell(operation.cell.id, ""),)
    cell = before.cell(operation.cell)
    position = before.position(cell.id)
    previous = before.cells[position - 1].id if position else None
    if isinstance(operation, ReplaceText):
        return (ReplaceText(cell.id, "", invert_text(cell.source, operation.edits)),)
    if isinstance(operation, MoveCell):
        return (MoveCell(cell.id, "", previous),)
    if isinstance(operation, ChangeKind):
        changed = before.with_cell(_turned(before, cell.id, operation.kind))
        if _turned(changed, cell.id, cell.kind) == cell:
            return (ChangeKind(cell.id, "", cell.kind),)
        # Outputs or attachments went with the kind: only the cell itself brings them back.
        return (DeleteCell(cell.id, ""), InsertCell(cell, previous))
    return (InsertCell(cell, previous),)


def _anchored(operations: Iterable[Operation], notebook: Notebook) -> Iterator[Operation]:
    inserted: dict[CellId, str] = {}
    for operation in operations:
        if isinstance(operation, InsertCell):
            inserted[operation.cell.id] = operation.cell.hash
            yield operation
        else:
            cell_id = operation.cell
            known = inserted.get(cell_id) or notebook.cell(cell_id).hash
            yield replace(operation, source_hash=known)


def _history(
    operations: Sequence[Operation], cell_id: CellId, notebook: Notebook
) -> tuple[Cell, int | None]:
    """Return a cell as found or last inserted, and the place of the text edit it got since."""
    edited: int | None = None
    for index in reversed(range(len(operations))):
        operation = operations[index]
        if isinstance(operation, InsertCell) and operation.cell.id == cell_id:
            return operation.cell, edited
        if isinstance(operation, ReplaceText) and operation.cell == cell_id:
            edited = index
    return notebook.cell(cell_id), edited


def _cell(notebook: Notebook, cell_id: CellId) -> Cell:
    cell = notebook.get(cell_id)
    if cell is None:
        raise EditRejected(cell_id, "The notebook no longer has that cell.")
    return cell


def _subject(operation: Operation) -> CellId:
    return operation.cell.id if isinstance(operation, InsertCell) else operation.cell


def _landing(cell_id: CellId, notebook: Notebook) -> Landing:
    cell = notebook.get(cell_id)
    return Landing(cell_id, True, source_hash=None if cell is None else cell.hash)
