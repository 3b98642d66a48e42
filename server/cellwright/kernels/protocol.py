"""The one protocol that every kind of kernel speaks: own, live, remote, simulated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from cellwright.notebook.run import CellError, Output

KernelKind = Literal["own", "live", "remote", "simulated"]


class KernelFault(Exception):
    """A kernel could not do what was asked. The message names the cause and the way out."""


class KernelDied(KernelFault):
    """The kernel's process ended while it was needed."""


@dataclass(frozen=True)
class Started:
    """The kernel has taken the code up; `execution_count` is its prompt number."""

    execution_count: int


@dataclass(frozen=True)
class OutputAdded:
    """A new output, or more text of the last stream output of the same name."""

    output: Output


@dataclass(frozen=True)
class OutputsCleared:
    """The code asked for its outputs to be cleared (`wait`: only when the next one comes)."""

    wait: bool = False


@dataclass(frozen=True)
class DisplayUpdated:
    """The data of an earlier display with that id changed."""

    display_id: str
    output: Output


@dataclass(frozen=True)
class Finished:
    """The last event of a run."""

    status: Literal["completed", "failed", "interrupted", "died"]
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

    def execute(self, source: str, *, silent: bool = False) -> AsyncIterator[KernelEvent]:
        """Run code and stream its events; the last is `Finished`, also when the kernel dies."""
        ...

    async def interrupt(self) -> None:
        """Interrupt what runs, an `await` included."""
        ...

    async def restart(self) -> None:
        """Restart the kernel: a new namespace, the same session."""
        ...

    async def shutdown(self) -> None:
        """End the kernel and leave nothing behind. Safe to call twice."""
        ...

    async def alive(self) -> bool:
        """Return whether the kernel's process lives and its heart beats."""
        ...
