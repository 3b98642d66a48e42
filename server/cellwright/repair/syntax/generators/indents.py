"""Indentation: lines that stand too deep or between two levels, clauses, tabs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cellwright.notebook.edit import TextEdit
from cellwright.repair.syntax.model import Idea, Scene, put
from cellwright.repair.syntax.scan import BLOCK_WORDS, CLAUSE_WORDS, Line, starts_statement

_WHY_ALIGN = "Lines of the same block stand at the same indentation."


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


def first_lines(scene: Scene) -> list[Line]:
    """Return the lines that begin a statement."""
    return [line for line in scene.scan.lines if starts_statement(line)]


def indent_edits(
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


def statement_lines(scene: Scene, first: Line, last: Line) -> list[Line]:
    """Return the lines from one statement to the end of another, without blank ones at the end."""
    lines = list(scene.scan.lines[first.number : last.number + 1])
    for line in scene.scan.lines[last.number + 1 :]:
        if starts_statement(line) or line.blank:
            break
        lines.append(line)
    return lines


def unexpected_indent(scene: Scene) -> Iterator[Idea]:
    """Move a line that stands too deep back, or the lines before it forward to its level."""
    if not scene.says("unexpected indent"):
        return
    starts = first_lines(scene)
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
            edits = indent_edits(scene, statement_lines(scene, line, last), line.indent, level)
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
    edits = indent_edits(
        scene, statement_lines(scene, shallow[0], shallow[-1]), indent, line.indent
    )
    if edits:
        title = "Indent the line before" if len(edits) == 1 else "Indent the lines before"
        yield Idea(edits, cost, title, _WHY_ALIGN)


def between_levels(scene: Scene) -> Iterator[Idea]:
    """Move a line that matches no open block to the nearest level, with those that go with it."""
    if not scene.says("unindent does not match"):
        return
    starts = first_lines(scene)
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
                lines = statement_lines(scene, line, last)
                edits = indent_edits(scene, lines, line.indent, level)
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
    found = [ln.indent for ln in first_lines(scene) if ln.indent and "\t" not in ln.indent]
    return min(found, key=len) if found else "    "


def stray_clause(scene: Scene) -> Iterator[Idea]:
    """Align an `else`, `elif`, `except` or `finally` with the header that it belongs to."""
    starts = first_lines(scene)
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
            edits = indent_edits(
                scene, statement_lines(scene, line, own), line.indent, header.indent
            )
            if edits:
                title = f"Align the `{word}` with its `{header.tokens[0].text}`"
                yield Idea(edits, 0.4 + 0.4 * found, title, _WHY_ALIGN)
            found += 1
        if found == 3 or (header.width == 0 and header.tokens[0].text not in BLOCK_WORDS):
            return
