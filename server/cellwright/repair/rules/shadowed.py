"""A variable that hides the function, class or module of its name, which is wanted further on.

"'list' object is not callable" after `list = [...]`; "'int' object has no attribute 'sleep'" after
`time = 5`. Python's scoping lets any assignment do so (language reference 4.2.2). The variable is
renamed where it is bound and read; the uses that need the hidden thing stay.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cellwright.dataflow.cell import analyse
from cellwright.dataflow.tree import names_at
from cellwright.notebook.edit import NotebookEdit, Operation
from cellwright.notebook.model import CellId
from cellwright.repair.imports import imported
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import BUILTINS
from cellwright.repair.rules.attribute import lack_of
from cellwright.repair.site import Place, Site, all_places, site_of
from cellwright.trials.model import Probe

NAME = "shadowed"
Wants = Callable[[Place, ast.Name], bool]
"""Whether a use of the name wants the hidden thing, not the variable."""

_TAKES_TYPE = frozenset({"isinstance", "issubclass"})
_TAKES_FUNCTION = frozenset(
    {"map", "filter", "reduce", "apply", "applymap", "astype", "transform", "agg", "aggregate"}
)
_FUNCTION_ARGUMENTS = frozenset({"key", "dtype", "type", "default_factory", "func", "converters"})


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the rename of the variable that hides what is called or asked."""
    site = site_of(failure)
    if site is None:
        return []
    if failure.error.ename == "TypeError" and "not callable" in failure.error.evalue:
        name = await _uncallable(site, probe)
        hidden = "function" if name in BUILTINS else _hidden(failure, name)
        wants = _wants_function
    elif failure.error.ename == "AttributeError":
        lack = await lack_of(failure, probe)
        if lack is None or lack.value.is_module or not isinstance(lack.node.value, ast.Name):
            return []
        name, members = lack.base, frozenset(lack.members)
        hidden = _hidden(failure, name, modules_only=True)

        def wants(place: Place, node: ast.Name) -> bool:
            parent = place.parent(node)
            return isinstance(parent, ast.Attribute) and parent.attr not in members
    else:
        return []
    if not name or not hidden:
        return []
    return list(_renamed(failure, site, name, hidden, wants))


async def _uncallable(site: Site, probe: Probe) -> str:
    for call in site.failing(ast.Call):
        if isinstance(call.func, ast.Name):
            value = await site.ask(probe, call.func)
            if value is not None and not value.callable and not value.is_module:
                return call.func.id
    return ""


def _hidden(failure: Failure, name: str, *, modules_only: bool = False) -> str:
    """Return what else than a variable the name is: 'function', 'class', 'module' or ''."""
    for place in all_places(failure):
        if any(entry.bound == name for _, entry in imported(place.cell.source)):
            return "module"
        if modules_only:
            continue
        if any(node.name == name for node in place.nodes(ast.FunctionDef)):
            return "function"
        if any(node.name == name for node in place.nodes(ast.ClassDef)):
            return "class"
    return ""


def _wants_function(place: Place, node: ast.Name) -> bool:
    parent = place.parent(node)
    match parent:
        case ast.Call(func=function) if function is node:
            return True
        case ast.Call(func=ast.Name(id=called)) if called in _TAKES_TYPE:
            return node is not parent.args[0]
        case ast.Call(func=ast.Name(id=called)) if called in _TAKES_FUNCTION:
            return node is parent.args[0]
        case ast.Call(func=ast.Attribute(attr=called)):
            return called in _TAKES_FUNCTION
        case ast.keyword(arg=argument):
            return argument in _FUNCTION_ARGUMENTS
        case ast.arg() | ast.FunctionDef() | ast.ClassDef():
            return True
        case ast.AnnAssign(annotation=annotation):
            return annotation is node
    return False


@dataclass(frozen=True)
class _Scope:
    """The places to rename in: the uses of a variable of one function, or of the notebook."""

    places: list[Place]
    local: bool


def _renamed(
    failure: Failure, site: Site, name: str, hidden: str, wants: Wants
) -> Iterator[Candidate]:
    fresh = f"{name}_value"
    if any(fresh in analyse(place.cell.source).bound for place in all_places(failure)):
        return
    operations: list[Operation] = []
    changed: list[CellId] = []
    for place in _scope(failure, site, name).places:
        nodes = list(_variable(place, name, wants, local=place is site))
        if any(place.text(node) != name for node in nodes):
            return  # inside an f-string that this Python gives no positions for
        if nodes:
            operations += place.replace(*((node, fresh) for node in nodes)).operations
            changed.append(place.cell.id)
    if not operations:
        return
    numbers = [str(failure.notebook.number(cell)) for cell in changed]
    where = f"cell {numbers[0]}" if len(numbers) == 1 else f"cells {', '.join(numbers)}"
    yield Candidate(
        title=f"Rename the variable `{name}` to `{fresh}` in {where}",
        rule=NAME,
        prior=0.92,
        edit=NotebookEdit(tuple(operations)),
        explanation=(
            f"The variable `{name}` hides the {hidden} `{name}`. In a kernel where it is bound "
            f"already, run `del {name}` once (or restart) before running the cell again."
        ),
    )


def _scope(failure: Failure, site: Site, name: str) -> _Scope:
    if name in names_at(site.cell.source, site.span.start):
        return _Scope([site], local=True)
    places = [place for place in all_places(failure) if _binds(place, name)]
    if not places:
        return _Scope([], local=False)
    first = failure.notebook.position(places[0].cell.id)
    later = [p for p in all_places(failure) if failure.notebook.position(p.cell.id) >= first]
    return _Scope(later, local=False)


def _binds(place: Place, name: str) -> bool:
    return any(
        node.id == name and isinstance(node.ctx, ast.Store) for node in place.nodes(ast.Name)
    )


def _variable(place: Place, name: str, wants: Wants, *, local: bool) -> Iterator[ast.Name]:
    """Yield where a cell binds or reads the variable."""
    for node in place.nodes(ast.Name):
        if node.id != name or isinstance(node.ctx, ast.Del):
            continue
        inside = name in names_at(place.cell.source, place.span_of(node).start)
        if inside == local and (isinstance(node.ctx, ast.Store) or not wants(place, node)):
            yield node


RULE = Rule(NAME, frozenset({"TypeError", "AttributeError"}), propose)
