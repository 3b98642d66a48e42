"""The one protocol that every kind of kernel speaks: own, live, remote, simulated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from cellwright.notebook.model import CellId
from cellwright.notebook.run import CellError, Output, RunStatus

KernelKind = Literal["own", "live", "remote", "simulated"]


class KernelFault(Exception):
    """A kernel could not do what was asked. The message names the cause and the way out."""


class KernelDied(KernelFault):
    """The kernel's process ended while it was needed."""


@dataclass(frozen=True)
class Started:
    """The kernel has taken the code up; `execution_count` is its prompt number.

    A silent run has no prompt number and no such event.
    """

    execution_count: int


@dataclass(frozen=True)
class OutputAdded:
    """A new output, or more text of the last stream output of the same name.

    `display_id` names a display that may be updated later.
    """

    output: Output
    display_id: str | None = None


@dataclass(frozen=True)
class OutputsCleared:
    """The run's outputs so far are gone.

    For `clear_output(wait=True)` this comes right before the next output.
    """


@dataclass(frozen=True)
class DisplayUpdated:
    """The data of all displays with that id changed, those of earlier runs included."""

    display_id: str
    output: Output


@dataclass(frozen=True)
class Finished:
    """The last event of a run. The error of one that died says what became of the kernel."""

    status: RunStatus
    execution_count: int | None = None
    error: CellError | None = None


KernelEvent = Started | OutputAdded | OutputsCleared | DisplayUpdated | Finished


@dataclass(frozen=True)
class KernelInfo:
    """What is known of a running kernel."""

    id: str
    kind: KernelKind
    name: str
    language: str
    pid: int | None = None
    started: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)


class KernelSession(Protocol):
    """A kernel that can be driven. All methods raise `KernelFault` with a plain message."""

    @property
    def info(self) -> KernelInfo | None:
        """What is known of the kernel; None before `start`."""
        ...

    async def start(self) -> None:
        """Start or attach, and return when the kernel answers."""
        ...

    def execute(
        self, source: str, *, cell: CellId | None = None, silent: bool = False
    ) -> AsyncIterator[KernelEvent]:
        """Run code and stream its events; the last is `Finished`, also when the kernel dies.

        Runs are taken one at a time, in the order asked for. `cell` is what frames of later
        tracebacks are mapped to. A caller that stops listening does not stop the run: `interrupt`
        does. Raises `KernelDied` when there is no kernel to run it.
        """
        ...

    async def interrupt(self, *, kill_after: float | None = None) -> None:
        """Interrupt what runs, an `await` included; nothing when nothing runs.

        Code that holds the interpreter, such as a long C call, ends only when that returns:
        `kill_after` seconds later the kernel is killed (None: never).
        """
        ...

    async def restart(self) -> None:
        """Restart the kernel: a new namespace, the same session. A run under way dies."""
        ...

    async def shutdown(self) -> None:
        """End the kernel and leave nothing behind. Safe to call twice."""
        ...

    async def alive(self) -> bool:
        """Return whether the kernel's process lives."""
        ...

    async def ended(self) -> str:
        """Wait until the kernel has ended, and return how, as a sentence. A restart ends it too."""
        ...
