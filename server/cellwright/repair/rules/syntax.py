"""Cells that do not compile: syntax, indentation, tabs, and what was pasted that is no code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cellwright.notebook.edit import ChangeKind, NotebookEdit, Operation, ReplaceText
from cellwright.notebook.model import Cell
from cellwright.notebook.run import CellError
from cellwright.notebook.text import text_change
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.syntax.check import fault, local_check
from cellwright.repair.syntax.describe import explanation, priors, title
from cellwright.repair.syntax.generators.arguments import parameters_in
from cellwright.repair.syntax.generators.pasted import is_prose
from cellwright.repair.syntax.generators.words import name_uses
from cellwright.repair.syntax.model import Fault, SourceRepair
from cellwright.repair.syntax.scan import scan
from cellwright.repair.syntax.search import repair_source
from cellwright.trials.model import Probe

NAME = "syntax"
MOST_CANDIDATES = 8
_MOST_QUESTIONS = 40
_NO_TRIAL = "there is no code to run in a Markdown cell"


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return edits after which the cell compiles in the notebook's own Python."""
    cell = failure.notebook.get(failure.diagnosis.cell)
    if cell is None or not cell.is_python:
        return []
    error = await probe.syntax_error(cell.source)
    if error is None:
        return []
    repairs = await _confirmed(failure, cell, error, probe)
    if not repairs and is_prose(cell.source):
        return [_as_text(cell)]
    return [
        Candidate(
            title=title(repair),
            rule=NAME,
            prior=prior,
            edit=NotebookEdit(tuple(_operations(failure, cell, repair))),
            guesses=repair.guesses,
            explanation=explanation(repair),
        )
        for repair, prior in zip(repairs, priors(repairs), strict=True)
    ]


async def _confirmed(
    failure: Failure, cell: Cell, error: CellError, probe: Probe
) -> list[SourceRepair]:
    """Search, and keep what the guest's Python compiles; go on from what only ours does."""
    begun = [SourceRepair(cell.source, 0.0, ())]
    errors = {cell.source: error}
    kept: dict[str, SourceRepair] = {}
    questions = 0
    while begun and not kept and questions < _MOST_QUESTIONS:
        start = min(begun, key=lambda repair: repair.cost)
        begun.remove(start)
        for found in await _search(failure, start.source, errors[start.source]):
            ideas = (*start.ideas, *found.ideas)
            repair = replace(found, cost=start.cost + found.cost, ideas=ideas)
            questions += 1
            refused = await probe.syntax_error(repair.source)
            if refused is None:
                kept[repair.source] = repair
            elif repair.source not in errors:
                errors[repair.source] = refused
                begun.append(repair)
    return sorted(kept.values(), key=lambda repair: repair.cost)


async def _search(failure: Failure, source: str, error: CellError) -> list[SourceRepair]:
    """Run the search off the event loop; it stops soon after this is cancelled."""
    sources = [source, *(step.source for step in reversed(failure.steps))]
    stopped = threading.Event()
    try:
        return await asyncio.to_thread(
            repair_source,
            source,
            limit=MOST_CANDIDATES,
            first=_fault(source, error),
            cancelled=stopped.is_set,
            parameters=lambda name: parameters_in(sources, name),
        )
    finally:
        stopped.set()


def _fault(source: str, error: CellError) -> Fault | None:
    """Return our own Python's view of the fault, or the guest's where ours sees none."""
    if own := local_check(source):
        return own
    line = int(error.attributes.get("lineno") or 1)
    column = int(error.attributes.get("offset") or 1) - 1
    return fault(str(error.attributes.get("msg") or error.evalue), source, line, column, None)


def _operations(failure: Failure, cell: Cell, repair: SourceRepair) -> Iterator[Operation]:
    """Yield the edits of the cell, and of others that use a variable it renames."""
    yield ReplaceText(cell.id, cell.hash, text_change(cell.source, repair.source))
    words = {idea.renamed[0]: idea.renamed[1] for idea in repair.ideas if idea.renamed}
    others: Sequence[Cell] = failure.notebook.code_cells if words else ()
    for other in others:
        if other.id == cell.id or not other.is_python:
            continue
        scanned = scan(other.source)
        edits = sorted(
            (edit for word, new in words.items() for edit in name_uses(scanned, word, new)),
            key=lambda edit: edit.span,
        )
        if edits:
            yield ReplaceText(other.id, other.hash, tuple(edits))


def _as_text(cell: Cell) -> Candidate:
    return Candidate(
        title="Turn the cell into text",
        rule=NAME,
        prior=0.3,
        edit=NotebookEdit((ChangeKind(cell.id, cell.hash, "markdown"),)),
        guesses="that the cell is meant to be read, not run",
        untried=_NO_TRIAL,
        explanation="Every line of the cell reads as plain text, not as Python.",
    )


RULE = Rule(NAME, frozenset(("SyntaxError", "IndentationError", "TabError")), propose)
