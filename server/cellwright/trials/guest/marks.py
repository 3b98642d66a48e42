"""Noticing which statements begin to run, by a call put before each (no tracing, no threads)."""

from __future__ import annotations

import ast
import builtins
from typing import Any, Dict, List, Optional, Set, Tuple

from .failures import code_points
from .pieces import Pieces, split_lines

NAME = "__cellwright_began__"
Place = Tuple[int, int]
Wanted = Dict[Place, List[int]]
COMPILERS = {"jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil", "script", "function"}
"""Decorators (of numba, torch, TensorFlow …) that compile a function: no call of ours is run there.
"""


class Marks:
    """An IPython AST transformer. A mark is a statement's start, 1-based line and column.

    `whole` are the marks as places in what IPython made of the cell, `own` as places in the cell
    itself, for the body of a cell magic, which comes here apart. None: not to be found there.
    """

    def __init__(self, marks: List[Dict[str, Optional[Place]]], pieces: Pieces, code: str) -> None:
        self.ran: Set[int] = set()
        self._whole = _index(mark["whole"] for mark in marks)
        self._own = _index(mark["own"] for mark in marks)
        self._shift = pieces.body_shift
        self._lines = split_lines(code)
        self._body = pieces.body_lines
        self._main = True
        setattr(builtins, NAME, self.ran.add)

    def visit(self, tree: Any) -> Any:
        """Mark the statements of a module, as IPython asks its transformers to do."""
        if self._main:
            self._main = False
            mark_statements(tree, self._whole, self._lines)
        elif self._shift is not None:
            wanted = {(line - self._shift, at): i for (line, at), i in self._own.items()}
            mark_statements(tree, wanted, self._body)
        return tree


def mark_statements(tree: ast.AST, wanted: Wanted, lines: List[str]) -> None:
    """Put a call before each statement that starts at a wanted place.

    In a function that another compiler takes over, the call is put before the definition.
    """
    wanted = _outside_compiled(tree, wanted)
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                setattr(node, name, _marked(node, block, wanted, lines))


def _index(places: Any) -> Wanted:
    found: Wanted = {}
    for index, place in enumerate(places):
        if place is not None:
            found.setdefault(tuple(place), []).append(index)
    return found


def _outside_compiled(tree: ast.AST, wanted: Wanted) -> Wanted:
    moved: Wanted = {place: list(indices) for place, indices in wanted.items()}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(map(_compiles, node.decorator_list)):
            for place in sorted(moved):
                if node.lineno < place[0] <= (node.end_lineno or 0):
                    start = (node.lineno, node.col_offset)
                    moved.setdefault(start, []).extend(moved.pop(place))
    return moved


def _compiles(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in COMPILERS


def _marked(
    owner: ast.AST, block: List[ast.stmt], wanted: Wanted, lines: List[str]
) -> List[ast.stmt]:
    head = _head(owner, block)
    held: List[ast.stmt] = []  # a call may not stand before a docstring or a __future__ import
    marked: List[ast.stmt] = []
    for position, statement in enumerate(block):
        found = {index for place in _starts(statement, lines) for index in wanted.get(place, ())}
        calls = [_call(index, statement) for index in sorted(found)]
        if position < head:
            held += calls
        else:
            marked += held + calls
            held = []
        marked.append(statement)
    return marked + held


def _head(owner: ast.AST, block: List[ast.stmt]) -> int:
    """Return how many statements must stay first: a docstring, imports from `__future__`."""
    if isinstance(owner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return 0 if ast.get_docstring(owner, clean=False) is None else 1
    head = 0
    for index, statement in enumerate(block):
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            head = index + 1
    return head


def _starts(statement: ast.stmt, lines: List[str]) -> List[Place]:
    """Return where a statement starts: at its keyword, and at its first decorator's `@`."""
    column = _column(statement, lines)
    decorators = getattr(statement, "decorator_list", [])[:1]
    return [(statement.lineno, column)] + [(node.lineno, column) for node in decorators]


def _column(node: Any, lines: List[str]) -> int:
    inside = 0 < node.lineno <= len(lines)
    return code_points(lines[node.lineno - 1], node.col_offset) if inside else node.col_offset


def _call(index: int, statement: ast.stmt) -> ast.stmt:
    call = ast.Call(ast.Name(NAME, ast.Load()), [ast.Constant(index)], [])
    return ast.fix_missing_locations(ast.copy_location(ast.Expr(call), statement))
