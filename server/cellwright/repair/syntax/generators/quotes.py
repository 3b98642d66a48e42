"""Strings that do not end, or that end too early because of a quote inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cellwright.notebook.edit import TextEdit
from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import Line, Token

_WHY_END = "A string ends with the same quote that it begins with."
_WHY_INNER = "A quote inside a string ends it, unless the string is written with the other quote."
_CAN_PRECEDE = re.compile(r"(?:^|[\s(\[{,:=+%<>!]|\b(?:[rRbBuUfF]{1,2}))$")
_CAN_FOLLOW = re.compile(
    r"\s*(?:$|\#|[)\]},:+%=;.\[*]|(?:if|else|in|not|and|or|for|is|as)\b)", re.MULTILINE
)
_ENDS = re.compile(r"(?=[)\]},:;+%.=\s\[])|$")


def _quoted_lines(scene: Scene) -> Iterator[Line]:
    """Yield the lines whose quotes may be at fault: that of the fault and those it stretches to."""
    last = scene.scan.line_at(max(scene.fault.end, scene.fault.offset))
    for number in range(scene.line.number, min(last.number, scene.line.number + 2) + 1):
        yield scene.scan.lines[number]
    for line in scene.scan.lines:
        unclosed = any(t.kind == "string" and not t.closed for t in line.tokens)
        if unclosed and not scene.line.number <= line.number <= last.number:
            yield line


def inner_quotes(scene: Scene) -> Iterator[Idea]:
    """Requote a string that holds its own quote, as in `'It's'` or `"say "hi""`."""
    for line in _quoted_lines(scene):
        text = scene.source[line.start : line.end]
        for quote in "\"'":
            if text.count(quote) < 3:
                continue
            for start, end in _wide_strings(text, quote):
                yield from _requoted(scene, line.start + start, line.start + end, quote)


def _wide_strings(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges from an opening to a closing quote with quotes of the same kind between."""
    places = [
        m.start()
        for m in re.finditer(re.escape(quote), text)
        if text[m.start() - 1 : m.start()] != "\\"
    ]
    for i, start in enumerate(places):
        if not _CAN_PRECEDE.search(text[:start]):
            continue
        for end in places[i + 2 :]:
            if _CAN_FOLLOW.match(text[end + 1 :]):
                yield start, end


def _requoted(scene: Scene, start: int, end: int, quote: str) -> Iterator[Idea]:
    body = scene.source[start + 1 : end]
    if '"""' in body or "'''" in body:
        return
    other = "'" if quote == '"' else '"'
    inner = [start + 1 + m.start() for m in re.finditer(rf"(?<!\\){quote}", body)]
    cost = 0.3 + 0.25 * max(len(inner) - 2, 0) + 0.5 * _separators(body, quote)
    if len(inner) == 1 and not re.search(rf"\w{quote}\w", body):
        cost += 0.6
    if other not in body:
        edits: tuple[TextEdit, ...] = (put(start, start + 1, other), put(end, end + 1, other))
        title = f"Write the string with {_name(other)} quotes"
        yield Idea(edits, cost, title, _WHY_INNER)
    elif not _has_hole(scene.source, start, body):
        edits = tuple(insert(at, "\\") for at in inner)
        yield Idea(edits, cost + 0.1, "Escape the quotes inside the string", _WHY_INNER)
    if _has_hole(scene.source, start, body) and other in body:
        edits = tuple(put(at, at + 1, other) for at in inner)
        yield Idea(edits, cost, "Use the other quotes inside the braces", _WHY_INNER)


def _separators(body: str, quote: str) -> int:
    """Count what looks like the end of one string and the start of the next."""
    return len(re.findall(rf"{quote}\s*[,+:%=]\s*{quote}", body))


def _has_hole(source: str, start: int, body: str) -> bool:
    prefix = re.search(r"[A-Za-z]*$", source[:start])
    return bool(prefix and "f" in prefix.group().lower() and "{" in body)


def _name(quote: str) -> str:
    return "double" if quote == '"' else "single"


def unfinished_string(scene: Scene) -> Iterator[Idea]:
    """Add the quote that a string of one line lacks at its end."""
    token = next((t for t in scene.scan.code if t.kind == "string" and not t.closed), None)
    if token is None:
        return
    quote = _quote_of(token)
    if len(quote) == 3:
        yield from _unfinished_block(scene, token, quote)
        return
    line = scene.scan.line_at(token.start)
    body_at = token.start + token.text.index(quote) + 1
    yield from _end_quotes(scene, line, body_at, quote)
    yield from _start_quotes(scene, line, token, quote)
    other = "'" if quote == '"' else '"'
    for match in re.finditer(other, scene.source[body_at : line.end]):
        at = body_at + match.start()
        if _CAN_FOLLOW.match(scene.source[at + 1 : line.end]):
            title = f"End the string with a {_name(quote)} quote"
            yield Idea((put(at, at + 1, quote),), 0.3, title, _WHY_END)
            start = body_at - 1
            title = f"Begin the string with a {_name(other)} quote"
            yield Idea((put(start, start + 1, other),), 0.6, title, _WHY_END)


def _quote_of(token: Token) -> str:
    found = re.search(r"\"\"\"|'''|\"|'", token.text)
    return found.group() if found else '"'


def _end_quotes(scene: Scene, line: Line, start: int, quote: str) -> Iterator[Idea]:
    """Add the end quote before the closers that end the line, or before any that could follow."""
    rest = scene.source[start : line.end]
    stripped = rest.rstrip()
    tail = re.search(r"[)\]},:;\s]*(?:#.*)?$", stripped)
    tail_at = tail.start() if tail else len(stripped)
    for match in _ENDS.finditer(rest):
        at = match.start()
        if at > len(stripped) or (at and rest[at - 1].isspace()):
            continue
        if at >= tail_at:
            cost = 0.2 + 0.3 * (at - tail_at)
        else:
            following = rest[at]
            cost = 0.7 if following in ")],}:" else 1.2 if following in "+%.=[" else 2.0
        if at == 0:
            cost += 1.5
        title = "Add the missing quote"
        yield Idea((insert(start + at, quote),), cost, title, _WHY_END)
    title = "Remove the stray quote"
    yield Idea((put(start - 1, start, ""),), 1.6, title, _WHY_END)


def _start_quotes(scene: Scene, line: Line, token: Token, quote: str) -> Iterator[Idea]:
    """Add a quote further left: the one that seems to open a string may be the end of one."""
    before = scene.source[line.start : token.start]
    ends_here = _CAN_FOLLOW.match(scene.source[token.start + 1 : line.end]) is not None
    for match in re.finditer(r"(?<=[(\[{,=:+%])\s*(?=\S)|(?<=\s)(?=\S)|(?=[)\]},:])", before + " "):
        at = match.end()
        opening = match.end() > match.start() or (at and before[at - 1 : at] in "([{,=:+%")
        cost = (0.4 if opening else 1.0) + (0.0 if ends_here else 1.0)
        yield Idea((insert(line.start + at, quote),), cost, "Add the missing quote", _WHY_END)


def _unfinished_block(scene: Scene, token: Token, quote: str) -> Iterator[Idea]:
    """End a triple-quoted string: where it nearly ends, at the end of a line, or of the cell."""
    title = "End the triple-quoted string"
    body_at = token.start + token.text.index(quote) + 3
    nearly = re.compile(rf"{quote[0]}{{1,2}}(?=[ \t)\],]*$)", re.MULTILINE)
    for match in nearly.finditer(scene.source, body_at):
        yield Idea((put(match.start(), match.end(), quote),), 0.3, title, _WHY_END)
    first = scene.scan.line_at(token.start)
    for line in scene.scan.lines[first.number : first.number + 40]:
        end = line.start + len(scene.source[line.start : line.end].rstrip())
        if end < body_at or end == line.start:
            continue
        below = scene.source[line.end : line.end + 2].strip("\r\n") == ""
        cost = 0.8 if line is first or below else 1.3
        yield Idea((insert(end, quote),), cost, title, _WHY_END)
    if token.text.startswith(quote * 2):
        yield Idea((put(token.start, token.start + 3, ""),), 1.0, title, _WHY_END)


def quotes_that_differ(scene: Scene) -> Iterator[Idea]:
    """Remove one of two quotes in a row, as in `"text""`."""
    for line in _quoted_lines(scene):
        text = scene.source[line.start : line.end]
        for match in re.finditer(r"(\"\"|'')(?!['\"])", text):
            at = line.start + match.start()
            why = "One of these two quotes is too many."
            yield Idea((put(at, at + 1, ""),), 0.6, "Remove the doubled quote", why)
