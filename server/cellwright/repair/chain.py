"""Candidates in a row: when one repair brings a cell to its next error, the next is looked for.

A cell with two faults needs two repairs before it passes. What is tried, guarded and offered is
always the whole row, as one edit of the notebook that failed.
"""

from __future__ import annotations

from dataclasses import replace

from cellwright.dataflow.source import line_offsets
from cellwright.notebook.apply import combine
from cellwright.notebook.edit import EditRejected
from cellwright.notebook.run import CellError
from cellwright.repair.model import Attempt, Candidate, Failure
from cellwright.repair.replay import Rehearsal, rehearse

SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})

SURE = 0.5
"""Prior from which a candidate may be carried on with when the same statement fails anew."""


def line_in_failed_cell(error: CellError, cell: str) -> int | None:
    """Return the 1-based line of the failed cell that the error came through, if it did."""
    return next((frame.line for frame in error.frames if frame.cell == cell), None)


def moved_on(failure: Failure, attempt: Attempt) -> bool:
    """Return whether a failed candidate brought the cell to a later error.

    Later is a later statement; or the same line with another error, for a candidate that is sure.
    """
    error, old = attempt.evidence.error, failure.error
    if error is None or attempt.candidate.edit is None or attempt.candidate.guesses:
        return False
    if error.ename in SYNTAX:
        return False
    line = line_in_failed_cell(error, failure.cell.id)
    if line is None:
        return False
    if old.ename in SYNTAX:
        return True
    another = (error.ename, error.evalue) != (old.ename, old.evalue)
    sure = another and attempt.candidate.prior >= SURE
    rehearsal = rehearse(failure, attempt.candidate)
    if not rehearsal.must_run:
        return sure
    starts = line_offsets(rehearsal.failing.source)
    offset = starts[min(line, len(starts)) - 1]
    statement = rehearsal.must_run[0]
    return offset > statement.end or (sure and offset >= _line_start(rehearsal, statement.start))


def _line_start(rehearsal: Rehearsal, offset: int) -> int:
    return rehearsal.failing.source.rfind("\n", 0, offset) + 1


def joined(failure: Failure, first: Candidate, second: Candidate) -> Candidate | None:
    """Return two candidates as one, or None where they do not go together."""
    if first.edit is None or second.edit is None or second.untried:
        return None
    try:
        edit = combine(first.edit, second.edit, failure.notebook)
    except EditRejected:
        return None
    return replace(
        second,
        title=f"{first.title}; {second.title[:1].lower()}{second.title[1:]}",
        rule=f"{first.rule}+{second.rule}",
        prior=first.prior * second.prior,
        edit=edit,
        run_first=(*first.run_first, *second.run_first),
        guesses="; ".join(part for part in (first.guesses, second.guesses) if part),
        explanation=" ".join(part for part in (first.explanation, second.explanation) if part),
    )
