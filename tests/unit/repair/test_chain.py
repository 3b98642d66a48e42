"""When a failed candidate is carried on with, and what two of them make together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from failing import failure, notebook_of

from cellwright.notebook.apply import apply_edit, replace_text
from cellwright.notebook.edit import Span
from cellwright.notebook.run import CellError, Frame
from cellwright.repair.chain import joined, moved_on
from cellwright.repair.model import Attempt, Candidate
from cellwright.trials.model import Evidence, Verdict

NOTEBOOK = notebook_of("a = totl\nb = cuont\n")
FOUND = failure(NOTEBOOK, "c1", evalue="name 'totl' is not defined", line=1)
FIRST = Candidate(
    "Rename `totl` to `total`",
    "names",
    0.9,
    replace_text(NOTEBOOK.cell("c1"), (Span(4, 8), "total")),
)


def attempt(line: int, candidate: Candidate = FIRST, **error: str) -> Attempt:
    frames = (Frame("<cell>", line, cell="c1"),)
    came = CellError(
        error.get("ename", "NameError"),
        error.get("evalue", "name 'cuont' is not defined"),
        frames,
    )
    return Attempt(candidate, Evidence(Verdict.FAILED, "the cell still fails", error=came))


def test_a_later_error_is_carried_on_from() -> None:
    assert moved_on(FOUND, attempt(2))


def test_the_same_error_counts_when_it_comes_from_a_later_statement() -> None:
    assert moved_on(FOUND, attempt(2, evalue="name 'totl' is not defined"))
    assert not moved_on(FOUND, attempt(1, evalue="name 'totl' is not defined"))


def test_another_error_of_the_same_statement_counts_for_a_sure_candidate_only() -> None:
    assert moved_on(FOUND, attempt(1, ename="TypeError"))
    assert not moved_on(FOUND, attempt(1, replace(FIRST, prior=0.4), ename="TypeError"))


@pytest.mark.parametrize(
    "candidate",
    [
        replace(FIRST, guesses="what it means"),
        Candidate("Run cell 2", "run", 0.9, run_first=("c2",)),
    ],
)
def test_guesses_and_runs_are_not_carried_on_from(candidate: Candidate) -> None:
    assert not moved_on(FOUND, attempt(2, candidate))


def test_a_new_syntax_error_is_no_progress() -> None:
    assert not moved_on(FOUND, attempt(2, ename="SyntaxError"))


def test_an_error_outside_the_cell_is_no_progress() -> None:
    elsewhere = CellError("KeyError", "'x'", (Frame("<cell>", 1, cell="c9"),))
    tried = Attempt(FIRST, Evidence(Verdict.FAILED, "a cell before it fails", error=elsewhere))
    assert not moved_on(FOUND, tried)


def test_any_error_after_a_syntax_error_is_progress() -> None:
    notebook = notebook_of("a = (1\nb = nope")
    found = failure(notebook, "c1", ename="SyntaxError", evalue="'(' was never closed")
    closing = replace(FIRST, edit=replace_text(notebook.cell("c1"), (Span(6, 6), ")")))
    assert moved_on(found, attempt(1, closing))


def test_two_repairs_become_one_edit_of_the_notebook_that_failed() -> None:
    middle = apply_edit(NOTEBOOK, FIRST.edit).notebook
    second = replace(
        FIRST,
        title="Rename `cuont` to `count`",
        prior=0.8,
        edit=replace_text(middle.cell("c1"), (Span(14, 19), "count")),
        guesses="that count was meant",
    )
    both = joined(FOUND, FIRST, second)
    assert both is not None
    assert apply_edit(NOTEBOOK, both.edit).notebook.cell("c1").source == "a = total\nb = count\n"
    assert both.title == "Rename `totl` to `total`; rename `cuont` to `count`"
    assert both.prior == pytest.approx(0.72)
    assert both.guesses == "that count was meant"


def test_repairs_that_do_not_go_together_are_not_joined() -> None:
    stale = replace_text(NOTEBOOK.cell("c1"), (Span(13, 18), "count"))
    assert joined(FOUND, FIRST, replace(FIRST, edit=stale)) is None
    assert joined(FOUND, FIRST, replace(FIRST, edit=None)) is None
    assert joined(FOUND, FIRST, replace(FIRST, untried="it needs the network")) is None
