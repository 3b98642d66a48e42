"""Trials: reproduce a failure in a guest, then run candidates in guests of their own.

A trial replays the steps before the failing cell, so it never touches the user's kernel, which
holds the state *after* the failure. There is no sandbox yet: every `Evidence` says so.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType

from cellwright.dataflow.source import line_offsets
from cellwright.dataflow.tree import statement_at
from cellwright.kernels.environment import Environment
from cellwright.notebook.edit import Span
from cellwright.notebook.model import CellId
from cellwright.notebook.run import CellError, Frame
from cellwright.trials.model import (
    Evidence,
    Limits,
    Probe,
    SandboxLevel,
    Step,
    StepResult,
    Verdict,
)
from cellwright.trials.probe import GuestProbe
from cellwright.trials.process import Guest, GuestDied, TooSlow, TrialFault

__all__ = ["Reproduction", "TrialFault", "reproduce", "run_through", "try_candidate"]

OnResult = Callable[[StepResult], None]
NEEDS_INPUT = "needs input: the code asks for something to be typed"
OUT_OF_MEMORY = "out of memory: it needs more than the trial may take"
_KILLED = 9


class Reproduction:
    """A guest that stands right after a failure, and what it takes to try candidates for it.

    `results` are those of `steps`. An async context manager: leaving it ends all its guests.
    """

    def __init__(
        self,
        guest: Guest,
        environment: Environment,
        steps: tuple[Step, ...],
        results: tuple[StepResult, ...],
        failing: Step,
        result: StepResult,
        limits: Limits,
    ) -> None:
        self.environment = environment
        self.steps = steps
        self.results = results
        self.failing = failing
        self.result = result
        self.limits = limits
        self.python = guest.python
        self.probe: Probe = GuestProbe(guest)
        self._guest = guest
        self._spare: asyncio.Task[Guest] | None = self._prepare()

    @asynccontextmanager
    async def fresh_guest(self) -> AsyncIterator[Guest]:
        """Give a guest that has run nothing; the next one is started meanwhile."""
        starting, self._spare = self._spare or self._prepare(), None
        try:
            guest = await starting
        except asyncio.CancelledError:
            await _dispose(starting)
            raise
        if self._spare is None:
            self._spare = self._prepare()
        async with guest:
            yield guest

    def _prepare(self) -> asyncio.Task[Guest]:
        return asyncio.ensure_future(Guest.start(self.environment, self.limits))

    async def close(self) -> None:
        """End the guests. Safe to call twice."""
        spare, self._spare = self._spare, None
        try:
            await self._guest.close()
        finally:
            if spare is not None:
                await _dispose(spare)

    async def __aenter__(self) -> Reproduction:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


async def reproduce(
    environment: Environment,
    steps: Sequence[Step],
    prefix: Sequence[Step],
    failing: Step,
    expected: CellError | None,
    limits: Limits,
    *,
    sandbox: SandboxLevel = "none",
) -> Reproduction:
    """Replay `steps`, then `failing`, which must fail as `expected` says (None: in any way).

    The same failure is the same exception at the same statement. Where another one comes, the
    whole `prefix` is replayed once instead of the slice. Raises `TrialFault` with the reason why
    nothing can be tried.
    """
    if sandbox != "none":
        raise TrialFault("there is no sandbox to be had")
    came = ""
    for tried in dict.fromkeys((tuple(steps), tuple(prefix))):
        guest = await Guest.start(environment, limits)
        try:
            run = _Run(guest, limits, expected)
            stopped = await run.replay(tried)
            if stopped is None:
                result = await run.step(failing)
                came = _difference(result.error, expected, (*tried, failing))
                if not came:
                    results = tuple(run.results[:-1])
                    return Reproduction(guest, environment, tried, results, failing, result, limits)
            else:
                came = f"a cell before it failed: {_told(stopped.error)}"
        except BaseException:
            await guest.close()
            raise
        await guest.close()
    raise TrialFault(f"could not reproduce the failure: {came}")


async def run_through(
    environment: Environment, steps: Sequence[Step], limits: Limits, on_result: OnResult
) -> Reproduction | None:
    """Run steps in order in a fresh guest until one fails that may not.

    That failure is returned as a `Reproduction`; None when all steps ran. `on_result` hears of
    each step that was passed, not of the one that failed. Raises `TrialFault`.
    """
    guest = await Guest.start(environment, limits)
    try:
        run = _Run(guest, limits)
        for index, step in enumerate(steps):
            result = await run.step(step)
            if result.ok or step.may_fail:
                on_result(result)
                continue
            before, results = tuple(steps[:index]), tuple(run.results[:-1])
            return Reproduction(guest, environment, before, results, step, result, limits)
    except BaseException:
        await guest.close()
        raise
    await guest.close()
    return None


async def try_candidate(
    reproduction: Reproduction,
    *,
    steps: Sequence[Step],
    failing: Step,
    must_run: Sequence[Span],
    must_bind: frozenset[str],
) -> Evidence:
    """Replay `steps` and run `failing`, which carries the candidate's source, in a fresh guest.

    It passes when every step that passed in the baseline passes again, the cell runs to its end,
    every statement of `must_run` (spans of its source) began to run and every name of `must_bind`
    is bound afterwards. What a source may not do to get there is for `guards` to say.
    """
    started = time.monotonic()
    run: _Run | None = None
    try:
        async with reproduction.fresh_guest() as guest:
            run = _Run(guest, reproduction.limits, reproduction.result.error)
            stopped = await run.replay(steps, _passed(reproduction))
            result = stopped or await run.step(failing, must_run)
            reason = _shortcoming(result, stopped is not None, len(must_run), must_bind)
            passed = f"ran to its end, after {len(run.results) - 1} other runs, without an error"
            return Evidence(
                verdict=Verdict.FAILED if reason else Verdict.PASSED,
                reason=reason or passed,
                seconds=time.monotonic() - started,
                steps=len(run.results),
                output=result.output,
                result=result.result,
                error=result.error,
                python=guest.python,
            )
    except TrialFault as fault:
        return Evidence(
            verdict=Verdict.UNVERIFIABLE,
            reason=str(fault),
            seconds=time.monotonic() - started,
            steps=len(run.results) if run else 0,
            python=reproduction.python,
        )


class _Run:
    """Runs the steps of one trial within its bounds."""

    def __init__(self, guest: Guest, limits: Limits, expected: CellError | None = None) -> None:
        self._guest, self._limits = guest, limits
        self._memory_may_end = expected is not None and expected.ename == "MemoryError"
        self._deadline = time.monotonic() + limits.seconds
        self.results: list[StepResult] = []

    async def replay(
        self, steps: Sequence[Step], passed: Counter[CellId] | None = None
    ) -> StepResult | None:
        """Run steps; return the first result that fails and may not, or None.

        A step that may fail may not when that run of its cell is one of those that `passed`.
        """
        runs: Counter[CellId] = Counter()
        for step in steps:
            result = await self.step(step)
            runs[step.cell] += 1
            may_fail = step.may_fail and not (passed and runs[step.cell] <= passed[step.cell])
            if not result.ok and not may_fail:
                return result
        return None

    async def step(self, step: Step, marks: Sequence[Span] = ()) -> StepResult:
        """Run one step. Raises `TrialFault` when it shows that nothing can be verified."""
        left = self._deadline - time.monotonic()
        bound = self._limits.step_seconds
        try:
            result = await self._guest.run(
                step, marks=marks, seconds=max(left if bound is None else min(left, bound), 0)
            )
        except TooSlow:
            allowed = self._limits.seconds if bound is None else min(bound, self._limits.seconds)
            raise TrialFault(f"slower than the budget ({allowed:g} s)") from None
        except GuestDied as died:
            if died.signal == _KILLED:
                raise TrialFault(OUT_OF_MEMORY + " (its process was killed)") from None
            raise
        if result.asked_input and (result.ok or not step.may_fail):
            raise TrialFault(NEEDS_INPUT)
        if result.error and result.error.ename == "MemoryError" and not self._memory_may_end:
            raise TrialFault(OUT_OF_MEMORY)  # of our bound, as far as is known
        self.results.append(result)
        return result


def _passed(reproduction: Reproduction) -> Counter[CellId]:
    """Count how many runs of each cell passed in the baseline before the first that failed."""
    passed: Counter[CellId] = Counter()
    failed: set[CellId] = set()
    for result in reproduction.results:
        if not result.ok:
            failed.add(result.cell)
        elif result.cell not in failed:
            passed[result.cell] += 1
    return passed


def _shortcoming(
    result: StepResult, earlier: bool, wanted: int, must_bind: frozenset[str]
) -> str | None:
    """Return why a candidate's run is not good enough, or None."""
    if result.error is not None:
        where = "a cell before it fails" if earlier else "the cell still fails"
        return f"{where}: {_told(result.error)}"
    if len(result.executed) < wanted:
        return "the repaired statement did not run"
    if missing := must_bind - result.bound:
        return f"it no longer binds {', '.join(sorted(missing))}"
    return None


def _difference(came: CellError | None, expected: CellError | None, steps: Sequence[Step]) -> str:
    """Return how a failure differs from the expected one; '' when it is the same."""
    if came is None:
        return "the cell ran without an error"
    if expected is None:
        return ""
    if came.ename != expected.ename:
        return f"it failed with another error, {_told(came)}"
    here, there = came.frame_in_cell(), expected.frame_in_cell()
    if here is None or there is None or _same_statement(here, there, steps):
        return ""
    return f"it failed at another place, line {here.line}: {_told(came)}"


def _same_statement(one: Frame, other: Frame, steps: Sequence[Step]) -> bool:
    if one.cell != other.cell:
        return False
    if one.line == other.line:
        return True
    source = next((step.source for step in reversed(steps) if step.cell == one.cell), "")
    starts = line_offsets(source)
    if max(one.line, other.line) > len(starts):
        return False
    first, second = (statement_at(source, starts[frame.line - 1]) for frame in (one, other))
    return first == second


def _told(error: CellError | None) -> str:
    """Return an error in one line."""
    if error is None:
        return "no error"
    first = error.evalue.strip().partition("\n")[0]
    return f"{error.ename}: {first[:200]}" if first else error.ename


async def _dispose(starting: asyncio.Task[Guest]) -> None:
    """End a guest that may not have started yet."""
    starting.cancel()
    await asyncio.wait({starting})
    if not starting.cancelled() and starting.exception() is None:
        await starting.result().close()
