"""Edits of a notebook: atomic, anchored, invertible."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright.notebook.apply import (
    apply_edit,
    changed_cells,
    combine,
    rejection,
    replace_text,
)
from cellwright.notebook.edit import (
    ChangeKind,
    DeleteCell,
    EditRejected,
    InsertCell,
    MoveCell,
    NotebookEdit,
    ReplaceText,
    Span,
    TextEdit,
)
from cellwright.notebook.model import Cell, Notebook

KINDS = ("code", "markdown", "raw")


def notebook(*sources):
    return Notebook(tuple(Cell(f"c{i}", "code", source) for i, source in enumerate(sources)))


@st.composite
def cells(draw, cell_id):
    kind = draw(st.sampled_from(KINDS))
    cell = Cell(cell_id, kind, draw(st.text("ab\n\ud800", max_size=6)), language=kind)
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
def notebooks(draw):
    count = draw(st.integers(0, 5))
    return Notebook(tuple(draw(cells(f"c{i}")) for i in range(count)))


@st.composite
def edits(draw, notebook):
    """Any edit that fits: several operations, later ones also on what earlier ones made."""
    result, anchors, replaced, operations = notebook, {}, set(), []
    for _ in range(draw(st.integers(0, 6))):
        places = [None, *(cell.id for cell in result)]
        if not len(result) or draw(st.integers(0, 4)) == 0:
            free = [
                name for name in (*(f"c{i}" for i in range(6)), "n1", "n2") if name not in result
            ]
            cell = draw(cells(draw(st.sampled_from(free))))
            operation = InsertCell(cell, draw(st.sampled_from(places)))
            anchors[cell.id] = cell.hash
            replaced.discard(cell.id)
        else:
            cell = draw(st.sampled_from(result.cells))
            anchor = anchors.setdefault(cell.id, cell.hash)
            choice = draw(st.sampled_from(["text", "move", "delete", "kind"]))
            if choice == "text" and cell.id not in replaced:
                low, high = sorted(draw(st.tuples(*[st.integers(0, len(cell.source))] * 2)))
                text = TextEdit(Span(low, high), draw(st.text("xy\n", max_size=3)))
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


@given(st.data(), notebooks())
def test_the_inverse_brings_the_notebook_back_and_its_inverse_the_edit(data, before):
    applied = apply_edit(before, data.draw(edits(before)))
    back = apply_edit(applied.notebook, applied.inverse)
    assert back.notebook == before
    assert apply_edit(before, back.inverse).notebook == applied.notebook


@given(st.data(), notebooks())
def test_a_combined_edit_does_what_both_do_in_turn(data, before):
    first = data.draw(edits(before))
    middle = apply_edit(before, first).notebook
    second = data.draw(edits(middle))
    after = apply_edit(middle, second).notebook
    assert apply_edit(before, combine(first, second, before)).notebook == after


@given(st.data(), notebooks())
def test_an_edit_and_its_inverse_combined_change_nothing(data, before):
    first = data.draw(edits(before))
    inverse = apply_edit(before, first).inverse
    assert apply_edit(before, combine(first, inverse, before)).notebook == before


@given(st.data(), notebooks().filter(len))
def test_an_edit_made_for_another_source_is_rejected_whole(data, before):
    edit = data.draw(edits(before))
    cell = data.draw(st.sampled_from(before.cells))
    typed = before.with_cell(replace(cell, source=cell.source + "#"))
    anchored = {op.cell for op in edit.operations if not isinstance(op, InsertCell)}
    first = next(
        (op for op in edit.operations if cell.id in changed_cells(NotebookEdit((op,)))), None
    )
    if cell.id not in anchored or isinstance(first, InsertCell):
        return
    snapshot = replace(typed)
    with pytest.raises(EditRejected) as rejected:
        apply_edit(typed, edit)
    assert rejected.value.cell == cell.id
    assert typed == snapshot
    receipt = rejection(edit, rejected.value)
    assert receipt.status == "rejected"
    assert receipt.inverse is None
    assert not any(landing.landed for landing in receipt.landings)


def test_the_receipt_says_what_landed():
    before = notebook("a", "b")
    edit = NotebookEdit(
        (
            ReplaceText("c0", before.cell("c0").hash, (TextEdit(Span(0, 1), "z"),)),
            DeleteCell("c1", before.cell("c1").hash),
        )
    )
    applied = apply_edit(before, edit)
    assert applied.receipt.status == "applied"
    assert [(each.cell, each.landed) for each in applied.receipt.landings] == [
        ("c0", True),
        ("c1", True),
    ]
    assert applied.receipt.landings[0].source_hash == applied.notebook.cell("c0").hash
    assert applied.receipt.landings[1].source_hash is None
    assert applied.receipt.inverse == applied.inverse


def test_undoing_a_deletion_brings_outputs_attachments_and_place_back():
    before = Notebook(
        (
            Cell(
                "a", "markdown", "![x](attachment:x)", "markdown", extra={"attachments": {"x": {}}}
            ),
            Cell("b", "code", "1", execution_count=4, saved_outputs=({"output_type": "stream"},)),
            Cell("c", "code", "2"),
        )
    )
    edit = NotebookEdit(
        (
            ChangeKind("a", before.cell("a").hash, "code"),
            ChangeKind("b", before.cell("b").hash, "markdown"),
        )
    )
    applied = apply_edit(before, edit)
    assert applied.notebook.cell("a").extra == {}
    assert applied.notebook.cell("a").language == "python"
    assert applied.notebook.cell("b").saved_outputs == ()
    assert apply_edit(applied.notebook, applied.inverse).notebook == before


def test_text_edits_may_be_given_in_any_order():
    before = notebook("abc")
    edit = replace_text(before.cells[0], (Span(2, 3), "C"), (Span(0, 1), "A"))
    assert apply_edit(before, edit).notebook.cells[0].source == "AbC"


@pytest.mark.parametrize(
    ("operations", "reason"),
    [
        (lambda h: [InsertCell(Cell("c0", "code", ""), None)], "already has"),
        (lambda h: [InsertCell(Cell("n", "code", ""), "gone")], "no longer has"),
        (lambda h: [DeleteCell("gone", h)], "no longer has"),
        (lambda h: [DeleteCell("c0", h), DeleteCell("c0", h)], "no longer has"),
        (lambda h: [MoveCell("c0", h, "c0")], "after itself"),
        (lambda h: [MoveCell("c0", h, "gone")], "no longer has"),
        (lambda h: [ReplaceText("c0", h, (TextEdit(Span(0, 9), ""),))], "does not fit"),
        (lambda h: [ReplaceText("c0", h, ()), ReplaceText("c0", h, ())], "twice"),
        (lambda h: [ChangeKind("c0", "other", "raw")], "has changed"),
    ],
)
def test_an_edit_that_does_not_fit_says_why(operations, reason):
    before = notebook("abc")
    good = InsertCell(Cell("first", "code", ""), None)
    with pytest.raises(EditRejected, match=reason):
        apply_edit(before, NotebookEdit((good, *operations(before.cells[0].hash))))
    assert before == notebook("abc")


def test_replacing_a_cell_shares_the_index_of_a_large_notebook():
    before = notebook(*("x" for _ in range(10_000)))
    before.position("c9999")
    after = before.with_cell(replace(before.cells[5000], source="y"))
    assert after._index is before._index
    assert after.cell("c5000").source == "y"
    assert before.cell("c5000").source == "x"
