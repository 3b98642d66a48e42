"""A front for tests: it applies edits to the session's document and keeps all it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cellwright.notebook.apply import apply_edit, changed_cells, rejection
from cellwright.notebook.edit import EditRejected, NotebookEdit, Receipt
from cellwright.notebook.model import Cell, Notebook
from cellwright.session.client import Event, FindingsChanged, OffersChanged, StateChanged
from cellwright.session.session import Session
from cellwright.session.settings import Settings

WAIT_SECONDS = 60


class Silent:
    """Progress that nobody looks at."""

    def report(self, message: str, percentage: int | None = None) -> None:
        pass

    def end(self, message: str = "") -> None:
        pass


class Front:
    """Implements `Client`; `consent` is its answer to every question."""

    def __init__(self, *, consent: bool = True) -> None:
        self.session: Session | None = None
        self.events: list[Event] = []
        self.questions: list[str] = []
        self.consent = consent

    async def apply(self, edit: NotebookEdit, notebook: Notebook, label: str) -> Receipt:
        assert self.session is not None
        try:
            applied = apply_edit(self.session.notebook, edit)
        except EditRejected as error:
            return rejection(edit, error)
        self.session.update(applied.notebook, changed=changed_cells(edit))
        return applied.receipt

    async def approve(self, question: str, *, remember_as: str) -> bool:
        self.questions.append(question)
        return self.consent

    def publish(self, event: Event) -> None:
        self.events.append(event)

    def progress(self, title: str) -> Silent:
        return Silent()

    def findings(self, cell: str) -> tuple[str, ...]:
        """Return the codes that are shown in a cell."""
        shown = [e for e in self.events if isinstance(e, FindingsChanged) and e.cell == cell]
        return tuple(finding.code for finding in shown[-1].findings) if shown else ()

    def offers(self, cell: str) -> tuple[str, ...]:
        """Return the offers that stand for a cell, as published."""
        told = [e for e in self.events if isinstance(e, OffersChanged) and e.cell == cell]
        return told[-1].offers if told else ()

    def states(self, cell: str) -> list[str]:
        """Return the states a cell went through, as published."""
        told = [
            e.states[cell] for e in self.events if isinstance(e, StateChanged) and cell in e.states
        ]
        return [state for i, state in enumerate(told) if i == 0 or told[i - 1] != state]


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so; fail when it never is."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to be so"
        await asyncio.sleep(0.02)


def notebook_of(sources: Sequence[str]) -> Notebook:
    """Return a notebook of code cells with the ids c1, c2, …"""
    return Notebook(tuple(Cell(f"c{i}", "code", text) for i, text in enumerate(sources, 1)))


def open_session(
    sources: Sequence[str],
    folder: Path,
    *,
    consent: bool = True,
    automatic: bool = True,
    settings: Settings | None = None,
) -> tuple[Session, Front]:
    """Open a session on a notebook of code cells."""
    front = Front(consent=consent)
    session = Session(
        notebook_of(sources),
        front,
        folder=folder,
        settings=settings or Settings(),
        automatic=automatic,
        label="test.ipynb",
    )
    front.session = session
    return session, front


def retype(session: Session, cell_id: str, source: str) -> None:
    """Change a cell's text, as a person typing does."""
    cell = session.notebook.cell(cell_id)
    changed = Cell(cell.id, cell.kind, source, version=cell.version + 1)
    session.update(session.notebook.with_cell(changed), changed=[cell_id])
