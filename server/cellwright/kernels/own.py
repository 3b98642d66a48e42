"""A kernel of our own: started, driven and ended by us."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator

from cellwright.kernels import registry, specs
from cellwright.kernels.launch import Launched
from cellwright.kernels.outputs import OutputLimits
from cellwright.kernels.protocol import Finished, KernelDied, KernelEvent, KernelFault, KernelInfo
from cellwright.kernels.runs import LateListener, Run, finished
from cellwright.kernels.wire import Message, Wire
from cellwright.notebook.model import CellId
from cellwright.notebook.run import CellError

_FAREWELL = 2.0
"""Seconds a kernel has to end by itself: for its exit handlers, and after `quit()`."""

_BEGINS = 2.0
"""Seconds an interrupt waits for its run to begin before it goes out all the same."""

_REMEMBERED = 100
"""Runs whose late outputs are still told of."""


class OwnKernel:
    """A kernel in a process of its own; implements `KernelSession`.

    `notebook` is the path that the kernel is listed under. Starting fails after `start_timeout`
    seconds without an answer. `on_late` is told, on the event loop, of outputs that come when their
    run is over: from a thread, or from a program whose output the kernel reads through a pipe.
    """

    def __init__(
        self,
        kernel_name: str | None = None,
        *,
        cwd: str,
        notebook: str = "",
        limits: OutputLimits | None = None,
        start_timeout: float = 60.0,
        on_late: LateListener | None = None,
    ) -> None:
        self._kernel_name = kernel_name
        self._cwd = cwd
        self._notebook = notebook
        self._limits = limits or OutputLimits()
        self._start_timeout = start_timeout
        self._on_late = on_late
        self._info: KernelInfo | None = None
        self._life: _Life | None = None
        self._turn = asyncio.Lock()
        self._changing = asyncio.Lock()

    @property
    def info(self) -> KernelInfo | None:
        """What is known of the kernel; None before `start`."""
        return self._info

    async def start(self) -> None:
        """Start the kernel, and return when it answers; nothing when it runs.

        Raises `KernelFault` with what the kernel wrote when it does not come up.
        """
        async with self._changing:
            if not self._running:
                await self._start()

    async def execute(
        self, source: str, *, cell: CellId | None = None, silent: bool = False
    ) -> AsyncIterator[KernelEvent]:
        """Run code and stream its events; see `KernelSession.execute`.

        Code that asks for input fails with `StdinNotImplementedError`.
        """
        await self._turn.acquire()
        if not self._running:
            self._turn.release()
            raise KernelDied(self._end())
        run = Run(cell, self._limits, silent=silent, on_late=self._on_late)
        self._running.execute(source, run)
        run.done.add_done_callback(lambda _: self._turn.release())
        async for event in run.events():
            yield event

    async def interrupt(self, *, kill_after: float | None = None) -> None:
        """Interrupt what runs; see `KernelSession.interrupt`."""
        if self._running:
            await self._running.interrupt(kill_after)

    async def restart(self) -> None:
        """Restart the kernel: a new namespace, the same session. A run under way dies."""
        async with self._changing:
            await self._stop("The kernel was restarted.")
            await self._start()

    async def shutdown(self) -> None:
        """End the kernel and leave nothing behind. Safe to call twice."""
        async with self._changing:
            await self._stop("The kernel was shut down.")

    async def alive(self) -> bool:
        """Return whether the kernel's process lives."""
        return self._running is not None

    async def ended(self) -> str:
        """Wait until the kernel has ended, and return how, as a sentence."""
        if self._life is not None:
            await asyncio.shield(self._life.ended)
        return self._end()

    @property
    def _running(self) -> _Life | None:
        return None if self._life is None or self._life.ended.done() else self._life

    def _end(self) -> str:
        return (
            "The kernel has not been started." if self._life is None else self._life.ended.result()
        )

    async def _start(self) -> None:
        process = await asyncio.to_thread(self._prepare)
        try:
            await process.start()
        except BaseException:
            await process.clean()
            raise
        life = _Life(process)
        try:
            await life.handshake(self._start_timeout)
        except BaseException:
            await life.stop("The kernel did not start.")
            raise
        self._life = life
        self._info = KernelInfo(
            id=process.id,
            kind="own",
            name=process.spec.name,
            language=process.spec.language.lower(),
            pid=process.pid,
            started=time.time(),
        )

    def _prepare(self) -> Launched:
        registry.stop_orphans()
        return Launched(specs.find(self._kernel_name), self._cwd, self._notebook)

    async def _stop(self, reason: str) -> None:
        if self._running:
            await self._running.stop(reason)


class _Life:
    """One process of an own kernel, from its start to its end; a restart makes another."""

    def __init__(self, process: Launched) -> None:
        self._process = process
        self._wire = Wire(process.manager, self._published)
        self._run: Run | None = None
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._concluding: asyncio.Task[None] | None = None
        self._cells: dict[int, CellId] = {}
        self._reason: str | None = None
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._watch = asyncio.create_task(self._watch_process())

    async def handshake(self, timeout: float) -> None:
        """Wait until the kernel answers and what it publishes reaches us.

        Raises `KernelFault` when it ends, or `timeout` seconds go by. This is quicker by some 0.2 s
        than jupyter_client's `wait_for_ready`, and leaves no stray replies behind.
        """
        deadline = asyncio.get_running_loop().time() + timeout
        answered = asyncio.Event()
        self._wire.send("shell", "kernel_info_request", {}, lambda _: answered.set())
        ready = asyncio.create_task(answered.wait())
        try:
            await asyncio.wait(
                {ready, self._watch}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
            while answered.is_set() and not self._wire.heard.is_set():
                if asyncio.get_running_loop().time() > deadline or self._watch.done():
                    break
                # The subscription was late for the last answer's status: ask for another.
                self._wire.send("shell", "kernel_info_request", {})
                await asyncio.wait({self._watch}, timeout=0.05)
        finally:
            ready.cancel()
        if not (answered.is_set() and self._wire.heard.is_set()):
            raise KernelFault(await self._failure(timeout))

    def execute(self, source: str, run: Run) -> None:
        """Have the kernel run code; `run` gets what comes of it."""
        request = {
            "code": source,
            "silent": run.silent,
            "store_history": not run.silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        self._run = run
        self._runs[self._wire.send("shell", "execute_request", request, run.reply)] = run
        if len(self._runs) > _REMEMBERED:
            self._runs.popitem(last=False)
        self._concluding = asyncio.create_task(self._conclude(run))

    async def interrupt(self, kill_after: float | None) -> None:
        """Interrupt the run under way, if any, and kill the process when that does not end it."""
        run = self._run
        if run is None:
            return
        # Before the code runs, a kernel ignores the signal.
        await run.has_begun(_BEGINS)
        run.interrupted = True
        await self._process.interrupt()
        waking = asyncio.create_task(self._wake(run))
        run.done.add_done_callback(lambda _: waking.cancel())
        if kill_after is None:
            return
        await asyncio.wait({run.done}, timeout=kill_after)
        if not run.done.done():
            await self._kill(
                f"The kernel was killed: it ignored an interrupt for {kill_after:g} s."
            )

    async def _wake(self, run: Run) -> None:
        """Wake an event loop that only waits: not until then does it look at the signal.

        The signal is repeated, more and more seldom: code may swallow a KeyboardInterrupt, as a
        callback of the kernel's own does.
        """
        pause = 0.05
        while not run.done.done() and pause < 60:
            self._wire.send("shell", "kernel_info_request", {})
            await asyncio.wait({run.done}, timeout=pause)
            pause *= 2
            if pause > 1 and not run.is_ending:
                await self._process.interrupt()

    async def stop(self, reason: str) -> None:
        """End the process: politely, then not."""
        self._reason = self._reason or reason
        if self._run is not None:
            await self._process.interrupt()
        if not self._watch.done():
            self._wire.send("control", "shutdown_request", {"restart": False})
            await asyncio.wait({self._watch}, timeout=_FAREWELL)
        if not self._watch.done():
            await self._kill(reason)

    async def _kill(self, reason: str) -> None:
        self._reason = self._reason or reason
        await self._process.kill()
        await asyncio.wait({self._watch}, timeout=_FAREWELL)

    async def _watch_process(self) -> None:
        how = await self._process.wait()
        await self._wire.settled()
        tail = await asyncio.to_thread(self._process.tail)
        if self._concluding is not None:
            self._concluding.cancel()
        await self._wire.close()
        await self._process.clean()
        self.ended.set_result(self._reason or "\n".join(filter(None, [f"The kernel {how}.", tail])))
        if self._run is not None:
            self._finish(self._run)

    async def _conclude(self, run: Run) -> None:
        await run.over()
        if run.interrupted:
            await self._answers()
        if run.quits:
            await asyncio.wait({self._watch}, timeout=_FAREWELL)
        self._finish(run)

    async def _answers(self) -> None:
        """Wait until the kernel answers: what is left of an interrupt must not hit the next run."""
        answered = asyncio.Event()
        self._wire.send("shell", "kernel_info_request", {}, lambda _: answered.set())
        waiting = asyncio.create_task(answered.wait())
        await asyncio.wait({waiting, self._watch}, timeout=_BEGINS, return_when="FIRST_COMPLETED")
        waiting.cancel()

    def _finish(self, run: Run) -> None:
        self._run = None
        if run.answer is not None:
            run.finish(finished(run.answer, run.interrupted, self._cells.get, run.cell))
        elif self.ended.done():
            run.finish(Finished("died", error=CellError("KernelDied", self.ended.result())))
        else:
            run.finish(Finished("interrupted", error=CellError("KeyboardInterrupt", "")))

    def _published(self, message: Message) -> None:
        run = self._runs.get(message.parent)
        if run is None:
            return
        if message.kind == "execute_input" and run.cell is not None:
            self._cells[message.content["execution_count"]] = run.cell
        run.message(message)

    async def _failure(self, timeout: float) -> str:
        name, ended = self._process.spec.name, self._watch.done()
        await self.stop(f"The kernel did not answer within {timeout:g} s.")
        reason = self.ended.result()
        tail = "" if ended else self._process.tail()
        how_to = _advice(self._process.spec, reason)
        return "\n".join(
            filter(None, [f"The kernel {name!r} did not start. {reason}", tail, how_to])
        )


def _advice(spec: specs.Spec, reason: str) -> str:
    if "No module named ipykernel" in reason:
        python = " ".join(specs.interpreter(spec))
        return f"Its environment has no ipykernel. Install it: `{python} -m pip install ipykernel`."
    return f"See what `{' '.join(spec.argv)}` says in a terminal, or choose another kernel."
