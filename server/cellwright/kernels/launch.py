"""Start and end the process of an own kernel."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from cellwright.kernels import registry, specs
from cellwright.kernels.protocol import KernelFault

_log = logging.getLogger(__name__)

_TUNING = ("--HistoryManager.enabled=False", "--IPythonKernel._execute_sleep=0")
"""What makes ipykernel twice as quick per cell: no SQLite history, no pause after a cell."""

_TAIL = 8_000


class Launched:
    """A kernel's process, with the folder and the registry entry that it has while it lives."""

    def __init__(self, spec: specs.Spec, cwd: str, notebook: str) -> None:
        self.spec = spec
        self._cwd = cwd
        self._entry, folder = registry.open_entry(spec.name, notebook)
        self._tail = _Tail()
        self._environment = os.environ | ({"JPY_SESSION_NAME": notebook} if notebook else {})
        self.manager = _manager(spec, folder)

    @property
    def id(self) -> str:
        """The kernel's id in the registry."""
        return self._entry.id

    @property
    def pid(self) -> int | None:
        """The id of the kernel's process; None for one that runs elsewhere."""
        return getattr(self.manager.provisioner, "pid", None)

    async def start(self) -> None:
        """Start the process. Raises `KernelFault` when that fails."""
        try:
            await self.manager.start_kernel(
                extra_arguments=list(_TUNING) if self.spec.is_ipykernel else [],
                cwd=self._cwd,
                env=self._environment,
                stdout=self._tail.writer,
                stderr=self._tail.writer,
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise KernelFault(
                f"The kernel {self.spec.name!r} cannot be started: {error}"
            ) from error
        finally:
            self._tail.start()
        if self.pid is not None:
            self._entry = registry.launched(self._entry, self.pid)

    async def wait(self) -> str:
        """Wait until the process has ended, and return how, as the end of a sentence."""
        code = await self.manager.provisioner.wait()
        return ending(code)

    def tail(self) -> str:
        """Return the end of what the process wrote to its own stdout and stderr."""
        return self._tail.text()

    async def interrupt(self) -> None:
        """Interrupt as the kernelspec says: a signal to the process group, or a message."""
        with contextlib.suppress(RuntimeError, ProcessLookupError):
            await self.manager.interrupt_kernel()

    async def kill(self) -> None:
        """Kill the process and those it started."""
        await self.manager.provisioner.kill()

    async def clean(self) -> None:
        """Kill what still runs and remove all that was made for the kernel."""
        if self.manager.provisioner is not None:
            await self.manager.shutdown_kernel(now=True)
        self._tail.close()
        registry.forget(self.id)


def ending(code: int | None) -> str:
    """Say how a process ended, from its exit code (negative: a signal, as in `subprocess`)."""
    if code is None or code == 0:
        return "ended by itself"
    if code > 0:
        return f"exited with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name == "SIGKILL":
        return "was killed (SIGKILL), perhaps because memory ran out"
    return f"was ended by {name}"


def _manager(spec: specs.Spec, folder: Path) -> Any:
    import zmq
    import zmq.asyncio
    from jupyter_client.manager import AsyncKernelManager

    sockets = folder / "s"
    # The kernel may bind any of five, each its number longer than the prefix.
    ipc = zmq.has("ipc") and sys.platform != "win32"
    ipc = ipc and len(os.fsencode(f"{sockets}-5")) <= zmq.IPC_PATH_MAX_LEN
    where = {"transport": "ipc", "ip": str(sockets)} if ipc else {}
    return AsyncKernelManager(
        kernel_name=spec.name,
        kernel_spec_manager=specs.manager(),
        connection_file=str(folder / "connection.json"),
        context=zmq.asyncio.Context.instance(),
        log=_log,
        **where,
    )


class _Tail:
    """Keeps the end of what a process writes, however much that is."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._started = False

    def start(self) -> None:
        """Give up our end for writing, and read until the process has closed its own."""
        os.close(self.writer)
        self._started = True
        self._thread.start()

    def text(self) -> str:
        """Return what was kept; complete when the process and its children have ended."""
        self._thread.join(0.5)
        return self._kept.decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Give up what is left of the pipe."""
        if not self._started:
            self.start()

    def _read(self) -> None:
        with os.fdopen(self._reader, "rb", buffering=0) as pipe:
            while chunk := pipe.read(65_536):
                self._kept = (self._kept + chunk)[-_TAIL:]
