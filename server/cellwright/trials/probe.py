"""The questions of `Probe`, put to a guest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from cellwright.notebook.run import CellError
from cellwright.trials.model import Value
from cellwright.trials.process import Guest, TrialFault
from cellwright.trials.results import syntax_error

_SECONDS = 15.0
"""Above the guest's own bound, which cannot stop one long call in C; then the guest is killed."""

_TUPLES = ("bases", "keys", "index_names", "shape")


class GuestProbe:
    """Asks one guest, and remembers its answers: rules ask the same things."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._asked: dict[tuple[Any, ...], asyncio.Task[Any]] = {}

    async def describe(self, expression: str, *, frame: int | None = 0) -> Value | None:
        """See `Probe.describe`."""
        facts = await self._ask("describe", expression=expression, frame=frame)
        if facts is None:
            return None
        listed = {name: tuple(facts[name]) for name in _TUPLES if name in facts}
        return Value(**{**facts, **listed})

    async def members(self, expression: str, *, frame: int | None = 0) -> tuple[str, ...]:
        """See `Probe.members`."""
        return tuple(await self._ask("members", expression=expression, frame=frame) or ())

    async def names(self, *, frame: int | None = 0) -> Mapping[str, str]:
        """See `Probe.names`."""
        return dict(await self._ask("names", frame=frame) or {})

    async def importable(self, module: str) -> bool:
        """See `Probe.importable`."""
        return bool(await self._ask("importable", module=module))

    async def submodules(self, package: str) -> tuple[str, ...]:
        """See `Probe.submodules`."""
        return tuple(await self._ask("submodules", package=package) or ())

    async def find_member(self, package: str, name: str) -> tuple[str, ...]:
        """See `Probe.find_member`."""
        return tuple(await self._ask("find_member", package=package, name=name) or ())

    async def distributions(self) -> Mapping[str, str]:
        """See `Probe.distributions`."""
        return dict(await self._ask("distributions") or {})

    async def folder(self, path: str) -> tuple[str, ...] | None:
        """See `Probe.folder`."""
        entries = await self._ask("folder", path=path)
        return None if entries is None else tuple(entries)

    async def syntax_error(self, source: str) -> CellError | None:
        """See `Probe.syntax_error`."""
        facts = await self._ask("syntax_error", source=source)
        return None if facts is None else syntax_error(source, facts)

    async def _ask(self, question: str, **arguments: Any) -> Any:
        """Ask once; a rule that is cancelled does not take the question from the others."""
        key = (question, *sorted(arguments.items()))
        task = self._asked.get(key)
        if task is None:
            task = asyncio.ensure_future(self._answer(question, arguments))
            self._asked[key] = task
        return await asyncio.shield(task)

    async def _answer(self, question: str, arguments: dict[str, Any]) -> Any:
        try:
            return await self._guest.probe(question, _SECONDS, **arguments)
        except TrialFault:
            return None
