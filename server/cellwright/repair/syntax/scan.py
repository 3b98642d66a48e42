"""Read code that does not parse: tokens, lines, brackets, statements, without ever failing."""

from __future__ import annotations

import bisect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from keyword import iskeyword
from typing import Literal

Kind = Literal["name", "number", "string", "op", "comment", "newline", "magic", "odd"]

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {")": "(", "]": "[", "}": "{"}
BLOCK_WORDS = frozenset((
    "if", "elif", "else", "for", "while", "def", "class", "with", "try", "except", "finally",
    "async", "match", "case",
))  # fmt: skip
STATEMENT_WORDS = BLOCK_WORDS | frozenset((
    "return", "import", "from", "raise", "del", "assert", "pass", "break", "continue", "global",
    "nonlocal", "yield",
))  # fmt: skip
CLAUSE_WORDS = frozenset(("elif", "else", "except", "finally"))
VALUE_WORDS = frozenset(("None", "True", "False"))
PREFIX_WORDS = frozenset(("not", "lambda", "await"))

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\f]+ | \\\r?\n)
  | (?P<newline>\r?\n | \r)
  | (?P<comment>\#[^\r\n]*)
  | (?P<string>(?:[rRbBuU]|[fFtT]|[rR][bBfFtT]|[bBfFtT][rR]|[uU][rR])?(?:\"\"\"|\'\'\'|\"|\'))
  | (?P<number>0[xXoObB][\da-fA-F_]+[lL]?
      | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?(?:[jJlL](?!\w))?)
  | (?P<name>[^\W\d]\w*)
  | (?P<op>\*\*=|//=|>>=|<<=|\.\.\.|!==|===
      |\*\*|//|<<|>>|<=|>=|=>|=<|==|!=|<>|->|:=|\+=|-=|\*=|/=|%=|&=|\|=|\^=|@=|&&|\|\||\+\+|--
      |[-+*/%@&|^~<>=()\[\]{},:;.])
  | (?P<odd>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_MAGIC_LINE = re.compile(r"[%!][^\r\n]*|[?]{1,2}\w[^\r\n]*")
_MAGIC_VALUE = re.compile(r"[ \t]*(?:![^=]|%[ \t]*[A-Za-z])[^\r\n]*")


@dataclass(frozen=True)
class Token:
    """A token; `closed` is False for a string that does not end. `depth` counts open brackets."""

    kind: Kind
    text: str
    start: int
    end: int
    depth: int = 0
    closed: bool = True

    @property
    def is_operand_end(self) -> bool:
        """Whether an expression can end here."""
        if self.kind == "name":
            return not iskeyword(self.text) or self.text in VALUE_WORDS
        return self.kind in ("number", "string") or self.text in CLOSERS or self.text == "..."

    @property
    def is_operand_start(self) -> bool:
        """Whether an expression can start here (a sign aside)."""
        if self.kind == "name":
            return not iskeyword(self.text) or self.text in VALUE_WORDS | PREFIX_WORDS
        return self.kind in ("number", "string") or self.text in OPENERS or self.text == "..."


@dataclass(frozen=True)
class Line:
    """A physical line. `tokens` are those that start in it, comments and line ends left out.

    `depth` counts the brackets open at its start; `inside` says that it starts within a string or
    goes on from a backslash.
    """

    number: int
    start: int
    end: int
    indent: str
    tokens: tuple[Token, ...]
    comment: Token | None
    depth: int
    inside: bool

    @property
    def blank(self) -> bool:
        """Whether there is no code in it."""
        return not self.tokens and not self.inside

    @property
    def width(self) -> int:
        """Columns of indentation, tabs to the next multiple of 8 as Python counts them."""
        return len(self.indent.expandtabs(8))

    @property
    def first(self) -> Token | None:
        """The first token of code, if any."""
        return self.tokens[0] if self.tokens else None

    @property
    def code_end(self) -> int:
        """Offset after the last token of code."""
        return self.tokens[-1].end if self.tokens else self.start + len(self.indent)


@dataclass(frozen=True)
class Scan:
    """A source as read: `tokens` without white space, and `lines`."""

    source: str
    tokens: tuple[Token, ...]
    lines: tuple[Line, ...]

    @cached_property
    def code(self) -> tuple[Token, ...]:
        """The tokens without comments and line ends."""
        return tuple(t for t in self.tokens if t.kind not in ("comment", "newline"))

    @cached_property
    def _line_starts(self) -> list[int]:
        return [line.start for line in self.lines]

    @cached_property
    def _token_starts(self) -> list[int]:
        return [token.start for token in self.code]

    def line_at(self, offset: int) -> Line:
        """Return the line that holds an offset."""
        return self.lines[max(bisect.bisect_right(self._line_starts, offset) - 1, 0)]

    def index_at(self, offset: int) -> int:
        """Return the index in `code` of the first token that ends after an offset."""
        index = max(bisect.bisect_right(self._token_starts, offset) - 1, 0)
        while index < len(self.code) and self.code[index].end <= offset:
            index += 1
        return index

    @cached_property
    def pairs(self) -> dict[int, int]:
        """Indices in `code` of matching brackets, both ways."""
        found: dict[int, int] = {}
        stack: list[int] = []
        for index, token in enumerate(self.code):
            if token.kind != "op":
                continue
            if token.text in OPENERS:
                stack.append(index)
            elif token.text in CLOSERS and stack and _fits(self.code[stack[-1]], token):
                found[index] = stack[-1]
                found[stack.pop()] = index
        return found

    def enclosing(self, index: int) -> int | None:
        """Return the index of the innermost matched opening bracket around a token, if any."""
        while index > 0:
            index -= 1
            token = self.code[index]
            if token.kind == "op" and token.text in CLOSERS and index in self.pairs:
                index = self.pairs[index]
            elif token.kind == "op" and token.text in OPENERS:
                return index
        return None

    @cached_property
    def statements(self) -> tuple[tuple[Token, ...], ...]:
        """Tokens of each logical line, clauses included, split at `;` and line ends.

        An unclosed bracket does not swallow the rest: a line that starts with a word that only a
        statement can start with begins a new one.
        """
        return tuple(_statements(self))

    def statement_at(self, offset: int) -> tuple[Token, ...]:
        """Return the statement that holds an offset, or the last one before it."""
        last: tuple[Token, ...] = ()
        for statement in self.statements:
            if statement[0].start > offset:
                break
            last = statement
        return last

    def next_code(self, line: Line) -> Line | None:
        """Return the next line with code after a line, lines inside a statement included."""
        return next((ln for ln in self.lines[line.number + 1 :] if not ln.blank), None)


def _fits(opener: Token, closer: Token) -> bool:
    return opener.text == CLOSERS[closer.text]


def starts_statement(line: Line) -> bool:
    """Return whether a line begins a statement of its own."""
    return bool(line.tokens) and not line.inside and line.depth == 0


def scan(source: str) -> Scan:
    """Read a source. Never fails: what cannot be read is a token of kind `odd`."""
    tokens, joined = _tokens(source)
    return Scan(source, tuple(tokens), tuple(_lines(source, tokens, joined)))


def _tokens(source: str) -> tuple[list[Token], set[int]]:
    """Return the tokens, and the offsets of line starts that follow a backslash."""
    tokens: list[Token] = []
    joined: set[int] = set()
    depth = 0
    at = 0
    fresh = True
    while at < len(source):
        token, at = _next(source, at, depth, fresh, tokens)
        if token is None:
            if source[at - 1] == "\n":
                joined.add(at)
            continue
        if token.kind == "op" and token.text in OPENERS:
            depth += 1
        elif token.kind == "op" and token.text in CLOSERS:
            depth = max(depth - 1, 0)
        fresh = token.kind == "newline" and depth == 0
        tokens.append(token)
    return tokens, joined


def _next(
    source: str, at: int, depth: int, fresh: bool, tokens: list[Token]
) -> tuple[Token | None, int]:
    """Return the token at an offset (None for white space) and where it ends."""
    magic = None
    if fresh:
        magic = _MAGIC_LINE.match(source, at)
    elif tokens and tokens[-1].text == "=" and depth == 0 and source[at] in "!%":
        magic = _MAGIC_VALUE.match(source, at)
    if magic:
        return Token("magic", magic.group(), at, magic.end(), depth), magic.end()
    match = _TOKEN.match(source, at)
    assert match is not None
    kind, end = match.lastgroup, match.end()
    if kind == "space":
        return None, end
    if kind == "string":
        end, closed = _string_end(source, match.group(), end)
        return Token("string", source[at:end], at, end, depth, closed), end
    text = match.group()
    level = max(depth - 1, 0) if kind == "op" and text in CLOSERS else depth
    return Token(kind, text, at, end, level), end  # type: ignore[arg-type]


def _string_end(source: str, opening: str, at: int) -> tuple[int, bool]:
    """Return where a string ends whose opening quote ends at `at`, and whether it is closed."""
    prefix = opening.rstrip("\"'").lower()
    quote = opening[len(prefix) :]
    if sys.version_info >= (3, 12) and ("f" in prefix or "t" in prefix):
        end = _hole_string_end(source, quote, at)
        if end is not None:
            return end, True
    stop = r"\\(?:\r\n|.)|" + quote + ("" if len(quote) == 3 else r"|[\r\n]")
    for match in re.compile(stop, re.DOTALL).finditer(source, at):
        if match.group() == quote:
            return match.end(), True
        if match.group() in ("\n", "\r"):
            return match.start(), False
    return len(source), False


def _hole_string_end(source: str, quote: str, at: int) -> int | None:
    """Return where an f-string ends that may nest its own quotes (Python 3.12 on)."""
    while at < len(source):
        if source.startswith(quote, at):
            return at + len(quote)
        char = source[at]
        if char in "\r\n" and len(quote) == 1:
            return None
        if char == "\\" or source.startswith("{{", at):
            at += 2
        elif char == "{":
            hole = _hole_end(source, at + 1, single=len(quote) == 1)
            if hole is None:
                return None
            at = hole
        else:
            at += 1
    return None


def _hole_end(source: str, at: int, *, single: bool) -> int | None:
    """Return the offset after the `}` that ends a replacement field, if it does."""
    depth = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        assert match is not None
        text, end = match.group(), match.end()
        if match.lastgroup == "newline" and single:
            return None
        if match.lastgroup == "string":
            end, closed = _string_end(source, text, end)
            if not closed:
                return None
        elif text in OPENERS:
            depth += 1
        elif text in CLOSERS:
            if depth == 0:
                return end if text == "}" else None
            depth -= 1
        at = end
    return None


def _lines(source: str, tokens: list[Token], joined: set[int]) -> Iterator[Line]:
    index = 0
    inside_until = 0
    depth = 0
    for number, (start, end) in enumerate(_line_spans(source)):
        body = source[start:end]
        indent = body[: len(body) - len(body.lstrip(" \t\f"))]
        inside = start < inside_until or start in joined
        mine: list[Token] = []
        comment = None
        opened = depth
        while index < len(tokens) and tokens[index].start <= end:
            token = tokens[index]
            index += 1
            if token.kind == "comment":
                comment = token
            elif token.kind != "newline":
                mine.append(token)
                inside_until = token.end
            depth = token.depth + (token.kind == "op" and token.text in OPENERS)
            if token.kind == "newline":
                break
        yield Line(number, start, end, indent, tuple(mine), comment, opened, inside)


def _line_spans(source: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer(r"\r\n|\n|\r", source):
        yield start, match.start()
        start = match.end()
    yield start, len(source)


def _statements(scanned: Scan) -> Iterator[tuple[Token, ...]]:
    current: list[Token] = []
    for line in scanned.lines:
        first = line.first
        fresh = line.depth == 0 and not line.inside
        if first is not None and not line.inside and _only_starts(line):
            fresh = True
        if fresh and current:
            yield tuple(current)
            current = []
        for token in line.tokens:
            if token.text == ";" and token.depth == 0:
                if current:
                    yield tuple(current)
                current = []
            else:
                current.append(token)
    if current:
        yield tuple(current)


def _only_starts(line: Line) -> bool:
    """Whether a line begins like a statement, even where an open bracket comes before it."""
    first = line.first
    if first is None or first.kind != "name":
        return False
    if first.text in ("def", "class", "import", "return", "while", "with", "try", "raise", "del"):
        return True
    return first.text == "from" and any(t.text == "import" for t in line.tokens)
