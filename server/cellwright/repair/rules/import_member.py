"""ImportError: `from module import name` where the module has no such name.

The name is searched for in the module (misspelt), in its package (moved), in the wider package
(`find_member` of the trial kernel), and among the modules of that name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from cellwright.notebook.run import CellError
from cellwright.repair.imports import homes_of, module_expression
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, site_of
from cellwright.repair.spelling import near
from cellwright.trials.model import Probe

NAME = "import-member"
FLOOR = 0.74
SURE = 0.78
MOST = 3
_NAME = re.compile(r"cannot import name '?(\w+)'?")


@dataclass(frozen=True)
class Wanted:
    """One name of a failing `from module import …`."""

    site: Site
    node: ast.ImportFrom
    alias: ast.alias

    @property
    def bound(self) -> str:
        """The name that the import binds."""
        return self.alias.asname or self.alias.name


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the imports that find the name where it is, likeliest first."""
    wanted = wanted_name(failure)
    if failure.error.ename != "ImportError" or wanted is None:
        return []
    found = [candidate async for candidate in moved(probe, wanted, NAME)]
    if not found:
        found = [candidate async for candidate in _misspelt(probe, wanted)]
    return found


def wanted_name(failure: Failure) -> Wanted | None:
    """Return the name that could not be imported, if a cell's own statement asks for it."""
    name = _missing(failure.error)
    site = site_of(failure)
    if site is None or not isinstance(site.statement, ast.ImportFrom):
        return None
    for alias in site.statement.names:
        if alias.name == name:
            return Wanted(site, site.statement, alias)
    return None


def _missing(error: CellError) -> str:
    told = error.attributes.get("name_from")
    if isinstance(told, str) and told:
        return told
    match = _NAME.search(error.evalue)
    return match[1] if match else ""


async def moved(probe: Probe, wanted: Wanted, rule: str) -> AsyncIterator[Candidate]:
    """Yield the imports from where the name is now: in the same package, or a module itself."""
    module, name = wanted.node.module or "", wanted.alias.name
    parts = module.split(".")
    homes: list[str] = []
    for end in range(len(parts), 0, -1):
        inside = await homes_of(probe, ".".join(parts[:end]), name)
        homes = [home for home in inside if home != module]
        if homes:
            break
    tail = parts[-1].strip("_")
    for rank, home in enumerate(sorted(homes, key=lambda home: tail not in home)[:MOST]):
        yield Candidate(
            title=f"Import {name} from {home}",
            rule=rule,
            prior=0.93 - 0.1 * rank,
            edit=wanted.site.replace(*_from(wanted, f"from {home} import {_alias(wanted)}")),
            explanation=f"`{name}` is not in `{module}`, but in `{home}`.",
        )
    if await probe.importable(name):
        tail = "" if wanted.bound == name else f" as {wanted.bound}"
        yield Candidate(
            title=f"Import {name} itself",
            rule=rule,
            prior=0.82,
            edit=wanted.site.replace(*_from(wanted, f"import {name}{tail}")),
            explanation=f"`{name}` is a module of its own, no longer a part of `{module}`.",
        )


def _alias(wanted: Wanted) -> str:
    return wanted.alias.name + (f" as {wanted.alias.asname}" if wanted.alias.asname else "")


def _from(wanted: Wanted, statement: str) -> list[tuple[ast.AST, str]]:
    """Return the replacement that takes the name out of its import and imports it elsewhere."""
    node = wanted.node
    others = [alias for alias in node.names if alias is not wanted.alias]
    if not others:
        return [(node, statement)]
    source = wanted.site.cell.source
    start = wanted.site.span_of(node).start
    indent = source[source.rfind("\n", 0, start) + 1 : start]
    if indent.strip():
        indent = ""
    kept = ", ".join(a.name + (f" as {a.asname}" if a.asname else "") for a in others)
    text = f"from {node.module} import {kept}"
    if len(text) + len(indent) > 100:
        text = f"from {node.module} import ({kept})"
    return [(node, f"{text}\n{indent}{statement}")]


async def _misspelt(probe: Probe, wanted: Wanted) -> AsyncIterator[Candidate]:
    module, name = wanted.node.module or "", wanted.alias.name
    members = await probe.members(module_expression(module))
    names = {*members, *await probe.submodules(module)}
    public = sorted(name for name in names if not name.startswith("_"))
    matches = near(name, public, floor=FLOOR, limit=MOST)
    for match in matches:
        rival = len(matches) > 1 and matches[0].score - matches[1].score < 0.06
        yield Candidate(
            title=f"Import {match.text} instead of {name}",
            rule=NAME,
            prior=match.score,
            edit=wanted.site.replace(*_renames(wanted, match.text)),
            explanation=f"`{module}` has no `{name}`, but it has `{match.text}`.",
            guesses=f"that `{match.text}` is meant" if rival or match.score < SURE else "",
        )


def _renames(wanted: Wanted, name: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield the new name in the import and, where the import binds it, in the rest of the cell."""
    if wanted.alias.asname:
        yield wanted.alias, f"{name} as {wanted.alias.asname}"
        return
    yield wanted.alias, name
    for node in wanted.site.nodes(ast.Name):
        if node.id == wanted.alias.name:
            yield node, name


RULE = Rule(NAME, frozenset({"ImportError"}), propose)
