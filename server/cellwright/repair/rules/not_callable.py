"""TypeError "object is not callable": parentheses on what is no function.

A module with a member of its own name (`tqdm`, `pprint`, `datetime`), an attribute that is no
method (`df.shape()`), a look-up in round brackets (`d('k')`), a comma left out between two items.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator

from cellwright.notebook.edit import NotebookEdit, Operation, Span
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import BUILTINS
from cellwright.repair.site import Place, Site, places_before, site_of
from cellwright.trials.model import Probe, Value

NAME = "not-callable"


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return what the call may have been meant as, likeliest first."""
    site = site_of(failure)
    if site is None or "not callable" not in failure.error.evalue:
        return []
    for call in site.failing(ast.Call):
        value = await site.ask(probe, call.func)
        if value is not None and (not value.callable or value.is_module):
            places = [site, *(p for p in places_before(failure) if p.cell.id != site.cell.id)]
            return [candidate async for candidate in _meanings(site, probe, call, value, places)]
    return []


async def _meanings(
    site: Site, probe: Probe, call: ast.Call, value: Value, places: list[Place]
) -> AsyncIterator[Candidate]:
    if value.is_module:
        async for candidate in _namesake(site, probe, call, value):
            yield candidate
        return
    for candidate in _comma(site, call):
        yield candidate
        return
    if isinstance(call.func, ast.Attribute):
        async for candidate in _attribute(site, probe, call, call.func, places):
            yield candidate
    if isinstance(call.func, ast.Name) and call.func.id in BUILTINS:
        return  # a builtin that is hidden: another rule's
    async for candidate in _lookup(site, probe, call, value):
        yield candidate


async def _namesake(
    site: Site, probe: Probe, call: ast.Call, value: Value
) -> AsyncIterator[Candidate]:
    base = site.text(call.func)
    last = str(value.extra.get("name", "")).rpartition(".")[2]
    inner = await probe.describe(f"{base}.{last}") if last else None
    if inner is None or not inner.callable:
        return
    calls = [other for other in site.nodes(ast.Call) if site.text(other.func) == base]
    yield Candidate(
        title=f"Call `{base}.{last}`",
        rule=NAME,
        prior=0.94,
        edit=site.replace(*((other.func, f"{base}.{last}") for other in calls)),
        explanation=f"`{base}` is the module; what can be called is its member `{last}`.",
    )


def _comma(site: Site, call: ast.Call) -> Iterator[Candidate]:
    """Yield the comma that is missing in `[(1, 2) (3, 4)]`."""
    if not isinstance(call.func, ast.Tuple | ast.List | ast.Dict | ast.Set | ast.Constant):
        return
    if not isinstance(site.parent(call), ast.Tuple | ast.List | ast.Set | ast.Call):
        return
    end = site.span_of(call.func).end
    yield Candidate(
        title="Put a comma between the two items",
        rule=NAME,
        prior=0.92,
        edit=site.replace((Span(end, end), ",")),
        explanation="Without a comma, brackets after a value are a call of that value.",
    )


async def _attribute(
    site: Site, probe: Probe, call: ast.Call, function: ast.Attribute, places: list[Place]
) -> AsyncIterator[Candidate]:
    owner = await site.ask(probe, function.value)
    if owner is not None and owner.is_module:
        for candidate in _assigned(places, site.text(function)):
            yield candidate
    elif not call.args and not call.keywords:
        yield _without_call(site, call)
    elif f"set_{function.attr}" in await probe.members(site.text(function.value)):
        setter = f"{site.text(function.value)}.set_{function.attr}"
        yield Candidate(
            title=f"Call `{setter}`",
            rule=NAME,
            prior=0.93,
            edit=site.replace((function, setter)),
            explanation=f"`{site.text(function)}` is a value; `{setter}` changes it.",
        )


def _assigned(places: list[Place], function: str) -> Iterator[Candidate]:
    """Yield the call meant by `plt.title = 'a'`, which put a value in the function's place."""
    operations: list[Operation] = []
    for place in places:
        changes: list[tuple[ast.AST | Span, str]] = [
            (node, f"{function}({place.text(node.value)})")
            for node in place.nodes(ast.Assign)
            if [place.text(target) for target in node.targets] == [function]
        ]
        if changes:
            operations += place.replace(*changes).operations
    if operations:
        yield Candidate(
            title=f"Call `{function}` instead of assigning to it",
            rule=NAME,
            prior=0.93,
            edit=NotebookEdit(tuple(operations)),
            explanation=(
                f"An assignment replaced the function `{function}` by a value. A kernel in which "
                "that has run needs a restart to get the function back."
            ),
        )


def _without_call(site: Site, call: ast.Call) -> Candidate:
    text = site.text(call.func)
    return Candidate(
        title=f"Write `{text}` without parentheses",
        rule=NAME,
        prior=0.93,
        edit=site.replace((Span(site.span_of(call.func).end, site.span_of(call).end), "")),
        explanation=f"`{text}` is a value, not a method: it is not called.",
    )


async def _lookup(
    site: Site, probe: Probe, call: ast.Call, value: Value
) -> AsyncIterator[Candidate]:
    """Yield square brackets for round ones, where the value has what is looked up."""
    if len(call.args) != 1 or call.keywords:
        return
    func = site.span_of(call.func)
    source = site.cell.source
    inner = source[func.end : site.span_of(call).end].strip()[1:-1].strip()
    text = f"{site.text(call.func)}[{inner}]"
    if await probe.describe(text) is None:
        return
    yield Candidate(
        title=f"Write `{text}` with square brackets",
        rule=NAME,
        prior=0.88,
        edit=site.replace((call, text)),
        explanation=f"A `{value.type}` is looked up with square brackets; round ones are a call.",
    )


RULE = Rule(NAME, frozenset({"TypeError"}), propose)
