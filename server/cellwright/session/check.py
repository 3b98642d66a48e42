"""Run a whole notebook as a trial, and repair what fails on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from cellwright.kernels.environment import Environment
from cellwright.notebook.apply import apply_edit, combine
from cellwright.notebook.edit import NotebookEdit
from cellwright.notebook.model import CellId, Notebook
from cellwright.repair.diagnose import failure_of
from cellwright.repair.engine import Report
from cellwright.repair.model import Diagnosis, Offer, Repair
from cellwright.session.fixing import can_try, fix_reproduced, limits_of
from cellwright.session.settings import Settings
from cellwright.session.steps import document_steps
from cellwright.trials.model import Step, StepResult
from cellwright.trials.trial import TrialFault, run_through

MAX_FIXES_PER_CELL = 4
"""Offers taken in one cell before its failures are left to the user."""


@dataclass(frozen=True)
class CellRan:
    """A cell came to its end in the trial, or failed as its tag says it should."""

    cell: CellId
    result: StepResult


@dataclass(frozen=True)
class CellFailed:
    """A cell failed in `notebook`. `taken` is the offer with which the trial went on, if any."""

    notebook: Notebook
    cell: CellId
    diagnosis: Diagnosis
    repair: Repair
    taken: Offer | None


@dataclass(frozen=True)
class Check:
    """What came of a whole run. `notebook` has the offers taken; `edit` is all of them in one.

    `stopped` says why the run did not reach the end, if it did not.
    """

    notebook: Notebook
    edit: NotebookEdit | None
    failures: tuple[CellFailed, ...]
    ran: int
    stopped: str | None = None

    @property
    def remaining(self) -> tuple[CellFailed, ...]:
        """The failures that no offer was taken for."""
        return tuple(failure for failure in self.failures if failure.taken is None)


Choose = Callable[[CellFailed], Awaitable[Offer | None]]
"""Hear of a failed cell and choose one of its offers, or none."""


async def first_offer(failed: CellFailed) -> Offer | None:
    """Take the best offer."""
    return next((o for o in failed.repair.offers if o.candidate.edit is not None), None)


async def sure_offer(failed: CellFailed) -> Offer | None:
    """Take the best offer unless it guesses what was meant: that is for a person to say."""
    offer = await first_offer(failed)
    return None if offer is None or offer.candidate.guesses else offer


async def check(
    notebook: Notebook,
    environment: Environment,
    settings: Settings,
    *,
    choose: Choose = sure_offer,
    only: frozenset[CellId] | None = None,
    on_ran: Callable[[CellRan], None] = lambda event: None,
    report: Report = lambda message, percentage: None,
) -> Check:
    """Run the code cells in document order in a trial, repairing each failure where that passes.

    The run goes on with the offer that `choose` takes; with none, it goes on past the failed cell.
    `only` names the cells to repair (others are reported with their diagnosis).
    """
    failures: list[CellFailed] = []
    given_up: set[CellId] = set()
    taken: dict[CellId, int] = {}
    current, whole = notebook, None
    shown: set[CellId] = set()
    while True:
        steps = tuple(
            Step(step.cell, step.source, step.may_fail or step.cell in given_up)
            for step in document_steps(current)
        )
        progress = _Progress(current, steps, shown, on_ran, report)
        try:
            can_try(environment)
            found = await run_through(environment, steps, limits_of(settings), progress.heard)
        except TrialFault as fault:
            stopped = progress.stopped_by(fault)
            return Check(current, whole, tuple(failures), progress.count, stopped)
        if found is None:
            return Check(current, whole, tuple(failures), progress.count)
        async with found as baseline:
            cell = current.cell(baseline.failing.cell)
            error = baseline.result.error
            if error is None:
                raise ValueError("a reproduction without an error")
            report(f"Cell {current.number(cell.id)} failed: looking for repairs", None)
            if reason := _why_left(cell.id, only, taken):
                failure = await asyncio.to_thread(failure_of, current, cell, error, baseline.steps)
                repair = Repair(failure.diagnosis, unverifiable=reason)
            else:
                repair = await fix_reproduced(current, baseline, settings, report, edits_only=True)
        failed = CellFailed(current, cell.id, repair.diagnosis, repair, None)
        offer = await choose(failed)
        failures.append(replace(failed, taken=offer))
        if offer is None or offer.candidate.edit is None:
            given_up.add(cell.id)
            continue
        taken[cell.id] = taken.get(cell.id, 0) + 1
        edit = offer.candidate.edit
        whole = combine(whole, edit, notebook) if whole else edit
        current = apply_edit(current, edit).notebook


def _why_left(
    cell: CellId, only: frozenset[CellId] | None, taken: Mapping[CellId, int]
) -> str | None:
    """Return why no fix of a cell is looked for, or None."""
    if only is not None and cell not in only:
        return "no fix was asked for"
    if taken.get(cell, 0) >= MAX_FIXES_PER_CELL:
        return f"{MAX_FIXES_PER_CELL} fixes in this cell did not make it run"
    return None


class _Progress:
    """Pass on each cell once, although those before a failure run again after its fix.

    `shown` are the cells passed on so far.
    """

    def __init__(
        self,
        notebook: Notebook,
        steps: tuple[Step, ...],
        shown: set[CellId],
        on_ran: Callable[[CellRan], None],
        report: Report,
    ) -> None:
        self._notebook, self._steps, self._shown = notebook, steps, shown
        self._on_ran, self._report = on_ran, report
        self.count = 0

    def heard(self, result: StepResult) -> None:
        """Take the result of the next step."""
        self.count += 1
        if result.cell not in self._shown:
            self._shown.add(result.cell)
            self._on_ran(CellRan(result.cell, result))
        done = 100 * self.count // max(len(self._steps), 1)
        self._report(f"Ran cell {self._notebook.number(result.cell)}", done)

    def stopped_by(self, fault: TrialFault) -> str:
        """Say at which cell the run stopped, and why."""
        if self.count >= len(self._steps):
            return str(fault)
        number = self._notebook.number(self._steps[self.count].cell)
        return f"cell {number} did not come to its end: {fault}"
