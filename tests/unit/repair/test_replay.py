"""What a candidate makes of the replay: which sources run, in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from failing import failure, notebook_of

from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import (
    DeleteCell,
    EditRejected,
    InsertCell,
    MoveCell,
    NotebookEdit,
    Span,
)
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import CellError
from cellwright.repair.model import Candidate, Failure
from cellwright.repair.replay import lost_names, rehearse, sliced, sliced_for, text_edits_of
from cellwright.trials.model import Step

NOTEBOOK = notebook_of("totl = 1", "y = 2", "print(total)", "z = 3")


def change(notebook: Notebook, cell: str, old: str, new: str) -> Candidate:
    found = notebook.cell(cell)
    start = found.source.index(old)
    edit = replace_text(found, (Span(start, start + len(old)), new))
    return Candidate("change", "rule", 0.9, edit)


def edited(*operations: object) -> Candidate:
    return Candidate("edit", "rule", 0.9, NotebookEdit(operations))  # type: ignore[arg-type]


def run(found: Failure, candidate: Candidate) -> list[str]:
    rehearsal = rehearse(found, candidate)
    return [step.source for step in rehearsal.steps] + [rehearsal.failing.source]


def test_text_of_the_failing_cell_runs_in_its_place() -> None:
    found = failure(NOTEBOOK, "c3", ran=["c1", "c2"])
    candidate = change(NOTEBOOK, "c3", "total", "totl")
    assert run(found, candidate) == ["totl = 1", "y = 2", "print(totl)"]
    rehearsal = rehearse(found, candidate)
    (span,) = rehearsal.must_run
    assert rehearsal.failing.source[span.start : span.end] == "print(totl)"


def test_text_of_an_earlier_cell_runs_where_that_cell_ran() -> None:
    found = failure(NOTEBOOK, "c3", ran=["c1", "c2"])
    assert run(found, change(NOTEBOOK, "c1", "totl", "total")) == [
        "total = 1",
        "y = 2",
        "print(total)",
    ]


def test_only_the_last_run_of_a_cell_gets_its_new_text() -> None:
    ran = [Step("c1", "old = 0"), Step("c1", "totl = 1")]
    found = failure(NOTEBOOK, "c3", ran=ran)
    assert run(found, change(NOTEBOOK, "c1", "totl", "total"))[:2] == ["old = 0", "total = 1"]


def test_an_edited_cell_that_had_failed_has_to_run_whole() -> None:
    ran = [Step("c1", "totl = 1", may_fail=True), Step("c2", "y = 2", may_fail=True)]
    found = failure(NOTEBOOK, "c3", ran=ran)
    steps = rehearse(found, change(NOTEBOOK, "c1", "totl", "total")).steps
    assert [step.may_fail for step in steps] == [False, True]


def test_an_inserted_cell_runs_where_it_stands() -> None:
    found = failure(NOTEBOOK, "c3", ran=["c1", "c2"])
    new = Cell("new", "code", "total = 0")
    assert run(found, edited(InsertCell(new, None)))[0] == "total = 0"
    assert run(found, edited(InsertCell(new, "c2"))) == [
        "totl = 1",
        "y = 2",
        "total = 0",
        "print(total)",
    ]
    text = Cell("new", "markdown", "# Title")
    assert "# Title" not in run(found, edited(InsertCell(text, None)))
    below = run(found, edited(InsertCell(new, "c3")))
    assert "total = 0" not in below


def test_a_moved_cell_runs_where_it_comes_to_stand() -> None:
    found = failure(NOTEBOOK, "c3", ran=["c1", "c2"])
    up = MoveCell("c4", NOTEBOOK.cell("c4").hash, "c1")
    assert run(found, edited(up)) == ["totl = 1", "z = 3", "y = 2", "print(total)"]


def test_a_deleted_cell_runs_no_more() -> None:
    found = failure(NOTEBOOK, "c3", ran=["c1", "c2"])
    assert run(found, edited(DeleteCell("c2", NOTEBOOK.cell("c2").hash))) == [
        "totl = 1",
        "print(total)",
    ]


def test_cells_to_run_first_run_right_before_and_replace_their_half_run() -> None:
    ran = ["c1", Step("c2", "y = 2", may_fail=True)]
    found = failure(NOTEBOOK, "c3", ran=ran)
    candidate = Candidate("run", "rule", 0.9, run_first=("c4", "c2"))
    rehearsal = rehearse(found, candidate)
    assert [step.cell for step in rehearsal.steps] == ["c1", "c4", "c2"]
    assert not any(step.may_fail for step in rehearsal.steps)


def test_a_cell_that_ran_and_is_gone_still_runs() -> None:
    found = failure(NOTEBOOK, "c3", ran=["c1", Step("gone", "side = 1")])
    assert "side = 1" in run(found, change(NOTEBOOK, "c3", "total", "totl"))


def test_only_the_slice_runs_where_all_would_take_too_long() -> None:
    found = replace(failure(NOTEBOOK, "c3", ran=["c1", "c2"]), sliced=True)
    assert run(found, change(NOTEBOOK, "c3", "total", "totl")) == ["totl = 1", "print(totl)"]
    # What the new text reads decides, not what the old text read.
    assert run(found, change(NOTEBOOK, "c3", "total", "y")) == ["y = 2", "print(y)"]


def test_a_slice_holds_what_a_misspelt_name_may_have_meant() -> None:
    steps = [Step("a", "base = 20"), Step("b", "total = base + 1"), Step("c", "other = 5")]
    failing = Step("d", "print(totl)")
    error = CellError("NameError", "name 'totl' is not defined", attributes={"name": "totl"})
    assert sliced(steps, failing) == ()
    assert [step.cell for step in sliced_for(error, steps, failing)] == ["a", "b"]
    other = CellError("TypeError", "no")
    assert sliced_for(other, steps, failing) == ()


def test_an_edit_that_does_not_fit_is_rejected() -> None:
    found = failure(NOTEBOOK, "c3", ran=["c1"])
    with pytest.raises(EditRejected):
        rehearse(found, edited(DeleteCell("c1", "another hash")))


def test_every_statement_a_syntax_repair_changed_has_to_run() -> None:
    notebook = notebook_of("a = (1\nb = 2\nc = [3")
    found = failure(notebook, "c1", ename="SyntaxError", evalue="'(' was never closed")
    candidate = Candidate(
        "close",
        "rule",
        0.9,
        replace_text(notebook.cell("c1"), (Span(6, 6), ")"), (Span(19, 19), "]")),
    )
    source = rehearse(found, candidate).failing.source
    spans = rehearse(found, candidate).must_run
    assert [source[s.start : s.end] for s in spans] == ["a = (1)", "c = [3]"]


def test_names_the_cell_no_longer_binds_are_told() -> None:
    before = Cell("c", "code", "x = 1\ny = 2")
    after = Cell("c", "code", "y = 2")
    cut = text_edits_of(change(Notebook((before,)), "c", "x = 1\n", ""), "c")
    assert lost_names(before, after, cut) == frozenset()
    elsewhere = text_edits_of(change(Notebook((before,)), "c", "2", "3"), "c")
    assert lost_names(before, after, elsewhere) == {"x"}
    found = failure(Notebook((before,)), "c")
    assert rehearse(found, change(Notebook((before,)), "c", "2", "3")).must_bind == {"x", "y"}
