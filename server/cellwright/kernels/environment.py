"""The environment of a notebook's kernel: what a trial's guest must reproduce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Environment:
    """How to start the interpreter of a kernel.

    `argv` is the command up to and without the kernel's own module (`-m ipykernel_launcher …`), so
    that `[*argv, script]` runs a script in it. `env` holds only what the kernelspec adds.
    `stands_in_for` names the kernel that was wanted, where this is the default one instead of it.
    """

    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    kernel_name: str = "python3"
    language: str = "python"
    stands_in_for: str | None = None
