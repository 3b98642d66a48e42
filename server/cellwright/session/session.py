"""One open notebook: its document, its kernel, its run log, its offers.

All methods belong to the event loop's thread. The document changes only through `update`, the run
log only through `ran`; everybody else reads snapshots.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cellwright.kernels.protocol import KernelInfo
from cellwright.notebook.edit import NotebookEdit, Receipt
from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.notebook.run import RunRecord
from cellwright.repair.model import Offer, Repair
from cellwright.session.analysis import Analysis
from cellwright.session.client import (
    CellState,
    Client,
    Finding,
    FindingsChanged,
    OffersChanged,
    StateChanged,
)
from cellwright.session.findings import failure_finding
from cellwright.session.history import History
from cellwright.session.offers import HeldRepair, OfferWithdrawn, Shelf, fingerprint
from cellwright.session.preload import preload
from cellwright.session.running import Runner
from cellwright.session.settings import Settings
from cellwright.session.staleness import Staleness
from cellwright.session.steps import expects_error

logger = logging.getLogger(__name__)


class Session:
    """An open notebook. Create it on the event loop; `close` ends all it started.

    `folder` is where the notebook's kernel runs. `automatic` is False for a notebook outside the
    workspace folders: nothing runs in it unless a person asks. `label` names it to a person.
    """

    def __init__(
        self,
        notebook: Notebook,
        client: Client,
        *,
        folder: Path,
        settings: Settings,
        automatic: bool = True,
        label: str = "",
    ) -> None:
        self._notebook = notebook
        self._client = client
        self._folder = folder
        self._settings = settings
        self._automatic = automatic
        self._history = History()
        self._shelf = Shelf()
        self._running: set[CellId] = set()
        self._failures: dict[CellId, Finding] = {}
        self._shown: dict[CellId, tuple[Finding, ...]] = {}
        self._fixing: dict[CellId, asyncio.Task[Repair | None]] = {}
        self._fixes: set[asyncio.Task[Repair | None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._closed = False
        self._undo: dict[str, NotebookEdit] = {}
        self._runner = Runner(client, folder, settings, label, on_end=self._kernel_ended)
        self._analysis = Analysis(self._publish_findings, self._has_run)
        self._analysis.update(notebook, changed=[cell.id for cell in notebook.cells], removed=())
        self._staleness = Staleness(lambda: self._notebook, self._history, self._stale_changed)

    # The document

    @property
    def notebook(self) -> Notebook:
        """The document as it is now."""
        return self._notebook

    @property
    def folder(self) -> Path:
        """Where the notebook's kernel and its trials run."""
        return self._folder

    def update(
        self, notebook: Notebook, *, changed: Iterable[CellId], removed: Iterable[CellId] = ()
    ) -> None:
        """Take the next snapshot. `changed` are cells whose text, kind or place is new."""
        if self._closed:
            return
        changed, removed = set(changed), set(removed)
        touched = changed | removed
        self._notebook = notebook
        self._analysis.update(notebook, changed=changed, removed=removed)
        self._staleness.look_again()
        for held in self._shelf.take_broken(notebook, self._history.epoch, among=touched):
            self._withdrawn(held)
        for cell_id in touched & self._fixing.keys():
            self._fixing.pop(cell_id).cancel()
        # A failure that shows in another cell goes with that cell's text, too.
        for cell_id in [
            c for c, f in self._failures.items() if not touched.isdisjoint({c, f.cell})
        ]:
            self._show_failure(cell_id, None)

    def configure(self, settings: Settings) -> None:
        """Use other settings from now on (a kernel that runs keeps its own)."""
        self._settings = settings
        self._runner.configure(settings)

    # Running

    @property
    def kernel(self) -> KernelInfo | None:
        """What is known of the own kernel, None while there is none."""
        return self._runner.info

    @property
    def records(self) -> Sequence[RunRecord]:
        """The runs since the kernel started, in run order."""
        return self._history.records

    def ran(self, record: RunRecord) -> None:
        """Take note of a run, by our kernel or by anyone's; a failure starts the work on a fix.

        A run that was interrupted, or whose kernel died, is not tried again unasked.
        """
        if self._closed:
            return
        self._history.add(record)
        self._settle(record.cell)
        self._publish_findings(record.cell)
        self._analysis.look_again({record.cell, *self._analysis.readers(record.cell)})
        self._staleness.ran(record.cell)
        self._publish_states([record.cell])
        if record.status == "died":
            self._kernel_ended()
        cell = self._notebook.get(record.cell)
        if cell is None or record.error is None or expects_error(cell):
            return
        if cell.source == record.source and record.status != "interrupted":
            self._start_fix(cell, record, unasked=self._why_not_unasked(record))

    def _why_not_unasked(self, record: RunRecord) -> str:
        """Return why fixes of a failure are not tried unless someone asks; '' where they are."""
        if record.status == "died":
            return "its kernel died"
        if not self._automatic:
            return "the notebook is outside the workspace folders: ask for the fix"
        return (
            "" if self._settings.trials_automatic else "automatic trials are off: ask for the fix"
        )

    async def run(self, cells: Sequence[CellId]) -> tuple[RunRecord, ...]:
        """Run cells in order in the notebook's own kernel, until one fails that should not.

        What waits for its turn runs with the text it has then; interrupting, restarting or ending
        the kernel drops it. Returns the records of those that ran. Raises `KernelFault`,
        `UnknownCell`.
        """
        records = []
        stops = self._runner.stops
        for cell_id in [self._notebook.cell(cell_id).id for cell_id in cells]:
            async with self._runner.turn():
                cell = self._notebook.get(cell_id)
                if self._runner.stops != stops:
                    break
                if cell is None or cell.kind != "code" or not cell.source.strip():
                    continue
                record = await self._run_one(cell)
            records.append(record)
            if record.status != "completed" and not expects_error(cell):
                break
        return tuple(records)

    async def _run_one(self, cell: Cell) -> RunRecord:
        stops, epoch = self._runner.stops, self._history.epoch
        self._running.add(cell.id)
        self._publish_states([cell.id])
        try:
            record = await self._runner.run(cell, self._notebook)
            self._running.discard(cell.id)
            # A run that ended because someone ended its kernel is no failure to tell of.
            died = record.status == "died" and self._runner.stops == stops
            if died or self._history.epoch == epoch:
                self.ran(record)
            return record
        finally:
            self._running.discard(cell.id)
            self._publish_states([cell.id])

    async def interrupt(self) -> None:
        """Interrupt the own kernel. Raises `KernelFault`."""
        await self._runner.interrupt()

    async def restart(self) -> None:
        """Restart the own kernel: its state, and all that rested on it, are gone."""
        self._give_up_kernel()
        await self._runner.restart()

    async def shutdown(self) -> None:
        """End the own kernel."""
        self._give_up_kernel()
        await self._runner.shutdown()

    def _give_up_kernel(self) -> None:
        """Forget the kernel's state before it ends: a run that ends with it belongs to the past."""
        if self._runner.info is not None:
            self._kernel_ended()

    async def close(self) -> None:
        """End the kernel, the trials and the analysis. Safe to call twice."""
        self._closed = True
        for task in self._fixes:
            task.cancel()
        self._analysis.close()
        self._staleness.close()
        await asyncio.gather(*self._fixes, return_exceptions=True)
        await self._runner.close()

    def _kernel_ended(self) -> None:
        """Forget the kernel's state. What failed stays shown: its cause is still in the text."""
        if self._closed:
            return
        cells = self._history.restart()
        for held in self._shelf.take_broken(self._notebook, self._history.epoch):
            self._withdrawn(held)
        self._analysis.look_again(cells)
        self._staleness.look_again()
        self._publish_states(cells)

    # States and findings

    def state(self, cell_id: CellId) -> CellState:
        """Return the state of a cell."""
        if cell_id in self._running:
            return "running"
        if cell_id in self._failures:
            return "failed"
        record = self._history.last(cell_id)
        if record is None:
            return "idle"
        if cell_id in self._staleness.stale:
            return "stale"
        return "completed" if record.status == "completed" else "failed"

    def states(self) -> Mapping[CellId, CellState]:
        """Return the state of every code cell."""
        return {cell.id: self.state(cell.id) for cell in self._notebook.code_cells}

    def findings(self, cell_id: CellId) -> tuple[Finding, ...]:
        """Return what is to be shown in a cell."""
        failures = tuple(f for f in self._failures.values() if f.cell == cell_id)
        stale = self._staleness.finding(cell_id)
        # What a failure has shown need not be said again from the text.
        from_text = (
            finding
            for finding in self._analysis.findings(cell_id)
            if not any(
                finding.span.start <= f.span.end and f.span.start <= finding.span.end
                for f in failures
            )
        )
        return (*failures, *from_text, *((stale,) if stale else ()))

    def rerun_plan(self, cells: Iterable[CellId]) -> tuple[CellId, ...]:
        """Return cells and what ran and depends on them, in document order: the least to re-run."""
        wanted = {cell for cell in cells if cell in self._notebook}
        for cell_id in tuple(wanted):
            dependents = self._analysis.dependents(cell_id)
            wanted.update(d for d in dependents if self._history.last(d) is not None)
        return tuple(cell.id for cell in self._notebook.code_cells if cell.id in wanted)

    def _publish_states(self, cells: Iterable[CellId]) -> None:
        states = {cell: self.state(cell) for cell in cells if cell in self._notebook}
        if states:
            self._client.publish(StateChanged(states))

    def _has_run(self, cell: Cell) -> bool:
        """Return whether the text that the cell has now ran to its end in the kernel as it is."""
        record = self._history.last(cell.id)
        return record is not None and record.status == "completed" and record.source == cell.source

    def _stale_changed(self, cells: Iterable[CellId]) -> None:
        for cell_id in cells:
            self._publish_findings(cell_id)
        self._publish_states(cells)

    def _publish_findings(self, cell_id: CellId) -> None:
        """Publish what is to be shown in a cell, unless that is what is shown already."""
        findings = self.findings(cell_id) if cell_id in self._notebook else ()
        if findings != self._shown.get(cell_id, ()):
            self._shown[cell_id] = findings
            self._client.publish(FindingsChanged(cell_id, findings))

    def _show_failure(self, failed: CellId, finding: Finding | None) -> None:
        """Show or clear the failure of a cell at the place, maybe in another cell, it shows at."""
        old = self._failures.pop(failed, None)
        if finding is not None:
            self._failures[failed] = finding
        if old != finding:
            for cell_id in {shown.cell for shown in (old, finding) if shown is not None}:
                self._publish_findings(cell_id)
        if (old is None) != (finding is None):
            self._publish_states([failed])

    # Fixes

    def repair(self, cell_id: CellId) -> Repair | None:
        """Return the repair at hand for a failed cell. Never starts work."""
        held = self._shelf.get(cell_id)
        return held.repair if held else None

    def repairs_at(self, cell_id: CellId) -> tuple[HeldRepair, ...]:
        """Return the repairs whose failed cell, or the place it shows at, is this cell."""
        return self._shelf.showing_in(cell_id)

    def offer(self, offer_id: str) -> Offer:
        """Return an offer that stands. Raises `OfferWithdrawn`."""
        return self._shelf.offer(offer_id)[1]

    async def fix(self, cell_id: CellId) -> Repair | None:
        """Return the repair of a cell, working it out (trials included) if it is not at hand.

        A cell that has not failed is run in a trial first; None when it runs clean there, or holds
        nothing to run. Cancelling ends the trials. Raises `UnknownCell`, `KernelFault` when the
        cell cannot be run in a trial, and `OfferWithdrawn` when it was edited meanwhile.
        """
        cell = self._notebook.cell(cell_id)
        if cell.kind != "code" or not cell.source.strip():
            return None
        held = self._shelf.get(cell_id)
        if held and not held.repair.can_be_tried_again:
            return held.repair
        if task := self._fixing.get(cell_id):
            repair = await self._outcome(task)
            if repair is None or not repair.can_be_tried_again or cell_id not in self._notebook:
                return repair
        cell = self._notebook.cell(cell_id)
        return await self._outcome(self._start_fix(cell, self._history.last(cell_id)))

    async def _outcome(self, task: asyncio.Task[Repair | None]) -> Repair | None:
        """Wait for the work on a fix; it ends with the one who waits for it."""
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        if task.cancelled():
            raise OfferWithdrawn("the cell changed, or the search was cancelled, before it ended")
        return task.result()

    def _start_fix(
        self, cell: Cell, record: RunRecord | None, *, unasked: str = ""
    ) -> asyncio.Task[Repair | None]:
        """Start the work on a fix; `unasked` is why it is to stop at the diagnosis, if it is."""
        if old := self._fixing.pop(cell.id, None):
            old.cancel()
        task = asyncio.ensure_future(self._fix(cell, record, unasked))
        self._fixing[cell.id] = task
        self._fixes.add(task)

        def done(finished: asyncio.Task[Repair | None]) -> None:
            self._fixes.discard(finished)
            if self._fixing.get(cell.id) is finished:
                del self._fixing[cell.id]
            if not finished.cancelled() and (fault := finished.exception()):
                logger.warning("no fix could be worked out: %s", fault)

        task.add_done_callback(done)
        return task

    async def _fix(self, cell: Cell, record: RunRecord | None, unasked: str) -> Repair | None:
        await preload("cellwright.session.fixing")
        from cellwright.session.fixing import Question, attend, diagnosis_of

        error = record.error if record and record.source == cell.source else None
        notebook, epoch = self._notebook, self._history.epoch
        question = Question(
            notebook=notebook,
            cell=cell,
            error=error,
            steps=self._history.steps_before(notebook, cell),
            seconds=self._history.seconds_before(cell),
            folder=self._folder,
            settings=self._settings,
        )
        diagnosis = await diagnosis_of(question)
        if diagnosis is not None:
            self._show_failure(cell.id, failure_finding(diagnosis, None))
        repair: Repair | None
        if diagnosis is not None and unasked:
            repair = Repair(diagnosis, unverifiable=unasked)
        else:
            async with self._one_at_a_time:
                repair = await attend(question, diagnosis, self._client)
        if repair is None:
            return None
        rests_on = {cell.id, repair.diagnosis.cell, *(step.cell for step in question.steps)}
        held = HeldRepair(cell.id, repair, fingerprint(notebook, rests_on, epoch))
        if not held.rests_on.holds(self._notebook, self._history.epoch):
            return repair.withdrawn()
        self._shelf.put(held)
        self._show_failure(cell.id, failure_finding(repair.diagnosis, repair))
        self._client.publish(OffersChanged(cell.id, held.offer_ids))
        return repair

    def _settle(self, cell_id: CellId) -> None:
        """Drop what is known of a cell's earlier failure."""
        if task := self._fixing.pop(cell_id, None):
            task.cancel()
        if held := self._shelf.take(cell_id):
            self._withdrawn(held)
        self._show_failure(cell_id, None)

    def _withdrawn(self, held: HeldRepair) -> None:
        """Say that offers no longer stand; the failure itself stays shown."""
        if held.cell in self._failures:
            self._show_failure(held.cell, failure_finding(held.repair.diagnosis, None))
        if held.offer_ids:
            self._client.publish(OffersChanged(held.cell, ()))

    async def apply(self, offer_id: str) -> Receipt:
        """Apply an offer where the document lives; the receipt says what landed.

        Raises `OfferWithdrawn` when the notebook is not what the offer was made for.
        """
        held, offer = self._shelf.offer(offer_id)
        edit = offer.candidate.edit
        if edit is None:
            raise OfferWithdrawn("this fix changes nothing: it runs other cells first")
        receipt = await self._client.apply(edit, self._notebook, offer.candidate.title)
        if receipt.status == "applied" and receipt.inverse is not None:
            self._undo[offer_id] = receipt.inverse
        # The change may already have come in through `update`, which took the repair away.
        if receipt.status != "rejected" and self._shelf.get(held.cell) in (held, None):
            self._settle(held.cell)
        return receipt

    async def undo(self, offer_id: str) -> Receipt:
        """Take back, in all its cells, an offer that was applied.

        Raises `OfferWithdrawn` when there is nothing to take back.
        """
        inverse = self._undo.get(offer_id)
        if inverse is None:
            raise OfferWithdrawn("there is no applied fix of that name to undo")
        receipt = await self._client.apply(inverse, self._notebook, "Undo this fix")
        if receipt.status == "applied":
            del self._undo[offer_id]
        return receipt
