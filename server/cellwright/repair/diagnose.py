"""Find where a cell failed, and why."""

from __future__ import annotations

from collections.abc import Sequence

from cellwright.dataflow.tree import statement_at
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.positions import line_starts
from cellwright.notebook.run import CellError, Frame
from cellwright.repair.explain import Scene, explain
from cellwright.repair.model import Diagnosis, Failure
from cellwright.trials.model import Step


def _offset(source: str, line: int, column: int | None) -> int:
    """Return the offset of a 1-based line and 0-based column, clamped into the source."""
    starts = line_starts(source)
    row = min(max(line, 1), len(starts)) - 1
    end = starts[row + 1] if row + 1 < len(starts) else len(source)
    if column is None:
        text = source[starts[row] : end]
        column = len(text) - len(text.lstrip())
    return min(starts[row] + column, end)


def _trimmed(source: str, span: Span) -> Span:
    """Return the span without the white space around its text."""
    text = source[span.start : span.end]
    start = span.start + len(text) - len(text.lstrip())
    return Span(start, max(start, span.start + len(text.rstrip())))


def frame_span(source: str, frame: Frame) -> tuple[Span, Span]:
    """Return the failing expression and the failing statement that a frame in a cell points at.

    Without columns (Python before 3.11, tracebacks as text) the expression is the statement.
    """
    start = _offset(source, frame.line, frame.column)
    line_start = source.rfind("\n", 0, start) + 1
    line_end = source.find("\n", start)
    line = Span(line_start, line_end if line_end >= 0 else len(source))
    statement = _trimmed(source, statement_at(source, start) or line)
    if frame.column is None or frame.end_column is None:
        return statement, statement
    end = _offset(source, frame.end_line or frame.line, frame.end_column)
    return (Span(start, end) if end > start else statement), statement


def diagnose(
    notebook: Notebook, cell: Cell, error: CellError, steps: Sequence[Step] = ()
) -> tuple[Diagnosis, Span]:
    """Say where and why `cell` failed; return that and the span of the failing statement.

    The place is the innermost frame in a cell that stands in the notebook as it ran, which may be
    a function in another cell; with no such frame it is the failed cell as a whole. `steps` are the
    run records before it.
    """
    ran = {step.cell: step.source for step in steps}
    frame = place = None
    for frame in reversed(error.frames):
        place = notebook.get(frame.cell) if frame.cell is not None else None
        if place is not None and (place.id == cell.id or ran.get(place.id) in (None, place.source)):
            break
        place = None
    if frame is None or place is None:
        place, whole = cell, _trimmed(cell.source, Span(0, len(cell.source)))
        span, statement = whole, whole
    else:
        span, statement = frame_span(place.source, frame)
    scene = Scene(notebook, place, error, steps, place.source[span.start : span.end])
    explanation = explain(scene)
    diagnosis = Diagnosis(
        cell=place.id,
        span=span,
        code=explanation.code,
        ename=error.ename,
        evalue=error.evalue,
        message=explanation.message,
        related=explanation.related,
        facts=explanation.facts,
    )
    return diagnosis, statement


def failure_of(notebook: Notebook, cell: Cell, error: CellError, steps: Sequence[Step]) -> Failure:
    """Return what the rules read of a failed cell."""
    diagnosis, statement = diagnose(notebook, cell, error, steps)
    return Failure(notebook, cell, error, tuple(steps), diagnosis, statement)
