"""Strategies that several tests of this room draw from."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from cellwright.notebook.apply import apply_edit
from cellwright.notebook.edit import (
    ChangeKind,
    DeleteCell,
    InsertCell,
    MoveCell,
    NotebookEdit,
    ReplaceText,
    Span,
    TextEdit,
)
from cellwright.notebook.model import Cell

KINDS = ("code", "markdown", "raw")


@st.composite
def cells(draw, cell_id):
    kind = draw(st.sampled_from(KINDS))
    cell = Cell(cell_id, kind, draw(st.text("ab\né\ud800", max_size=6)), language=kind)
    if kind != "code":
        attached = {"attachments": {"a.png": {}}} if draw(st.booleans()) else {}
        return replace(cell, extra=attached)
    return replace(
        cell,
        language="python",
        execution_count=draw(st.none() | st.just(3)),
        saved_outputs=draw(st.sampled_from([(), ({"output_type": "stream", "text": "x"},)])),
    )


@st.composite
def edits(draw, notebook):
    """Any edit that fits: several operations, later ones also on what earlier ones made."""
    result, anchors, replaced, operations = notebook, {}, set(), []
    for _ in range(draw(st.integers(0, 6))):
        places = [None, *(cell.id for cell in result)]
        if not len(result) or draw(st.integers(0, 4)) == 0:
            known = [cell.id for cell in notebook]
            free = [name for name in (*known, "n1", "n2", "n:3", "n 4") if name not in result]
            cell = draw(cells(draw(st.sampled_from(free or ["n5"]))))
            if cell.id in result:
                break
            operation = InsertCell(cell, draw(st.sampled_from(places)))
            anchors[cell.id] = cell.hash
            replaced.discard(cell.id)
        else:
            cell = draw(st.sampled_from(result.cells))
            anchor = anchors.setdefault(cell.id, cell.hash)
            choice = draw(st.sampled_from(["text", "move", "delete", "kind"]))
            if choice == "text" and cell.id not in replaced:
                low, high = sorted(draw(st.tuples(*[st.integers(0, len(cell.source))] * 2)))
                text = TextEdit(Span(low, high), draw(st.text("xy\né", max_size=3)))
                operation = ReplaceText(cell.id, anchor, (text,))
                replaced.add(cell.id)
            elif choice == "move":
                others = [place for place in places if place != cell.id]
                operation = MoveCell(cell.id, anchor, draw(st.sampled_from(others)))
            elif choice == "kind":
                operation = ChangeKind(cell.id, anchor, draw(st.sampled_from(KINDS)))
            else:
                operation = DeleteCell(cell.id, anchor)
        operations.append(operation)
        result = apply_edit(notebook, NotebookEdit(tuple(operations))).notebook
    return NotebookEdit(tuple(operations))


@pytest.fixture(scope="session")
def any_cell():
    return cells


@pytest.fixture(scope="session")
def any_edit():
    return edits
