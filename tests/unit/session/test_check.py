"""A whole notebook run as a trial, each failure repaired on the way."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from failing import notebook_of

from cellwright.kernels.environment import Environment
from cellwright.notebook.apply import apply_edit
from cellwright.notebook.model import Cell, Notebook
from cellwright.repair.model import Offer
from cellwright.session.check import CellFailed, Check, check
from cellwright.session.settings import Settings


class Ran:
    """What was told of a check while it ran."""

    def __init__(self, folder: Path) -> None:
        self.environment = Environment((sys.executable,), str(folder))
        self.cells: list[str] = []

    async def check(self, notebook: Notebook, **options: Any) -> Check:
        environment = options.pop("environment", self.environment)
        settings = options.pop("settings", Settings())
        return await check(
            notebook,
            environment,
            settings,
            on_ran=lambda event: self.cells.append(event.cell),
            **options,
        )


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    return Ran(tmp_path)


async def test_failures_are_mended_one_after_the_other_into_one_edit(ran: Ran) -> None:
    notebook = notebook_of("total = 1", "print(totl)", "values = []\nvalues.apend(total)")
    outcome = await ran.check(notebook)
    assert outcome.stopped is None
    assert outcome.remaining == ()
    assert [failed.cell for failed in outcome.failures] == ["c2", "c3"]
    assert outcome.edit is not None
    assert apply_edit(notebook, outcome.edit).notebook.cells == outcome.notebook.cells
    assert outcome.notebook.cell("c2").source == "print(total)"
    assert ran.cells == ["c1", "c2", "c3"]
    assert outcome.ran == 3


async def test_what_cannot_be_mended_is_left_and_the_run_goes_on(ran: Ran) -> None:
    outcome = await ran.check(notebook_of("assert 1 == 2", "total = 1", "print(totl)"))
    assert [(f.cell, f.taken is not None) for f in outcome.failures] == [
        ("c1", False),
        ("c3", True),
    ]
    assert [failed.cell for failed in outcome.remaining] == ["c1"]
    assert ran.cells == ["c1", "c2", "c3"]


async def test_only_some_cells_are_mended(ran: Ran) -> None:
    notebook = notebook_of("total = 1", "print(totl)", "print(toatl)")
    outcome = await ran.check(notebook, only=frozenset({"c3"}))
    assert [f.cell for f in outcome.remaining] == ["c2"]
    assert outcome.remaining[0].repair.unverifiable == "no fix was asked for"
    assert outcome.notebook.cell("c3").source == "print(total)"


async def test_the_offer_that_is_chosen_is_taken(ran: Ran) -> None:
    notebook = notebook_of("total = 1", "print(totl)")

    async def none(failed: CellFailed) -> Offer | None:
        assert failed.repair.offers
        return None

    outcome = await ran.check(notebook, choose=none)
    assert outcome.edit is None
    assert len(outcome.remaining) == 1


async def test_an_error_that_is_meant_is_no_failure(ran: Ran) -> None:
    meant = Cell("meant", "code", "1 / 0", metadata={"tags": ["raises-exception"]})
    text = Cell("text", "markdown", "not code")
    notebook = Notebook((text, meant, Cell("empty", "code", ""), Cell("c", "code", "x = 1")))
    outcome = await ran.check(notebook)
    assert outcome.failures == ()
    assert ran.cells == ["meant", "c"]


async def test_what_stops_the_run_is_told_with_the_cell(ran: Ran) -> None:
    outcome = await ran.check(notebook_of("total = 1", "print(totl)", "input()", "y = 1"))
    assert outcome.stopped is not None
    assert outcome.stopped.startswith("cell 3 did not come to its end: needs input")
    assert outcome.edit is not None
    assert ran.cells == ["c1", "c2"]
    slow = await ran.check(notebook_of("while True: pass"), settings=Settings(replay_seconds=1.0))
    assert "cell 1" in slow.stopped
    assert "slower than" in slow.stopped


async def test_an_interpreter_that_does_not_start_stops_it(ran: Ran) -> None:
    gone = replace(ran.environment, argv=("/no/such/python",))
    outcome = await ran.check(notebook_of("x = 1"), environment=gone)
    assert "/no/such/python" in outcome.stopped
    assert outcome.ran == 0


async def test_a_kernel_that_is_not_python_is_not_tried(ran: Ran, tmp_path: Path) -> None:
    shell = Environment(("/bin/sh", "-c", "touch ran"), str(tmp_path), {}, "shell", "bash")
    notebook = Notebook((Cell("c1", "code", "ls", "bash"),), language="bash")
    outcome = await ran.check(notebook, environment=shell)
    assert "a trial runs Python, and the kernel shell does not" in outcome.stopped
    assert not (tmp_path / "ran").exists()


async def test_a_cell_in_another_language_is_run_but_not_mended(ran: Ran) -> None:
    cells = (Cell("c1", "code", "%%bash\nexit 3", "shellscript"), Cell("c2", "code", "x = 1"))
    outcome = await ran.check(Notebook(cells))
    (failed,) = outcome.remaining
    assert failed.diagnosis.ename == "CalledProcessError"
    assert "not repaired by rule" in failed.repair.unverifiable
    assert ran.cells == ["c1", "c2"]
