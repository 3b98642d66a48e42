"""Sessions that close themselves, and a check that they leave no process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from front import Front, open_session

from cellwright.session.session import Session

Opened = Callable[..., Any]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def opening(sources: list[str], **options: Any) -> AsyncIterator[tuple[Session, Front]]:
        session, front = open_session(sources, tmp_path, **options)
        try:
            yield session, front
        finally:
            await session.close()

    return opening


def below(folder: Path) -> list[str]:
    """Return the names of the processes that work in a folder: kernels, guests, their children."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
    return found


async def all_gone(folder: Path, seconds: float = 20.0) -> bool:
    """Return whether the processes in a folder come to their end."""
    deadline = time.monotonic() + seconds
    while below(folder):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


@pytest.fixture
def nothing_left(tmp_path: Path) -> Callable[[], Any]:
    """Return a question: have all processes in the test's folder ended?"""
    return lambda: all_gone(tmp_path)
