"""Indentation: bodies that are not indented, lines that stand too deep or between two levels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from keyword import iskeyword

from cellwright.notebook.edit import TextEdit
from cellwright.repair.syntax.model import Idea, Scene, put
from cellwright.repair.syntax.scan import BLOCK_WORDS, CLAUSE_WORDS, Line, starts_statement

_WHY_BODY = "The lines that belong to a block stand further right than its first line."
_WHY_ALIGN = "Lines of the same block stand at the same indentation."
_SELF = frozenset(("self", "cls"))
_MOST_ENDS = 8
"""Ends of a body that are tried, the likeliest first."""


def unit(scene: Scene) -> str:
    """Return one level of indentation as the cell writes it; four spaces where it has none."""
    steps: Counter[str] = Counter()
    previous: Line | None = None
    for line in scene.scan.lines:
        if not starts_statement(line):
            continue
        if previous is not None and opens_block(previous) and line.width > previous.width:
            added = line.indent[len(previous.indent) :]
            if line.indent.startswith(previous.indent):
                steps[added] += 1
        previous = line
    return steps.most_common(1)[0][0] if steps else "    "


def opens_block(line: Line) -> bool:
    """Return whether a line ends like a block's header: with a colon, outside brackets."""
    if not line.tokens:
        return False
    last = line.tokens[-1]
    return last.text == ":" and last.kind == "op" and last.depth == 0


def _starts(scene: Scene) -> list[Line]:
    return [line for line in scene.scan.lines if starts_statement(line)]


def _indent_edits(
    scene: Scene, lines: Sequence[Line], remove: str, add: str
) -> tuple[TextEdit, ...]:
    """Return the edits that replace the first part of the indentation of some lines."""
    edits = []
    for line in lines:
        if line.inside or line.start == line.end:
            continue
        if line.indent.startswith(remove):
            edits.append(put(line.start, line.start + len(remove), add))
        elif line.tokens and not line.depth:
            return ()
    return tuple(
        edit for edit in edits if scene.source[edit.span.start : edit.span.end] != edit.text
    )


def _range(scene: Scene, first: Line, last: Line) -> list[Line]:
    """Return the lines from one statement to the end of another, without blank ones at the end."""
    lines = list(scene.scan.lines[first.number : last.number + 1])
    for line in scene.scan.lines[last.number + 1 :]:
        if starts_statement(line) or line.blank:
            break
        lines.append(line)
    return lines


def expected_block(scene: Scene) -> Iterator[Idea]:
    """Indent what follows a header: one statement, a paragraph, up to a sign of its end, or all."""
    if not scene.says("expected an indented block"):
        return
    starts = _starts(scene)
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
        edits = _indent_edits(scene, _range(scene, first, last), first.indent, target)
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


_STATEMENT = r"\w[\w.]*\s*[(=\[+*/-]|(?:print|return|raise|yield|pass|break|continue)\b"


def uncomment_body(scene: Scene) -> Iterator[Idea]:
    """Turn a comment that stands where the body should be back into code."""
    if not scene.says("expected an indented block"):
        return
    starts = _starts(scene)
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


def unexpected_indent(scene: Scene) -> Iterator[Idea]:
    """Move a line that stands too deep back, or the lines before it forward to its level."""
    if not scene.says("unexpected indent"):
        return
    starts = _starts(scene)
    here = [ln for ln in starts if ln.start <= scene.fault.offset]
    if not here:
        return
    line = here[-1]
    before = here[:-1]
    deep = [ln for ln in starts if ln.number >= line.number]
    run = _run_at_least(deep, line.width)
    levels = _open_levels(before) or [""]
    block = list(deep[: len(run)])
    for rank, level in enumerate(levels):
        for last, extra in ((block[-1], 0.0), (_own_end(block), 0.2)):
            edits = _indent_edits(scene, _range(scene, line, last), line.indent, level)
            title = "Move the line back" if len(edits) == 1 else "Move the lines back"
            if edits:
                yield Idea(edits, 0.4 + extra + 0.5 * rank, title, _WHY_ALIGN)
    yield from _raise_before(scene, before, line)


def _run_at_least(lines: list[Line], width: int) -> list[Line]:
    run: list[Line] = []
    for line in lines:
        if line.width < width:
            break
        run.append(line)
    return run


def _own_end(block: list[Line]) -> Line:
    """Return the last line of the first statement of a run, its own block included."""
    last = block[0]
    for line in block[1:]:
        if line.width <= block[0].width:
            break
        last = line
    return last


def _open_levels(before: list[Line]) -> list[str]:
    """Return the indentations at which a statement could go on, the innermost first."""
    levels: list[str] = []
    width = None
    for line in reversed(before):
        if width is None or line.width < width:
            levels.append(line.indent)
            width = line.width
        if width == 0:
            break
    return levels


def _raise_before(scene: Scene, before: list[Line], line: Line) -> Iterator[Idea]:
    """Indent the lines before a too deep one, where an earlier line has its indentation."""
    shallow: list[Line] = []
    for earlier in reversed(before):
        if earlier.width >= line.width:
            if earlier.width == line.width and shallow:
                yield from _raised(scene, shallow, line, 0.5)
            return
        if opens_block(earlier) and shallow and earlier.width < line.width:
            yield from _raised(scene, shallow, line, 0.3 if len(shallow) < 3 else 0.8)
            return
        shallow.insert(0, earlier)
        if len(shallow) > 8:
            return


def _raised(scene: Scene, shallow: list[Line], line: Line, cost: float) -> Iterator[Idea]:
    indent = shallow[0].indent
    edits = _indent_edits(scene, _range(scene, shallow[0], shallow[-1]), indent, line.indent)
    if edits:
        title = "Indent the line before" if len(edits) == 1 else "Indent the lines before"
        yield Idea(edits, cost, title, _WHY_ALIGN)


def between_levels(scene: Scene) -> Iterator[Idea]:
    """Move a line that matches no open block to the nearest level, with those that go with it."""
    if not scene.says("unindent does not match"):
        return
    starts = _starts(scene)
    at = max((i for i, ln in enumerate(starts) if ln.start <= scene.fault.offset), default=0)
    known = _open_levels(starts[:at])
    candidates = [at] if not known or starts[at].indent not in known else []
    candidates += [i for i in (at + 1,) if i < len(starts)]
    for index in candidates:
        line = starts[index]
        levels = _open_levels(starts[:index])
        if not levels or line.indent in levels:
            continue
        block = _run_at_least(starts[index:], line.width)
        same = [ln for ln in block if ln.width == line.width]
        for level in levels:
            distance = abs(len(level.expandtabs(8)) - line.width)
            for last, extra in ((block[-1], 0.0), (_own_end(block), 0.3)):
                if extra and len(same) == 1:
                    continue
                lines = _range(scene, line, last)
                edits = _indent_edits(scene, lines, line.indent, level)
                if edits:
                    cost = 0.2 + 0.25 * distance + extra
                    yield Idea(edits, cost, "Align the indentation", _WHY_ALIGN)
        return


def mixed_tabs(scene: Scene) -> Iterator[Idea]:
    """Write all indentation with spaces, a tab as wide as the cell shows it to be."""
    tabbed = [ln for ln in scene.scan.lines if "\t" in ln.indent and not ln.inside]
    if not tabbed or not scene.says("tabs", "unindent", "indent"):
        return
    why = "Tabs and spaces must not be mixed in the indentation of one block."
    for size, cost in ((len(unit_of_spaces(scene)), 0.1), (4, 0.3), (8, 0.4), (2, 1.0)):
        edits = tuple(
            put(ln.start, ln.start + len(ln.indent), ln.indent.expandtabs(size)) for ln in tabbed
        )
        yield Idea(edits, cost, "Indent with spaces instead of tabs", why)


def unit_of_spaces(scene: Scene) -> str:
    """Return the smallest indentation that the cell writes with spaces only."""
    found = [ln.indent for ln in _starts(scene) if ln.indent and "\t" not in ln.indent]
    return min(found, key=len) if found else "    "


def outside_block(scene: Scene) -> Iterator[Idea]:
    """Indent a `return`, `yield`, `break` or `continue` that slid out of its block."""
    if not scene.says("outside", "not properly in loop"):
        return
    starts = _starts(scene)
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
        edits = _indent_edits(scene, _range(scene, moved[0], moved[-1]), header.indent, body.indent)
        if edits:
            cost = 0.3 + 0.2 * (len(moved) - 1)
            title = f"Move `{line.tokens[0].text}` into the block"
            yield Idea(edits, cost, title, _WHY_BODY)
        return


def broken_try(scene: Scene) -> Iterator[Idea]:
    """Indent the lines that slid out of a `try` whose body goes on below them."""
    if not scene.says("expected 'except'"):
        return
    starts = _starts(scene)
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
        lines = _range(scene, moved[0], moved[stop - 1])
        edits = _indent_edits(scene, lines, moved[0].indent, body.indent)
        if edits:
            yield Idea(edits, 0.3, "Move the lines into the `try`", _WHY_BODY)


def stray_clause(scene: Scene) -> Iterator[Idea]:
    """Align an `else`, `elif`, `except` or `finally` with the header that it belongs to."""
    starts = _starts(scene)
    index = next((i for i, ln in enumerate(starts) if ln.number == scene.line.number), None)
    if index is None or starts[index].first is None:
        return
    line = starts[index]
    word = line.tokens[0].text
    if word not in CLAUSE_WORDS:
        return
    owners = {
        "elif": ("if", "elif"),
        "else": ("if", "elif", "for", "while", "except"),
        "except": ("try", "except"),
        "finally": ("try", "except", "else"),
    }[word]
    own = _own_end(starts[index:])
    found = 0
    for header in reversed(starts[:index]):
        if header.tokens[0].text in owners and header.indent != line.indent:
            edits = _indent_edits(scene, _range(scene, line, own), line.indent, header.indent)
            if edits:
                title = f"Align the `{word}` with its `{header.tokens[0].text}`"
                yield Idea(edits, 0.4 + 0.4 * found, title, _WHY_ALIGN)
            found += 1
        if found == 3 or (header.width == 0 and header.tokens[0].text not in BLOCK_WORDS):
            return
