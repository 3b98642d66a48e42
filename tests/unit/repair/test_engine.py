"""From a reproduced failure to its offers, in real guests."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from failing import notebook_of

from cellwright.kernels.environment import Environment
from cellwright.notebook.apply import apply_edit, replace_text
from cellwright.notebook.edit import Span
from cellwright.repair import engine
from cellwright.repair.diagnose import failure_of
from cellwright.repair.model import Candidate, Failure, Repair, Rule
from cellwright.trials.model import Limits, Probe, Step, Verdict
from cellwright.trials.trial import Reproduction, run_through

Ready = Callable[..., Any]
ANY = frozenset({"Exception"})


@pytest.fixture
async def ready(tmp_path: Path) -> AsyncIterator[Ready]:
    """Return a function that runs cells until one fails, and gives the failure and its guest."""
    async with AsyncExitStack() as stack:

        async def run(*sources: str) -> tuple[Failure, Reproduction]:
            notebook = notebook_of(*sources)
            steps = [Step(cell.id, cell.source) for cell in notebook]
            environment = Environment((sys.executable,), str(tmp_path))
            baseline = await run_through(environment, steps, Limits(seconds=90), lambda _: None)
            assert baseline is not None
            await stack.enter_async_context(baseline)
            cell = notebook.cell(baseline.failing.cell)
            error = baseline.result.error
            assert error is not None
            return failure_of(notebook, cell, error, baseline.steps), baseline

        yield run


async def repaired(found: tuple[Failure, Reproduction], *, seconds: float = 90.0) -> Repair:
    return await engine.repair(*found, seconds=seconds, threshold=0.75)


def sources(failure: Failure, repair: Repair) -> list[str]:
    edit = repair.offers[0].candidate.edit
    assert edit is not None
    return [cell.source for cell in apply_edit(failure.notebook, edit).notebook]


def rule(*candidates: Candidate, name: str = "test") -> Rule:
    async def propose(failure: Failure, probe: Probe) -> Sequence[Candidate]:
        return candidates if failure.error.ename == "NameError" else ()

    return Rule(name, ANY, propose)


async def test_two_faults_in_a_cell_are_mended_as_one_edit(ready: Ready) -> None:
    found = await ready("total = 1\ncount = 2", "a = totl\nb = cuont\nprint(a + b)")
    repair = await repaired(found)
    assert sources(found[0], repair)[1] == "a = total\nb = count\nprint(a + b)"
    evidence = repair.offers[0].evidence
    assert evidence.verdict is Verdict.PASSED
    assert evidence.output == "3\n"


async def test_a_fault_behind_a_syntax_error_is_mended_with_it(ready: Ready) -> None:
    found = await ready("total = 1", "print((1, 2)\nprint(totl)")
    repair = await repaired(found)
    assert sources(found[0], repair)[1] == "print((1, 2))\nprint(total)"


async def test_what_nothing_mends_has_no_offers_and_says_what_was_tried(ready: Ready) -> None:
    found = await ready("total = 'a'", "print(totl + 1 + undefinable)")
    repair = await repaired(found)
    assert repair.offers == ()
    assert repair.unverifiable is None
    assert repair.dropped
    assert all(attempt.evidence.reason for attempt in repair.dropped)


async def test_when_the_time_is_spent_that_is_the_reason(ready: Ready) -> None:
    found = await ready("total = 1", "print(totl)")
    repair = await repaired(found, seconds=0.0)
    assert repair.offers == ()
    assert {a.evidence.verdict for a in repair.untried} == {Verdict.UNVERIFIABLE}
    assert "not reached" in repair.untried[0].evidence.reason


async def test_a_rule_or_trial_that_breaks_costs_only_its_own_candidates(
    ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await ready("total = 1", "print(totl)")

    async def breaks(failure: Failure, probe: Probe) -> Sequence[Candidate]:
        raise RuntimeError("a rule with a bug")

    cell = found[0].cell
    good = Candidate("good", "test", 0.9, replace_text(cell, (Span(6, 10), "total")))
    bad = Candidate("bad", "test", 0.8, replace_text(cell, (Span(6, 10), "1")))
    rules = (Rule("broken", ANY, breaks), rule(good, bad))
    monkeypatch.setattr(engine.rules, "load", lambda: rules)
    guard = engine.hides_error

    def broken(before: str, after: str, statement: Span | None) -> str | None:
        if after == "print(1)":
            raise RuntimeError("a guard with a bug")
        return guard(before, after, statement)

    monkeypatch.setattr(engine, "hides_error", broken)
    repair = await repaired(found)
    assert [offer.candidate.title for offer in repair.offers] == ["good"]
    assert [attempt.candidate.title for attempt in repair.untried] == ["bad"]


async def test_each_edit_is_tried_once_and_each_install_is_listed(
    ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await ready("total = 1", "print(totl)")
    edit = replace_text(found[0].cell, (Span(6, 10), "total"))
    once = Candidate("likelier", "a", 0.9, edit)
    twice = Candidate("less likely", "b", 0.5, edit)
    installs = [Candidate(f"Install {x}", "c", 0.5, untried="it installs") for x in "xy"]
    monkeypatch.setattr(engine.rules, "load", lambda: (rule(twice, once, *installs),))
    repair = await repaired(found)
    assert [offer.candidate.title for offer in repair.offers] == ["likelier"]
    assert [a.candidate.title for a in repair.untried] == ["Install x", "Install y"]


async def test_a_fix_has_to_pass_with_the_text_the_document_has_now(
    ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    failure, baseline = await ready("total = 1", "print(totl)")
    edited = replace(failure, current=(Step("c1", "sum_ = 1"),))
    repair = await repaired((edited, baseline))
    assert repair.offers == ()
    assert any("total" in a.evidence.reason for a in repair.dropped)
    same = replace(failure, current=(Step("c1", "total = 2"),))
    assert (await repaired((same, baseline))).offers


async def test_hiding_the_error_is_refused(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await ready("total = 1", "x = totl")
    cell = found[0].cell
    whole = Span(0, len(cell.source))
    hidden = Candidate("hide", "test", 0.9, replace_text(cell, (whole, "pass")))
    monkeypatch.setattr(engine.rules, "load", lambda: (rule(hidden),))
    repair = await repaired(found)
    assert repair.offers == ()
    assert [attempt.candidate.title for attempt in repair.dropped] == ["hide"]
