"""Run cells for real, in the notebook's own kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cellwright.kernels.protocol import (
    DisplayUpdated,
    KernelEvent,
    KernelFault,
    KernelInfo,
    OutputAdded,
    OutputsCleared,
    Started,
)
from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.notebook.run import CellError, Frame, RunRecord
from cellwright.session.client import CellOutput, Client
from cellwright.session.preload import preload
from cellwright.session.settings import Settings

if TYPE_CHECKING:
    from cellwright.kernels.own import OwnKernel

KILL_AFTER = 10.0
"""Seconds that an interrupted cell has to end before its kernel is killed at the time limit."""


class Runner:
    """The own kernel of one notebook, started when first needed, one cell at a time.

    `on_end` is called whenever the kernel and its state are gone, for whatever reason. `stops`
    counts how often someone stopped the kernel: what was asked for before that is not to run.
    """

    def __init__(
        self,
        client: Client,
        folder: Path,
        settings: Settings,
        label: str,
        *,
        on_end: Callable[[], None],
    ) -> None:
        self._client = client
        self._folder = folder
        self._settings = settings
        self._label = label
        self._on_end = on_end
        self._kernel: OwnKernel | None = None
        self._watch: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._changing = asyncio.Lock()
        self._closed = False
        self.stops = 0
        self._sources: dict[CellId, str] = {}

    def configure(self, settings: Settings) -> None:
        """Use other settings for the next kernel and the next cell."""
        self._settings = settings

    @property
    def info(self) -> KernelInfo | None:
        """What is known of the kernel, None while there is none."""
        return self._kernel.info if self._kernel else None

    def turn(self) -> asyncio.Lock:
        """Return the lock that a run holds: cells run one at a time."""
        return self._turn

    async def run(self, cell: Cell, notebook: Notebook) -> RunRecord:
        """Run a cell and return its record; its outputs are published as they come.

        A cell that is slower than the time limit is interrupted, and killed if that does not
        help. Cancelling interrupts it. Raises `KernelFault` when no kernel can be had.
        """
        async with self._changing:
            kernel = await self._ready(notebook)
        from cellwright.kernels.runs import record

        self._sources[cell.id] = cell.source
        events = kernel.execute(cell.source, cell=cell.id)
        limit = asyncio.ensure_future(self._limit(kernel))
        try:
            ran = await record(cell.id, cell.source, events, lambda e: self._publish(cell.id, e))
        except asyncio.CancelledError:
            await kernel.interrupt(kill_after=KILL_AFTER)
            raise
        finally:
            limit.cancel()
        if ran.error is None:
            return ran
        return replace(ran, error=located(ran.error, self._sources))

    async def interrupt(self) -> None:
        """Interrupt what runs; nothing when nothing does."""
        self.stops += 1
        if self._kernel is not None:
            await self._kernel.interrupt()

    async def restart(self) -> None:
        """Restart the kernel, if there is one."""
        self.stops += 1
        async with self._changing:
            if self._kernel is not None:
                await self._kernel.restart()
                self._watch_end(self._kernel)

    async def shutdown(self) -> None:
        """End the kernel. Safe to call twice."""
        self.stops += 1
        async with self._changing:
            kernel, self._kernel = self._kernel, None
            if kernel is not None:
                await kernel.shutdown()

    async def close(self) -> None:
        """End the kernel, and start none again."""
        self._closed = True
        await self.shutdown()

    async def _limit(self, kernel: OwnKernel) -> None:
        seconds = self._settings.cell_seconds
        if seconds is not None:
            await asyncio.sleep(seconds)
            await kernel.interrupt(kill_after=KILL_AFTER)

    async def _ready(self, notebook: Notebook) -> OwnKernel:
        if self._closed:
            raise KernelFault("The notebook has been closed.")
        if self._kernel is None:
            await preload("cellwright.kernels.own")
            from cellwright.kernels.outputs import OutputLimits
            from cellwright.kernels.own import OwnKernel

            self._kernel = OwnKernel(
                await asyncio.to_thread(self._kernel_name, notebook),
                cwd=str(self._folder),
                notebook=self._label,
                limits=OutputLimits(self._settings.output),
                on_late=self._late,
            )
        if not await self._kernel.alive():
            await self._kernel.start()
            self._watch_end(self._kernel)
        return self._kernel

    def _kernel_name(self, notebook: Notebook) -> str:
        from cellwright.kernels.specs import find

        if self._settings.kernel_name:
            return find(self._settings.kernel_name).name
        return find(notebook.kernel_name, or_default=notebook.language == "python").name

    def _watch_end(self, kernel: OwnKernel) -> None:
        async def watch() -> None:
            await kernel.ended()
            self._sources.clear()
            self._on_end()

        self._watch = asyncio.ensure_future(watch())

    def _late(self, cell_id: CellId | None, event: KernelEvent) -> None:
        if cell_id is not None:
            self._publish(cell_id, event)

    def _publish(self, cell_id: CellId, event: KernelEvent) -> None:
        match event:
            case Started():
                self._client.publish(CellOutput(cell_id, None, clear=True))
            case OutputsCleared():
                self._client.publish(CellOutput(cell_id, None, clear=True))
            case OutputAdded():
                self._client.publish(CellOutput(cell_id, event.output, display_id=event.display_id))
            case DisplayUpdated():
                self._client.publish(
                    CellOutput(cell_id, event.output, display_id=event.display_id, update=True)
                )


def located(error: CellError, sources: Mapping[CellId, str]) -> CellError:
    """Return the error with its frames in cells moved from IPython's lines to the cells' own."""
    from cellwright.dataflow.source import to_python

    def own(frame: Frame) -> Frame:
        source = sources.get(frame.cell) if frame.cell else None
        if source is None:
            return frame
        line, _ = to_python(source).lines.original(frame.line, 0)
        return replace(frame, line=line)

    return replace(error, frames=tuple(own(frame) for frame in error.frames))
