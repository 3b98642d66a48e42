"""From a failure to its offers: propose by rule, try each candidate, rank what passed."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from cellwright.notebook.edit import EditRejected
from cellwright.repair.model import Attempt, Candidate, Failure, Offer, Repair, Rule
from cellwright.repair.rank import confidence, rank
from cellwright.repair.replay import Rehearsal, lost_names, rehearse, text_edits_of
from cellwright.repair.rules import RULES
from cellwright.trials.guards import hides_error
from cellwright.trials.model import Evidence, Probe, Verdict
from cellwright.trials.trial import Reproduction, try_candidate

logger = logging.getLogger(__name__)

MAX_CANDIDATES = 24
"""Candidates tried for one failure, likeliest first."""

AT_ONCE = 2
"""Trials that run side by side."""

Report = Callable[[str, int | None], None]

_offer_numbers = itertools.count(1)


def rules_for(failure: Failure) -> tuple[Rule, ...]:
    """Return the rules that read this kind of error."""
    kinds = {failure.error.ename, *failure.error.bases}
    return tuple(rule for rule in RULES if rule.enames & kinds)


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the candidates of every rule, likeliest first, each edit once.

    A rule that breaks is logged and left out: the others still serve the user.
    """
    found: list[Candidate] = []
    for rule in rules_for(failure):
        try:
            found.extend(await rule.propose(failure, probe))
        except Exception:
            logger.exception("rule %s failed on a %s", rule.name, failure.error.ename)
    unique: dict[object, Candidate] = {}
    for candidate in sorted(found, key=lambda c: -c.prior):
        unique.setdefault((candidate.edit, candidate.run_first), candidate)
    return list(unique.values())


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
        rehearsal = rehearse(failure, candidate)
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
    report: Report = lambda message, percentage: None,
) -> Repair:
    """Work out the offers for a failure that `baseline` has reproduced.

    `seconds` bounds the trials of all candidates together; what was not reached by then is
    dropped with that reason. Cancelling ends the running trials.
    """
    report("Looking for repairs", None)
    candidates = await propose(failure, baseline.probe)
    untried = [c for c in candidates if c.untried]
    trying = [c for c in candidates if not c.untried][:MAX_CANDIDATES]
    attempts = await _try_all(failure, trying, baseline, seconds, report)
    passed = [a for a in attempts if a.evidence.verdict is Verdict.PASSED]
    unverified = [a for a in attempts if a.evidence.verdict is Verdict.UNVERIFIABLE]
    offers = [
        Offer(f"offer-{next(_offer_numbers)}", a.candidate, a.evidence, confidence(a.candidate))
        for a in passed
    ]
    return Repair(
        diagnosis=failure.diagnosis,
        offers=rank(offers, threshold=threshold),
        untried=(*(Attempt(c, _untried(c, baseline)) for c in untried), *unverified),
        dropped=tuple(a for a in attempts if a.evidence.verdict is Verdict.FAILED),
    )


def _untried(candidate: Candidate, baseline: Reproduction) -> Evidence:
    return Evidence(Verdict.UNVERIFIABLE, candidate.untried, python=baseline.python)


async def _try_all(
    failure: Failure,
    candidates: Sequence[Candidate],
    baseline: Reproduction,
    seconds: float,
    report: Report,
) -> list[Attempt]:
    deadline = time.monotonic() + seconds
    places = asyncio.Semaphore(AT_ONCE)
    done = itertools.count(1)

    async def attempt(candidate: Candidate) -> Attempt:
        async with places:
            left = deadline - time.monotonic()
            if left <= 0:
                late = f"not reached within the {seconds:g} s for this failure"
                return Attempt(candidate, Evidence(Verdict.UNVERIFIABLE, late))
            try:
                evidence = await asyncio.wait_for(judge(failure, candidate, baseline), left)
            except asyncio.TimeoutError:
                slow = f"its trial was slower than what was left of {seconds:g} s"
                evidence = Evidence(Verdict.UNVERIFIABLE, slow)
            report(f"Tried: {candidate.title}", 100 * next(done) // len(candidates))
            return Attempt(candidate, evidence)

    return list(await asyncio.gather(*(attempt(candidate) for candidate in candidates)))
