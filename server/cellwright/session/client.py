"""The Client port: what a session asks of the front that a person sits at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from cellwright.notebook.edit import NotebookEdit, Receipt, Span
from cellwright.notebook.model import CellId, Notebook
from cellwright.notebook.run import Output

CellState = Literal["idle", "running", "completed", "failed", "stale"]
Severity = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True)
class RelatedPlace:
    """Another place a finding points at."""

    cell: CellId
    span: Span
    message: str


@dataclass(frozen=True)
class Finding:
    """One thing to show at a place in a cell: a runtime error, an undefined name, a stale cell."""

    cell: CellId
    span: Span
    severity: Severity
    code: str
    message: str
    related: tuple[RelatedPlace, ...] = ()
    offers: tuple[str, ...] = ()


@dataclass(frozen=True)
class StateChanged:
    """The states of some cells changed."""

    states: dict[CellId, CellState]


@dataclass(frozen=True)
class FindingsChanged:
    """The findings of one cell are now these (none: clear them)."""

    cell: CellId
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class CellOutput:
    """An output of a running cell.

    `clear` asks for the earlier ones to be removed first; `update` says that the output takes the
    place of every earlier one with the same `display_id`, in whichever cell.
    """

    cell: CellId
    output: Output | None
    clear: bool = False
    display_id: str | None = None
    update: bool = False


@dataclass(frozen=True)
class OffersChanged:
    """The offers for a failed cell changed; the cache is what a code action reads."""

    cell: CellId
    offers: tuple[str, ...] = field(default_factory=tuple)


Event = StateChanged | FindingsChanged | CellOutput | OffersChanged


class Progress(Protocol):
    """Progress of one slow piece of work, shown by the front."""

    def report(self, message: str, percentage: int | None = None) -> None:
        """Say what is being done, and how far it is (0..100) if that is known."""
        ...

    def end(self, message: str = "") -> None:
        """Say that it is over. Safe to call twice."""
        ...


class Client(Protocol):
    """A front, as a session sees it. Calls come on the event loop and must not block it."""

    async def apply(self, edit: NotebookEdit, notebook: Notebook, label: str) -> Receipt:
        """Apply an edit made for `notebook` where the document lives, read it back, and say so."""
        ...

    async def approve(self, question: str, *, remember_as: str) -> bool:
        """Ask the person for a permission; the front may keep the answer to one `remember_as`."""
        ...

    def publish(self, event: Event) -> None:
        """Show an event."""
        ...

    def progress(self, title: str) -> Progress:
        """Open a progress display."""
        ...
