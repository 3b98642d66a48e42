"""Strings that do not end, or that end too early because of a quote inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cellwright.notebook.edit import Span, TextEdit
from cellwright.repair.syntax.looks import strangeness
from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import Line, Token

_WHY_END = "A string ends with the same quote that it begins with."
_WHY_INNER = "A quote inside a string ends it, unless the string is written with the other quote."
_CAN_PRECEDE = re.compile(r"(?:^|[\s(\[{,:=+%<>!]|\b(?:[rRbBuUfF]{1,2}))$")
_CAN_FOLLOW = re.compile(
    r"\s*(?:$|\#|[)\]},:+%=;.\[*]|(?:if|else|in|not|and|or|for|is|as)\b)", re.MULTILINE
)
_ENDS = re.compile(r"(?=[)\]},:;+%.=\s\[])|$")
_STARTS = re.compile(r"(?<=[(\[{,=:+%])\s*(?=\S)|(?<=\s)(?=\S)|(?=[)\]},:.])|^(?=\S)")
_BLOCK_LINES = 40
"""Lines in which the end of a triple-quoted string is looked for."""
_MOST_QUOTES = 40
"""Quotes of one line that are tried."""


def _idea(
    scene: Scene, line: Line, edits: tuple[TextEdit, ...], cost: float, title: str, why: str
) -> Idea:
    """Return an idea whose cost counts how strange it makes the line look."""
    text = scene.source[line.start : line.end]
    shifted = tuple(
        TextEdit(Span(e.span.start - line.start, e.span.end - line.start), e.text) for e in edits
    )
    return Idea(edits, cost + strangeness(text, shifted), title, why)


def _quoted_lines(scene: Scene) -> Iterator[Line]:
    """Yield the lines whose quotes may be at fault: those of the fault, and with open strings."""
    last = scene.scan.line_at(max(scene.fault.end, scene.fault.offset))
    upto = min(last.number, scene.line.number + 2)
    for line in scene.scan.lines:
        unclosed = any(t.kind == "string" and not t.closed for t in line.tokens)
        if unclosed or scene.line.number <= line.number <= upto:
            yield line


def inner_quotes(scene: Scene) -> Iterator[Idea]:
    """Requote a string that holds its own quote, as in `'It's'` or `"say "hi""`."""
    for line in _quoted_lines(scene):
        text = scene.source[line.start : line.end]
        for quote in "\"'":
            if text.count(quote) >= 3:
                for start, end in _wide_strings(text, quote):
                    span = Span(line.start + start, line.start + end)
                    yield from _requoted(scene, line, span, quote)


def _wide_strings(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges from an opening to a closing quote with quotes of the same kind between."""
    places = [m.start() for m in re.finditer(rf"(?<!\\){quote}", text)]
    for i, start in enumerate(places):
        if not _CAN_PRECEDE.search(text[:start]):
            continue
        for end in places[i + 2 :]:
            if _CAN_FOLLOW.match(text[end + 1 :]):
                yield start, end


def _requoted(scene: Scene, line: Line, span: Span, quote: str) -> Iterator[Idea]:
    start, end = span.start, span.end
    body = scene.source[start + 1 : end]
    if quote * 3 in scene.source[start : end + 1]:
        return
    other = "'" if quote == '"' else '"'
    inner = [start + 1 + m.start() for m in re.finditer(rf"(?<!\\){quote}", body)]
    cost = 0.2 + 0.15 * max(len(inner) - 2, 0)
    holes = _has_hole(scene.source, start, body)
    if other not in body:
        edits: tuple[TextEdit, ...] = (put(start, start + 1, other), put(end, end + 1, other))
        title = f"Write the string with {_name(other)} quotes"
        yield _idea(scene, line, edits, cost, title, _WHY_INNER)
    elif holes:
        edits = tuple(put(at, at + 1, other) for at in inner)
        title = "Use the other quotes inside the braces"
        yield _idea(scene, line, edits, cost, title, _WHY_INNER)
    else:
        edits = tuple(insert(at, "\\") for at in inner)
        title = "Escape the quotes inside the string"
        yield _idea(scene, line, edits, cost + 0.1, title, _WHY_INNER)


def _has_hole(source: str, start: int, body: str) -> bool:
    prefix = re.search(r"[A-Za-z]*$", source[:start])
    return bool(prefix and "f" in prefix.group().lower() and "{" in body)


def _name(quote: str) -> str:
    return "double" if quote == '"' else "single"


def unfinished_string(scene: Scene) -> Iterator[Idea]:
    """Add the quote that a string lacks at its end, or one further left that opens another."""
    token = next((t for t in scene.scan.code if t.kind == "string" and not t.closed), None)
    if token is None:
        return
    quote = _quote_of(token)
    body_at = token.start + token.text.index(quote) + len(quote)
    if len(quote) == 3:
        yield from _unfinished_block(scene, token, quote)
        return
    line = scene.scan.line_at(token.end)
    yield from _end_quotes(scene, line, max(body_at, line.start), quote)
    if line.start <= token.start:
        yield from _start_quotes(scene, line, token.start, quote)
        other = "'" if quote == '"' else '"'
        text = scene.source[line.start : line.end]
        if text.count(other) % 2:
            yield from _start_quotes(scene, line, line.start + text.rindex(other), other)
        title = "Remove the stray quote"
        edits = (put(body_at - 1, body_at, ""),)
        yield _idea(scene, line, edits, 1.3, title, _WHY_END)


def _quote_of(token: Token) -> str:
    found = re.search(r"\"\"\"|'''|\"|'", token.text)
    return found.group() if found else '"'


def _end_quotes(scene: Scene, line: Line, start: int, quote: str) -> Iterator[Idea]:
    """Add the end quote before the closers that end the line, or before any that could follow."""
    rest = scene.source[start : line.end]
    stripped = rest.rstrip()
    tail = re.search(r"[)\]},:;\s]*(?:#.*)?$", stripped)
    tail_at = tail.start() if tail else len(stripped)
    for match in _ENDS.finditer(stripped):
        at = match.start()
        if at and rest[at - 1].isspace():
            continue
        if at >= tail_at:
            cost = 0.2 + 0.1 * (at - tail_at)
        else:
            cost = 0.3 if rest[at] in ")],}:" else 0.6 if rest[at] in "+%.=[" else 1.0
        edits = (insert(start + at, quote),)
        yield _idea(scene, line, edits, cost, "Add the missing quote", _WHY_END)


def _start_quotes(scene: Scene, line: Line, last: int, quote: str) -> Iterator[Idea]:
    """Add a quote further left: the one that seems to open a string may be the end of one."""
    before = scene.source[line.start : last]
    ends_here = _CAN_FOLLOW.match(scene.source[last + 1 : line.end]) is not None
    for match in _STARTS.finditer(before + "."):
        at = match.end()
        opening = bool(re.search(r"[(\[{,=:+%]\s*$", before[:at]))
        cost = (0.3 if opening else 0.6) + (0.0 if ends_here else 0.8)
        edits = (insert(line.start + at, quote),)
        yield _idea(scene, line, edits, cost, "Add the missing quote", _WHY_END)


def mismatched_quotes(scene: Scene) -> Iterator[Idea]:
    """Make the two ends of a string the same where they are different quotes."""
    for line in _quoted_lines(scene):
        text = scene.source[line.start : line.end]
        if not ("'" in text and '"' in text):
            continue
        for match in list(re.finditer(r"(?<![\\\"'])[\"'](?![\"'])", text))[:_MOST_QUOTES]:
            at, other = line.start + match.start(), "'" if match.group() == '"' else '"'
            opens = bool(_CAN_PRECEDE.search(text[: match.start()]))
            if opens or _CAN_FOLLOW.match(text[match.end() :]):
                title = f"{'Begin' if opens else 'End'} the string with a {_name(other)} quote"
                edits = (put(at, at + 1, other),)
                yield _idea(scene, line, edits, 0.4 if opens else 0.2, title, _WHY_END)


def _unfinished_block(scene: Scene, token: Token, quote: str) -> Iterator[Idea]:
    """End a triple-quoted string: where it nearly ends, at the end of a line, or of the cell."""
    title = "End the triple-quoted string"
    body_at = token.start + token.text.index(quote) + 3
    nearly = re.compile(rf"{quote[0]}{{1,2}}(?=[ \t)\],]*$)", re.MULTILINE)
    for match in nearly.finditer(scene.source, body_at):
        yield Idea((put(match.start(), match.end(), quote),), 0.3, title, _WHY_END)
    first = scene.scan.line_at(token.start)
    for line in scene.scan.lines[first.number : first.number + _BLOCK_LINES]:
        end = line.start + len(scene.source[line.start : line.end].rstrip())
        if end < body_at or end == line.start:
            continue
        below = scene.source[line.end : line.end + 2].strip("\r\n") == ""
        cost = 0.8 if line is first or below else 1.3
        yield Idea((insert(end, quote),), cost, title, _WHY_END)


def doubled_quote(scene: Scene) -> Iterator[Idea]:
    """Remove one of two quotes in a row, as in `"text""`."""
    for line in _quoted_lines(scene):
        text = scene.source[line.start : line.end]
        for match in re.finditer(r"(?<![\"'])(?:\"\"|'')(?![\"'])", text):
            at = line.start + match.start()
            why = "One of these two quotes is too many."
            edits = (put(at, at + 1, ""),)
            yield _idea(scene, line, edits, 0.3, "Remove the doubled quote", why)
