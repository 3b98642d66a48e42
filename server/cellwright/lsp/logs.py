"""The server's log: to stderr or a file, and never with what a person wrote or set."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Discreet(logging.Formatter):
    """Writes of an exception only its type and place: its message may quote a cell or a setting."""

    def formatException(  # noqa: N802 (the name is logging's)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | Any
    ) -> str:
        """Return one line about an exception."""
        kind, _, trace = ei
        frames = traceback.extract_tb(trace)
        place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        return f"{kind.__name__ if kind else 'no exception'}{place}"


def configure(level: str, file: Path | None) -> None:
    """Send the log of our own code to a file (0600) or stderr. Raises OSError."""
    handler: logging.Handler
    if file is None:
        handler = logging.StreamHandler()
    else:
        file.touch(mode=0o600, exist_ok=True)
        handler = logging.FileHandler(file, encoding="utf-8")
    debugging = level.lower() == "debug"
    handler.setFormatter(logging.Formatter(FORMAT) if debugging else Discreet(FORMAT))
    for name in ("cellwright", "asyncio"):
        ours = logging.getLogger(name)
        ours.handlers = [handler]
        ours.propagate = False
    logging.getLogger("cellwright").setLevel(level.upper())
    # pygls logs whole messages, with settings and cell texts in them, at every level.
    pygls = logging.getLogger("pygls")
    pygls.propagate = False
    pygls.setLevel(logging.CRITICAL + 1)
