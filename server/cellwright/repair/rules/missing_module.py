"""ModuleNotFoundError: a module that is misspelt, moved, of Python 2, nearby, or not installed.

Python 2's modules are those of PEP 3108 (`facts/python2.json`). Import names and the
distributions that hold them are in `facts/distributions.json`; an install is never run by a
trial: it is listed as untried.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cellwright.notebook.edit import InsertCell, NotebookEdit
from cellwright.notebook.model import Cell, CellId
from cellwright.notebook.run import CellError
from cellwright.repair.facts import table
from cellwright.repair.imports import at_top, homes_of
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import usage
from cellwright.repair.rules.import_member import Wanted, moved
from cellwright.repair.site import Site, site_of
from cellwright.repair.spelling import near
from cellwright.trials.model import Probe

NAME = "missing-module"
FLOOR = 0.75
MOST = 3
FOLDERS = ("..", "src", "../src", "lib", "code", "scripts", "utils", "../..")
"""Folders beside a notebook where a project keeps its own modules."""
_QUOTED = re.compile(r"No module named '?([\w.]+)'?|pip install ([\w.-]+)")
_PUBLIC = re.compile(r"[a-z][a-z0-9_]{2,}")


@dataclass(frozen=True)
class Missing:
    """A statement of a cell that imports what is not there.

    `module` is the dotted name that could not be found, `asked` the one the statement names.
    """

    site: Site
    node: ast.Import | ast.ImportFrom
    alias: ast.alias
    module: str
    asked: str

    @property
    def taken(self) -> tuple[str, ...]:
        """The members that a `from` import takes."""
        return (
            tuple(a.name for a in self.node.names) if isinstance(self.node, ast.ImportFrom) else ()
        )


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the imports that find the module, a path to it, or the install that brings it."""
    module = missing_module(failure.error)
    site = site_of(failure)
    if not module or site is None:
        return []
    missing = _asked_by(site, module)
    found: list[Candidate] = []
    if missing is not None:
        found += [candidate async for candidate in _renamed(probe, missing)]
        found += [candidate async for candidate in _inside(probe, missing)]
        if not found:
            found += [candidate async for candidate in _misspelt(probe, missing)]
            found += [candidate async for candidate in _nearby(failure, probe, missing)]
    if not any(candidate.prior > 0.9 for candidate in found):
        found += [candidate async for candidate in _install(failure, probe, module)]
    return found


def missing_module(error: CellError) -> str:
    """Return the module that could not be found, or ''."""
    if error.ename not in {"ModuleNotFoundError", "ImportError"}:
        return ""
    match = _QUOTED.search(error.evalue)
    if match is None:
        return ""
    return match[1] or match[2]


def _asked_by(site: Site, module: str) -> Missing | None:
    """Return the part of the failing statement that asks for the module."""
    match site.statement:
        case ast.Import(names=names) as node:
            for alias in names:
                if alias.name == module or alias.name.startswith(f"{module}."):
                    return Missing(site, node, alias, module, alias.name)
        case ast.ImportFrom(module=str() as asked, names=names, level=0) as node:
            if asked == module or asked.startswith(f"{module}."):
                return Missing(site, node, names[0], module, asked)
    return None


def _from_elsewhere(missing: Missing, home: str, prior: float, why: str) -> Candidate:
    """Return the same import, of another module."""
    site, node = missing.site, missing.node
    if isinstance(node, ast.ImportFrom):
        text = site.text(node).replace(missing.asked, home, 1)
        edit = site.replace((node, text))
    else:
        bound = missing.alias.asname
        if bound is None:
            # The notebook goes on to use the module by its first name.
            first = missing.alias.name.split(".")[0]
            bound = None if home.split(".")[0] == first or "." in missing.alias.name else first
        tail = f" as {bound}" if bound and bound != home else ""
        text = home + tail
        edit = site.replace((missing.alias, text))
    return Candidate(
        title=f"Import from {home}" if isinstance(node, ast.ImportFrom) else f"Import {text}",
        rule=NAME,
        prior=prior,
        edit=edit,
        explanation=why,
    )


async def _renamed(probe: Probe, missing: Missing) -> AsyncIterator[Candidate]:
    """Yield the module that Python 3 has for one of Python 2."""
    heirs: Mapping[str, list[str]] = table("python2")["modules"]
    homes = heirs.get(missing.asked, [])
    bound = missing.alias.asname or missing.asked
    wanted = missing.taken or tuple(usage(missing.site.cell.source, bound).attributes)
    ranked = [
        (-sum([home in await probe.find_member(home, name) for name in wanted]), rank, home)
        for rank, home in enumerate(homes)
        if await probe.importable(home)
    ]
    for _, rank, home in sorted(ranked)[:2]:
        why = f"`{missing.asked}` is Python 2; Python 3 has it in `{home}`."
        yield _from_elsewhere(missing, home, 0.94 - 0.2 * rank, why)


async def _inside(probe: Probe, missing: Missing) -> AsyncIterator[Candidate]:
    """Yield the members from where they are now, when only a submodule is gone."""
    parent = missing.module.rpartition(".")[0]
    if not parent or not await probe.importable(parent.split(".")[0]):
        return
    if not isinstance(missing.node, ast.ImportFrom):
        return
    root = parent.split(".")[0]
    whole: list[str] = []
    while parent and not whole:
        found = [await homes_of(probe, parent, name) for name in missing.taken]
        whole = [home for home in found[0] if all(home in homes for homes in found)]
        parent = parent.rpartition(".")[0]
    last = missing.asked.rpartition(".")[2]
    alike = {match.text for match in near(last, [h.rpartition(".")[2] for h in whole], floor=0.6)}
    whole.sort(key=lambda home: home.rpartition(".")[2] not in alike)
    names = ", ".join(missing.taken)
    for rank, home in enumerate(whole[:MOST]):
        why = f"`{missing.module}` is gone from `{root}`; `{home}` has {names}."
        yield _from_elsewhere(missing, home, 0.94 - 0.1 * rank, why)
    if not whole and len(missing.taken) == 1:
        wanted = Wanted(missing.site, missing.node, missing.node.names[0])
        async for candidate in moved(probe, wanted, NAME):
            yield candidate


async def _misspelt(probe: Probe, missing: Missing) -> AsyncIterator[Candidate]:
    """Yield the module whose name is near, at the level where the name was not found."""
    parent, _, last = missing.module.rpartition(".")
    if parent and not await probe.importable(parent):
        return
    names = [name for name in await probe.submodules(parent) if not name.startswith("_")]
    for match in near(last, names, floor=FLOOR, limit=MOST):
        home = f"{parent}.{match.text}" if parent else match.text
        rest = missing.asked[len(missing.module) :]
        if rest and not await probe.importable(home + rest):
            continue
        inside = [home + rest in await probe.find_member(home + rest, n) for n in missing.taken]
        if not all(inside):
            continue
        why = f"There is no module `{missing.module}`, but there is `{home}`."
        yield _corrected(missing, home + rest, min(match.score + 0.05, 0.96), why)


def _corrected(missing: Missing, home: str, prior: float, why: str) -> Candidate:
    """Return the import of the module as it is spelt, bound as the notebook spells it in use."""
    alias = missing.alias
    first, wanted = missing.asked.split(".")[0], home.split(".")[0]
    plain = isinstance(missing.node, ast.Import) and alias.asname is None and first != wanted
    # With the right name used further on, the slip is in the import alone.
    right = usage(missing.site.cell.source, wanted).attributes
    if plain and right:
        return Candidate(
            title=f"Import {home}",
            rule=NAME,
            prior=prior,
            edit=missing.site.replace((alias, home)),
            explanation=why,
        )
    if plain:
        names = [node for node in missing.site.nodes(ast.Name) if node.id == first]
        return Candidate(
            title=f"Import {home}",
            rule=NAME,
            prior=prior,
            edit=missing.site.replace((alias, home), *((node, wanted) for node in names)),
            explanation=why,
        )
    return _from_elsewhere(missing, home, prior, why)


async def _nearby(failure: Failure, probe: Probe, missing: Missing) -> AsyncIterator[Candidate]:
    """Yield a path to a folder near the notebook that holds a module of that name."""
    first = missing.asked.split(".")[0]
    entries = await probe.folder(".") or ()
    below = [entry.rstrip("/") for entry in entries if entry.endswith("/") and entry[0] != "."]
    for folder in dict.fromkeys((*FOLDERS, *below)):
        there = frozenset(await probe.folder(folder) or ())
        if not there & {f"{first}.py", f"{first}/"}:
            continue
        cell = failure.notebook.cell(failure.diagnosis.cell)
        text = f'import sys\nsys.path.append("{folder}")'
        yield Candidate(
            title=f'Look for modules in "{folder}" too',
            rule=NAME,
            prior=0.9,
            edit=at_top(cell, text),
            explanation=f'`{first}` lies in "{folder}", where Python does not look.',
        )
        return


def distribution_of(module: str) -> tuple[str, str]:
    """Return the distribution to install for a module, and which part of its name is known for it.

    The part is '' where the name is only assumed to be the distribution's too; the distribution
    is '' where the name does not look like a public package's.
    """
    names: Mapping[str, Any] = table("distributions")
    same = frozenset(names["same_name"].split())
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        known = ".".join(parts[:end])
        if known in same or known in names["other_name"]:
            return names["other_name"].get(known, known.replace("_", "-")), known
    return (parts[0].replace("_", "-") if _PUBLIC.fullmatch(parts[0]) else ""), ""


def _local_names(entries: Iterable[str]) -> Iterator[str]:
    for entry in entries:
        yield entry.removesuffix("/").removesuffix(".py")


async def _install(failure: Failure, probe: Probe, module: str) -> AsyncIterator[Candidate]:
    first = module.split(".")[0]
    if first in sys.stdlib_module_names or first in table("python2")["modules"]:
        return
    if first in _local_names(await probe.folder(".") or ()):
        return
    name, known = distribution_of(module)
    if not name or (await probe.importable(first) and known in {"", first}):
        return
    notebook = failure.notebook
    position = notebook.position(failure.cell.id)
    after = notebook.cells[position - 1].id if position else None
    cell = Cell(_fresh_id(failure), "code", f"%pip install {name}")
    yield Candidate(
        title=f"Install {name} in a new cell",
        rule=NAME,
        prior=0.85 if known else 0.4,
        edit=NotebookEdit((InsertCell(cell, after),)),
        untried=f"installs a package: {name}",
        guesses="" if known else f"that the package is called {name}, like the module",
        explanation=f"`{first}` is not installed where the kernel runs; `{name}` brings it.",
    )


def _fresh_id(failure: Failure) -> CellId:
    base, number = "install", 1
    while f"{base}-{number}" in failure.notebook:
        number += 1
    return f"{base}-{number}"


RULE = Rule(NAME, frozenset({"ModuleNotFoundError", "ImportError"}), propose)
