"""The place of a failure as a tree: what rules search for the expression to mend."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from cellwright.dataflow.tree import node_span, parse_tolerant
from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import NotebookEdit, Span
from cellwright.notebook.model import Cell
from cellwright.repair.model import Failure
from cellwright.trials.model import Probe, Value

Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Place:
    """A cell as a tree, whatever its state: what does not parse is left out."""

    cell: Cell

    @cached_property
    def tree(self) -> ast.Module:
        """The tree of the cell."""
        return parse_tolerant(self.cell.source)

    @cached_property
    def _parents(self) -> dict[int, ast.AST]:
        return {
            id(child): node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def span_of(self, node: ast.AST) -> Span:
        """Return where a node stands in the cell."""
        return node_span(self.cell.source, node)

    def text(self, node: ast.AST) -> str:
        """Return the source text of a node."""
        span = self.span_of(node)
        return self.cell.source[span.start : span.end]

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node that holds `node`."""
        return self._parents.get(id(node))

    def enclosing(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around `node`, innermost first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def nodes(self, kind: type[Node]) -> list[Node]:
        """Return all nodes of a kind in the cell, in document order."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, kind)]
        return sorted(found, key=self.span_of)

    def replace(self, *changes: tuple[ast.AST | Span, str]) -> NotebookEdit:
        """Return the edit of this cell that replaces some nodes or spans by text."""
        return replace_text(
            self.cell,
            *(
                (part if isinstance(part, Span) else self.span_of(part), text)
                for part, text in changes
            ),
        )


@dataclass(frozen=True)
class Site(Place):
    """A failing statement of a cell, and the failing expression in it where Python tells.

    `span` is the failing expression; it equals the statement's where only that is known.
    """

    statement: ast.stmt
    span: Span

    @cached_property
    def exact(self) -> tuple[ast.expr, ...]:
        """The expressions that cover exactly the failing span, outermost first."""
        return tuple(
            node
            for node in own_nodes(self.statement)
            if isinstance(node, ast.expr) and self.span_of(node) == self.span
        )

    def failing(self, kind: type[Node]) -> list[Node]:
        """Return the nodes of a kind that may be the one that failed, in the order they run.

        Where Python tells the expression it is the only one; else all of the statement.
        """
        if self.exact:
            exact: list[Node] = [node for node in self.exact if isinstance(node, kind)]
            return exact[-1:]
        found = [node for node in own_nodes(self.statement) if isinstance(node, kind)]
        return sorted(found, key=lambda node: self.span_of(node).end)

    async def ask(self, probe: Probe, node: ast.AST) -> Value | None:
        """Describe the value that an expression of the failing frame has."""
        text = self.text(node)
        return await probe.describe(f"({text})" if "\n" in text else text)


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement, without the statements that it holds."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop(0)
        if hasattr(node, "lineno"):
            yield node
        waiting.extend(
            child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)
        )


def site_of(failure: Failure) -> Site | None:
    """Return where a failure shows, or None when no statement of that cell can be read there."""
    cell = failure.notebook.get(failure.diagnosis.cell)
    if cell is None or not cell.is_python:
        return None
    span = failure.diagnosis.span
    place = Place(cell)
    around = [
        statement
        for statement in place.nodes(ast.stmt)
        if place.span_of(statement).start <= span.start < place.span_of(statement).end
    ]
    return Site(cell, around[-1], span) if around else None


def places_before(failure: Failure) -> list[Place]:
    """Return the diagnosed cell, the failed one, and the cells that ran before, latest first."""
    ids = dict.fromkeys(
        [failure.diagnosis.cell, failure.cell.id, *(s.cell for s in reversed(failure.steps))]
    )
    cells = (failure.notebook.get(cell) for cell in ids)
    return [Place(cell) for cell in cells if cell is not None and cell.is_python]


def all_places(failure: Failure) -> list[Place]:
    """Return every Python cell of the notebook, in document order."""
    return [Place(cell) for cell in failure.notebook.cells if cell.is_python]


def short(text: str) -> str:
    """Return source text on one line, cut to what a title can hold."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"


def atom(place: Place, node: ast.expr) -> str:
    """Return the text of an expression, in parentheses where a `.` behind it needs them."""
    simple = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict)
    text = place.text(node)
    bare = isinstance(node, simple) or isinstance(getattr(node, "value", None), (str, bytes))
    return text if bare else f"({text})"


async def module_alias(probe: Probe, module: str) -> str:
    """Return the name that a module has in the notebook, '' if it is not imported."""
    names = await probe.names(frame=None)
    for name in sorted((n for n, kind in names.items() if kind == "module"), key=len):
        value = await probe.describe(f"{name}.__name__", frame=None)
        if value is not None and value.repr.strip("'") == module:
            return name
    return ""
