"""The work on one failure: what is replayed, what is told when nothing can be tried."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from front import notebook_of, open_session, retype, until

from cellwright.kernels.protocol import KernelFault
from cellwright.notebook.model import Cell
from cellwright.notebook.run import CellError, Frame, RunRecord
from cellwright.session.offers import OfferWithdrawn
from cellwright.session.session import Session
from cellwright.session.settings import Settings


def failed(cell: str, source: str, count: int, ename: str, evalue: str) -> RunRecord:
    error = CellError(ename, evalue, (Frame("<cell>", 1, cell=cell),), bases=(ename, "Exception"))
    return RunRecord(cell, source, "failed", count, duration=0.1, error=error)


def note_runs(session: Session, seconds: float) -> None:
    """Tell the session that an editor ran all cells, and that the last one failed."""
    *before, last = session.notebook.code_cells
    for count, cell in enumerate(before, 1):
        session.ran(RunRecord(cell.id, cell.source, "completed", count, duration=seconds))
    evalue = "name 'train_dta' is not defined"
    session.ran(failed(last.id, last.source, len(before) + 1, "NameError", evalue))


async def test_a_misspelt_name_is_found_outside_the_slice_that_is_replayed(
    opened,
) -> None:
    sources = [
        "unneeded = 1",
        "rows = [3, 1, 2]",
        "class Table:\n    size = 3\ntrain_data = Table()",
        "print(train_dta.size)",
    ]
    async with opened(sources) as (session, front):
        note_runs(session, seconds=60.0)
        await until(lambda: front.offers("c4"))
        offer = session.repair("c4").offers[0]
        assert offer.candidate.title == "Rename `train_dta` to `train_data`"
        assert offer.preferred
        assert offer.evidence.steps == 2


async def test_quick_runs_are_replayed_whole(opened, tmp_path: Path) -> None:
    sources = ["open('ran', 'w').close()\nunneeded = 1", "train_data = 1", "print(train_dta)"]
    async with opened(sources) as (session, front):
        note_runs(session, seconds=0.1)
        await until(lambda: front.offers("c3"))
        assert (tmp_path / "ran").exists()


async def test_an_edit_during_a_trial_withdraws_what_it_finds(opened, tmp_path: Path) -> None:
    sources = [
        "import os, time\nopen('begun', 'w')\nwhile not os.path.exists('go'): time.sleep(.02)",
        "total = 1",
        "print(totl)",
    ]
    async with opened(sources) as (session, front):
        fixing = asyncio.ensure_future(session.fix("c3"))
        await until((tmp_path / "begun").exists)
        retype(session, "c2", "total = 2")
        (tmp_path / "go").touch()
        repair = await fixing
        assert repair.offers == ()
        assert "changed" in repair.unverifiable
        assert session.repair("c3") is None
        assert front.offers("c3") == ()
        assert (await session.fix("c3")).offers


async def test_each_failure_is_diagnosed_at_once_though_trials_wait(opened, tmp_path: Path) -> None:
    hold = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)\n"
    async with opened([hold + "nope", "total = 1", "print(totl)"]) as (session, front):
        first = asyncio.ensure_future(session.fix("c1"))
        await until(lambda: front.questions)
        session.ran(RunRecord("c2", "total = 1", "completed", 1, duration=0.1))
        session.ran(failed("c3", "print(totl)", 2, "NameError", "name 'totl' is not defined"))
        await until(lambda: "undefined-name" in front.findings("c3"))
        assert front.offers("c3") == ()
        (tmp_path / "go").touch()
        await first
        await until(lambda: front.offers("c3"))


async def test_asking_gets_trials_while_an_unasked_diagnosis_is_under_way(opened) -> None:
    async with opened(["total = 1", "print(totl)"], automatic=False) as (session, _):
        session.ran(RunRecord("c1", "total = 1", "completed", 1, duration=0.1))
        session.ran(failed("c2", "print(totl)", 2, "NameError", "name 'totl' is not defined"))
        assert (await session.fix("c2")).offers


async def test_what_holds_nothing_to_run_has_no_failure(opened) -> None:
    async with opened(["nope", " \n", "x = 1"]) as (session, front):
        text = replace(session.notebook.cell("c3"), kind="markdown")
        session.update(session.notebook.with_cell(text), changed=["c3"])
        assert await session.fix("c2") is None
        assert await session.fix("c3") is None
        assert not front.questions
        assert await session.run(["c2", "c3"]) == ()


async def test_turning_a_failed_cell_into_text_clears_its_failure(opened) -> None:
    async with opened(["total = 1", "print(totl)"]) as (session, front):
        assert (await session.fix("c2")).offers
        text = replace(session.notebook.cell("c2"), kind="markdown")
        session.update(session.notebook.with_cell(text), changed=["c2"])
        assert session.repair("c2") is None
        assert front.findings("c2") == ()


async def test_editing_the_cell_a_failure_shows_in_clears_it_there(opened) -> None:
    sources = ["def half(n):\n    return n / divisr", "divisor = 2", "half(4)"]
    async with opened(sources) as (session, front):
        repair = await session.fix("c3")
        assert repair.diagnosis.cell == "c1"
        assert "undefined-name" in front.findings("c1")
        retype(session, "c1", "def half(n):\n    return n / 2")
        await until(lambda: front.findings("c1") == ())
        assert session.repair("c3") is None


async def test_a_kernel_that_is_not_python_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "data" / "kernels" / "shell"
    spec.mkdir(parents=True)
    argv = ["/bin/sh", "-c", "touch ran", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Shell", "language": "bash"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "data"))
    session, front = open_session(["echo $x"], tmp_path)
    cells = (Cell("c1", "code", "ls nowhere", "bash"),)
    session.update(
        replace(notebook_of([]), cells=cells, language="bash", kernel_name="shell"), changed=["c1"]
    )
    with pytest.raises(KernelFault, match="a trial runs Python, and the kernel shell does not"):
        await session.fix("c1")
    session.ran(failed("c1", "ls nowhere", 1, "Error", "no such file"))
    await until(lambda: session.repair("c1"))
    assert session.repair("c1").unverifiable == (
        "cells in bash can be run, but not repaired by rule"
    )
    assert front.findings("c1") == ("error",)
    assert not (tmp_path / "ran").exists()
    await session.close()


async def test_a_missing_kernel_is_told_with_the_failure(tmp_path: Path) -> None:
    settings = Settings(kernel_name="gone-kernel")
    session, front = open_session(["total = 1", "print(totl)"], tmp_path, settings=settings)
    with pytest.raises(KernelFault, match="gone-kernel"):
        await session.fix("c2")
    session.ran(RunRecord("c1", "total = 1", "completed", 1, duration=0.1))
    session.ran(failed("c2", "print(totl)", 2, "NameError", "name 'totl' is not defined"))
    await until(lambda: session.repair("c2"))
    assert "gone-kernel" in session.repair("c2").unverifiable
    assert front.findings("c2") == ("undefined-name",)
    await session.close()


async def test_what_asks_for_input_cannot_be_tried(opened) -> None:
    async with opened(["name = input()", "print(nam)"]) as (session, _):
        with pytest.raises(KernelFault, match="needs input"):
            await session.fix("c2")


async def test_a_cell_that_is_gone_cannot_be_fixed_or_its_offer_applied(opened) -> None:
    async with opened(["total = 1", "print(totl)"]) as (session, _):
        offer = (await session.fix("c2")).offers[0].id
        cells = (session.notebook.cell("c1"),)
        session.update(session.notebook.with_cells(cells), changed=[], removed=["c2"])
        with pytest.raises(OfferWithdrawn):
            await session.apply(offer)
        with pytest.raises(KeyError):
            await session.fix("c2")
