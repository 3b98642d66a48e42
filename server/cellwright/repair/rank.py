"""Rank what passed, and say which offer may be preferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cellwright.notebook.edit import (
    ChangeKind,
    DeleteCell,
    InsertCell,
    MoveCell,
    NotebookEdit,
    Operation,
    ReplaceText,
)
from cellwright.repair.model import Candidate, Offer

PRIOR_STEP = 0.1
"""Priors closer than this are not told apart: the size of the change decides."""

CLEAR_LEAD = 0.05
"""An offer this close to the best makes the choice the user's: neither is preferred."""


def _operation_size(operation: Operation) -> int:
    match operation:
        case ReplaceText(edits=edits):
            return sum(edit.span.end - edit.span.start + len(edit.text) for edit in edits)
        case InsertCell(cell=cell):
            return len(cell.source) + 20
        case MoveCell() | ChangeKind():
            return 20
        case DeleteCell():
            return 1_000


def edit_size(edit: NotebookEdit | None) -> int:
    """Return how much an edit changes, in characters (structure counts as some twenty)."""
    if edit is None:
        return 0
    return sum(_operation_size(operation) for operation in edit.operations)


def _key(offer: Offer) -> tuple[bool, int, int, float]:
    candidate = offer.candidate
    return (
        bool(candidate.guesses),
        -round(candidate.prior / PRIOR_STEP),
        edit_size(candidate.edit),
        -candidate.prior,
    )


def confidence(candidate: Candidate) -> float:
    """Return how sure we are of a candidate that passed: its prior, less where it guesses."""
    return candidate.prior * (0.5 if candidate.guesses else 1.0)


def rank(offers: Sequence[Offer], *, threshold: float) -> tuple[Offer, ...]:
    """Return the offers best first; the first is preferred if it is sure, alone, and no guess.

    Likelihood comes before size, other than a linter's order, because a trial has already dropped
    what does not run: a one-letter rename that passes by accident must not beat a missing import.
    """
    ordered = sorted(offers, key=_key)
    if not ordered:
        return ()
    first = ordered[0]
    rivals = [offer for offer in ordered[1:] if not offer.candidate.guesses]
    alone = all(first.confidence - rival.confidence >= CLEAR_LEAD for rival in rivals)
    sure = first.confidence >= threshold and not first.candidate.guesses and alone
    return (replace(first, preferred=sure), *ordered[1:])
