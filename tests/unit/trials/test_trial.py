from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.unit.trials.conftest import LIMITS, all_gone

from cellwright.notebook.edit import Span
from cellwright.notebook.run import CellError, Frame
from cellwright.trials.model import Step, Verdict
from cellwright.trials.trial import TrialFault, reproduce, run_through, try_candidate

DATA = Step("data", "d = {'price': 2}")
FAILING = Step("use", "print('before')\ntotal = d['prize']\nprint('after')")
KEY_ERROR = CellError("KeyError", "'prize'", (Frame("", 2, cell="use"),))


@pytest.fixture(autouse=True)
async def nothing_left_behind(tmp_path):
    yield
    assert await all_gone(tmp_path)


async def attempt(reproduction, source, *, run="", bind=(), steps=None):
    start = source.find(run)
    return await try_candidate(
        reproduction,
        steps=reproduction.steps if steps is None else steps,
        failing=replace(reproduction.failing, source=source),
        must_run=(Span(start, start + len(run)),) if run else (),
        must_bind=frozenset(bind),
    )


async def test_a_failure_is_reproduced_with_its_frames_and_answers(environment):
    async with await reproduce(
        environment, [DATA], [DATA], FAILING, KEY_ERROR, LIMITS
    ) as reproduction:
        assert reproduction.result.error.frame_in_cell().line == 2
        assert reproduction.result.output == "before\n"
        assert (await reproduction.probe.describe("d")).keys == ("price",)
        assert reproduction.steps == (DATA,)
        assert reproduction.python.startswith("3.")


async def test_candidates_pass_or_fail_by_running(environment):
    async with await reproduce(
        environment, [DATA], [DATA], FAILING, KEY_ERROR, LIMITS
    ) as reproduction:
        good = FAILING.source.replace("prize", "price")
        passed = await attempt(reproduction, good, run="total = d", bind={"total"})
        assert passed.verdict is Verdict.PASSED
        assert passed.output == "before\nafter\n"
        assert (passed.sandbox, passed.steps) == ("none", 2)
        still = await attempt(reproduction, FAILING.source.replace("prize", "prise"))
        assert still.verdict is Verdict.FAILED
        assert still.error.ename == "KeyError"
        assert "the cell still fails: KeyError" in still.reason
        skipped = await attempt(
            reproduction, "if not d:\n    total = d['price']\n", run="total = d"
        )
        assert (skipped.verdict, skipped.reason) == (
            Verdict.FAILED,
            "the repaired statement did not run",
        )
        unbound = await attempt(reproduction, "totl = d['price']", bind={"total"})
        assert (unbound.verdict, unbound.reason) == (Verdict.FAILED, "it no longer binds total")


async def test_a_candidate_sees_the_state_before_the_failure(environment):
    failing = Step("use", "d.pop('price')\nd['prize']")
    async with await reproduce(environment, [DATA], [DATA], failing, None, LIMITS) as reproduction:
        evidence = await attempt(reproduction, "d.pop('price')\nd")
        assert (evidence.verdict, evidence.result) == (Verdict.PASSED, "{}")


async def test_candidates_run_side_by_side(environment):
    async with await reproduce(environment, [DATA], [DATA], FAILING, None, LIMITS) as reproduction:
        sources = [f"total = {number}" for number in range(4)]
        found = await asyncio.gather(*(attempt(reproduction, source) for source in sources))
    assert [evidence.verdict for evidence in found] == [Verdict.PASSED] * 4


async def test_half_run_cells_leave_their_half(environment):
    steps = [Step("half", "a = 1\n1 / 0", may_fail=True), Step("half", "b = 1")]
    failing = Step("use", "a + b + c")
    async with await reproduce(environment, steps, steps, failing, None, LIMITS) as reproduction:
        assert (await attempt(reproduction, "a + b")).result == "2"


async def test_a_run_that_passed_must_pass_again(environment):
    steps = [Step("maybe", "x = 1", may_fail=True), Step("never", "no_such", may_fail=True)]
    failing = Step("use", "x + y")
    async with await reproduce(environment, steps, steps, failing, None, LIMITS) as reproduction:
        broken = [Step("maybe", "x = 1 / 0", may_fail=True), steps[1]]
        evidence = await attempt(reproduction, "1", steps=broken)
        assert evidence.verdict is Verdict.FAILED
        assert evidence.reason.startswith("a cell before it fails: ZeroDivisionError")
        assert (await attempt(reproduction, "x")).verdict is Verdict.PASSED


async def test_the_slice_is_widened_once_to_the_prefix(environment):
    prefix = [Step("hidden", "import os\nos.environ['SWITCH'] = '1'"), DATA]
    failing = Step("use", "import os\nif os.environ.get('SWITCH'):\n    d['prize']")
    async with await reproduce(
        environment, [DATA], prefix, failing, CellError("KeyError", ""), LIMITS
    ) as reproduction:
        assert reproduction.steps == tuple(prefix)


@pytest.mark.parametrize(
    ("failing", "expected", "reason"),
    [
        ("d['price']", CellError("KeyError", ""), "the cell ran without an error"),
        ("d['price']", None, "the cell ran without an error"),
        ("d['a']", CellError("NameError", ""), "another error, KeyError: 'a'"),
        ("x = 1\nd['a']", CellError("KeyError", "", (Frame("", 1, cell="use"),)), "another place"),
    ],
)
async def test_what_came_instead_is_told(environment, failing, expected, reason):
    with pytest.raises(TrialFault, match=r"could not reproduce .*" + reason):
        await reproduce(environment, [DATA], [DATA], Step("use", failing), expected, LIMITS)


async def test_lines_of_one_statement_are_one_place(environment):
    failing = Step("use", "print(\n    1,\n    d['prize'],\n)")
    expected = CellError("KeyError", "", (Frame("", 1, cell="use"),))
    async with await reproduce(environment, [DATA], [DATA], failing, expected, LIMITS) as found:
        assert found.result.error.frame_in_cell().line == 3


async def test_a_broken_slice_cannot_be_reproduced(environment):
    with pytest.raises(TrialFault, match=r"a cell before it failed: NameError"):
        await reproduce(
            environment, [Step("a", "nme")], [Step("a", "nme")], FAILING, KEY_ERROR, LIMITS
        )


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("input()", "needs input"),
        ("while True: pass", "slower than the budget (2 s)"),
        ("x = bytearray(10 << 30)", "out of memory"),
        ("import os\nos.kill(os.getpid(), 9)", "out of memory"),
        ("import os\nos.kill(os.getpid(), 11)", "SIGSEGV"),
        ("import os\nos._exit(0)", "exit status 0"),
    ],
)
async def test_what_cannot_be_judged_is_unverifiable(environment, source, reason):
    limits = replace(LIMITS, step_seconds=2.0)
    async with await reproduce(environment, [DATA], [DATA], FAILING, None, limits) as reproduction:
        evidence = await attempt(reproduction, source)
    assert evidence.verdict is Verdict.UNVERIFIABLE
    assert reason in evidence.reason
    with pytest.raises(TrialFault) as fault:
        await reproduce(environment, [], [], Step("a", source), None, limits)
    assert reason in str(fault.value)


async def test_a_memory_error_that_was_expected_can_be_repaired(environment):
    failing = Step("use", "x = bytearray(10 << 30)")
    async with await reproduce(
        environment, [], [], failing, CellError("MemoryError", ""), LIMITS
    ) as reproduction:
        assert (await attempt(reproduction, "x = bytearray(10)")).verdict is Verdict.PASSED


async def test_a_syntax_error_is_reproduced_at_its_place(environment):
    failing = Step("use", "x = 1\nprint x")
    expected = CellError("SyntaxError", "", (Frame("", 2, cell="use"),))
    async with await reproduce(environment, [], [], failing, expected, LIMITS) as reproduction:
        assert (await attempt(reproduction, "x = 1\nprint(x)")).output == "1\n"


async def test_a_notebook_is_run_through_to_its_first_failure(environment):
    steps = [DATA, Step("bad", "1 / 0", may_fail=True), FAILING, Step("late", "1")]
    heard = []
    found = await run_through(environment, steps, LIMITS, heard.append)
    async with found as reproduction:
        assert [result.cell for result in heard] == ["data", "bad"]
        assert reproduction.failing == FAILING
        assert reproduction.steps == tuple(steps[:2])
        good = FAILING.source.replace("prize", "price")
        assert (await attempt(reproduction, good)).verdict is Verdict.PASSED


async def test_a_clean_notebook_is_run_to_its_end(environment):
    heard = []
    assert await run_through(environment, [DATA, Step("b", "d")], LIMITS, heard.append) is None
    assert [result.ok for result in heard] == [True, True]


async def test_cancelling_a_trial_ends_it(environment, tmp_path):
    async with await reproduce(environment, [DATA], [DATA], FAILING, None, LIMITS) as reproduction:
        marker = tmp_path / "running"
        source = "open('running', 'w').close()\nimport os\nos.system('sleep 600')"
        trial = asyncio.ensure_future(attempt(reproduction, source))
        while not marker.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        trial.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trial
        assert (await attempt(reproduction, "1")).verdict is Verdict.PASSED
