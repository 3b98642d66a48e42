"""Whatever is stopped, and whenever: no process stays, nothing starts again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from front import open_session, retype, until

from cellwright.kernels.protocol import KernelFault
from cellwright.session.offers import OfferWithdrawn
from cellwright.session.settings import Settings

SLEEPS = "open('begun', 'w').close()\nimport time\ntime.sleep(600)"
SLOW_FAILURE = "open('begun', 'a').write('x')\nimport time\ntime.sleep(600)\nnope"


async def test_closing_ends_the_run_under_way_and_drops_those_that_wait(
    tmp_path: Path, nothing_left
) -> None:
    session, front = open_session([SLEEPS, "x = 1", "y = 2"], tmp_path)
    running = asyncio.ensure_future(session.run(["c1", "c3"]))
    waiting = asyncio.ensure_future(session.run(["c2"]))
    await until((tmp_path / "begun").exists)
    await session.close()
    assert [record.status for record in await running] == ["died"]
    assert await waiting == ()
    assert await nothing_left()
    assert not front.questions
    with pytest.raises(KernelFault):
        await session.run(["c2"])
    await session.close()


async def test_closing_during_a_trial_leaves_no_process(tmp_path: Path, nothing_left) -> None:
    session, _ = open_session([SLOW_FAILURE], tmp_path)
    fixing = asyncio.ensure_future(session.fix("c1"))
    await until((tmp_path / "begun").exists)
    await session.close()
    assert await nothing_left()
    with pytest.raises(OfferWithdrawn):
        await fixing


async def test_cancelling_a_fix_ends_its_guests(opened, tmp_path: Path, nothing_left) -> None:
    async with opened([SLOW_FAILURE]) as (session, _):
        fixing = asyncio.ensure_future(session.fix("c1"))
        await until((tmp_path / "begun").exists)
        fixing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fixing
        assert await nothing_left()
        assert session.repair("c1") is None


async def test_editing_the_cell_ends_its_trial_and_tells_who_waits(
    opened, tmp_path: Path, nothing_left
) -> None:
    async with opened([SLOW_FAILURE]) as (session, _):
        fixing = asyncio.ensure_future(session.fix("c1"))
        await until((tmp_path / "begun").exists)
        retype(session, "c1", "x = 1")
        with pytest.raises(OfferWithdrawn, match="changed"):
            await fixing
        assert await nothing_left()


async def test_a_stopped_kernel_runs_nothing_that_was_asked_for_before(opened) -> None:
    async with opened(["import time\ntime.sleep(600)", "x = 1"]) as (session, front):
        await session.run(["c2"])
        for stop in (session.interrupt, session.restart):
            first = asyncio.ensure_future(session.run(["c1", "c2"]))
            second = asyncio.ensure_future(session.run(["c2"]))
            await until(lambda: session.state("c1") == "running" and session.kernel)
            await stop()
            assert [r.status in {"interrupted", "died"} for r in await first] == [True]
            assert await second == ()
        assert not front.questions
        await until(lambda: set(session.states().values()) == {"idle"})
        assert session.records == ()
        (record,) = await session.run(["c2"])
        assert record.status == "completed"
        assert record.execution_count == 1


async def test_an_interrupted_cell_is_not_tried_again_unasked(opened) -> None:
    settings = Settings(cell_seconds=1.0)
    async with opened(["while True: pass"], settings=settings) as (session, front):
        await session.run(["c1"])
        assert session.state("c1") == "failed"
        assert not front.questions
        assert session.repair("c1") is None


async def test_a_cell_that_killed_its_kernel_is_told_of_but_not_tried(opened) -> None:
    async with opened(["import os\nos._exit(3)", "totl = 1\nprint(total)"]) as (session, front):
        await session.run(["c1"])
        await until(lambda: session.repair("c1"))
        assert session.repair("c1").unverifiable == "its kernel died"
        assert front.findings("c1")
        assert not front.questions
        assert session.records == ()
        await until(lambda: front.states("c1")[-1] == "failed")
        # What the dead kernel ran is no part of a later trial.
        await session.run(["c2"])
        assert [o.candidate.title for o in (await session.fix("c2")).offers]


async def test_what_waits_runs_with_the_text_it_has_then(opened, tmp_path: Path) -> None:
    hold = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)"
    async with opened([hold, "print('old')", "print('gone')"]) as (session, _):
        running = asyncio.ensure_future(session.run(["c1", "c2", "c3"]))
        await until(lambda: session.state("c1") == "running")
        retype(session, "c2", "print('new')")
        cells = tuple(cell for cell in session.notebook.cells if cell.id != "c3")
        session.update(session.notebook.with_cells(cells), changed=[], removed=["c3"])
        (tmp_path / "go").touch()
        records = await running
        assert [record.cell for record in records] == ["c1", "c2"]
        assert records[1].outputs[0].text == "new\n"


async def test_a_cell_deleted_while_it_runs_is_forgotten(opened, tmp_path: Path) -> None:
    fails = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.02)\nnope"
    async with opened([fails, "x = 1"]) as (session, front):
        running = asyncio.ensure_future(session.run(["c1"]))
        await until(lambda: session.state("c1") == "running")
        session.update(
            session.notebook.with_cells((session.notebook.cell("c2"),)), changed=[], removed=["c1"]
        )
        (tmp_path / "go").touch()
        assert [record.status for record in await running] == ["failed"]
        assert session.states() == {"c2": "idle"}
        assert session.repair("c1") is None
        assert not front.questions


async def test_runs_restarts_and_shutdowns_at_once_leave_no_kernel(
    tmp_path: Path, nothing_left
) -> None:
    session, _ = open_session(["x = 1", "y = 2"], tmp_path)
    await session.run(["c1"])
    asked = [
        session.restart(),
        session.shutdown(),
        session.restart(),
        session.run(["c2"]),
        session.shutdown(),
    ]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    faults = [o for o in outcomes if isinstance(o, BaseException)]
    assert all(isinstance(fault, KernelFault) for fault in faults)
    assert session.kernel is None
    assert await nothing_left()
    (record,) = await session.run(["c2"])
    assert record.status == "completed"
    await session.close()
    assert await nothing_left()
