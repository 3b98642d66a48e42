"""Permissions: asked once per workspace, remembered, never taken from the workspace itself."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

import platformdirs

logger = logging.getLogger(__name__)

Answer = Literal["allow", "always", "refuse"]

Ask = Callable[[], Awaitable[Answer]]


class Consent:
    """The answers a person gave, by workspace folder and what was asked for.

    An answer holds for as long as the server runs, *always* longer: it is kept in a file of the
    user's own. Two questions of one kind at the same time become one.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._answers: dict[tuple[str, str], asyncio.Task[bool]] = {}

    async def given(self, place: str, topic: str, ask: Ask, *, may_persist: bool) -> bool:
        """Return whether the person allows `topic` in `place`, asking if that is not known.

        The question stays open when one of those who wait for the answer gives up.
        """
        asked = self._answers.get((place, topic))
        if asked is None:
            asked = asyncio.ensure_future(self._settle(place, topic, ask, may_persist))
            self._answers[place, topic] = asked
        return await asyncio.shield(asked)

    async def _settle(self, place: str, topic: str, ask: Ask, may_persist: bool) -> bool:
        if may_persist and topic in (await asyncio.to_thread(self._read)).get(place, ()):
            return True
        answer = await ask()
        if answer == "always" and may_persist:
            await asyncio.to_thread(self._remember, place, topic)
        return answer != "refuse"

    def _read(self) -> dict[str, list[str]]:
        try:
            kept = json.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            logger.warning("the file of remembered permissions cannot be read")
            return {}
        return (
            {k: v for k, v in kept.items() if isinstance(v, list)} if isinstance(kept, dict) else {}
        )

    def _remember(self, place: str, topic: str) -> None:
        kept = self._read()
        kept[place] = sorted({*kept.get(place, ()), topic})
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # mkstemp makes the file 0600; the rename means that a reader sees all of it or none.
            handle, name = tempfile.mkstemp(dir=self._file.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(kept, file, indent=1)
            Path(name).replace(self._file)
        except OSError:
            logger.warning("the permission holds for now but could not be remembered")


def default_file() -> Path:
    """Return where permissions given for always are kept."""
    return Path(platformdirs.user_state_dir("cellwright")) / "permissions.json"
