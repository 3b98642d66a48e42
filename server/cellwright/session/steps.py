"""What a trial replays: run records where there are any, else the document's order."""

from __future__ import annotations

from collections.abc import Sequence

from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import RunRecord
from cellwright.trials.model import Step

EXPECTED_ERROR_TAG = "raises-exception"
"""The cell tag by which nbclient and Jupyter Book know an error that is meant."""


def expects_error(cell: Cell) -> bool:
    """Return whether the cell is tagged as one that is meant to fail."""
    tags = cell.metadata.get("tags")
    return isinstance(tags, list | tuple) and EXPECTED_ERROR_TAG in tags


def document_steps(notebook: Notebook, before: Cell | None = None) -> tuple[Step, ...]:
    """Return the code cells as steps in document order, up to a cell (not included) if given."""
    end = len(notebook) if before is None else notebook.position(before.id)
    return tuple(
        Step(cell.id, cell.source, may_fail=expects_error(cell))
        for cell in notebook.cells[:end]
        if cell.kind == "code" and cell.source.strip()
    )


def recorded_steps(records: Sequence[RunRecord]) -> tuple[Step, ...]:
    """Return runs as steps, in run order; a run that failed left its effects half done."""
    return tuple(
        Step(record.cell, record.source, may_fail=record.status != "completed")
        for record in records
    )


def attached_late(records: Sequence[RunRecord]) -> bool:
    """Return whether cells ran before the first record, so that records alone replay too little."""
    counts = [r.execution_count for r in records if r.execution_count is not None]
    return not counts or min(counts) > 1


def steps_before(notebook: Notebook, cell: Cell, records: Sequence[RunRecord]) -> tuple[Step, ...]:
    """Return what ran before a cell failed, given the records before that failure.

    Where runs are missing at the start, the document's order stands in for them: the cells above,
    each with the source that is known to have run.
    """
    if not attached_late(records):
        return recorded_steps(records)
    seen = {record.cell for record in records}
    unseen = [step for step in document_steps(notebook, cell) if step.cell not in seen]
    above = {step.cell: step for step in unseen}
    recorded = recorded_steps(records)
    return (*above.values(), *recorded)


def as_document(notebook: Notebook, steps: Sequence[Step]) -> tuple[Step, ...] | None:
    """Return the steps with the text that the document has now, or None where nothing differs.

    A cell that was run twice is replayed once, where it last ran; one that is gone is left out.
    """
    last = {step.cell: index for index, step in enumerate(steps)}
    current = []
    for index, step in enumerate(steps):
        cell = notebook.get(step.cell)
        if cell is not None and last[step.cell] == index:
            current.append(Step(cell.id, cell.source, may_fail=step.may_fail))
    return None if tuple(current) == tuple(steps) else tuple(current)
