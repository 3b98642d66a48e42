"""A guest process, seen from the host: start it, run steps, ask questions, end it whole."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from cellwright.kernels.environment import Environment
from cellwright.notebook.edit import Span
from cellwright.trials.guest import wire
from cellwright.trials.memory import default_limit
from cellwright.trials.model import Limits, Step, StepResult
from cellwright.trials.output import CapturedOutput
from cellwright.trials.results import Places, RanStep, mark

_SCRIPT = Path(__file__).with_name("guest") / "main.py"
_START_SECONDS = 30.0
_END_SECONDS = 5.0
_OWN_VARIABLES = ("PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "PYTHONSTARTUP", "PYTHONINSPECT")
"""Variables that say how *our* interpreter was started, and would mislead another one."""


class TrialFault(Exception):
    """Why nothing can be tried: a sentence for a person."""


class TooSlow(TrialFault):
    """A guest took longer than it may, and was killed."""


class GuestDied(TrialFault):
    """A guest's process ended while it was needed. `signal` is what killed it, if anything did."""

    def __init__(self, reason: str, signal: int | None = None) -> None:
        super().__init__(reason)
        self.signal = signal


class Guest:
    """A process of the notebook's interpreter that runs steps in one namespace.

    Use `async with await Guest.start(...)`: leaving the block kills the process and everything
    that was started below it.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        output: CapturedOutput,
    ) -> None:
        self._process = process
        self._reader, self._writer = streams
        self._output = output
        self._turn = asyncio.Lock()
        self.places = Places()
        self.python = ""
        self.ipython = ""

    @classmethod
    async def start(cls, environment: Environment, limits: Limits) -> Guest:
        """Start a guest and wait until it is ready. Raises `TrialFault` with the way out."""
        if os.name != "posix":
            raise TrialFault("Trials need Linux or macOS; this system cannot run them.")
        guest = await cls._spawn(environment, limits.output)
        try:
            memory = default_limit() if limits.memory is None else limits.memory
            facts = await guest.ask("start", _START_SECONDS, memory=memory)
            guest.python, guest.ipython = facts["python"], facts["ipython"]
        except GuestDied as fault:
            said = await guest._last_words()
            raise TrialFault(f"{environment.argv[0]} could not start: {said or fault}") from fault
        except TooSlow as fault:
            raise TrialFault(
                f"{environment.argv[0]} did not start within {_START_SECONDS:g} s."
            ) from fault
        finally:
            if not guest.python:
                await guest.close()
        return guest

    @classmethod
    async def _spawn(cls, environment: Environment, output_cap: int) -> Guest:
        ours, theirs = socket.socketpair()
        streams = await asyncio.open_connection(sock=ours)
        output = CapturedOutput(output_cap)
        try:
            process = await asyncio.create_subprocess_exec(
                *environment.argv,
                str(_SCRIPT),
                str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output.write_end,
                stderr=output.write_end,
                pass_fds=(theirs.fileno(),),
                cwd=environment.cwd,
                env=_variables(environment),
                start_new_session=True,
            )
        except BaseException as error:
            output.close()
            streams[1].close()
            if isinstance(error, OSError):
                raise TrialFault(f"{environment.argv[0]} cannot be run: {error}.") from error
            raise
        finally:
            theirs.close()
            os.close(output.write_end)
        return cls(process, streams, output)

    async def run(
        self, step: Step, *, marks: Sequence[Span] = (), seconds: float | None = None
    ) -> StepResult:
        """Run one step within `seconds` and return what came of it, also when the code fails.

        `marks` are statements of the step's source (by where they start); the result says which
        of them began to run. Raises `TooSlow` and `GuestDied`; the guest is gone then.
        """
        started = time.monotonic()
        places = await self._marks(step, marks, seconds) if marks else []
        facts = await self.ask("run", seconds, source=step.source, marks=places)
        self.places.steps.append(RanStep.of(step.cell, step.source, facts["transformed"]))
        error = None if facts["error"] is None else self.places.error(facts["error"])
        return StepResult(
            cell=step.cell,
            ok=error is None,
            seconds=time.monotonic() - started,
            error=error,
            output=self._output.take(),
            result=facts["result"],
            transformed=facts["transformed"],
            executed=frozenset(facts["executed"]),
            bound=frozenset(facts["bound"]),
            displays=facts["displays"],
            asked_input=facts["asked_input"],
        )

    async def _marks(self, step: Step, marks: Sequence[Span], seconds: float | None) -> list[Any]:
        try:
            transformed = await self.ask("transform", seconds, source=step.source)
        except GuestRefused:
            transformed = None  # the step itself will fail with the reason
        ran = RanStep.of(step.cell, step.source, transformed)
        return [mark(ran, _place(step.source, span.start)) for span in marks]

    async def probe(self, question: str, seconds: float, **arguments: Any) -> Any:
        """Ask one of the questions of `guest/probes.py`; what it prints is dropped."""
        answer = await self.ask("probe", seconds, question=question, arguments=arguments)
        self._output.take()
        return answer

    async def ask(self, do: str, seconds: float | None, **arguments: Any) -> Any:
        """Send one request and wait for its answer, `seconds` at most.

        Raises `TooSlow`, `GuestDied`, and `GuestRefused` when the guest says that it cannot.
        """
        async with self._turn:
            try:
                self._writer.write(wire.pack({"do": do, **arguments}))
                answer = json.loads(await asyncio.wait_for(self._frame(), seconds))
            except asyncio.TimeoutError:  # not the built-in one before Python 3.11
                self.kill()
                raise TooSlow(f"slower than the budget ({seconds:.3g} s)") from None
            except (OSError, asyncio.IncompleteReadError):
                raise await self._death() from None
            except BaseException:
                self.kill()  # half an answer may be on the way: nothing can be asked any more
                raise
        if "fault" in answer:
            raise GuestRefused(answer["fault"])
        return answer["ok"]

    async def _frame(self) -> bytes:
        header = await self._reader.readexactly(wire.HEADER.size)
        return await self._reader.readexactly(*wire.HEADER.unpack(header))

    def kill(self) -> None:
        """Have the guest and all below it killed at once; `close` waits for it."""
        with contextlib.suppress(OSError):
            self._writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        """Kill the guest with everything that it started, and wait until all is gone."""
        self.kill()
        await asyncio.shield(self._end())

    async def _end(self) -> None:
        try:
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        except asyncio.TimeoutError:  # the keeper itself is stuck
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._writer.close()
        self._output.close()

    async def _death(self) -> GuestDied:
        self.kill()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        status = self._process.returncode
        if status is not None and status < 0:
            name = signal.Signals(-status).name
            return GuestDied(f"the process running the notebook was killed ({name})", -status)
        return GuestDied(f"the process running the notebook ended (exit status {status})")

    async def _last_words(self) -> str:
        lines = self._output.take().strip().splitlines()
        return lines[-1] if lines else ""

    async def __aenter__(self) -> Guest:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class GuestRefused(TrialFault):
    """A guest answered that it cannot do what was asked."""


def _variables(environment: Environment) -> dict[str, str]:
    """Return a kernel's environment: ours, less what concerns our interpreter, and its spec's."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name not in _OWN_VARIABLES and not name.startswith("CELLWRIGHT_")
    }
    return {**ours, **environment.env}


def _place(source: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and 0-based column of an offset."""
    before = source[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
