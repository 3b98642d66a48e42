from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from pathlib import Path

import psutil
import pytest

from cellwright.kernels.environment import Environment
from cellwright.trials.model import Limits, Step
from cellwright.trials.process import Guest

LIMITS = Limits(seconds=60.0, memory=2 << 30)


def below(folder: Path) -> list[str]:
    """Return the names of the processes that work in a folder: a guest and all it started."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
    return found


async def all_gone(folder: Path, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while below(folder):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


@pytest.fixture
def environment(tmp_path) -> Environment:
    return Environment((sys.executable,), str(tmp_path))


@pytest.fixture
async def guest(environment, tmp_path):
    async with await Guest.start(environment, LIMITS) as started:
        yield started
    assert await all_gone(tmp_path)


@pytest.fixture
def run(guest):
    """Run sources as the cells c0, c1, …; return the result of the last."""

    async def run_all(*sources, **arguments):
        for source in sources:
            name = f"c{len(guest.places.steps)}"
            result = await guest.run(Step(name, source), seconds=60.0, **arguments)
        return result

    return run_all
