"""NameError: a cell that binds the name has not run yet, ran half, or stands further down.

The commonest crash of notebooks by far (80 + 38 of 188 NameErrors; Wang et al., "Why do machine
learning notebooks crash?", 2025): nothing in the failing cell is wrong, and running or moving
another cell is the repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cellwright.dataflow.cell import analyse
from cellwright.notebook.edit import MoveCell, NotebookEdit
from cellwright.notebook.model import Cell, CellId
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import BUILTINS, missing_name
from cellwright.trials.model import Probe

NAME = "run-order"
MOST = 3
"""Defining cells offered for one name."""
DEEPEST = 12
"""Cells that one run-first plan may hold."""


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the runs and moves that bind the name before the failing cell runs."""
    name = missing_name(failure.error)
    if failure.error.ename != "NameError" or not name:
        return []
    if name in analyse(failure.cell.source).deleted:
        return []
    visible = frozenset(await probe.names(frame=None)) | BUILTINS | {"get_ipython", "display"}
    above, below = _definers(failure, name)
    candidates = list(_run_above(failure, name, above, visible))
    candidates += _order_below(failure, name, below, visible)
    return candidates


def _definers(failure: Failure, name: str) -> tuple[list[Cell], list[Cell]]:
    """Return the cells that bind the name and have not completed: above, nearest first; below."""
    sources = {step.cell: step.source for step in failure.steps if not step.may_fail}
    here = failure.notebook.position(failure.cell.id)
    above: list[Cell] = []
    below: list[Cell] = []
    for position, cell in enumerate(failure.notebook.cells):
        if not cell.is_python or cell.id == failure.cell.id or sources.get(cell.id) == cell.source:
            continue
        flow = analyse(cell.source)
        if name in flow.bound and name not in flow.gone:
            (above if position < here else below).append(cell)
    return above[::-1], below


def _run_above(
    failure: Failure, name: str, definers: Sequence[Cell], visible: frozenset[str]
) -> Iterator[Candidate]:
    failed = {step.cell: step.source for step in failure.steps if step.may_fail}
    for rank, cell in enumerate(definers[:MOST]):
        plan = _plan(failure, cell, visible)
        if plan is None:
            continue
        number = failure.notebook.number(cell.id)
        state = "failed before it bound it" if cell.id in failed else "has not run yet"
        same = failed.get(cell.id) == cell.source and len(plan) == 1
        yield Candidate(
            title=f"Run {_cells(failure, plan)} first",
            rule=NAME,
            prior=(0.4 if same else 0.95) - 0.1 * rank,
            run_first=plan,
            explanation=f"`{name}` is bound in cell {number}, which {state}.",
        )


def _order_below(
    failure: Failure, name: str, definers: Sequence[Cell], visible: frozenset[str]
) -> Iterator[Candidate]:
    if not definers:
        return
    cell, here = definers[0], failure.cell
    numbers = failure.notebook.number(cell.id), failure.notebook.number(here.id)
    explanation = (
        f"`{name}` is bound in cell {numbers[0]} only, below this cell, "
        "so running the notebook from the top cannot work."
    )
    # With several cells to choose from, which value was meant is not known.
    guesses = f"that `{name}` of cell {numbers[0]} is meant" if len(definers) > 1 else ""
    plan = _plan(failure, cell, visible)
    if plan is None:
        return
    if plan == (cell.id,):
        above = _before(failure, here)
        yield Candidate(
            title=f"Move cell {numbers[0]} above this cell",
            rule=NAME,
            prior=0.8,
            edit=NotebookEdit((MoveCell(cell.id, cell.hash, above),)),
            explanation=explanation,
            guesses=guesses,
        )
    yield Candidate(
        title=f"Move this cell below cell {numbers[0]}",
        rule=NAME,
        prior=0.7,
        edit=NotebookEdit((MoveCell(here.id, here.hash, cell.id),)),
        explanation=explanation,
        guesses=guesses,
        run_first=plan,
    )
    yield Candidate(
        title=f"Run {_cells(failure, plan)} first",
        rule=NAME,
        prior=0.6,
        run_first=plan,
        explanation=f"`{name}` is bound in cell {numbers[0]}, which has not run yet.",
        guesses=guesses,
    )


def _before(failure: Failure, cell: Cell) -> CellId | None:
    position = failure.notebook.position(cell.id)
    return failure.notebook.cells[position - 1].id if position else None


def _plan(failure: Failure, cell: Cell, visible: frozenset[str]) -> tuple[CellId, ...] | None:
    """Return the cells to run, in document order, so that `cell` finds all that it reads.

    None where something is bound by no cell, or the plan would be longer than `DEEPEST`.
    """
    wanted: dict[CellId, Cell] = {}
    waiting = [cell]
    while waiting:
        current = waiting.pop()
        if current.id in wanted:
            continue
        wanted[current.id] = current
        if len(wanted) > DEEPEST:
            return None
        for name in sorted(analyse(current.source).required - visible):
            source = _nearest(failure, name, current)
            if source is None:
                return None
            waiting.append(source)
    return tuple(sorted(wanted, key=failure.notebook.position))


def _nearest(failure: Failure, name: str, cell: Cell) -> Cell | None:
    """Return the nearest cell above `cell` that binds a name."""
    end = failure.notebook.position(cell.id)
    for other in reversed(failure.notebook.cells[:end]):
        if other.is_python and other.id != failure.cell.id and name in analyse(other.source).bound:
            return other
    return None


def _cells(failure: Failure, plan: Sequence[CellId]) -> str:
    numbers = [str(failure.notebook.number(cell)) for cell in plan]
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    return f"cells {', '.join(numbers[:-1])} and {numbers[-1]}"


RULE = Rule(NAME, frozenset({"NameError"}), propose)
