"""Bodies of blocks: lines that should stand further right because a header comes before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword

from cellwright.repair.syntax.generators.indents import (
    first_lines,
    indent_edits,
    opens_block,
    statement_lines,
    unit,
)
from cellwright.repair.syntax.model import Idea, Scene, put
from cellwright.repair.syntax.scan import CLAUSE_WORDS, Line

_WHY_BODY = "The lines that belong to a block stand further right than its first line."
_SELF = frozenset(("self", "cls"))
_MOST_ENDS = 8
"""Ends of a body that are tried, the likeliest first."""
_STATEMENT = r"\w[\w.]*\s*[(=\[+*/-]|(?:print|return|raise|yield|pass|break|continue)\b"


def expected_block(scene: Scene) -> Iterator[Idea]:
    """Indent what follows a header: one statement, a paragraph, up to a sign of its end, or all."""
    if not scene.says("expected an indented block"):
        return
    starts = first_lines(scene)
    header = next((ln for ln in reversed(starts) if ln.start < scene.line.start), None)
    if header is None or not opens_block(header):
        return
    following = [ln for ln in starts if ln.number > header.number]
    if not following:
        return
    first = following[0]
    step = unit(scene)
    word = header.first.text if header.first else "block"
    title = f"Indent the body of the `{word}`"
    target = header.indent + step
    for last, cost, guesses in _body_ends(scene, header, following):
        edits = indent_edits(scene, statement_lines(scene, first, last), first.indent, target)
        if edits:
            yield Idea(edits, cost, title, _WHY_BODY, guesses)


def _body_ends(
    scene: Scene, header: Line, following: list[Line]
) -> Iterator[tuple[Line, float, str]]:
    """Yield the last line of each possible body, its cost, and what it guesses."""
    first = following[0]
    if first.first is not None and first.first.text in CLAUSE_WORDS:
        return
    lone_comment = any(
        ln.comment is not None and len(ln.indent) > len(header.indent)
        for ln in scene.scan.lines[header.number + 1 : first.number]
        if ln.blank
    )
    apart = first.number > header.number + 1 and not any(
        ln.comment for ln in scene.scan.lines[header.number + 1 : first.number]
    )
    guesses = "which lines belong to the block" if lone_comment else ""
    base = 0.2 + 0.8 * lone_comment + 0.5 * apart + 0.5 * (first.width < header.width)
    names = _header_names(header)
    ends = list(_statement_ends(following))
    step = 0.05 if header.tokens[0].text in ("def", "class") else 0.15
    costs: list[tuple[float, int]] = []
    for position, last in enumerate(ends):
        after = following[following.index(last) + 1 :]
        cost = base + _end_cost(scene, header, first, last, after, names)
        costs.append((cost + min(step * position, 0.6), position))
    for cost, position in sorted(costs)[:_MOST_ENDS]:
        yield ends[position], cost, guesses


def _statement_ends(following: list[Line]) -> Iterator[Line]:
    """Yield the first lines of statements with which a body that lost its indentation may end."""
    level = following[0].width
    if len(following) > 1 and following[1].width > level and not opens_block(following[0]):
        yield following[0]
    for line, after in zip(following, [*following[1:], None], strict=True):
        if after is None or after.width < level:
            yield line
            return
        clause = after.first is not None and after.first.text in CLAUSE_WORDS
        if after.width == level and not clause and not opens_block(line):
            yield line


def _header_names(header: Line) -> frozenset[str]:
    """Return the names that a header binds: loop targets, parameters, the name after `as`."""
    words = [t.text for t in header.tokens if t.kind == "name" and not iskeyword(t.text)]
    word = header.tokens[0].text
    if word == "for":
        stop = next((i for i, t in enumerate(header.tokens) if t.text == "in"), 0)
        words = [t.text for t in header.tokens[1:stop] if t.kind == "name"]
    elif word == "def":
        words = words[1:]
    elif word in ("with", "except"):
        words = words[-1:]
    elif word not in ("while", "if", "elif"):
        words = []
    return frozenset(words)


def _end_cost(
    scene: Scene, header: Line, first: Line, last: Line, after: list[Line], names: frozenset[str]
) -> float:
    """Return how unlikely a body is to end here, by what comes next."""
    if not after:
        return 0.2
    following = after[0]
    word = header.tokens[0].text
    own = header.tokens[1].text if len(header.tokens) > 1 else ""
    if word in ("def", "class") and _uses(following, frozenset((own,))):
        return 0.0
    if word == "def" and last.first and last.first.text == "return":
        return 0.0
    if word == "class" and following.tokens[0].text == "def" and _uses(following, _SELF):
        return 1.0
    cost = 0.35
    gap = following.number - last.number > 1 and _blank_between(scene, last, following)
    if gap or following.width < first.width:
        cost = 0.1
    elif word == "def" and any(ln.first and ln.first.text == "return" for ln in after):
        cost = 1.0
    elif word in ("for", "with", "while", "def") and _uses(following, names):
        cost = 0.8
    if following.first is not None and following.first.text in ("def", "class", "import"):
        cost = min(cost, 0.1)
    return cost


def _blank_between(scene: Scene, last: Line, following: Line) -> bool:
    return any(
        ln.start == ln.end or not scene.source[ln.start : ln.end].strip()
        for ln in scene.scan.lines[last.number + 1 : following.number]
    )


def _uses(line: Line, names: frozenset[str]) -> bool:
    return any(token.kind == "name" and token.text in names for token in line.tokens)


def uncomment_body(scene: Scene) -> Iterator[Idea]:
    """Turn a comment that stands where the body should be back into code."""
    if not scene.says("expected an indented block"):
        return
    starts = first_lines(scene)
    header = next((ln for ln in reversed(starts) if ln.start < scene.line.start), None)
    if header is None or not opens_block(header):
        return
    for line in scene.scan.lines[header.number + 1 :]:
        if not line.blank:
            break
        text = scene.source[line.start + len(line.indent) : line.end]
        match = re.match(rf"#+[ ]?(?={_STATEMENT})", text)
        if match and len(line.indent) > len(header.indent):
            at = line.start + len(line.indent)
            why = "The block has no statement left but the one in the comment."
            guesses = "that the commented line is wanted"
            edit = put(at, at + match.end(), "")
            yield Idea((edit,), 1.4, "Uncomment the body of the block", why, guesses)
            return


def outside_block(scene: Scene) -> Iterator[Idea]:
    """Indent a `return`, `yield`, `break` or `continue` that slid out of its block."""
    if not scene.says("outside", "not properly in loop"):
        return
    starts = first_lines(scene)
    index = next((i for i, ln in enumerate(starts) if ln.number == scene.line.number), None)
    if index is None:
        return
    loop = scene.says("loop")
    line = starts[index]
    for i in range(index - 1, -1, -1):
        header = starts[i]
        word = next((t.text for t in header.tokens if t.text != "async"), "")
        wanted = ("for", "while") if loop else ("def",)
        if word not in wanted or header.width > line.width or not opens_block(header):
            continue
        body = starts[i + 1]
        if body.width <= header.width:
            return
        after = i + 1
        while after < index and starts[after].width > header.width:
            after += 1
        moved = starts[after : index + 1]
        edits = indent_edits(
            scene, statement_lines(scene, moved[0], moved[-1]), header.indent, body.indent
        )
        if edits:
            cost = 0.3 + 0.2 * (len(moved) - 1)
            title = f"Move `{line.tokens[0].text}` into the block"
            yield Idea(edits, cost, title, _WHY_BODY)
        return


def broken_try(scene: Scene) -> Iterator[Idea]:
    """Indent the lines that slid out of a `try` whose body goes on below them."""
    if not scene.says("expected 'except'"):
        return
    starts = first_lines(scene)
    index = next((i for i, ln in enumerate(starts) if ln.number == scene.line.number), 0)
    header = next((ln for ln in reversed(starts[:index]) if ln.tokens[0].text == "try"), None)
    if header is None:
        return
    body = starts[starts.index(header) + 1]
    moved = starts[index:]
    stop = next(
        (
            i
            for i, ln in enumerate(moved)
            if ln.width >= body.width or ln.tokens[0].text in ("except", "finally")
        ),
        0,
    )
    if stop:
        lines = statement_lines(scene, moved[0], moved[stop - 1])
        edits = indent_edits(scene, lines, moved[0].indent, body.indent)
        if edits:
            yield Idea(edits, 0.3, "Move the lines into the `try`", _WHY_BODY)
