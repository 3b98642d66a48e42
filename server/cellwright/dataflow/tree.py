"""Helpers that repair rules and guards share: statements, expressions and scopes by position.

All positions are those of the cell's own source, IPython syntax included: spans in code points,
columns of nodes in UTF-8 bytes, as `ast` has them.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from cellwright.dataflow.scopes import COMPREHENSIONS, Function, bound_in, function_names
from cellwright.dataflow.source import line_offsets, split_lines
from cellwright.dataflow.tolerant import Parsed, parse_cell
from cellwright.notebook.edit import Span

_Node = TypeVar("_Node", bound=ast.AST)


@lru_cache(maxsize=256)
def parse_tolerant(source: str) -> ast.Module:
    """Parse a cell whatever its state; nodes have their places in the cell as it is written.

    Magics, shell commands and help requests stand as the constant 0, but those that run Python
    (`%%time`) are replaced by that Python. Statements that do not parse stand as `pass`. The tree
    is shared: do not change it. Never raises.
    """
    parsed = parse_cell(source)
    if parsed.shape.lines is None and not parsed.broken:
        return parsed.tree
    return ast.Module(body=_Settled(parsed).block(parsed.tree.body), type_ignores=[])


class _Settled(ast.NodeTransformer):
    """Gives the nodes of a tree their places in the cell, and puts inner Python in its place."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.starts = line_offsets(parsed.shape.source)

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [settled for statement in body for settled in self.statement(statement)]

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        if self.parsed.stands_for_broken(node):
            return [self.settle(ast.Pass(), node)]
        if isinstance(node, ast.Expr):
            command = self.parsed.shape.command_at(node.value)
            parts = self.parsed.inner.get(command.span.start, ()) if command else ()
            if parts:
                return [each for part in parts for each in _Settled(part).block(part.tree.body)]
        settled = self.visit(node)
        return [settled] if isinstance(settled, ast.stmt) else []

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, self.block(value))
            elif isinstance(value, list):
                setattr(node, name, [self._visit(item) for item in value])
            else:
                setattr(node, name, self._visit(value))
        return self.settle(node, node)

    def _visit(self, value: object) -> object:
        return self.visit(value) if isinstance(value, ast.AST) else value

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        command = self.parsed.shape.command_at(node)
        for part in self.parsed.inner.get(command.span.start, ()) if command else ():
            body = part.tree.body
            if len(body) == 1 and isinstance(body[0], ast.Expr):
                inner = _Settled(part).visit(body[0].value)
                if isinstance(inner, ast.AST):
                    return inner
        return self.settle(node, node)

    def settle(self, node: _Node, place: ast.AST) -> _Node:
        """Give `node` the place in the cell that `place` stands for."""
        if hasattr(place, "lineno"):
            span = self.parsed.span(place)
            lineno, column = self._place(span.start)
            end_lineno, end_column = self._place(span.end)
            for name, value in (
                ("lineno", lineno),
                ("col_offset", column),
                ("end_lineno", end_lineno),
                ("end_col_offset", end_column),
            ):
                setattr(node, name, value)
        return node

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        text = self.parsed.shape.source[self.starts[line - 1] : offset]
        return line, len(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=16)
def _lines(source: str) -> tuple[tuple[int, str], ...]:
    """Return the start and the text of each line."""
    return tuple(zip(line_offsets(source), split_lines(source), strict=True))


def _offset(source: str, line: int, utf8: int) -> int:
    lines = _lines(source)
    start, text = lines[min(line, len(lines)) - 1]
    if not text.isascii():
        utf8 = len(text.encode("utf-8", "surrogatepass")[:utf8].decode("utf-8", "replace"))
    return min(start + utf8, len(source))


def node_span(source: str, node: ast.AST) -> Span:
    """Return the span of a node of `parse_tolerant(source)`; decorators belong to a definition.

    A node without a place (an operator, an argument list) gives the empty span at 0.
    """
    if not isinstance(node, ast.stmt | ast.expr) and not hasattr(node, "lineno"):
        return Span(0, 0)
    first: ast.AST = node
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    if decorators:
        first = decorators[0]
    start = _offset(source, getattr(first, "lineno", 1), getattr(first, "col_offset", 0))
    if decorators:
        start = max(source.rfind("@", 0, start), 0)
    end_line = int(getattr(node, "end_lineno", 0) or getattr(node, "lineno", 1))
    end_column = int(getattr(node, "end_col_offset", 0) or 0)
    return Span(start, max(start, _offset(source, end_line, end_column)))


@dataclass(frozen=True)
class Statement:
    """One statement of a cell; `depth` is 0 at the top level (or that of a `%%time` body)."""

    span: Span
    depth: int
    node: ast.stmt


@dataclass(frozen=True)
class Found:
    """A node of a cell's tree, and where it lies."""

    node: ast.AST
    span: Span


@lru_cache(maxsize=256)
def statements(source: str) -> tuple[Statement, ...]:
    """Return all statements of a cell, outer before inner, in the order of the source."""

    def walk(node: ast.AST, depth: int) -> Iterator[Statement]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield Statement(node_span(source, child), depth, child)
                yield from walk(child, depth + 1)
            elif not isinstance(child, ast.expr):
                # Handlers and match cases hold the statements of the next depth.
                yield from walk(child, depth)

    return tuple(walk(parse_tolerant(source), 0))


def statement_at(source: str, offset: int) -> Span:
    """Return the innermost statement around an offset, else the text of the line it is on.

    An offset at the end of a statement, or in the indent before one, belongs to it.
    """
    line_start = source.rfind("\n", 0, offset) + 1
    if not source[line_start:offset].strip():
        offset += len(source[offset:]) - len(source[offset:].lstrip(" \t"))
    spans = [statement.span for statement in statements(source)]
    around = [span for span in spans if span.start <= offset < span.end]
    around = around or [span for span in spans if span.end == offset]
    return min(around, key=_width) if around else _line_at(source, line_start)


def _line_at(source: str, start: int) -> Span:
    end = source.find("\n", start)
    text = source[start : end if end >= 0 else len(source)]
    start += len(text) - len(text.lstrip())
    return Span(start, start + len(text.strip()))


def _width(span: Span) -> int:
    return span.end - span.start


def path_at(source: str, span: Span) -> tuple[Found, ...]:
    """Return the nodes that hold a span, outermost first."""
    places = (
        Found(node, node_span(source, node))
        for node in ast.walk(parse_tolerant(source))
        if hasattr(node, "lineno")
    )
    around = [p for p in places if p.span.start <= span.start and span.end <= p.span.end]
    # `ast.walk` yields parents first, so that a stable sort keeps `Expr` before its value.
    return tuple(sorted(around, key=lambda found: -_width(found.span)))


def expression_at(source: str, span: Span) -> Found | None:
    """Return the expression that has exactly this span, else the innermost around it.

    Of two with the same span the outer one is returned.
    """
    around = [found for found in path_at(source, span) if isinstance(found.node, ast.expr)]
    exact = next((found for found in around if found.span == span), None)
    return exact or (around[-1] if around else None)


def names_at(source: str, offset: int) -> frozenset[str]:
    """Return the local names that code at an offset can see: parameters, locals, loop names.

    Names of the cell's top level are not among them. A class body's names count only directly in
    that body, as Python has it.
    """
    names: set[str] = set()
    path = path_at(source, Span(offset, offset))
    for index, found in enumerate(path):
        if isinstance(found.node, Function):
            names |= function_names(found.node)
        elif isinstance(found.node, COMPREHENSIONS):
            for generator in found.node.generators:
                names |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
        elif isinstance(found.node, ast.ClassDef):
            inner = path[index + 1 :]
            if not any(isinstance(deeper.node, Function) for deeper in inner):
                names |= bound_in(found.node.body)[0]
    return frozenset(names)
