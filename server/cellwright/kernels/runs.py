"""One run of a piece of code: from a kernel's messages to events, from events to a run record."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cellwright.kernels.outputs import Cap, OutputLimits, from_message
from cellwright.kernels.protocol import (
    DisplayUpdated,
    Finished,
    KernelEvent,
    OutputAdded,
    OutputsCleared,
    Started,
)
from cellwright.kernels.tracebacks import cell_error
from cellwright.kernels.wire import Message
from cellwright.notebook.model import CellId
from cellwright.notebook.run import Output, RunRecord

_GRACE = 2.0
"""Seconds in which `idle` may follow the reply, counted anew with each output.

The reply follows `idle` in five times that; after an interrupt, in a quarter."""


LateListener = Callable[[CellId | None, KernelEvent], None]
"""What is told of outputs that come when their run is over, with the cell that ran."""


class Run:
    """Turns the messages of one execute request into events.

    It is over when both the reply and `idle` have come, or the reply and then silence: a kernel
    that had to drop messages may have dropped `idle` too. Events that nobody has taken yet are
    merged, so that a slow listener costs no more memory than the outputs that stand. Outputs that
    come after the end, from a thread or another program's pipe, go to `on_late`.
    """

    def __init__(
        self,
        cell: CellId | None,
        limits: OutputLimits,
        *,
        silent: bool = False,
        on_late: LateListener | None = None,
    ) -> None:
        self.cell = cell
        self.silent = silent
        self.interrupted = False
        self._begun = asyncio.Event()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answer: Mapping[str, Any] | None = None
        self._answered = asyncio.Event()
        self._cap = Cap(limits)
        self._idle = asyncio.Event()
        self._pending: deque[KernelEvent] = deque()
        self._news = asyncio.Event()
        self._clear_next = False
        self._heard = 0
        self._listening = True
        self._on_late = on_late

    def message(self, message: Message) -> None:
        """Take an IOPub message that belongs to the run."""
        self._heard += 1
        content = message.content
        if message.kind == "execute_input":
            self._put(Started(content["execution_count"]))
            self._begun.set()
        elif message.kind == "status":
            if content["execution_state"] == "idle":
                self._idle.set()
            elif self.silent:
                self._begun.set()
        elif message.kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self._clear()
        else:
            self._output(message)

    def reply(self, message: Message) -> None:
        """Take the reply to the request."""
        self.answer = message.content
        self._answered.set()

    async def has_begun(self, at_most: float) -> None:
        """Wait until the kernel has taken the code up, or that many seconds have gone by."""
        await _wait(self._begun, at_most)

    @property
    def is_ending(self) -> bool:
        """Whether the kernel has said that the code is over, in one way or the other."""
        return self._answered.is_set() or self._idle.is_set()

    @property
    def quits(self) -> bool:
        """Whether the code asked the kernel to end: `quit()` answers first and ends then."""
        payloads = self.answer.get("payload", ()) if self.answer else ()
        return any(payload.get("source") == "ask_exit" for payload in payloads)

    async def over(self) -> None:
        """Wait until all of the run has come; `answer` stays None when no reply does.

        ipykernel sends none when an interrupt falls between its own steps.
        """
        first = {asyncio.ensure_future(e.wait()) for e in (self._answered, self._idle)}
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in first:
                waiting.cancel()
        if self.answer is None:
            await _wait(self._answered, _GRACE / 4 if self.interrupted else 5 * _GRACE)
        heard = -1
        while not self._idle.is_set() and heard != self._heard:
            heard = self._heard
            await _wait(self._idle, _GRACE)

    def finish(self, finished: Finished) -> None:
        """Close the run; what was left out is said first."""
        for notice in self._cap.summary():
            self._put(OutputAdded(notice))
        self._put(finished)
        self._begun.set()
        self.done.set_result(None)

    async def events(self) -> AsyncIterator[KernelEvent]:
        """Yield the events, `Finished` last."""
        try:
            while True:
                while not self._pending:
                    self._news.clear()
                    await self._news.wait()
                event = self._take()
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            self._listening = False
            self._pending.clear()

    def _output(self, message: Message) -> None:
        output = from_message(message.kind, message.content)
        if output is None:
            return
        output = replace(output, cut=message.cut)
        display_id = message.content.get("transient", {}).get("display_id")
        if message.kind == "update_display_data":
            self._update(display_id, output, message.size)
            return
        self._clear()
        admitted = self._cap.admit(output, message.size)
        if admitted is not None:
            self._put(OutputAdded(admitted, display_id))

    def _update(self, display_id: str, output: Output, size: int) -> None:
        self._pending = deque(
            event
            for event in self._pending
            if not (isinstance(event, DisplayUpdated) and event.display_id == display_id)
        )
        # An update replaces what was counted before, so only its own size is held to the limit.
        shown = Cap(self._cap.limits).admit(output, size)
        if shown is not None:
            self._put(DisplayUpdated(display_id, shown))

    def _clear(self) -> None:
        """Carry out a clear that is due: what is cleared need not be told at all."""
        if not self._clear_next:
            return
        self._clear_next = False
        self._cap.cleared()
        self._pending = deque(
            event for event in self._pending if not isinstance(event, OutputAdded | OutputsCleared)
        )
        self._put(OutputsCleared())

    def _put(self, event: KernelEvent) -> None:
        if self.done.done():
            if self._on_late is not None:
                self._on_late(self.cell, event)
        elif self._listening:
            self._pending.append(event)
            self._news.set()

    def _take(self) -> KernelEvent:
        event = self._pending.popleft()
        if isinstance(event, OutputAdded) and event.output.kind == "stream":
            return self._joined(event)
        return event

    def _joined(self, first: OutputAdded) -> OutputAdded:
        """Join the stream outputs of one name that wait in a row."""
        same = [first.output]
        while self._pending:
            event = self._pending[0]
            if not (isinstance(event, OutputAdded) and _continues(first.output, event.output)):
                break
            same.append(event.output)
            self._pending.popleft()
        return OutputAdded(_join(same)) if len(same) > 1 else first


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def finished(
    reply: Mapping[str, Any],
    interrupted: bool,
    cell_of_count: Callable[[int], CellId | None],
    cell: CellId | None,
) -> Finished:
    """Return the last event of the run of `cell` from the content of its reply."""
    count = reply.get("execution_count")
    if reply["status"] == "ok":
        return Finished("completed", count)
    error = cell_error(reply, cell_of_count, cell)
    interrupted = interrupted or error.ename == "KeyboardInterrupt"
    return Finished("interrupted" if interrupted else "failed", count, error)


@dataclass
class RunLog:
    """Folds the events of one run into its record; each event as it comes, then `record`.

    `started` is seconds since the epoch; `clock` gives elapsed seconds.
    """

    cell: CellId
    source: str
    started: float = field(default_factory=time.time)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._begin = self.clock()
        self._duration: float | None = None
        self._count: int | None = None
        self._finished = Finished("died")
        self._outputs: list[tuple[str | None, list[Output]]] = []

    def add(self, event: KernelEvent) -> None:
        """Take the next event."""
        if isinstance(event, Started):
            self._count = event.execution_count
        elif isinstance(event, OutputAdded):
            self._add(event)
        elif isinstance(event, OutputsCleared):
            self._outputs.clear()
        elif isinstance(event, DisplayUpdated):
            self._update(event)
        else:
            self._finished = event
            self._duration = self.clock() - self._begin

    def record(self) -> RunRecord:
        """Return the record of what has come so far; a run without an end counts as died."""
        return RunRecord(
            cell=self.cell,
            source=self.source,
            status=self._finished.status,
            execution_count=self._finished.execution_count or self._count,
            started=self.started,
            duration=self._duration,
            outputs=tuple(_join(pieces) for _, pieces in self._outputs),
            error=self._finished.error,
        )

    def _add(self, event: OutputAdded) -> None:
        if self._outputs and _continues(self._outputs[-1][1][0], event.output):
            self._outputs[-1][1].append(event.output)
        else:
            self._outputs.append((event.display_id, [event.output]))

    def _update(self, event: DisplayUpdated) -> None:
        self._outputs = [
            (display_id, [replace(event.output, kind=pieces[0].kind)])
            if display_id == event.display_id
            else (display_id, pieces)
            for display_id, pieces in self._outputs
        ]


async def record(
    cell: CellId,
    source: str,
    events: AsyncIterator[KernelEvent],
    on_event: Callable[[KernelEvent], None] | None = None,
) -> RunRecord:
    """Run through the events of `KernelSession.execute` and return the run's record."""
    log = RunLog(cell, source)
    async for event in events:
        log.add(event)
        if on_event is not None:
            on_event(event)
    return log.record()


def _continues(before: Output, after: Output) -> bool:
    return before.kind == after.kind == "stream" and before.name == after.name


def _join(pieces: list[Output]) -> Output:
    if len(pieces) == 1:
        return pieces[0]
    text = "".join(piece.text for piece in pieces)
    return replace(pieces[0], text=text, cut=sum(piece.cut for piece in pieces))
