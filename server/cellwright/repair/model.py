"""The terms of a repair: diagnosis, candidate, offer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cellwright.notebook.edit import NotebookEdit, Span
from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.notebook.run import CellError
from cellwright.trials.model import Evidence, Probe, Step


@dataclass(frozen=True)
class Related:
    """Another place that a diagnosis points at, such as where a name was bound."""

    cell: CellId
    span: Span
    message: str


@dataclass(frozen=True)
class Diagnosis:
    """Where and why a cell failed, as data.

    `code` is a stable slug such as `undefined-name`; `span` is the failing expression (or the
    statement, where Python does not tell) in the source of `cell`; `message` is one or two plain
    sentences; `facts` are what the rules and a model may read (names, values, columns, files).
    """

    cell: CellId
    span: Span
    code: str
    ename: str
    evalue: str
    message: str
    related: tuple[Related, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A failed cell, and all that a rule may read of it.

    `cell` is the failed cell as it stands in `notebook`; `steps` are the run records before it, in
    run order; `diagnosis` says where in which cell the fault shows (it may be another cell's
    function). `statement` is the span of the failing statement in the diagnosed cell. `current`
    are the steps with the text that the document has now, where that is not what ran. `sliced` says
    that only the slice of them is replayed, because all of them would take too long.
    """

    notebook: Notebook
    cell: Cell
    error: CellError
    steps: tuple[Step, ...]
    diagnosis: Diagnosis
    statement: Span
    current: tuple[Step, ...] | None = None
    sliced: bool = False


@dataclass(frozen=True)
class Candidate:
    """A possible repair.

    `edit` changes the notebook; `run_first` names cells to run (in that order) before the failed
    cell, for a fix that edits nothing. `prior` (0..1) is how likely the rule thinks it is right;
    `guesses` says what meaning it had to guess, if any: such a candidate is never preferred.
    `untried` is set where no trial can run it (an install): it is listed, never offered as a fix.
    `title` says what it does, in the imperative, without a full stop.
    """

    title: str
    rule: str
    prior: float
    edit: NotebookEdit | None = None
    run_first: tuple[CellId, ...] = ()
    guesses: str = ""
    untried: str = ""
    explanation: str = ""


Propose = Callable[[Failure, Probe], Awaitable[Iterable[Candidate]]]


@dataclass(frozen=True)
class Rule:
    """One error family: the exceptions it reads (class names; bases count), what it proposes."""

    name: str
    enames: frozenset[str]
    propose: Propose


@dataclass(frozen=True)
class Offer:
    """A candidate that passed its trial. `confidence` is 0..1; `id` is unique in a session."""

    id: str
    candidate: Candidate
    evidence: Evidence
    confidence: float
    preferred: bool = False


@dataclass(frozen=True)
class Attempt:
    """A candidate that is not offered, and what its trial said."""

    candidate: Candidate
    evidence: Evidence


@dataclass(frozen=True)
class Repair:
    """All that came of one failure: the offers, best first; the untried; those that failed.

    `unverifiable` is None when the baseline failed as recorded, else why nothing could be tried.
    `notice` is something to know of all its trials, such as another kernel standing in.
    """

    diagnosis: Diagnosis
    offers: tuple[Offer, ...] = ()
    untried: tuple[Attempt, ...] = ()
    dropped: tuple[Attempt, ...] = ()
    unverifiable: str | None = None
    notice: str = ""

    @property
    def can_be_tried_again(self) -> bool:
        """Whether asking again may bring more than this did."""
        return self.unverifiable is not None

    def withdrawn(self) -> Repair:
        """Return the repair without its offers, for a notebook that has changed meanwhile."""
        reason = "the notebook changed while fixes were being tried"
        return replace(self, offers=(), unverifiable=reason)
