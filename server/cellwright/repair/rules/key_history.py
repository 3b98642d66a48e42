"""KeyError explained by what other cells did to the table.

The label was renamed away, the call that should have made it threw its result away, a cell that
makes it has not run, or the cell ran twice and consumed it. Sources are read; nothing is kept in a
table of cases.
"""

from __future__ import annotations

import ast

from cellwright.dataflow.cell import analyse
from cellwright.notebook.edit import MoveCell, NotebookEdit, Span
from cellwright.notebook.model import Cell
from cellwright.repair.inplace import has_inplace
from cellwright.repair.literal import literal_like
from cellwright.repair.lookup import Lookup, Table, has_key, lookups, root_name
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, all_places, site_of
from cellwright.trials.model import Probe


def renamed(failure: Failure, site: Site, wrong: ast.Constant, table: Table) -> list[Candidate]:
    """Find `{"old": "new"}` in a cell that ran, where `old` is asked for and `new` exists."""
    ran = {step.cell for step in failure.steps} | {failure.cell.id}
    for place in all_places(failure):
        if place.cell.id not in ran:
            continue
        for node in place.nodes(ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if (
                    isinstance(key, ast.Constant)
                    and isinstance(value, ast.Constant)
                    and key.value == wrong.value
                    and isinstance(value.value, str)
                    and has_key(table, value.value)
                ):
                    return [_use_new_name(failure, site, wrong, value.value, place.cell)]
    return []


def _use_new_name(
    failure: Failure, site: Site, wrong: ast.Constant, name: str, where: Cell
) -> Candidate:
    places = [
        constant
        for node in site.nodes(ast.Subscript)
        for constant in ast.walk(node.slice)
        if isinstance(constant, ast.Constant)
        and constant.value == wrong.value
        and isinstance(node.ctx, ast.Load)
    ]
    if wrong not in places:
        places = [wrong]
    unique = {site.span_of(place): literal_like(name, site.text(place)) for place in places}
    number = failure.notebook.number(where.id)
    return Candidate(
        title=f"Use the new name `{name}`",
        rule=RULE.name,
        prior=0.9,
        edit=site.replace(*unique.items()),
        explanation=f"Cell {number} renamed `{wrong.value!s}` to `{name}`.",
    )


def discarded(failure: Failure, wrong: ast.Constant, table: Table) -> list[Candidate]:
    """Find calls that would have made the label in a copy of the table which nobody kept."""
    root = root_name(table.node)
    if not root:
        return []
    found = []
    ran = {step.cell for step in failure.steps} | {failure.diagnosis.cell}
    for place in all_places(failure):
        if place.cell.id not in ran:
            continue
        for statement in place.nodes(ast.Expr):
            call = statement.value
            if (
                not isinstance(call, ast.Call)
                or not isinstance(call.func, ast.Attribute)
                or not isinstance(call.func.value, ast.Name)
                or call.func.value.id != root
                or has_inplace(call)
                or not _brings(call, wrong.value, table)
            ):
                continue
            start = place.span_of(call).start
            found.append(
                Candidate(
                    title=f"Keep the result of `{root}.{call.func.attr}(…)`",
                    rule=RULE.name,
                    prior=0.85,
                    edit=place.replace((Span(start, start), f"{root} = ")),
                    explanation=(
                        f"`{root}.{call.func.attr}` returns a new table and leaves `{root}` as it "
                        "was; its result has to be assigned."
                    ),
                )
            )
    return found


def _brings(call: ast.Call, label: object, table: Table) -> bool:
    """Return whether a call names the label, or turns the index of that name into a column."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "reset_index":
        return label in (*table.value.index_names, "index")
    makes = {keyword.arg for keyword in call.keywords}
    constants = {
        node.value
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant)
    }
    return label in makes | constants


def _makes(node: ast.Subscript, label: object, root: str) -> bool:
    return (
        isinstance(node.ctx, ast.Store)
        and root_name(node) == root
        and any(
            isinstance(part, ast.Constant) and part.value == label for part in ast.walk(node.slice)
        )
    )


def made_elsewhere(failure: Failure, wrong: ast.Constant, table: Table) -> list[Candidate]:
    """Find the cells that store the label but have not run (or failed before they did)."""
    root = root_name(table.node)
    ran = {step.cell for step in failure.steps if not step.may_fail}
    here = failure.notebook.position(failure.cell.id)
    found = []
    for place in all_places(failure):
        cell = place.cell
        if cell.id in ran or cell.id == failure.cell.id:
            continue
        if not any(_makes(node, wrong.value, root) for node in place.nodes(ast.Subscript)):
            continue
        number = failure.notebook.number(cell.id)
        says = f"Cell {number} makes the {table.noun} `{wrong.value!s}`"
        below = failure.notebook.position(cell.id) > here
        if below:
            found.append(_move(failure, cell, says))
        found.append(
            Candidate(
                title=f"Run cell {number} first",
                rule=RULE.name,
                prior=0.85 if below else 0.9,
                run_first=(cell.id,),
                explanation=f"{says}, and it has not run.",
            )
        )
    return found


def _move(failure: Failure, cell: Cell, says: str) -> Candidate:
    here = failure.notebook.position(failure.cell.id)
    before = failure.notebook.cells[here - 1].id if here else None
    return Candidate(
        title=f"Move cell {failure.notebook.number(cell.id)} above this one",
        rule=RULE.name,
        prior=0.8,
        edit=NotebookEdit((MoveCell(cell.id, cell.hash, before),)),
        explanation=f"{says}, but it stands below the cell that needs it.",
    )


def consumed(failure: Failure, table: Table) -> list[Candidate]:
    """Make the table anew where the failed cell ran before and changed it."""
    root = root_name(table.node)
    flow = analyse(failure.cell.source)
    again = any(step.cell == failure.cell.id and not step.may_fail for step in failure.steps)
    if not again or root not in flow.bound | flow.mutated:
        return []
    for step in reversed(failure.steps):
        cell = failure.notebook.get(step.cell)
        if cell is None or cell.id == failure.cell.id:
            continue
        made = analyse(cell.source)
        if root in made.bound and root not in made.read:
            number = failure.notebook.number(cell.id)
            return [
                Candidate(
                    title=f"Run cell {number} first",
                    rule=RULE.name,
                    prior=0.88,
                    run_first=(cell.id,),
                    explanation=(
                        f"This cell has run before and changed `{root}`; "
                        f"cell {number} makes it anew."
                    ),
                )
            ]
    return []


def of_lookup(failure: Failure, site: Site, lookup: Lookup) -> list[Candidate]:
    """Return what other cells say about the labels that one look-up did not find."""
    found: list[Candidate] = []
    for table in lookup.tables:
        for wrong in lookup.labels:
            if not has_key(table, wrong.value):
                found += renamed(failure, site, wrong, table)
                found += discarded(failure, wrong, table)
                found += made_elsewhere(failure, wrong, table)
        if found := found + consumed(failure, table):
            return found
    return found


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose what makes the label exist, or its new name."""
    site = site_of(failure)
    if site is None:
        return []
    for lookup in await lookups(site, failure.error, probe):
        if found := of_lookup(failure, site, lookup):
            return found
    return []


RULE = Rule("key-history", frozenset({"KeyError"}), propose)
