"""What is told of the text alone, and which cells are stale: kept true to edits and runs."""

from __future__ import annotations

from dataclasses import replace

from front import Front, retype, until

from cellwright.notebook.model import Cell
from cellwright.notebook.run import RunRecord
from cellwright.session.client import Finding, FindingsChanged
from cellwright.session.session import Session


def note(session: Session, *cells: str, status: str = "completed") -> None:
    """Tell the session that an editor ran cells with the text they have."""
    for cell in cells:
        source = session.notebook.cell(cell).source
        session.ran(RunRecord(cell, source, status, len(session.records) + 1))


def shown(front: Front, cell: str) -> tuple[Finding, ...]:
    told = [e for e in front.events if isinstance(e, FindingsChanged) and e.cell == cell]
    return told[-1].findings if told else ()


def order(session: Session, *cells: str) -> None:
    """Put the cells in another order, or leave some out."""
    removed = {cell.id for cell in session.notebook} - set(cells)
    notebook = session.notebook.with_cells(tuple(session.notebook.cell(c) for c in cells))
    session.update(notebook, changed=set(cells), removed=removed)


async def test_a_deleted_name_and_one_bound_below_are_told_with_their_cells(opened) -> None:
    async with opened(["a = 1", "del a", "print(a, b)", "b = 2"]) as (_, front):
        await until(lambda: len(front.findings("c3")) == 2)
        assert set(front.findings("c3")) == {"name-deleted", "name-bound-later"}
        messages = " ".join(finding.message for finding in shown(front, "c3"))
        assert "deleted in cell 2" in messages
        assert "further down, in cell 4" in messages
        related = [place.cell for finding in shown(front, "c3") for place in finding.related]
        assert "c4" in related


async def test_findings_follow_moves_and_removals(opened) -> None:
    async with opened(["a = 1", "print(a)"]) as (session, front):
        order(session, "c2", "c1")
        await until(lambda: front.findings("c2") == ("name-bound-later",))
        order(session, "c2")
        await until(lambda: front.findings("c2") == ("undefined-name",))


async def test_a_cell_that_ran_needs_no_warning_until_it_is_edited(opened) -> None:
    async with opened(["print(magic)"]) as (session, front):
        await until(lambda: front.findings("c1") == ("undefined-name",))
        note(session, "c1")
        await until(lambda: front.findings("c1") == ())
        retype(session, "c1", "print(magic, 1)")
        await until(lambda: "undefined-name" in front.findings("c1"))


async def test_text_and_other_languages_bind_nothing(opened) -> None:
    async with opened(["print(a)", "x"]) as (session, front):
        text = Cell("c2", "markdown", "a = 1")
        session.update(session.notebook.with_cell(text), changed=["c2"])
        await until(lambda: front.findings("c1") == ("undefined-name",))
        shell = Cell("c2", "code", "a=1", "bash")
        session.update(session.notebook.with_cell(shell), changed=["c2"])
        session.update(
            session.notebook.with_cell(replace(shell, language="python")), changed=["c2"]
        )
        await until(lambda: front.findings("c1") == ("name-bound-later",))


async def test_where_any_name_may_be_bound_nothing_is_said(opened) -> None:
    async with opened(["x = 1", "print(anything)"]) as (session, front):
        await until(lambda: front.findings("c2") == ("undefined-name",))
        retype(session, "c1", "from os import *")
        await until(lambda: front.findings("c2") == ())


async def test_text_that_does_not_parse_is_left_alone(opened) -> None:
    async with opened(["print(nowhere", "print(gone)"]) as (_, front):
        await until(lambda: front.findings("c2") == ("undefined-name",))
        assert front.findings("c1") == ()


async def test_stale_cells_say_why(opened) -> None:
    async with opened(["a = 1", "b = a", "c = b"]) as (session, front):
        note(session, "c1", "c2", "c3", "c1")
        await until(lambda: session.state("c3") == "stale")
        (finding,) = shown(front, "c2")
        assert finding.code == "stale-cell"
        assert "cell 1, which it reads from, ran after it" in finding.message
        assert "cell 2, which it reads from, is stale" in shown(front, "c3")[0].message
        note(session, "c2")
        assert session.state("c2") == "completed"
        await until(
            lambda: "cell 2, which it reads from, ran after" in shown(front, "c3")[0].message
        )
        note(session, "c3")
        await until(lambda: front.findings("c3") == ())


async def test_an_edit_taken_back_is_no_longer_stale(opened) -> None:
    async with opened(["a = 1"]) as (session, front):
        note(session, "c1")
        retype(session, "c1", "a = 2")
        await until(lambda: session.state("c1") == "stale")
        assert "its text has changed since it ran" in shown(front, "c1")[0].message
        retype(session, "c1", "a = 1")
        await until(lambda: session.state("c1") == "completed")
        assert shown(front, "c1") == ()


async def test_the_least_to_run_again_is_what_ran_and_depends(opened) -> None:
    async with opened(["a = 1", "b = a", "c = 5", "d = b", "e = a"]) as (session, _):
        note(session, "c1", "c2", "c3", "c4")
        await until(lambda: session.rerun_plan(["c1"]) == ("c1", "c2", "c4"))
        assert session.rerun_plan(["c3"]) == ("c3",)
        assert session.rerun_plan(["gone"]) == ()
        assert session.rerun_plan([]) == ()
