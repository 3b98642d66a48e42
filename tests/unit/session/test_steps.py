"""What a trial replays: the runs that were seen, or the document where they are missing."""

from __future__ import annotations

from typing import Any

import pytest
from failing import notebook_of

from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import RunRecord
from cellwright.session.history import History
from cellwright.session.steps import as_document, document_steps, steps_before
from cellwright.trials.model import Step

NOTEBOOK = notebook_of("a = 1", "b = 2", "c = 3", "d = 4")


def ran(cell: str, count: int | None, source: str = "", **more: Any) -> RunRecord:
    text = source or NOTEBOOK.cell(cell).source
    return RunRecord(cell, text, more.pop("status", "completed"), count, **more)


def test_records_are_replayed_in_run_order_with_what_ran() -> None:
    records = [ran("c2", 1), ran("c1", 2, "a = 0"), ran("c2", 3, status="failed")]
    assert steps_before(NOTEBOOK, NOTEBOOK.cell("c3"), records) == (
        Step("c2", "b = 2"),
        Step("c1", "a = 0"),
        Step("c2", "b = 2", may_fail=True),
    )


def test_after_attaching_late_the_document_stands_in_for_what_was_missed() -> None:
    records = [ran("c3", 7, "c = 30")]
    assert steps_before(NOTEBOOK, NOTEBOOK.cell("c4"), records) == (
        Step("c1", "a = 1"),
        Step("c2", "b = 2"),
        Step("c3", "c = 30"),
    )
    assert [s.cell for s in steps_before(NOTEBOOK, NOTEBOOK.cell("c2"), [])] == ["c1"]


def test_only_cells_with_code_run_and_an_error_that_is_meant_may_come() -> None:
    notebook = Notebook(
        (
            Cell("text", "markdown", "# Title"),
            Cell("empty", "code", "  \n"),
            Cell("meant", "code", "1 / 0", metadata={"tags": ["raises-exception"]}),
            Cell("odd", "code", "x = 1", metadata={"tags": "raises-exception"}),
        )
    )
    assert document_steps(notebook) == (Step("meant", "1 / 0", may_fail=True), Step("odd", "x = 1"))


@pytest.mark.parametrize(
    ("steps", "current"),
    [
        ([Step("c1", "a = 1"), Step("c2", "b = 2")], None),
        ([Step("c1", "a = 0")], [Step("c1", "a = 1")]),
        ([Step("c1", "a = 1"), Step("gone", "x = 1")], [Step("c1", "a = 1")]),
        (
            [Step("c1", "a = 1"), Step("c2", "b = 2"), Step("c1", "a = 1")],
            [Step("c2", "b = 2"), Step("c1", "a = 1")],
        ),
        ([Step("c1", "a = 1", may_fail=True)], None),
    ],
)
def test_steps_as_the_document_has_them_now(steps: list[Step], current: list[Step] | None) -> None:
    assert as_document(NOTEBOOK, steps) == (None if current is None else tuple(current))


def test_history_tells_what_ran_before_the_last_run_of_a_cell() -> None:
    history = History()
    for record in (ran("c1", 1, duration=2.0), ran("c3", 2, duration=1.5), ran("c2", 3)):
        history.add(record)
    assert [s.cell for s in history.steps_before(NOTEBOOK, NOTEBOOK.cell("c3"))] == ["c1"]
    assert [s.cell for s in history.steps_before(NOTEBOOK, NOTEBOOK.cell("c2"))] == ["c1", "c3"]
    assert [s.cell for s in history.steps_before(NOTEBOOK, NOTEBOOK.cell("c4"))] == [
        "c1",
        "c2",
        "c3",
    ]
    assert history.seconds_before(NOTEBOOK.cell("c2")) == 3.5
    assert history.last("c3") == ran("c3", 2, duration=1.5)
    assert history.last("c4") is None


def test_how_long_runs_took_is_not_known_where_one_was_not_timed_or_seen() -> None:
    history = History()
    history.add(ran("c1", 1))
    history.add(ran("c2", 2, duration=1.0))
    assert history.seconds_before(NOTEBOOK.cell("c2")) is None
    assert history.seconds_before(NOTEBOOK.cell("c3")) is None
    late = History()
    late.add(ran("c1", 5, duration=1.0))
    late.add(ran("c2", 6, duration=1.0))
    assert late.seconds_before(NOTEBOOK.cell("c2")) is None


def test_a_restart_begins_a_new_epoch() -> None:
    history = History()
    history.add(ran("c1", 1))
    assert history.restart() == ("c1",)
    assert (history.records, history.last("c1"), history.epoch) == ((), None, 1)
