"""Work out the offers for one failure: diagnose, ask, reproduce in a trial, repair."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from cellwright.kernels.environment import Environment
from cellwright.kernels.protocol import KernelFault
from cellwright.kernels.specs import environment
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import CellError
from cellwright.repair.diagnose import failure_of
from cellwright.repair.engine import Report, repair
from cellwright.repair.model import Diagnosis, Repair
from cellwright.repair.replay import sliced_for
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

    `steps` are all runs before it, which took `seconds` (None: not known).
    """

    notebook: Notebook
    cell: Cell
    error: CellError | None
    steps: tuple[Step, ...]
    seconds: float | None
    folder: Path
    settings: Settings


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


async def diagnosis_of(question: Question) -> Diagnosis | None:
    """Return where and why the cell failed, None when no failure is known."""
    if question.error is None:
        return None
    failure = await asyncio.to_thread(
        failure_of, question.notebook, question.cell, question.error, question.steps
    )
    return failure.diagnosis


async def attend(question: Question, diagnosis: Diagnosis | None, client: Client) -> Repair | None:
    """Return the repair of a cell, trials included, or None when it runs clean.

    Where nothing can be tried, a cell with a diagnosis gets a repair that says so. Raises
    `KernelFault` for one without.
    """
    if diagnosis is not None and not question.cell.is_python:
        return Repair(diagnosis, unverifiable=not_by_rule(question.cell))
    if not await client.approve(CONSENT_QUESTION, remember_as=CONSENT_KEY):
        return Repair(diagnosis, unverifiable=NO_CONSENT) if diagnosis else None
    progress = client.progress("Fixing the cell")
    try:
        return await _try(question, diagnosis, progress.report)
    except (TrialFault, KernelFault) as fault:
        if diagnosis is None:
            raise KernelFault(f"The cell cannot be run in a trial: {fault}") from fault
        return Repair(diagnosis, unverifiable=str(fault).removesuffix("."))
    finally:
        progress.end()


def not_by_rule(cell: Cell) -> str:
    """Return why a cell that is not Python gets no fix."""
    return f"cells in {cell.language} can be run, but not repaired by rule"


def can_try(where: Environment) -> None:
    """Raise `TrialFault` for a kernel that is not Python: a trial runs Python."""
    if where.language != "python":
        raise TrialFault(f"a trial runs Python, and the kernel {where.kernel_name} does not")


async def _try(question: Question, diagnosis: Diagnosis | None, report: Report) -> Repair | None:
    report("Reproducing the failure", None)
    cell, steps, limits = question.cell, question.steps, limits_of(question.settings)
    failing = Step(cell.id, cell.source)
    where = await asyncio.to_thread(
        kernel_environment, question.notebook, question.folder, question.settings
    )
    can_try(where)
    if question.error is None or diagnosis is None:
        found = await run_through(where, (*steps, failing), limits, lambda result: None)
        if found is None:
            return None
        async with found as baseline:
            return await fix_reproduced(question.notebook, baseline, question.settings, report)
    wanted = steps
    if question.seconds is None or question.seconds > WHOLE_SECONDS:
        wanted = await asyncio.to_thread(sliced_for, question.error, steps, failing)
    async with await reproduce(where, wanted, steps, failing, question.error, limits) as baseline:
        return await fix_reproduced(question.notebook, baseline, question.settings, report, steps)


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
        return Repair(failure.diagnosis, unverifiable=not_by_rule(cell))
    found = await repair(
        failure,
        baseline,
        seconds=settings.fix_seconds,
        threshold=settings.confidence,
        edits_only=edits_only,
        report=report,
    )
    return replace(found, notice=stand_in_notice(baseline.environment))
