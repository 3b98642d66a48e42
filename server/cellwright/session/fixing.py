"""Work out the offers for one failure: diagnose, ask, reproduce in a trial, repair."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cellwright.kernels.environment import Environment
from cellwright.kernels.specs import environment
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import CellError
from cellwright.repair.diagnose import failure_of
from cellwright.repair.engine import Report, repair
from cellwright.repair.model import Diagnosis, Repair
from cellwright.repair.replay import sliced
from cellwright.session.client import Client
from cellwright.session.settings import Settings
from cellwright.session.steps import as_document
from cellwright.trials.model import Limits, Step
from cellwright.trials.trial import Reproduction, TrialFault, reproduce, run_through

WHOLE_SECONDS = 5.0
"""Runs that took no longer than this are replayed whole: a repair may want any of their names."""

NO_CONSENT = "no sandbox, no consent"
CONSENT_KEY = "trials-without-sandbox"
CONSENT_QUESTION = (
    "Cellwright tries fixes by running this notebook's code in a process of its own. "
    "There is no sandbox: that code can read and write your files and use the network. "
    "Try fixes in this workspace?"
)


@dataclass(frozen=True)
class Question:
    """A cell to fix. `error` is how it failed, None when that is not known yet.

    `steps` are all runs before it, which took `seconds` (None: not known). `trials` is False where
    only a diagnosis is wanted.
    """

    notebook: Notebook
    cell: Cell
    error: CellError | None
    steps: tuple[Step, ...]
    seconds: float | None
    folder: Path
    settings: Settings
    trials: bool


def limits_of(settings: Settings) -> Limits:
    """Return the bounds of one trial."""
    return Limits(seconds=settings.replay_seconds, memory=settings.memory)


def kernel_environment(notebook: Notebook, folder: Path, settings: Settings) -> Environment:
    """Return the environment of a notebook's kernel, or of the one that the settings name.

    A kernel that a Python notebook names and that is not installed is replaced by the default
    one: notebooks travel, kernels do not. Raises `KernelFault`.
    """
    if settings.kernel_name:
        return environment(settings.kernel_name, str(folder))
    python = notebook.language == "python"
    return environment(notebook.kernel_name, str(folder), or_default=python)


def stand_in_notice(where: Environment) -> str:
    """Say that the default kernel stands in for another, '' where none does."""
    if where.stands_in_for is None:
        return ""
    return f"The kernel “{where.stands_in_for}” is not installed; {where.kernel_name} is used."


async def attend(
    question: Question, client: Client, *, diagnosed: Callable[[Diagnosis], None]
) -> Repair | None:
    """Return the repair of a cell, or None when it runs clean; `diagnosed` hears the cause first.

    Raises `KernelFault` when the notebook's environment cannot be found.
    """
    diagnosis = None
    if question.error is not None:
        failure = await asyncio.to_thread(
            failure_of, question.notebook, question.cell, question.error, question.steps
        )
        diagnosis = failure.diagnosis
        diagnosed(diagnosis)
    if not question.trials:
        reason = "it is outside the workspace folders, or automatic trials are off: ask for the fix"
        return Repair(diagnosis, unverifiable=reason) if diagnosis else None
    if not await client.approve(CONSENT_QUESTION, remember_as=CONSENT_KEY):
        return Repair(diagnosis, unverifiable=NO_CONSENT) if diagnosis else None
    progress = client.progress("Fixing the cell")
    try:
        return await _try(question, diagnosis, progress.report)
    finally:
        progress.end()


async def _try(question: Question, diagnosis: Diagnosis | None, report: Report) -> Repair | None:
    report("Reproducing the failure", None)
    cell, steps, limits = question.cell, question.steps, limits_of(question.settings)
    failing = Step(cell.id, cell.source)
    where = await asyncio.to_thread(
        kernel_environment, question.notebook, question.folder, question.settings
    )
    if question.error is None or diagnosis is None:
        found = await run_through(where, (*steps, failing), limits, lambda result: None)
        if found is None:
            return None
        async with found as baseline:
            return await fix_reproduced(question.notebook, baseline, question.settings, report)
    wanted = steps
    if question.seconds is None or question.seconds > WHOLE_SECONDS:
        wanted = await asyncio.to_thread(sliced, steps, failing)
    try:
        async with await reproduce(
            where, wanted, steps, failing, question.error, limits
        ) as baseline:
            return await fix_reproduced(
                question.notebook, baseline, question.settings, report, steps
            )
    except TrialFault as fault:
        return Repair(diagnosis, unverifiable=str(fault))


async def fix_reproduced(
    notebook: Notebook,
    baseline: Reproduction,
    settings: Settings,
    report: Report,
    steps: tuple[Step, ...] | None = None,
    *,
    edits_only: bool = False,
) -> Repair:
    """Return the repair of a failure that a trial has reproduced.

    `steps` are all runs before it, where the trial has replayed only a slice of them. With
    `edits_only`, offers to run other cells first are not looked for.
    """
    error = baseline.result.error
    if error is None:
        raise ValueError("a reproduction without an error")
    cell = notebook.cell(baseline.failing.cell)
    steps = baseline.steps if steps is None else steps
    failure = await asyncio.to_thread(failure_of, notebook, cell, error, steps)
    current = as_document(notebook, steps)
    failure = replace(failure, current=current, sliced=steps != baseline.steps)
    if not cell.is_python:
        reason = f"cells in {cell.language} can be run, but not repaired by rule"
        return Repair(failure.diagnosis, unverifiable=reason)
    found = await repair(
        failure,
        baseline,
        seconds=settings.fix_seconds,
        threshold=settings.confidence,
        edits_only=edits_only,
        report=report,
    )
    return replace(found, notice=stand_in_notice(baseline.environment))
