"""From a failure to its offers: propose by rule, try each candidate, rank what passed."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from cellwright.notebook.edit import EditRejected
from cellwright.repair import rules
from cellwright.repair.chain import joined, moved_on
from cellwright.repair.diagnose import failure_of
from cellwright.repair.model import Attempt, Candidate, Failure, Offer, Repair, Rule
from cellwright.repair.rank import confidence, rank
from cellwright.repair.replay import Rehearsal, lost_names, rehearse, text_edits_of
from cellwright.trials.guards import hides_error
from cellwright.trials.model import Evidence, Probe, Verdict
from cellwright.trials.trial import Reproduction, TrialFault, reproduce, try_candidate

logger = logging.getLogger(__name__)

MAX_CANDIDATES = 24
"""Candidates tried for one failure, likeliest first."""

AT_ONCE = 2
"""Trials that run side by side."""

CHAIN_LENGTH = 3
"""Repairs that one offer may be made of, one after the other."""

CARRIED_ON = 2
"""Candidates that are carried on with at each link of a chain."""

Report = Callable[[str, int | None], None]

T = TypeVar("T")

_offer_numbers = itertools.count(1)


def rules_for(failure: Failure) -> tuple[Rule, ...]:
    """Return the rules that read this kind of error."""
    kinds = {failure.error.ename, *failure.error.bases}
    return tuple(rule for rule in rules.load() if rule.enames & kinds)


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the candidates of every rule, likeliest first, each edit once.

    A rule that breaks is logged and left out: the others still serve the user.
    """
    found: list[Candidate] = []
    for rule in await asyncio.to_thread(rules_for, failure):
        try:
            found.extend(await rule.propose(failure, probe))
        except Exception:
            logger.exception("rule %s failed on a %s", rule.name, failure.error.ename)
    unique: list[Candidate] = []
    for candidate in sorted(found, key=lambda c: -c.prior):
        if all(_does(candidate) != _does(other) for other in unique):
            unique.append(candidate)
    return unique


def _does(candidate: Candidate) -> tuple[object, ...]:
    """Return what tells candidates apart: their effect, or the title of one that is not tried."""
    return candidate.edit, candidate.run_first, candidate.untried and candidate.title


def refusal(failure: Failure, candidate: Candidate, rehearsal: Rehearsal) -> str | None:
    """Return why a candidate must not be tried (it hides the error or loses a name), or None."""
    edited = [cell for cell in failure.notebook.cells if text_edits_of(candidate, cell.id)]
    for cell in edited:
        after = rehearsal.notebook.cell(cell.id)
        here = cell.id == failure.diagnosis.cell
        if reason := hides_error(cell.source, after.source, failure.statement if here else None):
            return reason
        if lost := lost_names(cell, after, text_edits_of(candidate, cell.id)):
            return f"it would no longer bind {', '.join(sorted(lost))}"
    return None


async def judge(failure: Failure, candidate: Candidate, baseline: Reproduction) -> Evidence:
    """Try one candidate against a reproduced failure and return the evidence.

    Where the document's text is not what ran, the candidate must pass with both.
    """
    evidence = await _judge(failure, candidate, baseline)
    if evidence.verdict is Verdict.PASSED and failure.current is not None:
        document = replace(failure, steps=failure.current, current=None)
        evidence = await _judge(document, candidate, baseline)
    return evidence


async def _judge(failure: Failure, candidate: Candidate, baseline: Reproduction) -> Evidence:
    try:
        rehearsal = await asyncio.to_thread(rehearse, failure, candidate)
    except EditRejected as rejected:
        return Evidence(Verdict.FAILED, f"the edit does not fit the notebook: {rejected.reason}")
    if reason := await asyncio.to_thread(refusal, failure, candidate, rehearsal):
        return Evidence(Verdict.FAILED, reason)
    return await try_candidate(
        baseline,
        steps=rehearsal.steps,
        failing=rehearsal.failing,
        must_run=rehearsal.must_run,
        must_bind=rehearsal.must_bind,
    )


async def repair(
    failure: Failure,
    baseline: Reproduction,
    *,
    seconds: float,
    threshold: float,
    edits_only: bool = False,
    report: Report = lambda message, percentage: None,
) -> Repair:
    """Work out the offers for a failure that `baseline` has reproduced.

    `seconds` bounds the trials of all candidates together; what was not reached by then is
    dropped with that reason. `edits_only` leaves out candidates that only run other cells first.
    Cancelling ends the running trials.
    """
    report("Looking for repairs", None)
    bench = _Bench(failure, baseline, time.monotonic() + seconds, seconds, report)
    candidates = await propose(failure, baseline.probe)
    if edits_only:
        candidates = [candidate for candidate in candidates if candidate.edit is not None]
    attempts = await bench.try_all([c for c in candidates if not c.untried])
    attempts += await _carried_on(failure, attempts, baseline, bench, CHAIN_LENGTH)
    untried = [Attempt(c, _untried(c, baseline)) for c in candidates if c.untried]
    by_verdict = {
        verdict: [a for a in attempts if a.evidence.verdict is verdict] for verdict in Verdict
    }
    offers = [
        Offer(f"offer-{next(_offer_numbers)}", a.candidate, a.evidence, confidence(a.candidate))
        for a in by_verdict[Verdict.PASSED]
    ]
    return Repair(
        diagnosis=failure.diagnosis,
        offers=rank(offers, threshold=threshold),
        untried=(*untried, *by_verdict[Verdict.UNVERIFIABLE]),
        dropped=tuple(by_verdict[Verdict.FAILED]),
    )


async def _carried_on(
    failure: Failure,
    attempts: Sequence[Attempt],
    baseline: Reproduction,
    bench: _Bench,
    length: int,
) -> list[Attempt]:
    """Carry on from candidates that brought the cell to its next error, when none has passed."""
    if length < 2 or any(a.evidence.verdict is Verdict.PASSED for a in attempts):
        return []
    found: list[Attempt] = []
    promising = await asyncio.to_thread(lambda: [a for a in attempts if moved_on(failure, a)])
    for attempt in promising[:CARRIED_ON]:
        further = await bench.within(_further(failure, attempt.candidate, baseline))
        if further is None:
            break
        found += await bench.try_all(further)
        found += await _carried_on(failure, found, baseline, bench, length - 1)
        if any(a.evidence.verdict is Verdict.PASSED for a in found):
            break
    return found


async def _further(failure: Failure, first: Candidate, baseline: Reproduction) -> list[Candidate]:
    """Return the candidates that begin with `first` and mend the error that comes then."""
    after = await asyncio.to_thread(rehearse, failure, first)
    try:
        reached = await reproduce(
            baseline.environment, after.steps, after.steps, after.failing, None, baseline.limits
        )
    except TrialFault:
        return []
    async with reached:
        error = reached.result.error
        if error is None:
            return []
        cell = after.notebook.cell(after.failing.cell)
        following = await asyncio.to_thread(failure_of, after.notebook, cell, error, after.steps)
        seconds = await propose(following, reached.probe)
    both = [joined(failure, first, second) for second in seconds]
    return [candidate for candidate in both if candidate is not None]


def _untried(candidate: Candidate, baseline: Reproduction) -> Evidence:
    return Evidence(Verdict.UNVERIFIABLE, candidate.untried, python=baseline.python)


class _Bench:
    """Tries candidates of one failure within one budget of time."""

    def __init__(
        self,
        failure: Failure,
        baseline: Reproduction,
        deadline: float,
        seconds: float,
        report: Report,
    ) -> None:
        self._failure, self._baseline = failure, baseline
        self._deadline, self._seconds, self._report = deadline, seconds, report
        self._places = asyncio.Semaphore(AT_ONCE)

    async def within(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Return what some work gives, or None when it takes longer than there is time left."""
        try:
            return await asyncio.wait_for(work, self._deadline - time.monotonic())
        except asyncio.TimeoutError:
            return None

    async def try_all(self, candidates: Sequence[Candidate]) -> list[Attempt]:
        """Try candidates side by side; return an attempt for each, in their order."""
        chosen = candidates[:MAX_CANDIDATES]
        done = itertools.count(1)

        async def attempt(candidate: Candidate) -> Attempt:
            async with self._places:
                evidence = await self._try(candidate)
                self._report(f"Tried: {candidate.title}", 100 * next(done) // len(chosen))
                return Attempt(candidate, evidence)

        return list(await asyncio.gather(*(attempt(candidate) for candidate in chosen)))

    async def _try(self, candidate: Candidate) -> Evidence:
        if self._deadline <= time.monotonic():
            late = f"not reached within the {self._seconds:g} s for this failure"
            return Evidence(Verdict.UNVERIFIABLE, late)
        try:
            evidence = await self.within(judge(self._failure, candidate, self._baseline))
        except Exception:
            logger.exception("the trial of a candidate of %s broke", candidate.rule)
            return Evidence(Verdict.UNVERIFIABLE, "its trial broke: this is a bug of Cellwright's")
        slow = f"its trial was slower than what was left of {self._seconds:g} s"
        return evidence or Evidence(Verdict.UNVERIFIABLE, slow)
