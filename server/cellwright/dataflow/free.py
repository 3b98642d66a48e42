"""The free names of functions: what they need when they are called."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from cellwright.dataflow.scopes import COMPREHENSIONS, Function, bound_in, function_names
from cellwright.dataflow.tolerant import Parsed
from cellwright.notebook.edit import Span


class Free:
    """Collects the free names of code that runs later, and where they stand."""

    def __init__(self, parsed: Parsed, local: set[str]) -> None:
        self.parsed = parsed
        self.local = local
        self.found: list[tuple[str, Span]] = []

    def of(self, nodes: Iterable[ast.AST], *, inside: bool = False) -> list[tuple[str, Span]]:
        """Return the free names of some code; of functions, only of what is `inside` them."""
        for node in nodes:
            if inside and isinstance(node, Function):
                self._function(node, frozenset(self.local))
            else:
                self._visit(node, frozenset(self.local))
        return self.found

    def _function(self, node: Function, local: frozenset[str]) -> None:
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        declared = set() if isinstance(node, ast.Lambda) else bound_in(node.body)[1]
        inner = (local | function_names(node) | type_parameters(node)) - declared
        for child in body:
            self._visit(child, inner)

    def _visit(self, node: ast.AST, local: frozenset[str]) -> None:
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Store) and node.id not in local:
                self.found.append((node.id, self.parsed.span(node)))
            return
        if isinstance(node, Function):
            self._outside(node, local)
            self._function(node, local)
            return
        if isinstance(node, ast.ClassDef):
            self._class_body(node, local)
            return
        if isinstance(node, COMPREHENSIONS):
            targets = {
                name.id
                for generator in node.generators
                for name in ast.walk(generator.target)
                if isinstance(name, ast.Name)
            }
            self._visit(node.generators[0].iter, local)
            local |= targets
        target = node.target if isinstance(node, ast.AugAssign) else None
        if isinstance(target, ast.Name) and target.id not in local:
            self.found.append((target.id, self.parsed.span(target)))
        for child in ast.iter_child_nodes(node):
            self._visit(child, local)

    def _outside(self, node: Function, local: frozenset[str]) -> None:
        arguments = node.args
        outer: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
        outer += [argument.annotation for argument in every_argument(arguments)]
        outer += [*getattr(node, "decorator_list", []), getattr(node, "returns", None)]
        for child in outer:
            if child is not None:
                self._visit(child, local | type_parameters(node))

    def _class_body(self, node: ast.ClassDef, local: frozenset[str]) -> None:
        for child in [*node.decorator_list, *node.bases, *node.keywords]:
            self._visit(child, local)
        own = frozenset(bound_in(node.body)[0])
        for child in node.body:
            if isinstance(child, Function):
                self._outside(child, local | own)
                self._function(child, local)
            else:
                self._visit(child, local | own)


def type_parameters(node: ast.AST) -> set[str]:
    """Return the names of a definition's type parameters (Python 3.12)."""
    return {parameter.name for parameter in getattr(node, "type_params", [])}


def every_argument(arguments: ast.arguments) -> list[ast.arg]:
    """Return the parameters of a function as nodes."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return every + [extra for extra in (arguments.vararg, arguments.kwarg) if extra]


def returns(node: ast.AST) -> ast.AST | None:
    """Return the annotation of what a function returns."""
    returns: ast.AST | None = getattr(node, "returns", None)
    return returns
