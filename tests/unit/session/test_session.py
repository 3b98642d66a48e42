"""A session with a real kernel and real trials."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from front import Front, open_session, retype, until

from cellwright.session.offers import OfferWithdrawn
from cellwright.session.session import Session
from cellwright.session.settings import Settings

FAILING = ["import math", "radius = 3", "area = math.pi * raduis ** 2", "print(round(area))"]

Opened = Callable[..., Any]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def opening(sources: list[str], **options: Any) -> AsyncIterator[tuple[Session, Front]]:
        session, front = open_session(sources, tmp_path, **options)
        try:
            yield session, front
        finally:
            await session.close()

    return opening


async def test_a_failure_is_diagnosed_fixed_applied_and_runs(opened: Opened) -> None:
    async with opened(FAILING) as (session, front):
        records = await session.run(["c1", "c2", "c3", "c4"])
        assert [record.status for record in records] == ["completed", "completed", "failed"]
        await until(lambda: front.offers("c3"))
        repair = session.repair("c3")
        assert repair is not None
        assert repair.offers[0].preferred
        assert repair.offers[0].evidence.sandbox == "none"
        assert session.state("c3") == "failed"
        receipt = await session.apply(repair.offers[0].id)
        assert receipt.status == "applied"
        assert session.notebook.cell("c3").source == "area = math.pi * radius ** 2"
        again = await session.run(session.rerun_plan(["c3"]))
        assert [record.status for record in again] == ["completed"]
        assert front.findings("c3") == ()
        assert front.states("c3")[:2] == ["running", "failed"]
        assert front.states("c3")[-1] == "completed"


async def test_an_applied_fix_can_be_undone(opened: Opened) -> None:
    async with opened(FAILING) as (session, front):
        await session.run(["c1", "c2", "c3"])
        await until(lambda: front.offers("c3"))
        offer = front.offers("c3")[0]
        await session.apply(offer)
        receipt = await session.undo(offer)
        assert receipt.status == "applied"
        assert session.notebook.cell("c3").source == FAILING[2]
        with pytest.raises(OfferWithdrawn):
            await session.undo(offer)


async def test_an_offer_is_withdrawn_when_a_cell_it_rests_on_is_edited(opened: Opened) -> None:
    async with opened(FAILING) as (session, front):
        await session.run(["c1", "c2", "c3"])
        await until(lambda: front.offers("c3"))
        offer = front.offers("c3")[0]
        retype(session, "c2", "radius = 4")
        assert front.offers("c3") == ()
        with pytest.raises(OfferWithdrawn):
            await session.apply(offer)
        assert session.notebook.cell("c3").source == FAILING[2]
        assert front.findings("c3") == ("undefined-name",)


async def test_editing_the_failed_cell_clears_its_failure(opened: Opened) -> None:
    async with opened(FAILING) as (session, front):
        await session.run(["c1", "c2", "c3"])
        await until(lambda: front.offers("c3"))
        retype(session, "c3", "area = 1")
        assert session.repair("c3") is None
        assert "undefined-name" not in front.findings("c3")


async def test_the_trial_does_not_touch_the_users_kernel(opened: Opened) -> None:
    sources = ["items = []", "items.append(1)\nprint(len(items), itmes)", "print(len(items))"]
    async with opened(sources) as (session, front):
        await session.run(["c1", "c2"])
        await until(lambda: front.offers("c2"))
        (record,) = await session.run(["c3"])
        assert record.outputs[0].text == "1\n"


async def test_without_consent_nothing_is_tried_and_that_is_said(opened: Opened) -> None:
    async with opened(FAILING, consent=False) as (session, front):
        await session.run(["c1", "c2", "c3"])
        await until(lambda: session.repair("c3"))
        repair = session.repair("c3")
        assert repair.offers == ()
        assert repair.unverifiable == "no sandbox, no consent"
        assert front.questions


async def test_outside_the_workspace_nothing_runs_unasked(opened: Opened) -> None:
    async with opened(FAILING, automatic=False) as (session, front):
        await session.run(["c1", "c2", "c3"])
        await until(lambda: session.repair("c3"))
        assert front.questions == []
        assert session.repair("c3").offers == ()
        repair = await session.fix("c3")
        assert repair.offers


async def test_a_failure_in_a_function_of_another_cell_is_shown_there(opened: Opened) -> None:
    sources = ["def half(n):\n    return n / too", "too = 2", "def unused():\n    pass", "half(4)"]
    sources[0] = "def half(n):\n    return n / divisr"
    sources[1] = "divisor = 2"
    async with opened(sources) as (session, front):
        await session.run(["c1", "c2", "c4"])
        await until(lambda: front.offers("c4"))
        repair = session.repair("c4")
        assert repair.diagnosis.cell == "c1"
        assert sources[0][repair.diagnosis.span.start :].startswith("divisr")
        assert [held.cell for held in session.repairs_at("c1")] == ["c4"]
        assert "undefined-name" in front.findings("c1")
        await session.apply(repair.offers[0].id)
        assert "divisor" in session.notebook.cell("c1").source


async def test_fixing_a_cell_that_never_ran_runs_it_in_a_trial(opened: Opened) -> None:
    async with opened(["x = 1", "print(x)", "print(y)\ny = 2"]) as (session, _):
        assert await session.fix("c2") is None
        assert session.records == ()
        repair = await session.fix("c3")
        assert repair.diagnosis.ename == "NameError"
        assert session.records == ()


async def test_undefined_names_are_found_without_running(opened: Opened) -> None:
    async with opened(["print(later)", "later = 1", "print(nowhere)", "import os"]) as (_, front):
        await until(lambda: front.findings("c3"))
        assert front.findings("c1") == ("name-bound-later",)
        assert front.findings("c3") == ("undefined-name",)
        assert front.findings("c4") == ()


async def test_findings_follow_the_text(opened: Opened) -> None:
    async with opened(["a = 1", "print(a)"]) as (session, front):
        retype(session, "c1", "b = 1")
        await until(lambda: front.findings("c2") == ("undefined-name",))
        retype(session, "c1", "a = 2")
        await until(lambda: front.findings("c2") == ())


async def test_states_follow_edits_runs_and_restarts(opened: Opened) -> None:
    async with opened(["a = 1", "b = a + 1", "c = 5"]) as (session, _):
        assert set(session.states().values()) == {"idle"}
        await session.run(["c1", "c2", "c3"])
        await until(lambda: set(session.states().values()) == {"completed"})
        retype(session, "c1", "a = 2")
        await until(lambda: session.state("c1") == "stale")
        await session.run(["c1"])
        await until(lambda: session.state("c2") == "stale")
        assert session.state("c1") == "completed"
        assert session.state("c3") == "completed"
        assert session.rerun_plan(["c1"]) == ("c1", "c2")
        await session.restart()
        await until(lambda: set(session.states().values()) == {"idle"})


async def test_a_kernel_that_dies_is_told_of_and_replaced(opened: Opened) -> None:
    async with opened(["import os", "os._exit(3)", "print('alive')"]) as (session, _):
        records = await session.run(["c1", "c2", "c3"])
        assert [record.status for record in records] == ["completed", "died"]
        (record,) = await session.run(["c3"])
        assert record.status == "completed"


async def test_a_cell_is_stopped_at_its_time_limit(opened: Opened) -> None:
    settings = Settings(cell_seconds=1.0)
    async with opened(["while True: pass"], settings=settings) as (session, _):
        (record,) = await session.run(["c1"])
        assert record.status == "interrupted"
