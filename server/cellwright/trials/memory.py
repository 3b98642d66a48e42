"""How much memory a trial may take."""

from __future__ import annotations

import os
from pathlib import Path


def default_limit() -> int | None:
    """Return half of the memory that is available now, in bytes; None where it is not known."""
    known = [amount for amount in (_system(), _control_group()) if amount is not None]
    return max(min(known) // 2, 0) if known else None


def _system() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _control_group() -> int | None:
    """Return what a container may still take (cgroup v2, as seen from inside it)."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
        return None if limit == "max" else int(limit) - used
    except (OSError, ValueError):
        return None
