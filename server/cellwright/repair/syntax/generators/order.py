"""Statements that are right but stand too late: `global`, and imports from `__future__`."""

from __future__ import annotations

from collections.abc import Iterator

from cellwright.repair.syntax.model import Idea, Scene, insert, put


def late_global(scene: Scene) -> Iterator[Idea]:
    """Move a `global` or `nonlocal` statement to the start of its function."""
    if not scene.says("prior to global", "prior to nonlocal", "before global", "before nonlocal"):
        return
    line = scene.line
    if line.first is None or line.first.text not in ("global", "nonlocal"):
        return
    for header in reversed(scene.scan.lines[: line.number]):
        if header.first is None or header.width >= line.width or header.first.text != "def":
            continue
        body = scene.scan.next_code(header)
        if body is None or len(scene.scan.lines) <= line.number + 1:
            return
        end = scene.scan.lines[line.number + 1].start
        statement = scene.source[line.start : line.end].strip()
        edits = (insert(body.start, f"{body.indent}{statement}\n"), put(line.start, end, ""))
        why = f"`{line.first.text}` comes before the first use of the name in the function."
        yield Idea(edits, 0.1, f"Move `{line.first.text}` to the start of the function", why)
        return


def late_future(scene: Scene) -> Iterator[Idea]:
    """Move imports from `__future__` to the start of the cell."""
    if not scene.says("__future__"):
        return
    lines = [
        line
        for line in scene.scan.lines
        if [t.text for t in line.tokens[:2]] == ["from", "__future__"]
        and not any(t.text == ";" for t in line.tokens)
    ]
    first = next((line for line in scene.scan.lines if line.tokens), None)
    if not lines or first is None:
        return
    edits = []
    for line in lines:
        last = line.number + 1 == len(scene.scan.lines)
        start = scene.scan.lines[line.number - 1].end if last and line.number else line.start
        end = line.end if last else scene.scan.lines[line.number + 1].start
        edits.append(put(start, end, ""))
    text = "".join(scene.source[line.start : line.end].strip() + "\n" for line in lines)
    if lines[0] is not first:
        why = "Imports from `__future__` come first in a cell."
        title = "Move the import from `__future__` to the start"
        yield Idea((insert(first.start, text), *edits), 0.1, title, why)
