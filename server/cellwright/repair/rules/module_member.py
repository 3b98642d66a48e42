"""AttributeError: a member of a module, or of a class taken from one, that lies elsewhere in it.

One level down (`datetime.now` of the module), one level up (`datetime.datetime` of the class), in
a submodule that was not imported, or moved to another module of the package. Where it is, is
asked of the trial kernel; only Python 2's renamed members come from a table
(`facts/python2.json`, after "What's New In Python 3.0").
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Mapping

from cellwright.repair.facts import table
from cellwright.repair.imports import Import, homes_of, import_candidates
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import Usage
from cellwright.repair.rules.advice import advised
from cellwright.repair.rules.attribute import Lack, lack_of
from cellwright.repair.rules.missing_import import entries
from cellwright.trials.model import Probe

NAME = "module-member"
MOST = 3
MODULES = 20
"""Imported modules looked through for one that is at hand."""


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the ways to reach the member where it is, likeliest first."""
    lack = await lack_of(failure, probe)
    if lack is None:
        return []
    if lack.value.is_module:
        module = str(lack.value.extra.get("name", ""))
        found = [candidate async for candidate in _of_module(failure, probe, lack, module)]
        if not found and next(advised(failure.error.evalue), None) is None:
            found = [candidate async for candidate in _elsewhere(failure, probe, lack, module)]
        if not found:
            found = [candidate async for candidate in _borrowed(failure, probe, lack, module)]
        return found
    if "defined_in" in lack.value.extra:
        return [candidate async for candidate in _of_class(failure, probe, lack)]
    return []


def _rewritten(
    lack: Lack, nodes: list[ast.Attribute], base: str, prior: float, why: str
) -> Candidate:
    text = f"{base}.{lack.name}" if base else lack.name
    changes = [(node, f"{base}.{node.attr}" if base else node.attr) for node in nodes]
    return Candidate(
        title=f"Write `{text}`",
        rule=NAME,
        prior=prior,
        edit=lack.site.replace(*changes),
        explanation=why,
    )


async def _of_module(
    failure: Failure, probe: Probe, lack: Lack, module: str
) -> AsyncIterator[Candidate]:
    renamed: Mapping[str, Mapping[str, str]] = table("python2")["members"]
    if (heir := renamed.get(module, {}).get(lack.name)) and heir in lack.members:
        yield Candidate(
            title=f"Rename `.{lack.name}` to `.{heir}`",
            rule=NAME,
            prior=0.94,
            edit=lack.renamed(heir),
            explanation=f"`{module}.{lack.name}` is Python 2; it is `{module}.{heir}` now.",
        )
        return
    if await probe.importable(f"{module}.{lack.name}"):
        root = module.split(".")[0]
        why = f"`{module}.{lack.name}` is a module of its own, which `import {root}` does not load."
        needed = Import(f"{module}.{lack.name}", "", root)
        for candidate in import_candidates(failure, needed, rule=NAME, prior=0.94, explanation=why):
            yield candidate
        return
    namesake = module.rsplit(".", 1)[-1]
    if namesake in lack.members:
        inside = frozenset(await probe.members(f"{lack.base}.{namesake}"))
        if lack.name in inside:
            nodes = [
                node
                for node in lack.site.nodes(ast.Attribute)
                if lack.site.text(node.value) == lack.base
                and node.attr in inside
                and node.attr not in lack.members
            ]
            why = f"`{lack.base}` is the module; `{lack.name}` belongs to its class `{namesake}`."
            yield _rewritten(lack, nodes, f"{lack.base}.{namesake}", 0.94, why)
    outer = lack.site.parent(lack.node)
    # `plt.pyplot.plot`: the module is named again inside itself.
    again = lack.name in module.split(".")
    if again and isinstance(outer, ast.Attribute) and outer.attr in lack.members:
        yield Candidate(
            title=f"Write `{lack.base}.{outer.attr}`",
            rule=NAME,
            prior=0.86,
            edit=lack.site.replace(*((node, lack.base) for node in lack.alike)),
            explanation=f"`{outer.attr}` is a member of `{lack.base}` itself.",
        )


async def _elsewhere(
    failure: Failure, probe: Probe, lack: Lack, module: str
) -> AsyncIterator[Candidate]:
    """Yield the member from the modules of the same package that have it, shallowest first."""
    root = module.split(".")[0]
    homes = [home for home in await homes_of(probe, root, lack.name) if home != module]
    for rank, home in enumerate(homes[:MOST]):
        prior = 0.86 - 0.1 * rank
        why = f"`{module}` has no `{lack.name}`; `{home}` has."
        base = await _way_to(probe, lack, module, home)
        if base:
            yield _rewritten(lack, lack.alike, base, prior, why)
            continue
        edit = lack.site.replace(*((node, lack.name) for node in lack.alike))
        needed = Import(home, lack.name, lack.name)
        for candidate in import_candidates(
            failure, needed, rule=NAME, prior=prior, explanation=why, then=edit
        ):
            yield candidate


async def _borrowed(
    failure: Failure, probe: Probe, lack: Lack, module: str
) -> AsyncIterator[Candidate]:
    """Yield the thing itself for one that a module had only because it used it: `pd.np`."""
    why = f"`{lack.name}` was never a part of `{module}`, which only used it."
    edit = lack.site.replace(*((node, lack.name) for node in lack.alike))
    if (await probe.names()).get(lack.name) == "module":
        yield Candidate(
            title=f"Write `{lack.name}`", rule=NAME, prior=0.94, edit=edit, explanation=why
        )
        return
    outer = lack.site.parent(lack.node)
    attributes = frozenset({outer.attr} if isinstance(outer, ast.Attribute) else ())
    used = Usage(called=lack.call is not None, attributes=attributes)
    async for needed in entries(failure, probe, lack.name, used):
        for candidate in import_candidates(
            failure, needed, rule=NAME, prior=0.88, explanation=why, then=edit
        ):
            yield candidate
        return


async def _way_to(probe: Probe, lack: Lack, module: str, home: str) -> str:
    """Return an expression for a module that is loaded and at hand already, or ''."""
    if home.startswith(f"{module}."):
        base = f"{lack.base}.{home.removeprefix(f'{module}.')}"
        if await probe.describe(f"{base}.{lack.name}") is not None:
            return base
    visible = await probe.names()
    for alias in [alias for alias, kind in visible.items() if kind == "module"][:MODULES]:
        value = await probe.describe(alias)
        if value is not None and value.extra.get("name") == home:
            return alias
    return ""


async def _of_class(failure: Failure, probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    """Yield the member of the module that a class or function was taken from."""
    extra = lack.value.extra
    home = str(extra.get("defined_in") or "")
    if not isinstance(lack.node.value, ast.Name) or not home or home == "__main__":
        return
    if lack.name == extra.get("qualname"):
        why = f"`{lack.base}` is the class already, not the module `{home}`."
        yield Candidate(
            title=f"Write `{lack.base}`",
            rule=NAME,
            prior=0.94,
            edit=lack.site.replace(*((node, lack.base) for node in lack.alike)),
            explanation=why,
        )
        return
    public = home.split("._")[0]
    found = await probe.find_member(public, lack.name)
    if public in found:
        why = f"`{lack.base}` is not the module `{public}`, which has `{lack.name}`."
        edit = lack.site.replace(*((node, lack.name) for node in lack.alike))
        for candidate in import_candidates(
            failure,
            Import(public, lack.name, lack.name),
            rule=NAME,
            prior=0.88,
            explanation=why,
            then=edit,
        ):
            yield candidate


RULE = Rule(NAME, frozenset({"AttributeError"}), propose)
