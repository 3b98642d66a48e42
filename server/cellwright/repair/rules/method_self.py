"""TypeError "takes 0 positional arguments but 1 was given": a method without `self`, and its kin.

A method is passed its object first (language reference, "The standard type hierarchy", instance
methods); a class that is only named has not been called.
"""

from __future__ import annotations

import ast
import re

from cellwright.notebook.edit import Span
from cellwright.repair.inplace import bindings
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Place, Site, all_places, short, site_of
from cellwright.trials.model import Probe

_GIVEN = re.compile(r"(?:(\w+)\.)?(\w+)\(\) takes (?:from \d+ to )?(\d+) positional .* but (\d+) w")
_STATIC = frozenset({"staticmethod", "classmethod"})


def without_self(failure: Failure) -> list[Candidate]:
    """Return candidates that add `self` to the method that an error speaks of."""
    match = _GIVEN.search(failure.error.evalue)
    if match is None or int(match.group(4)) != int(match.group(3)) + 1:
        return []
    owner, name = match.group(1), match.group(2)
    found = []
    for place in all_places(failure):
        for kind in place.nodes(ast.ClassDef):
            if owner not in {None, kind.name}:
                continue
            found += [
                _with_self(place, kind, method)
                for method in kind.body
                if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
                and method.name == name
                and not _has_self(method)
            ]
    return found


def _has_self(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = {node.id for node in method.decorator_list if isinstance(node, ast.Name)}
    arguments = [*method.args.posonlyargs, *method.args.args]
    first = arguments[0].arg if arguments else ""
    return bool(decorators & _STATIC) or first in {"self", "cls"}


def _with_self(
    place: Place, kind: ast.ClassDef, method: ast.FunctionDef | ast.AsyncFunctionDef
) -> Candidate:
    source = place.cell.source
    after = source.index(method.name, _def_start(place, method)) + len(method.name)
    opening = source.index("(", after) + 1
    arguments = method.args
    empty = not (arguments.args or arguments.posonlyargs or arguments.kwonlyargs)
    empty = empty and not (arguments.vararg or arguments.kwarg)
    return Candidate(
        title=f"Add `self` to `{kind.name}.{method.name}`",
        rule=RULE.name,
        prior=0.93,
        edit=place.replace((Span(opening, opening), "self" if empty else "self, ")),
        explanation="Python passes a method its object first; the method has to take it.",
    )


def _def_start(place: Place, method: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return where the word `def` of a method stands, behind its decorators."""
    ends = [place.span_of(node).end for node in method.decorator_list]
    start = max([place.span_of(method).start, *ends])
    return place.cell.source.index("def", start)


async def class_for_object(failure: Failure, site: Site, probe: Probe) -> list[Candidate]:
    """Return candidates for `model = Model` followed by `model.fit(…)`."""
    if "missing" not in failure.error.evalue:
        return []
    for call in site.failing(ast.Call):
        if not isinstance(call.func, ast.Attribute):
            continue
        owner = call.func.value
        value = await site.ask(probe, owner)
        if value is None or value.type not in {"type", "ABCMeta"}:
            continue
        text = short(site.text(owner))
        why = (
            f"`{text}` is a class; its methods work on an object, which a call of the class makes."
        )
        if isinstance(owner, ast.Name):
            for place, binding in bindings(failure, owner.id)[:1]:
                end = place.span_of(binding.value).end
                title = f"Make an object: `{short(place.text(binding.value))}()`"
                return [_called(place, end, title, why)]
        end = site.span_of(owner).end
        return [_called(site, end, f"Make an object: `{text}()`", why)]
    return []


def _called(place: Place, end: int, title: str, why: str) -> Candidate:
    return Candidate(
        title=title,
        rule=RULE.name,
        prior=0.88,
        edit=place.replace((Span(end, end), "()")),
        explanation=why,
    )


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose the missing `self`, or the object instead of its class."""
    site = site_of(failure)
    if found := without_self(failure):
        return found
    return await class_for_object(failure, site, probe) if site else []


RULE = Rule("method-self", frozenset({"TypeError"}), propose)
