"""Progress shown by the client, on the token of its request or on one of ours."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types

from cellwright.lsp.protocol import TOKEN

if TYPE_CHECKING:
    from cellwright.lsp.server import Server


class WorkDone:
    """One piece of slow work. The client cancels it through the task that opened it."""

    def __init__(self, server: Server, title: str) -> None:
        self._server = server
        self._task = asyncio.current_task()
        self._begun = self._ended = False
        held = TOKEN.get()
        given = held.take() if held is not None else None
        self._token = given if given is not None else str(uuid.uuid4())
        if given is not None:
            self._begin(title)
        elif server.abilities.progress:
            self._opening = asyncio.ensure_future(self._open(title))

    async def _open(self, title: str) -> None:
        params = types.WorkDoneProgressCreateParams(self._token)
        if (
            await self._server.ask(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)
            and not self._ended
        ):
            self._begin(title)

    def _begin(self, title: str) -> None:
        self._begun = True
        self._server.works[self._token] = self
        self._send(types.WorkDoneProgressBegin(title, cancellable=self._task is not None))

    def report(self, message: str, percentage: int | None = None) -> None:
        """Say what is being done."""
        if self._begun and not self._ended:
            self._send(types.WorkDoneProgressReport(message=message, percentage=percentage))

    def end(self, message: str = "") -> None:
        """Say that it is over."""
        if self._begun and not self._ended:
            self._send(types.WorkDoneProgressEnd(message=message or None))
            self._server.works.pop(self._token, None)
        self._ended = True

    def cancel(self) -> None:
        """Cancel the work, as the client asks."""
        if self._task is not None:
            self._task.cancel()

    def _send(self, value: object) -> None:
        self._server.notify(types.PROGRESS, types.ProgressParams(self._token, value))
