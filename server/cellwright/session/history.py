"""What ran in the kernel of one notebook."""

from __future__ import annotations

from collections.abc import Sequence

from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.notebook.run import RunRecord
from cellwright.session.steps import attached_late, document_steps, steps_before
from cellwright.trials.model import Step


class History:
    """Runs in order since the kernel started; `epoch` counts the kernel's starts."""

    def __init__(self) -> None:
        self._records: list[RunRecord] = []
        self._last: dict[CellId, int] = {}
        self._by_count: dict[int, CellId] = {}
        self.epoch = 0

    @property
    def records(self) -> Sequence[RunRecord]:
        """All runs of this epoch, in order."""
        return tuple(self._records)

    def add(self, record: RunRecord) -> None:
        """Take note of a run."""
        self._last[record.cell] = len(self._records)
        self._records.append(record)
        if record.execution_count is not None:
            self._by_count[record.execution_count] = record.cell

    def last(self, cell_id: CellId) -> RunRecord | None:
        """Return the last run of a cell in this epoch."""
        index = self._last.get(cell_id)
        return None if index is None else self._records[index]

    def cell_of_count(self, count: int) -> CellId | None:
        """Return the cell that ran under an execution count."""
        return self._by_count.get(count)

    def restart(self) -> tuple[CellId, ...]:
        """Begin a new epoch; return the cells that had run."""
        cells = tuple(self._last)
        self._records, self._last, self._by_count = [], {}, {}
        self.epoch += 1
        return cells

    def seconds_before(self, cell: Cell) -> float | None:
        """Return how long the runs before the last run of a cell took; None if not known."""
        index = self._last.get(cell.id)
        before = [] if index is None else self._records[:index]
        seconds = [record.duration for record in before if record.duration is not None]
        known = len(seconds) == len(before) and not attached_late(before)
        return sum(seconds) if known else None

    def steps_before(self, notebook: Notebook, cell: Cell) -> tuple[Step, ...]:
        """Return what ran before the last run of a cell; the cells above it if it never ran."""
        index = self._last.get(cell.id)
        if index is None:
            return document_steps(notebook, cell)
        return steps_before(notebook, cell, self._records[:index])
