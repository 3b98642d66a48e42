"""Failures without a kernel: what pure functions of `repair/` are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import CellError, Frame
from cellwright.repair.diagnose import failure_of
from cellwright.repair.model import Failure
from cellwright.trials.model import Step


def notebook_of(*sources: str) -> Notebook:
    """Return a notebook of the cells c1, c2, …"""
    return Notebook(tuple(Cell(f"c{i}", "code", text) for i, text in enumerate(sources, 1)))


def failure(
    notebook: Notebook,
    cell: str,
    *,
    ename: str = "NameError",
    evalue: str = "name 'x' is not defined",
    ran: Sequence[str | Step] = (),
    line: int = 1,
    frames: Sequence[Frame] | None = None,
    **attributes: Any,
) -> Failure:
    """Return the failure of a cell after some runs, with one frame at a line of it by default."""
    if frames is None:
        frames = (Frame("<cell>", line, cell=cell),)
    error = CellError(ename, evalue, tuple(frames), attributes=attributes)
    steps = [
        step if isinstance(step, Step) else Step(step, notebook.cell(step).source) for step in ran
    ]
    return failure_of(notebook, notebook.cell(cell), error, steps)
