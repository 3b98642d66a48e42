"""Which names a scope binds: Python's own rule, read off the tree."""

from __future__ import annotations

import ast

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def parameters(arguments: ast.arguments) -> list[str]:
    """Return the names of a function's parameters."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
    return [argument.arg for argument in every]


def function_names(node: Function) -> set[str]:
    """Return the names that are local to a function: parameters and what its body binds."""
    names = set(parameters(node.args))
    if not isinstance(node, ast.Lambda):
        bound, global_names, nonlocal_names = bound_in(node.body)
        names |= bound - global_names - nonlocal_names
        return names
    return names | bound_in([ast.Expr(node.body)])[0]


def bound_in(body: list[ast.stmt]) -> tuple[set[str], set[str], set[str]]:
    """Return the names that statements bind in their own scope, and the `global` and `nonlocal`."""
    bound: set[str] = set()
    global_names: set[str] = set()
    nonlocal_names: set[str] = set()
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Global):
            global_names.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            nonlocal_names.update(node.names)
        bound |= directly_bound(node)
        if isinstance(node, DEFINITIONS):
            todo += _evaluated_outside(node)
        elif isinstance(node, ast.Lambda):
            todo += [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        elif isinstance(node, COMPREHENSIONS):
            bound |= {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
        else:
            todo.extend(ast.iter_child_nodes(node))
    return bound, global_names, nonlocal_names


def _evaluated_outside(node: ast.AST) -> list[ast.AST]:
    """Return what of a definition runs in the scope around it (where a walrus would bind)."""
    outside: list[ast.AST] = list(getattr(node, "decorator_list", []))
    if isinstance(node, ast.ClassDef):
        return [*outside, *node.bases, *(keyword.value for keyword in node.keywords)]
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    return [*outside, *arguments.defaults, *(d for d in arguments.kw_defaults if d)]


def directly_bound(node: ast.AST) -> set[str]:
    """Return the names that a node itself binds, children aside."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        return {node.id}
    if isinstance(node, DEFINITIONS):
        return {node.name}
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        return {node.name}
    if isinstance(node, ast.MatchMapping) and node.rest:
        return {node.rest}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names} - {"*"}
    return set()
