"""NameError: a name that an import would bind.

The import is copied from the notebook where another cell has it; else it is the customary one of
`facts/import_conventions.json` (what library documentation writes), a module of that name, or a
member of a package that the notebook already imports. The trial kernel has the last word on
whether module and member exist.
"""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice

from cellwright.dataflow.cell import analyse
from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import NotebookEdit
from cellwright.repair.facts import table
from cellwright.repair.imports import (
    Import,
    homes_of,
    import_candidates,
    imported,
    module_expression,
    roots,
)
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import BUILTINS, Usage, missing_name, usage, uses
from cellwright.trials.model import Probe

NAME = "missing-import"
MOST = 3
"""Imports offered for one name, and packages searched for it."""
_CLASS = re.compile(r"[A-Z][a-z0-9]\w*|[A-Z]{2,}[a-z]?\w*")
_CONSTANTS = frozenset({"pi", "tau", "inf", "nan", "digits", "punctuation", "rcParams", "argv"})


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the imports that would bind the name, likeliest first."""
    name = missing_name(failure.error)
    if failure.error.ename != "NameError" or not name:
        return []
    source = failure.notebook.cell(failure.diagnosis.cell).source
    used = usage(source, name)
    found = list(_own_imports(failure, name))
    if found or _bound_elsewhere(failure, name):
        return found
    found = [c async for c in _members_of_modules(failure, probe, name, used)]
    return found or [c async for c in _customary(failure, probe, name, used)]


def _bound_elsewhere(failure: Failure, name: str) -> bool:
    """Return whether any cell binds the name: then it is the notebook's own, not a library's."""
    return any(name in analyse(cell.source).bound for cell in failure.notebook if cell.is_python)


def _own_imports(failure: Failure, name: str) -> Iterator[Candidate]:
    """Yield the import that the notebook itself has for the name, in a cell that has not run."""
    completed = {step.cell for step in failure.steps if not step.may_fail}
    for cell in failure.notebook:
        if not cell.is_python or cell.id in completed:
            continue
        for statement, entry in imported(cell.source):
            if entry.bound != name or name in _deleted_before(failure):
                continue
            number = failure.notebook.number(cell.id)
            explanation = (
                f"`{name}` comes from `{entry.text}`, which stands in cell {number} only; "
                "that line has not run before this cell."
            )
            if cell.id == failure.cell.id and statement.span.end <= failure.statement.start:
                continue
            # A cell above is better run than copied from.
            above = failure.notebook.position(cell.id) < failure.notebook.position(failure.cell.id)
            prior = 0.8 if above or statement.depth else 0.93
            yield from import_candidates(
                failure, entry, rule=NAME, prior=prior, explanation=explanation
            )
            return


def _deleted_before(failure: Failure) -> frozenset[str]:
    return analyse(failure.cell.source).deleted


async def _members_of_modules(
    failure: Failure, probe: Probe, name: str, used: Usage
) -> AsyncIterator[Candidate]:
    """Yield the name taken from a module that is already there: `sqrt` as `np.sqrt`."""
    if not _looks_imported(name, used):
        return
    visible = await probe.names()
    cell = failure.notebook.cell(failure.diagnosis.cell)
    spans = uses(cell.source, name)
    prior = 0.94
    for alias in [alias for alias, kind in visible.items() if kind == "module"][:12]:
        if not spans or alias.startswith("_") or name not in await probe.members(alias):
            continue
        edit: NotebookEdit = replace_text(cell, *((span, f"{alias}.{name}") for span in spans))
        yield Candidate(
            title=f"Write `{alias}.{name}`",
            rule=NAME,
            prior=prior,
            edit=edit,
            explanation=f"`{name}` is a member of `{alias}`, which is imported as a whole.",
        )
        prior -= 0.1


async def _customary(
    failure: Failure, probe: Probe, name: str, used: Usage
) -> AsyncIterator[Candidate]:
    prior = 0.92
    seen = 0
    async for entry in entries(failure, probe, name, used):
        explanation = f"Nothing in the notebook binds `{name}`; `{entry.text}` does."
        choices = import_candidates(failure, entry, rule=NAME, prior=prior, explanation=explanation)
        # The second place is worth a trial for the likeliest import only.
        for candidate in choices if seen == 0 else islice(choices, 1):
            yield candidate
        prior -= 0.12
        seen += 1
        if seen == MOST:
            return


async def entries(failure: Failure, probe: Probe, name: str, used: Usage) -> AsyncIterator[Import]:
    """Yield the imports that bind the name, checked in the trial kernel, likeliest first."""
    known = roots(failure.notebook)
    conventions: Mapping[str, Mapping[str, list[str] | str]] = table("import_conventions")
    for module in _familiar_first(conventions["aliases"].get(name, ()), known):
        if await _is_module(probe, module, used):
            yield Import(module, "", name)
    if name not in conventions["aliases"] and used.attributes:
        if await _is_module(probe, name, used):
            yield Import(name, "", name)
    elif name in sys.stdlib_module_names and used.inspected and await probe.importable(name):
        yield Import(name, "", name)
    if not _looks_imported(name, used):
        return
    homes = [home for home, names in conventions["members"].items() if name in str(names).split()]
    for home in _familiar_first(homes, known):
        if await _has_member(probe, home, name, used):
            yield Import(home, name, name)
    if not homes and name not in BUILTINS and _CLASS.fullmatch(name):
        for root in known[:MOST]:
            for home in (await homes_of(probe, root, name))[:1]:
                yield Import(home, name, name)


def _familiar_first(modules: object, known: tuple[str, ...]) -> list[str]:
    assert isinstance(modules, (list, tuple))
    return sorted(modules, key=lambda module: module.split(".")[0] not in known)


async def _is_module(probe: Probe, module: str, used: Usage) -> bool:
    """Return whether a module can be imported and has what the cell takes from it."""
    if used.called or not await probe.importable(module):
        return False
    members = frozenset(await probe.members(module_expression(module)))
    for attribute in sorted(used.attributes - members):
        # A submodule that is not loaded, or a package too slow to import within a question's time.
        inside = () if members else await probe.find_member(module, attribute)
        if module not in inside and not await probe.importable(f"{module}.{attribute}"):
            return False
    return True


async def _has_member(probe: Probe, home: str, name: str, used: Usage) -> bool:
    """Return whether a module has a member that suits the use of the name."""
    if not await probe.importable(home):
        return False
    if await probe.importable(f"{home}.{name}"):
        return await _is_module(probe, f"{home}.{name}", used)
    member = f"{module_expression(home)}.{name}"
    value = await probe.describe(member)
    if value is None or (used.called and not value.callable):
        return False
    return not used.attributes or bool(used.attributes & frozenset(await probe.members(member)))


def _looks_imported(name: str, used: Usage) -> bool:
    """Return whether the use of a name suits a function, class or constant of a library."""
    if len(name) < 2:
        return False
    return (
        used.called
        or used.as_type
        or bool(used.attributes)
        or name in _CONSTANTS
        or bool(_CLASS.fullmatch(name))
    )


RULE = Rule(NAME, frozenset({"NameError"}), propose)
