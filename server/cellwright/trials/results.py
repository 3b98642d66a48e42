"""From what a guest reports of a step to facts about the cell as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cellwright.dataflow.source import IDENTITY, LineMap, align, split_lines
from cellwright.notebook.model import CellId
from cellwright.notebook.run import CellError, Frame

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class RanStep:
    """A step that a guest ran: what leads from its places back to the cell's own source."""

    cell: CellId
    source: str
    lines: LineMap = IDENTITY

    @classmethod
    def of(cls, cell: CellId, source: str, transformed: str | None) -> RanStep:
        """Return the step, its lines aligned with what IPython made of it (None: nothing)."""
        return cls(cell, source, IDENTITY if transformed is None else align(source, transformed))


@dataclass
class Places:
    """The steps that a guest has run, in order; guests name them by their number."""

    steps: list[RanStep] = field(default_factory=list)

    def error(self, facts: Facts) -> CellError:
        """Return the error that a guest reported, its places in the cells' own sources."""
        frames = [self._frame(frame) for frame in facts["frames"]]
        attributes = dict(facts["attributes"])
        piece = facts["piece"]
        if piece is not None:
            step = self.steps[piece["step"]]
            attributes = _syntax_places(step, piece["shift"], attributes)
            frames.append(_syntax_frame(step, attributes))
        message = _message(facts, attributes)
        return CellError(
            ename=facts["ename"],
            evalue=message,
            frames=tuple(frames),
            traceback=_text(facts, message, frames),
            bases=tuple(facts["bases"]),
            attributes=attributes,
        )

    def _frame(self, facts: Facts) -> Frame:
        if facts["step"] is None:
            names = ("file", "line", "function", "end_line", "column", "end_column", "text")
            return Frame(**{name: facts[name] for name in names})
        step = self.steps[facts["step"]]
        line, column = _own(step, facts["shift"], facts["line"], facts["column"])
        end_line, end_column = line, None
        if facts["end_line"] is not None:
            end_line, end_column = _own(
                step, facts["shift"], facts["end_line"], facts["end_column"]
            )
        return Frame(
            file=facts["file"],
            line=line,
            function=facts["function"],
            cell=step.cell,
            end_line=end_line,
            column=column,
            end_column=end_column,
            text=_line(step.source, line),
        )


def syntax_error(source: str, facts: Facts) -> CellError:
    """Return the error of a source that a guest compiled without running it."""
    step = RanStep.of("", source, facts["transformed"])
    attributes = _syntax_places(step, None, dict(facts["attributes"]))
    message = _message(facts, attributes)
    bases = tuple(facts["bases"])
    return CellError(facts["ename"], message, bases=bases, attributes=attributes)


def mark(step: RanStep, place: tuple[int, int]) -> dict[str, tuple[int, int] | None]:
    """Return a place of a cell (1-based line, 0-based column) as a guest's marks need it."""
    return {"own": place, "whole": _transformed(step.lines, place)}


def _transformed(lines: LineMap, place: tuple[int, int]) -> tuple[int, int] | None:
    """Return where a place of the cell's source went, None if into the middle of a rewriting."""
    if lines.lines is None:
        return place
    line, column = place
    for index, entry in enumerate(lines.lines, 1):
        if entry.line <= line - 1 <= entry.last:
            at = column - entry.shift
            if at < 0 or (entry.rewritten is not None and at > entry.rewritten):
                return None
            return index, at
    return None


def _own(step: RanStep, shift: int | None, line: int, column: int | None) -> tuple[int, int | None]:
    """Map a place back to the cell's own source; `shift` is set for a cell magic's body."""
    if shift is not None:
        return line + shift, column
    own_line, own_column = step.lines.original(line, column or 0)
    return own_line, None if column is None else own_column


def _syntax_places(step: RanStep, shift: int | None, told: dict[str, Any]) -> dict[str, Any]:
    """Map a SyntaxError's own places (1-based columns) and text to the cell's source."""
    for line_name, offset_name in (("lineno", "offset"), ("end_lineno", "end_offset")):
        line, offset = told.get(line_name), told.get(offset_name)
        if not line:  # CPython gives 0 or -1 where it knows no place
            told.pop(line_name, None)
            told.pop(offset_name, None)
            continue
        known = None if offset is None or offset < 1 else offset - 1
        told[line_name], column = _own(step, shift, line, known)
        told.pop(offset_name, None)
        if column is not None:
            told[offset_name] = column + 1
    told.pop("filename", None)
    if "lineno" in told:
        told["text"] = _line(step.source, told["lineno"])
    return told


def _syntax_frame(step: RanStep, told: Facts) -> Frame:
    """Return a frame for a cell that did not compile, so that it has a failing place too."""
    line = told.get("lineno", 1)
    return Frame(
        file="<cell>",
        line=line,
        cell=step.cell,
        end_line=told.get("end_lineno"),
        column=told["offset"] - 1 if "offset" in told else None,
        end_column=told["end_offset"] - 1 if "end_offset" in told else None,
        text=_line(step.source, line),
    )


def _message(facts: Facts, attributes: Facts) -> str:
    """Return the message; that of a syntax error in a cell without the name we compile it under."""
    if "lineno" in attributes and "msg" in attributes and "filename" not in attributes:
        return f"{attributes['msg']} (line {attributes['lineno']})"
    return str(facts["evalue"])


def _line(source: str, line: int) -> str:
    lines = split_lines(source)
    return lines[line - 1] if 0 < line <= len(lines) else ""


def _text(facts: Facts, message: str, frames: Sequence[Frame]) -> tuple[str, ...]:
    """Return a traceback as Python prints it, with cells in place of file names."""
    lines = ["Traceback (most recent call last):"] if frames else []
    for frame in frames:
        where = f'File "{frame.file}"' if frame.cell is None else "Cell"
        lines.append(f"  {where}, line {frame.line}, in {frame.function}")
        if frame.text.strip():
            lines.append(f"    {frame.text.strip()}")
    return (*lines, ": ".join(filter(None, (facts["ename"], message))))
