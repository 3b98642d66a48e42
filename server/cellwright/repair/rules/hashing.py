"""TypeError "unhashable type": a list or set as a dict key or set member.

Keys must not change (library reference, "Mapping Types", and the glossary's "hashable"): a tuple or
a frozenset of the same elements can stand there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cellwright.notebook.edit import Span
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, short, site_of
from cellwright.trials.model import Probe, Value

_STABLE = {"list": "tuple", "set": "frozenset"}


def keys(site: Site) -> Iterator[ast.expr]:
    """Yield the expressions of the failing statement that have to be hashable."""
    for subscript in site.failing(ast.Subscript):
        yield subscript.slice
    for display in site.failing(ast.Set):
        yield from display.elts
    for mapping in site.failing(ast.Dict):
        yield from (key for key in mapping.keys if key is not None)
    for call in site.failing(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"add", "setdefault", "get"}:
            yield from call.args[:1]
    for compare in site.failing(ast.Compare):
        if isinstance(compare.ops[0], (ast.In, ast.NotIn)):
            yield compare.left


def _as_tuple(site: Site, node: ast.expr, value: Value) -> str:
    text = site.text(node)
    if isinstance(node, ast.List):
        inner = text[1:-1].strip().rstrip(",")
        comma = "," if len(node.elts) == 1 else ""
        return f"({inner}{comma})"
    return f"{_STABLE[value.type]}({text})"


def members(site: Site) -> list[Candidate]:
    """Return the candidate for `set(lists)` and its kin: each member becomes a tuple."""
    for call in site.failing(ast.Call):
        if (
            isinstance(call.func, ast.Name)
            and call.func.id in {"set", "frozenset"}
            and len(call.args) == 1
        ):
            text = site.text(call.args[0])
            return [
                Candidate(
                    title=f"Make tuples of what is in `{short(text)}`",
                    rule=RULE.name,
                    prior=0.88,
                    edit=site.replace((call.args[0], f"map(tuple, {text})")),
                    explanation="A set holds only things that cannot change; lists can.",
                )
            ]
    return []


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose tuples in place of lists, frozensets in place of sets."""
    site = site_of(failure)
    if site is None or "unhashable type" not in failure.error.evalue:
        return []
    changes: dict[Span, str] = {}
    for node in keys(site):
        value = await site.ask(probe, node)
        if value is not None and value.type in _STABLE:
            changes[site.span_of(node)] = _as_tuple(site, node, value)
    if not changes:
        return members(site)
    return [
        Candidate(
            title="Use a tuple instead of a list" if len(changes) == 1 else "Use tuples, not lists",
            rule=RULE.name,
            prior=0.9,
            edit=site.replace(*changes.items()),
            explanation="Keys and members of sets must not change; a list can, a tuple cannot.",
        )
    ]


RULE = Rule("hashing", frozenset({"TypeError"}), propose)
