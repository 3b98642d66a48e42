"""Apply an edit where the document lives, by the best way the client has, and read it back.

1. A client that announces `experimental.cellwright.applyNotebookEdit` gets the whole edit,
   structure included, and applies it in one step.
2. Else text edits, stamped with the version of the text they were made for.
3. Else the edit is refused, and the receipt says what the editor lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

from cellwright.lsp import messages
from cellwright.lsp.abilities import Abilities
from cellwright.lsp.documents import range_of
from cellwright.notebook.apply import Applied, apply_edit, changed_cells, rejection
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
)
from cellwright.notebook.model import Cell, CellId, Notebook

if TYPE_CHECKING:
    from cellwright.lsp.open import Open
    from cellwright.lsp.server import Server

READ_BACK_SECONDS = 5.0
"""How long the editor may take to send the changes that it says it has applied."""

REFUSED = "The editor refused the edit; the text may have changed meanwhile."
NO_TEXT_EDITS = "This editor cannot be asked to change a text."
NO_STRUCTURE = "This editor cannot be asked to insert, delete or move cells."
NOT_READ_BACK = "The editor reported success, but the cell is not as it should be."


async def apply(
    server: Server, opened: Open, edit: NotebookEdit, notebook: Notebook, label: str
) -> Receipt:
    """Apply an edit made for `notebook`. The receipt says what was read back."""
    current = opened.document.notebook
    try:
        applied = apply_edit(current, edit)
        _same_cells(edit, notebook, current)
    except EditRejected as error:
        return rejection(edit, error)
    if server.abilities.notebook_edits and opened.document.has_cells:
        return await _whole(server, opened, edit, applied, label)
    text_edits = opened.document.text_edits(edit, server.abilities.encoding)
    if text_edits is None:
        return _refused(edit, NO_STRUCTURE)
    if not server.abilities.apply_edit:
        return _refused(edit, NO_TEXT_EDITS)
    return await _as_text(server, opened, edit, applied, text_edits, label)


def _same_cells(edit: NotebookEdit, made_for: Notebook, current: Notebook) -> None:
    """Refuse an edit whose cells are not what it was made for. Raises `EditRejected`."""
    for cell_id in changed_cells(edit):
        then, now = made_for.get(cell_id), current.get(cell_id)
        if then is not None and now is not None and then.hash != now.hash:
            raise EditRejected(cell_id, "The cell has changed since the edit was made for it.")


async def _as_text(
    server: Server,
    opened: Open,
    edit: NotebookEdit,
    applied: Applied,
    edits: Sequence[types.TextDocumentEdit],
    label: str,
) -> Receipt:
    answer = await server.ask(
        types.WORKSPACE_APPLY_EDIT,
        types.ApplyWorkspaceEditParams(workspace_edit(server.abilities, edits), label=label),
    )
    if not isinstance(answer, types.ApplyWorkspaceEditResult) or not answer.applied:
        reason = getattr(answer, "failure_reason", None)
        return _refused(edit, f"{REFUSED} It says: {reason}" if reason else REFUSED)
    return await _read_back(opened, edit, applied, {})


def workspace_edit(
    abilities: Abilities, edits: Sequence[types.TextDocumentEdit]
) -> types.WorkspaceEdit:
    """Return text edits in the form that the client takes, versioned if it can be."""
    if abilities.document_changes:
        return types.WorkspaceEdit(document_changes=list(edits))
    return types.WorkspaceEdit(
        changes={
            edit.text_document.uri: [e for e in edit.edits if isinstance(e, types.TextEdit)]
            for edit in edits
        }
    )


async def _whole(
    server: Server, opened: Open, edit: NotebookEdit, applied: Applied, label: str
) -> Receipt:
    notebook = opened.document.notebook
    operations = [_wire(operation, notebook, server) for operation in edit.operations]
    answer = await server.ask(
        messages.APPLY_NOTEBOOK_EDIT,
        messages.ApplyNotebookEditParams(opened.document.uri, label, operations),
    )
    if not isinstance(answer, messages.ApplyNotebookEditResult):
        return _refused(edit, REFUSED)
    if not answer.applied and not any(landing.landed for landing in answer.landings):
        reasons = [landing.reason for landing in answer.landings if landing.reason]
        return _refused(edit, " ".join([REFUSED, *reasons]))
    made = {
        operation.cell.id: landing.cell
        for operation, landing in zip(edit.operations, answer.landings, strict=False)
        if isinstance(operation, InsertCell) and landing.cell is not None
    }
    return await _read_back(opened, edit, applied, made)


def _wire(operation: Operation, notebook: Notebook, server: Server) -> messages.WireOperation:
    if isinstance(operation, InsertCell):
        cell = operation.cell
        new = messages.WireCell(cell.kind, cell.language, cell.source, cell.nbformat_id)
        return messages.WireOperation("insert", insert=new, after=operation.after)
    found = notebook.get(operation.cell)
    version = found.version if found is not None else None
    if isinstance(operation, ReplaceText):
        source, encoding = found.source if found else "", server.abilities.encoding
        edits = [
            messages.WireTextEdit(range_of(source, e.span, encoding), e.text)
            for e in operation.edits
        ]
        return messages.WireOperation("replaceText", operation.cell, version, edits)
    if isinstance(operation, DeleteCell):
        return messages.WireOperation("delete", operation.cell, version)
    if isinstance(operation, MoveCell):
        return messages.WireOperation("move", operation.cell, version, after=operation.after)
    assert isinstance(operation, ChangeKind)
    return messages.WireOperation("changeKind", operation.cell, version, cell_kind=operation.kind)


async def _read_back(
    opened: Open, edit: NotebookEdit, applied: Applied, made: Mapping[CellId, CellId]
) -> Receipt:
    """Compare what the editor now has with what the edit makes; `made` renames inserted cells."""
    wanted = {cell_id: applied.notebook.get(cell_id) for cell_id in changed_cells(edit)}

    def landed(notebook: Notebook, cell_id: CellId) -> bool:
        return _same(notebook.get(made.get(cell_id, cell_id)), wanted[cell_id])

    await opened.reaches(
        lambda notebook: all(landed(notebook, cell_id) for cell_id in wanted), READ_BACK_SECONDS
    )
    now = opened.document.notebook
    landings = tuple(
        Landing(
            made.get(cell_id, cell_id),
            landed(now, cell_id),
            "" if landed(now, cell_id) else NOT_READ_BACK,
            found.hash if (found := now.get(made.get(cell_id, cell_id))) else None,
        )
        for cell_id in wanted
    )
    if all(landing.landed for landing in landings):
        return Receipt("applied", landings, _rebased(applied.inverse, made, now))
    nothing = not any(landing.landed for landing in landings)
    return Receipt("rejected" if nothing else "partial", landings)


def _same(found: Cell | None, wanted: Cell | None) -> bool:
    """Compare a cell with what it should be; an editor may write line ends its own way."""
    if found is None or wanted is None:
        return found is wanted
    return found.kind == wanted.kind and (
        found.source == wanted.source or _lines(found.source) == _lines(wanted.source)
    )


def _lines(source: str) -> str:
    return source.replace("\r\n", "\n")


def _rebased(
    inverse: NotebookEdit, made: Mapping[CellId, CellId], now: Notebook
) -> NotebookEdit | None:
    """Return the inverse for the cells as the editor made them; None where it does not fit them."""
    operations = []
    for operation in inverse.operations:
        if not isinstance(operation, InsertCell):
            operation = replace(operation, cell=made.get(operation.cell, operation.cell))
        operations.append(operation)
    rebased = NotebookEdit(tuple(operations))
    try:
        apply_edit(now, rebased)
    except EditRejected:
        return None
    return rebased


def _refused(edit: NotebookEdit, reason: str) -> Receipt:
    return Receipt("rejected", tuple(Landing(cell, False, reason) for cell in changed_cells(edit)))
