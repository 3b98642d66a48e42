"""The terminal as a `Client` of a session: it asks on the tty and shows progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType

import click
from rich.console import Console
from rich.status import Status

from cellwright.notebook.apply import apply_edit, rejection
from cellwright.notebook.edit import EditRejected, NotebookEdit, Receipt
from cellwright.notebook.model import Notebook
from cellwright.session.client import Event


def interactive() -> bool:
    """Return whether a person can be asked: stdin and stderr are terminals."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> bool | None:
    """Ask a yes-or-no question; None where nobody can be asked."""
    if not interactive():
        return None
    return click.confirm(question, default=False, err=True)


class StatusLine:
    """One line of progress on stderr, gone when the work is over. Silent where stderr is no tty."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._console = Console(stderr=True)
        self._status: Status | None = None

    def __enter__(self) -> StatusLine:
        if self._console.is_terminal:
            self._status = self._console.status(self._title)
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.end()

    def report(self, message: str, percentage: int | None = None) -> None:
        """Show what is being done."""
        if self._status is not None:
            done = "" if percentage is None else f" ({percentage} %)"
            self._status.update(f"{self._title}: {message}{done}")

    def end(self, message: str = "") -> None:  # noqa: ARG002
        """Remove the line."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def paused(self) -> None:
        """Remove the line until the next `report` so that something else can be printed."""
        if self._status is not None:
            self._status.stop()

    def resumed(self) -> None:
        """Show the line again."""
        if self._status is not None:
            self._status.start()


class TerminalClient:
    """The front of a session that runs a notebook from the terminal."""

    def __init__(self, show: Callable[[Event], None]) -> None:
        self._show = show

    async def apply(self, edit: NotebookEdit, notebook: Notebook, label: str) -> Receipt:  # noqa: ARG002
        """Apply to the snapshot at hand."""
        try:
            return apply_edit(notebook, edit).receipt
        except EditRejected as rejected:
            return rejection(edit, rejected)

    async def approve(self, question: str, *, remember_as: str) -> bool:  # noqa: ARG002
        """Ask on the terminal."""
        return bool(ask(question))

    def publish(self, event: Event) -> None:
        """Show an event."""
        self._show(event)

    def progress(self, title: str) -> StatusLine:
        """Open a line of progress."""
        return StatusLine(title).__enter__()
