"""AttributeError: the member belongs to another form of the value, one step away.

`Series.upper` is `Series.str.upper`; a list has no `reshape`, the array made of it has. The steps
for each type are in `facts/bridges.json` (accessors and conversions of the types' own manuals); the
trial kernel tells whether the member is at the other end.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Mapping, Sequence

from cellwright.repair.facts import table
from cellwright.repair.inplace import CHANGING, bindings
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.rules.attribute import Lack, fill, lack_of
from cellwright.trials.model import Probe

NAME = "attribute-bridge"
MOST = 3
_GUESSED = frozenset({"str({0})", "{pd}.to_datetime({0})", "Path({0})"})


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the steps to a form of the value that has the member, likeliest first."""
    lack = await lack_of(failure, probe)
    if lack is None or lack.value.is_module or lack.value.type == "type":
        return []
    found: list[Candidate] = []
    async for template, text in _bridges(probe, lack):
        change = _at_binding(failure, lack, template) if _changes(lack) else _at_use(lack, text)
        if change is None:
            continue
        found.append(_candidate(lack, template, text, change, 0.86 - 0.12 * len(found)))
        if len(found) == MOST:
            break
    if not found:
        found = [candidate async for candidate in _inner(probe, lack)]
    return found


def _changes(lack: Lack) -> bool:
    """Return whether the member would change a mere copy, whose change would be lost."""
    parent = lack.site.parent(lack.call) if lack.call else None
    return isinstance(parent, ast.Expr) and lack.name in CHANGING


async def _bridges(probe: Probe, lack: Lack) -> AsyncIterator[tuple[str, str]]:
    steps: Mapping[str, Sequence[str]] = table("bridges")
    kinds = (lack.value.type, *lack.value.bases)
    templates = dict.fromkeys(template for kind in kinds for template in steps.get(kind, ()))
    for template in templates:
        text = await fill(probe, template, lack)
        if text is not None and lack.name in await probe.members(text):
            yield template, text


def _at_use(lack: Lack, text: str) -> Candidate | None:
    nodes = [node.value for node in lack.alike]
    return Candidate(
        title=f"Write `{text}.{lack.name}`",
        rule=NAME,
        prior=0.0,
        edit=lack.site.replace(*((node, text) for node in nodes)),
    )


def _at_binding(failure: Failure, lack: Lack, template: str) -> Candidate | None:
    """Return the conversion where the value is bound, so that the change is kept."""
    if not isinstance(lack.node.value, ast.Name) or not template.startswith("list("):
        return None
    for place, binding in bindings(failure, lack.base)[:1]:
        text = template.format(place.text(binding.value), np="np", pd="pd")
        return Candidate(
            title=f"Bind `{lack.base}` to `{text}`",
            rule=NAME,
            prior=0.0,
            edit=place.replace((binding.value, text)),
        )
    return None


def _candidate(lack: Lack, template: str, text: str, change: Candidate, prior: float) -> Candidate:
    kind = lack.value.type
    return Candidate(
        title=change.title,
        rule=NAME,
        prior=prior,
        edit=change.edit,
        explanation=f"`{lack.base}` is of type `{kind}`, which has no `{lack.name}`; `{text}` has.",
        guesses=f"that `{text}` is meant" if template in _GUESSED else "",
    )


async def _inner(probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    """Yield the first element where a list or array holds objects that have the member."""
    if not {"list", "tuple", "ndarray"} & {lack.value.type, *lack.value.bases}:
        return
    index = "[0]" * max(len(lack.value.shape or ()), 1)
    text = f"{lack.base}{index}"
    if lack.value.dtype not in ("", "object") or lack.name not in await probe.members(text):
        return
    only = lack.value.length == 1
    yield Candidate(
        title=f"Write `{text}.{lack.name}`",
        rule=NAME,
        prior=0.8 if only else 0.5,
        edit=lack.site.replace((lack.node.value, text)),
        explanation=f"`{lack.base}` holds objects that have `{lack.name}`; it has not.",
        guesses="" if only else "that the first element is meant",
    )


RULE = Rule(NAME, frozenset({"AttributeError"}), propose)
