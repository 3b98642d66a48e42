"""UnboundLocalError: a function assigns to a name, so the name is local, and has no value yet.

The language reference, "Naming and binding" (4.2): a `global` or `nonlocal` declaration makes the
name the outer one; otherwise the local variable needs a name of its own.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator

from cellwright.notebook.edit import Span
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import BUILTINS, missing_name
from cellwright.repair.site import Site, site_of
from cellwright.trials.model import Probe

NAME = "unbound-local"
Function = ast.FunctionDef | ast.AsyncFunctionDef
_START = {"int": "0", "float": "0", "str": '""', "list": "[]", "tuple": "()"}


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the declaration, the rename or the start value that gives the name its value."""
    name = missing_name(failure.error)
    site = site_of(failure)
    if failure.error.ename != "UnboundLocalError" or site is None or not name:
        return []
    functions = [node for node in site.enclosing(site.statement) if isinstance(node, Function)]
    if not functions:
        return []
    inner, *outer = functions
    owner = next((function for function in outer if name in _locals(function)), None)
    visible = await probe.names(frame=None)
    if owner is not None:
        return list(_declared(site, inner, name, "nonlocal", f"the function `{owner.name}`"))
    if name in visible or name in BUILTINS:
        found = list(_renamed(site, inner, name))
        if name in visible and not found:
            found += _declared(site, inner, name, "global", "the notebook")
        return found
    return [candidate async for candidate in _started(site, inner, name, probe)]


def own_body(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function in its own scope, in order."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            waiting = [*ast.iter_child_nodes(node), *waiting]


def _locals(function: Function) -> set[str]:
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    stored = {
        node.id
        for node in own_body(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return stored | {argument.arg for argument in every}


def _declared(
    site: Site, function: Function, name: str, word: str, where: str
) -> Iterator[Candidate]:
    first = function.body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if docstring and len(function.body) > 1:
        first = function.body[1]
    start = site.span_of(first).start
    line = site.cell.source.rfind("\n", 0, start) + 1
    indent = site.cell.source[line:start]
    if indent.strip():
        return  # `def f(): x += 1` on one line
    yield Candidate(
        title=f"Declare `{name}` {word} in `{function.name}`",
        rule=NAME,
        prior=0.9,
        edit=site.replace((Span(line, line), f"{indent}{word} {name}\n")),
        explanation=(
            f"`{function.name}` assigns to `{name}`, which makes it a local variable; "
            f"`{word} {name}` says that the one of {where} is meant."
        ),
    )


def _renamed(site: Site, function: Function, name: str) -> Iterator[Candidate]:
    """Yield a rename of the local in `max = max(values)`, which hides what it calls."""
    statement = site.statement
    match statement:
        case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
            pass
        case _:
            return
    called = [
        node
        for node in ast.walk(value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
    others = [node for node in own_body(function) if isinstance(node, ast.Name) and node.id == name]
    end = site.span_of(statement).end
    before = [node for node in others if site.span_of(node).start < site.span_of(statement).start]
    if not called or before:
        return
    inside = [node for node in ast.walk(value) if isinstance(node, ast.Name) and node.id == name]
    if len(inside) != len(called):
        return
    fresh = f"{name}_value"
    changed = [statement.targets[0], *(n for n in others if site.span_of(n).start >= end)]
    yield Candidate(
        title=f"Rename the variable `{name}` to `{fresh}`",
        rule=NAME,
        prior=0.92,
        edit=site.replace(*((node, fresh) for node in changed)),
        explanation=(
            f"In `{function.name}` the variable `{name}` hides the function `{name}` that it calls."
        ),
    )


async def _started(
    site: Site, function: Function, name: str, probe: Probe
) -> AsyncIterator[Candidate]:
    """Yield a start value for a total that a loop adds to and that nothing starts."""
    bindings = [
        node
        for node in own_body(function)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    ]
    candidate = await start_value(site, name, probe, rule=NAME)
    if len(bindings) == 1 and candidate is not None:
        yield candidate


async def start_value(site: Site, name: str, probe: Probe, *, rule: str) -> Candidate | None:
    """Return the start of a sum, before the outermost loop that `name += …` stands in."""
    match site.statement:
        case ast.AugAssign(target=ast.Name(id=target), op=ast.Add(), value=added):
            left = target
        case ast.Assign(
            targets=[ast.Name(id=target)],
            value=ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=added),
        ):
            pass
        case _:
            return None
    if not target == left == name:
        return None
    loop: ast.AST | None = None
    for around in site.enclosing(site.statement):
        if isinstance(around, Function):
            break
        if isinstance(around, ast.For | ast.While):
            loop = around
    value = await site.ask(probe, added)
    start = None if value is None else _START.get(value.type.rstrip("0123456789"))
    if loop is None or start is None:
        return None
    at = site.span_of(loop).start
    line = site.cell.source.rfind("\n", 0, at) + 1
    indent = site.cell.source[line:at]
    if indent.strip():
        return None
    return Candidate(
        title=f"Start `{name}` at {start} before the loop",
        rule=rule,
        prior=0.7,
        edit=site.replace((Span(line, line), f"{indent}{name} = {start}\n")),
        explanation=f"The loop adds to `{name}`, which has no value when it begins.",
        guesses=f"that `{name}` starts at {start}",
    )


RULE = Rule(NAME, frozenset({"UnboundLocalError"}), propose)
