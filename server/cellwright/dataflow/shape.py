"""A cell as plain Python in the cell's own shape: commands stand as a `0` where they stood."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cellwright.dataflow.magics import AUTOMAGIC, Command, command
from cellwright.dataflow.source import (
    Line,
    align,
    line_offsets,
    parse_python,
    split_lines,
    to_python,
)
from cellwright.notebook.edit import Span

_CALL = "get_ipython()"
_WORD = re.compile(r"\s*([^\W\d]\w*)(?:\s+(.*))?\s*\Z")
_EOL = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Shape:
    """Python that stands for a piece of a cell, and the way back to the cell's own offsets.

    `source` is the whole cell; `within` is the piece. Each line of `text` is a line of the cell,
    less a prompt or an indent at its left; a command is a `0` in it, found in `commands` by the
    0's place (1-based line, 0-based code point).
    """

    source: str
    within: Span
    text: str
    lines: tuple[Line, ...] | None = None
    commands: Mapping[tuple[int, int], Command] = field(default_factory=dict)

    @cached_property
    def _texts(self) -> list[str]:
        return split_lines(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        piece = self.source[self.within.start : self.within.end]
        return [self.within.start + start for start in line_offsets(piece)]

    def column(self, line: int, utf8: int) -> int:
        """Turn a UTF-8 byte column of the text (as in `ast`) into code points."""
        text = self._texts[line - 1] if line <= len(self._texts) else ""
        return utf8 if text.isascii() else len(text.encode()[:utf8].decode(errors="ignore"))

    def offset(self, line: int, column: int) -> int:
        """Return the cell's offset of a place in the text (1-based line, code points)."""
        if self.lines is None:
            return min(self._start(line - 1) + column, self.within.end)
        if not self.lines:
            return self.within.start
        entry = self.lines[min(line, len(self.lines)) - 1]
        if entry.rewritten is not None and column > entry.rewritten:
            return self._end(entry.last)
        return min(self._start(entry.line) + entry.shift + column, self.within.end)

    def span(self, node: ast.AST) -> Span:
        """Return where in the cell a node of the text's tree lies."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line = getattr(node, "end_lineno", None) or line
        end_column = getattr(node, "end_col_offset", None) or column
        start = self.offset(line, self.column(line, column))
        return Span(start, max(start, self.offset(end_line, self.column(end_line, end_column))))

    def command_at(self, node: ast.AST) -> Command | None:
        """Return the command that a node stands for, if it does."""
        if not self.commands or not isinstance(node, ast.Constant):
            return None
        return self.commands.get((node.lineno, self.column(node.lineno, node.col_offset)))

    def _start(self, index: int) -> int:
        return self._starts[index] if index < len(self._starts) else self.within.end

    def _end(self, index: int) -> int:
        start = self._start(index)
        match = _EOL.search(self.source, start, self.within.end)
        return match.start() if match else self.within.end


def shape(source: str, within: Span | None = None) -> Shape:
    """Return the shape of a cell, or of a piece of Python inside it."""
    within = within or Span(0, len(source))
    piece = source[within.start : within.end]
    transformed = _automagic(piece) or to_python(piece).text
    if transformed == piece:
        return Shape(source, within, piece)
    lines = align(piece, transformed).lines or ()
    plain = Shape(source, within, transformed, lines)
    texts = split_lines(transformed)
    commands: dict[tuple[int, int], Command] = {}
    for index, entry in enumerate(lines):
        at = entry.rewritten
        call = None if at is None else _call(texts[index][at:])
        if at is None or call is None:
            continue
        texts[index] = texts[index][:at] + "0"
        start = plain.offset(index + 1, at)
        is_cell = isinstance(call.func, ast.Attribute) and call.func.attr == "run_cell_magic"
        end = plain._end(entry.last)
        head = Span(start, plain._end(entry.line) if is_cell else end)
        commands[index + 1, at] = command(source, call, head, Span(start, end))
    return Shape(source, within, "\n".join(texts), lines, commands)


def _call(text: str) -> ast.Call | None:
    """Return the call that IPython made of a command, as a tree."""
    try:
        tree = parse_python(text)
    except SyntaxError:
        return None
    first = tree.body[0] if tree.body else None
    return (
        first.value if isinstance(first, ast.Expr) and isinstance(first.value, ast.Call) else None
    )


def _automagic(piece: str) -> str | None:
    """Return the call that a one-line cell like `cd data` makes (decided when it runs)."""
    match = _WORD.match(piece)
    if match is None or match[1] not in AUTOMAGIC:
        return None
    rest = match[2] or ""
    if rest:
        if rest[0] in "=.([,:" or "\n" in rest.strip():
            return None
        try:
            parse_python(piece)
        except SyntaxError:
            pass
        else:
            return None
    return f"{_CALL}.run_line_magic({match[1]!r}, {rest.strip()!r})"
