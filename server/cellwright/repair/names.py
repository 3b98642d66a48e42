"""How a cell uses a name, and where: what rules about names share."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cellwright.dataflow.tree import names_at, node_span, parse_tolerant
from cellwright.notebook.edit import Span
from cellwright.notebook.run import CellError

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
"""Names that every Python has (those of the server's own; the kernel's differ by one or two)."""

_INSPECTING = frozenset({"help", "dir", "vars", "reload"})
_FUNCTIONS = frozenset({"function", "builtin_function_or_method", "method", "method-wrapper"})
_SCALARS = frozenset({"int", "float", "complex", "bool", "NoneType"})
_DATA = _SCALARS | {"str", "bytes", "list", "tuple", "dict", "set", "frozenset", "range"}
_TABLES = frozenset({"ndarray", "DataFrame", "Series", "Index", "Tensor"})
_BRACES = re.compile(r"\{[^{}]*\}")
_QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True)
class Usage:
    """What a cell does with a name: which of these it does anywhere in its text.

    `inspected`: the name is handed to `help`, `dir` or the like, as people do with modules.
    """

    called: bool = False
    subscripted: bool = False
    iterated: bool = False
    as_type: bool = False
    inspected: bool = False
    attributes: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """Whether the name is only mentioned: nothing tells what kind of thing it is."""
        return not (self.called or self.subscripted or self.iterated or self.attributes)


def missing_name(error: CellError) -> str:
    """Return the name that a NameError speaks of, or ''."""
    name = error.attributes.get("name")
    if isinstance(name, str) and name:
        return name
    quoted = _QUOTED.search(error.evalue)
    return quoted[1] if quoted and quoted[1].isidentifier() else ""


def usage(source: str, name: str) -> Usage:
    """Return how a cell uses a name."""
    called = subscripted = iterated = as_type = inspected = False
    attributes = set()

    def is_name(node: object) -> bool:
        return isinstance(node, ast.Name) and node.id == name

    for node in ast.walk(parse_tolerant(source)):
        match node:
            case ast.Call(func=inner) if is_name(inner):
                called = True
            case ast.Call(func=ast.Name(id=function), args=[inner]) if is_name(inner):
                inspected |= function in _INSPECTING
            case ast.Subscript(value=inner) if is_name(inner):
                subscripted = True
            case ast.Attribute(value=inner, attr=attribute) if is_name(inner):
                attributes.add(attribute)
            case ast.For(iter=inner) | ast.comprehension(iter=inner) if is_name(inner):
                iterated = True
            case ast.ClassDef(bases=bases, decorator_list=decorators):
                as_type |= any(map(is_name, (*bases, *decorators)))
            case ast.FunctionDef() | ast.AsyncFunctionDef() as whole:
                as_type |= any(map(is_name, (*whole.decorator_list, whole.returns)))
            case ast.arg(annotation=inner) | ast.AnnAssign(annotation=inner) if is_name(inner):
                as_type = True
            case ast.ExceptHandler(type=inner) | ast.Raise(exc=inner) if is_name(inner):
                as_type = True
    return Usage(called, subscripted, iterated, as_type, inspected, frozenset(attributes))


def uses(source: str, name: str) -> tuple[Span, ...]:
    """Return where a cell reads a name that is not local to a function, in order."""
    spans = {
        span
        for node in ast.walk(parse_tolerant(source))
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for span in _written(source, node)
        if name not in names_at(source, span.start)
    }
    return tuple(sorted(spans))


def _written(source: str, node: ast.Name) -> Iterator[Span]:
    """Yield where the text of a name stands: Python < 3.12 misplaces names inside f-strings."""
    span = node_span(source, node)
    if source[span.start : span.end] == node.id:
        yield span
        return
    pattern = re.compile(rf"(?<![\w.'\"]){re.escape(node.id)}\b")
    for string in ast.walk(parse_tolerant(source)):
        if isinstance(string, ast.JoinedStr):
            whole = node_span(source, string)
            for braces in _BRACES.finditer(source, whole.start, whole.end):
                for match in pattern.finditer(source, *braces.span()):
                    yield Span(*match.span())


def fits(type_name: str, used: Usage) -> float:
    """Return how well a value of a type suits a use (0..1)."""
    if type_name == "module":
        return 1.0 if used.attributes else 0.3
    if used.called:
        return 0.2 if type_name in _DATA | _TABLES else 1.0
    rigid = _FUNCTIONS | _SCALARS
    if (used.subscripted or used.iterated) and type_name in rigid:
        return 0.2
    if used.plain and not used.as_type and type_name in _FUNCTIONS | {"type"}:
        return 0.7
    return 1.0


def is_new_name(name: str) -> bool:
    """Return whether a name is free for a new variable: no keyword, no builtin."""
    return name.isidentifier() and not keyword.iskeyword(name) and name not in BUILTINS
