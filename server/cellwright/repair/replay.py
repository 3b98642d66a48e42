"""What a candidate makes of a replay: which steps run, with which sources, before the cell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cellwright.dataflow.cell import analyse
from cellwright.dataflow.graph import Graph
from cellwright.dataflow.tree import statements
from cellwright.notebook.apply import apply_edit, map_span
from cellwright.notebook.edit import InsertCell, MoveCell, ReplaceText, Span, TextEdit
from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.notebook.run import CellError
from cellwright.repair.model import Candidate, Failure
from cellwright.repair.names import missing_name
from cellwright.repair.spelling import near
from cellwright.trials.model import Step

MEANT = 3
"""Names that a misspelt one may stand for, whose values are replayed too."""


@dataclass(frozen=True)
class Rehearsal:
    """A replay of a candidate: `steps`, then `failing` with its new source.

    `must_run` are spans of statements in the new source that have to be executed; `must_bind` the
    names that have to be bound afterwards.
    """

    notebook: Notebook
    steps: tuple[Step, ...]
    failing: Step
    must_run: tuple[Span, ...]
    must_bind: frozenset[str]


def text_edits_of(candidate: Candidate, cell: CellId) -> tuple[TextEdit, ...]:
    """Return the text edits that a candidate makes in one cell."""
    operations = candidate.edit.operations if candidate.edit else ()
    return tuple(
        edit
        for operation in operations
        if isinstance(operation, ReplaceText) and operation.cell == cell
        for edit in operation.edits
    )


def lost_names(before: Cell, after: Cell, edits: Sequence[TextEdit]) -> frozenset[str]:
    """Return the names the cell no longer binds, but for those whose every binding was edited."""
    flow = analyse(before.source)
    if not flow.complete:
        return frozenset()
    lost = flow.bound - analyse(after.source).bound
    return frozenset(
        name
        for name in lost
        if not all(
            any(e.span.start <= site.end and site.start <= e.span.end for e in edits)
            for site in flow.bindings.get(name, ())
        )
    )


def _statements_to_run(
    failure: Failure, source: str, edits: Sequence[TextEdit]
) -> tuple[Span, ...]:
    """Return where the statements that must be executed lie in the failed cell's new source."""
    if failure.error.ename in {"SyntaxError", "IndentationError", "TabError"}:
        spans = (_top_level_statement(source, _landed(edit, edits)) for edit in edits)
        return tuple(dict.fromkeys(span for span in spans if span is not None))
    if failure.diagnosis.cell != failure.cell.id:
        return ()
    statement = map_span(failure.statement, edits)
    return (statement,) if statement is not None and statement.start < statement.end else ()


def _landed(edit: TextEdit, edits: Sequence[TextEdit]) -> int:
    """Return the offset in the new source of the start of what an edit wrote."""
    shift = sum(
        len(other.text) - (other.span.end - other.span.start)
        for other in edits
        if other.span < edit.span
    )
    return edit.span.start + shift


def _top_level_statement(source: str, offset: int) -> Span | None:
    """Return the outermost statement at, or next after, an offset."""
    outermost = (s.span for s in statements(source) if s.depth == 0)
    return next((span for span in outermost if offset <= span.end), None)


def _structural(candidate: Candidate) -> frozenset[CellId]:
    """Return the cells that a candidate inserts or moves."""
    operations = candidate.edit.operations if candidate.edit else ()
    inserted = {op.cell.id for op in operations if isinstance(op, InsertCell)}
    return frozenset(inserted | {op.cell for op in operations if isinstance(op, MoveCell)})


def _edited_steps(failure: Failure, after: Notebook) -> list[Step]:
    """Return the replayed steps with the sources that the edit gives their cells."""
    before = failure.notebook
    last = {step.cell: index for index, step in enumerate(failure.steps)}
    steps = []
    for index, step in enumerate(failure.steps):
        old, new = before.get(step.cell), after.get(step.cell)
        if new is None and old is not None:
            continue
        if old is None or new is None or new.source == old.source or last[step.cell] != index:
            steps.append(step)
        else:
            # An edited cell is expected to run whole: what it half did before does not count.
            steps.append(replace(step, source=new.source, may_fail=False))
    return steps


def sliced(steps: Sequence[Step], failing: Step, names: Collection[str] = ()) -> tuple[Step, ...]:
    """Return the steps that the failing one, or one of `names`, depends on, in order."""
    every = (*steps, failing)
    halfway = {index for index, step in enumerate(steps) if step.may_fail}
    graph = Graph(((index, analyse(step.source)) for index, step in enumerate(every)), halfway)
    wanted = set(graph.backward_slice(len(steps)))
    for name in names:
        for definer in graph.definers(name, len(steps)):
            wanted |= {definer, *graph.backward_slice(definer)}
    return tuple(step for index, step in enumerate(steps) if index in wanted)


def sliced_for(error: CellError, steps: Sequence[Step], failing: Step) -> tuple[Step, ...]:
    """Return the slice of a failing step, and of the names that a missing one may stand for.

    A misspelt name leads nowhere, so the slice alone would not hold the value that was meant.
    """
    missing = missing_name(error) if error.ename == "NameError" else ""
    bound = {name for step in steps for name in analyse(step.source).bound}
    meant = near(missing, sorted(bound), limit=MEANT) if missing else []
    return sliced(steps, failing, [match.text for match in meant])


def rehearse(failure: Failure, candidate: Candidate) -> Rehearsal:
    """Return the replay in which a candidate is tried.

    Raises `EditRejected` when the edit does not fit the notebook of the failure.
    """
    before = failure.notebook
    after = apply_edit(before, candidate.edit).notebook if candidate.edit else before
    steps = _edited_steps(failure, after)
    moved = _structural(candidate)
    if moved:
        steps = [step for step in steps if step.cell not in moved]
        end = after.position(failure.cell.id)
        for cell in after.cells[:end]:
            if cell.id in moved and cell.kind == "code":
                steps.insert(_place(steps, after, cell), Step(cell.id, cell.source))
    extra = [Step(cell, after.cell(cell).source) for cell in candidate.run_first if cell in after]
    rerun = {step.cell for step in extra}
    steps = [step for step in steps if not (step.may_fail and step.cell in rerun)] + extra
    failed = after.get(failure.cell.id) or failure.cell
    if failure.sliced:
        steps = [*sliced(steps, Step(failed.id, failed.source))]
    edits = text_edits_of(candidate, failure.cell.id)
    certain = analyse(failure.cell.source).certain & analyse(failed.source).certain
    return Rehearsal(
        notebook=after,
        steps=tuple(steps),
        failing=Step(failed.id, failed.source),
        must_run=_statements_to_run(failure, failed.source, edits),
        must_bind=certain,
    )


def _place(steps: Sequence[Step], notebook: Notebook, cell: Cell) -> int:
    """Return where among the steps a cell runs when the notebook runs in document order."""
    position = notebook.position(cell.id)
    for index, step in enumerate(steps):
        if step.cell in notebook and notebook.position(step.cell) > position:
            return index
    return len(steps)
