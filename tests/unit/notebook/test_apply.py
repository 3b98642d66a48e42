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


def notebook(*sources):
    return Notebook(tuple(Cell(f"c{i}", "code", source) for i, source in enumerate(sources)))


@pytest.fixture(scope="session")
def any_notebook(any_cell):
    """A strategy for notebooks of a few cells."""

    @st.composite
    def notebooks(draw, least=0):
        count = draw(st.integers(least, 5))
        return Notebook(tuple(draw(any_cell(f"c{i}")) for i in range(count)))

    return notebooks


@given(data=st.data())
def test_the_inverse_brings_the_notebook_back_and_its_inverse_the_edit(
    any_notebook, any_edit, data
):
    before = data.draw(any_notebook())
    applied = apply_edit(before, data.draw(any_edit(before)))
    back = apply_edit(applied.notebook, applied.inverse)
    assert back.notebook == before
    assert apply_edit(before, back.inverse).notebook == applied.notebook


@given(data=st.data())
def test_a_combined_edit_does_what_both_do_in_turn(any_notebook, any_edit, data):
    before = data.draw(any_notebook())
    first = data.draw(any_edit(before))
    middle = apply_edit(before, first).notebook
    second = data.draw(any_edit(middle))
    after = apply_edit(middle, second).notebook
    assert apply_edit(before, combine(first, second, before)).notebook == after


@given(data=st.data())
def test_an_edit_and_its_inverse_combined_change_nothing(any_notebook, any_edit, data):
    before = data.draw(any_notebook())
    first = data.draw(any_edit(before))
    inverse = apply_edit(before, first).inverse
    assert apply_edit(before, combine(first, inverse, before)).notebook == before


@given(data=st.data())
def test_an_edit_made_for_another_source_is_rejected_whole(any_notebook, any_edit, data):
    before = data.draw(any_notebook(least=1))
    edit = data.draw(any_edit(before))
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
