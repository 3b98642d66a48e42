"""What a user can set about a session. Nothing here comes from a workspace file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Bounds and choices of one session.

    `fix_seconds` is the wall clock that all trials of one failure may take together, beyond the
    first replay; `replay_seconds` bounds one replay; `cell_seconds` one cell run for real (None:
    no bound); `memory` is in bytes (None: half of what is free). `trials_automatic` works out
    offers as soon as a cell fails. `confidence` is the threshold for a preferred offer.
    """

    kernel_name: str | None = None
    fix_seconds: float = 60.0
    replay_seconds: float = 60.0
    cell_seconds: float | None = None
    memory: int | None = None
    output: int = 1_000_000
    trials_automatic: bool = True
    confidence: float = 0.75
