"""Calls that change their object and return None, whose result was kept by mistake.

Python's convention: a method that changes its object returns None (see "Mutable Sequence Types" in
the library reference); pandas does so with `inplace=True`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from cellwright.notebook.edit import NotebookEdit, Span
from cellwright.repair.lookup import root_name
from cellwright.repair.model import Failure
from cellwright.repair.site import Place, places_before
from cellwright.trials.model import Probe

CHANGING = frozenset(
    {
        *("append", "clear", "extend", "insert", "remove", "reverse", "sort"),
        *("add", "discard", "update", "difference_update", "intersection_update"),
        *("appendleft", "extendleft", "rotate", "shuffle", "seek", "writelines"),
    }
)
"""Methods of the standard library's containers that return None."""
VALUED = {"sort": "sorted", "reverse": "reversed"}


@dataclass(frozen=True)
class InplaceFix:
    """An edit that keeps the changed object where None was kept, and what it does."""

    edit: NotebookEdit
    title: str
    explanation: str
    prior: float


def has_inplace(call: ast.Call) -> bool:
    """Return whether a call is told to change its object (`inplace=True`)."""
    return any(
        keyword.arg == "inplace"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is True
        for keyword in call.keywords
    )


def bindings(failure: Failure, name: str) -> list[tuple[Place, ast.Assign]]:
    """Return where the failed cell and those that ran assign to `name` alone, latest first."""
    return [
        (place, node)
        for place in places_before(failure)
        for node in reversed(place.nodes(ast.Assign))
        if len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == name
    ]


async def inplace_fixes(failure: Failure, probe: Probe, name: str) -> list[InplaceFix]:
    """Return the edits that mend `x = x.sort()` or `y = x.drop(…, inplace=True)` for a None `name`.

    Only the last binding that ran is read, and nothing is returned unless the name is None now.
    """
    value = await probe.describe(name)
    if value is None or value.type != "NoneType":
        return []
    for site, binding in bindings(failure, name)[:1]:
        call = binding.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            return []
        if has_inplace(call):
            return [_without_inplace(site, call, name)]
        if call.func.attr in CHANGING:
            return _unassigned(site, binding, call.func, name)
    return []


def _without_inplace(site: Place, call: ast.Call, name: str) -> InplaceFix:
    method = site.text(call.func)
    return InplaceFix(
        edit=site.replace((_argument_span(site, call, "inplace"), "")),
        title="Drop `inplace=True`",
        explanation=f"With `inplace=True`, `{method}` returns None, and `{name}` became None.",
        prior=0.93,
    )


def _argument_span(site: Place, call: ast.Call, name: str) -> Span:
    """Return the span of a keyword argument with the comma that goes with it."""
    keyword = next(keyword for keyword in call.keywords if keyword.arg == name)
    span = site.span_of(keyword)
    before = site.cell.source[: span.start].rstrip()
    if before.endswith(","):
        return Span(len(before) - 1, span.end)
    rest = site.cell.source[span.end :]
    after = rest.lstrip()
    if after.startswith(","):
        skipped = len(rest) - len(after) + 1
        tail = rest[skipped:]
        return Span(span.start, span.end + skipped + len(tail) - len(tail.lstrip(" ")))
    return span


def _unassigned(
    site: Place, binding: ast.Assign, method: ast.Attribute, name: str
) -> list[InplaceFix]:
    explanation = f"`{method.attr}` changes its object and returns None, so `{name}` became None."
    owner = site.text(method.value)
    call = site.text(binding.value)
    if owner == name:
        start = site.span_of(binding).start
        span = Span(start, site.span_of(binding.value).start)
        title = f"Call `{call}` without keeping its result"
        return [InplaceFix(site.replace((span, "")), title, explanation, 0.93)]
    fixes = []
    if method.attr in VALUED and root_name(method.value):
        arguments = site.cell.source[
            site.span_of(method).end + 1 : site.span_of(binding.value).end - 1
        ]
        inner = ", ".join(part for part in (owner, arguments.strip()) if part)
        text = f"sorted({inner})" if method.attr == "sort" else f"list(reversed({inner}))"
        edit = site.replace((binding.value, text))
        fixes.append(InplaceFix(edit, f"Use `{text}`", explanation, 0.9))
    return fixes
