"""Import what start-up does without, off the event loop."""

from __future__ import annotations

import asyncio
import importlib
import sys


async def preload(*modules: str) -> None:
    """Import modules in a thread, so that the import statement that follows costs nothing.

    The server answers `initialize` before it needs kernels, trials or the data flow; importing
    them on the loop would block it for longer than the 10 ms it is allowed.
    """
    for module in modules:
        if module not in sys.modules:
            await asyncio.to_thread(importlib.import_module, module)
