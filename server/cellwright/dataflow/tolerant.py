"""Parse a cell whatever its state: commands stand aside, broken statements are blanked."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cellwright.dataflow.shape import Shape, shape
from cellwright.dataflow.source import parse_python, split_lines
from cellwright.notebook.edit import Span

_MOST_ROUNDS = 40


@dataclass(frozen=True)
class LostName:
    """A name inside a broken statement; `binds` if it looks like a target there."""

    name: str
    span: Span
    binds: bool


@dataclass(frozen=True)
class Parsed:
    """A tree of a cell (or of Python inside a command), with positions in the cell.

    `broken` are the lines that had to be blanked, `lost` the names in them. `inner` holds the
    Python that a command runs, by the start of the command's span.
    """

    shape: Shape
    tree: ast.Module
    broken: tuple[Span, ...] = ()
    lost: tuple[LostName, ...] = ()
    inner: Mapping[int, tuple[Parsed, ...]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether nothing had to be blanked."""
        return not self.broken and all(part.complete for part in self.parts())

    def parts(self) -> Iterator[Parsed]:
        """Yield the Python inside commands."""
        for parts in self.inner.values():
            yield from parts

    def span(self, node: ast.AST) -> Span:
        """Return where in the cell a node of this tree lies."""
        span = self.shape.span(node)
        for lines in self.broken:
            if lines.start <= span.end < lines.end:
                span = Span(span.start, lines.end)
        return span

    def stands_for_broken(self, node: ast.AST) -> bool:
        """Return whether a statement is only the `0` that holds the place of a broken one."""
        if not self.broken or not isinstance(node, ast.Expr):
            return False
        start = self.shape.span(node).start
        return self.shape.command_at(node.value) is None and any(
            lines.start <= start < lines.end for lines in self.broken
        )


def parse_cell(source: str) -> Parsed:
    """Parse a cell. Never raises: in the worst case nothing is kept."""
    return _parse(shape(source))


def _parse(shaped: Shape) -> Parsed:
    inner = {
        command.span.start: tuple(_parse(shape(shaped.source, part)) for part in command.python)
        for command in shaped.commands.values()
    }
    try:
        return Parsed(shaped, parse_python(shaped.text), inner=inner)
    except SyntaxError:
        pass
    tree, blanked = _mend(shaped.text)
    lines = split_lines(shaped.text)
    broken = tuple(
        Span(shaped.offset(line + 1, 0), shaped.offset(line + 1, len(lines[line])))
        for line in sorted(blanked)
        if lines[line].strip()
    )
    return Parsed(shaped, tree, broken, tuple(_lost_names(shaped, blanked)), inner)


def _mend(text: str) -> tuple[ast.Module, set[int]]:
    """Blank 0-based lines until the rest parses: those parso calls errors, then one by one."""
    lines = split_lines(text)
    blanked = _error_lines(text)
    for line in blanked:
        lines[line] = _hold(lines[line])
    for _ in range(_MOST_ROUNDS):
        try:
            return parse_python("\n".join(lines)), blanked
        except SyntaxError as error:
            at = _offending(lines, error.lineno)
        if at is None:
            break
        # A `0` keeps a block from being empty; where even that is wrong, nothing is kept.
        lines[at] = _hold(lines[at]) if at not in blanked else ""
        blanked.add(at)
    at = at or 0
    blanked.update(range(at, len(lines)))
    try:
        return parse_python("\n".join(lines[:at])), blanked
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[]), set(range(len(lines)))


def _hold(line: str) -> str:
    code = line.lstrip()
    return line[: len(line) - len(code)] + "0" if code else ""


def _offending(lines: list[str], lineno: int | None) -> int | None:
    """Return the 0-based line to blank: the reported one, or the nearest before it with text."""
    at = min((lineno or len(lines)) - 1, len(lines) - 1)
    while at >= 0 and not lines[at].strip():
        at -= 1
    return at if at >= 0 else None


def _error_lines(text: str) -> set[int]:
    root = _parso(text)
    found: set[int] = set()
    todo = [root]
    while todo:
        node = todo.pop()
        if node.type in {"error_node", "error_leaf"}:
            found.update(range(node.start_pos[0] - 1, node.end_pos[0]))
            if node.end_pos[1] == 0 and node.end_pos[0] > node.start_pos[0]:
                found.discard(node.end_pos[0] - 1)
        else:
            todo.extend(getattr(node, "children", ()))
    count = len(split_lines(text))
    return {line for line in found if line < count}


def _lost_names(shaped: Shape, blanked: set[int]) -> Iterator[LostName]:
    leaf = _parso(shaped.text).get_first_leaf()
    before = ""
    while leaf is not None:
        following = leaf.get_next_leaf()
        line, column = leaf.start_pos
        if leaf.type == "name" and line - 1 in blanked and before != ".":
            start = shaped.offset(line, column)
            binds = before in {"def", "class", "import", "as"} or (
                following is not None and following.value in {"=", ":="}
            )
            yield LostName(leaf.value, Span(start, start + len(leaf.value)), binds)
        before = leaf.value
        leaf = following


@lru_cache(maxsize=8)
def _parso(text: str) -> Any:
    # Only broken cells need it.
    import parso

    return parso.parse(text)  # type: ignore[no-untyped-call]
