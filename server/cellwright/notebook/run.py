"""Records of what ran: the exact source, when, what came out, how it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cellwright.notebook.model import CellId

RunStatus = Literal["completed", "failed", "interrupted", "died"]


@dataclass(frozen=True)
class Output:
    """One output of a cell, as nbformat names them.

    `text` is the text of a stream or a text/plain result; `data` the MIME bundle of a display or
    result; `cut` the number of characters left out of it because of the cap.
    """

    kind: Literal["stream", "display_data", "execute_result", "error"]
    name: str = ""
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    cut: int = 0


@dataclass(frozen=True)
class Frame:
    """One frame of a traceback, outermost first in a list.

    `line` is 1-based. In a cell (`cell` is set) line and columns are of the cell's own source, not
    of what IPython made of it; columns are 0-based code points, None where unknown (Python < 3.11).
    """

    file: str
    line: int
    function: str = "<module>"
    cell: CellId | None = None
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None
    text: str = ""


@dataclass(frozen=True)
class CellError:
    """How a cell failed.

    `bases` are the class names of the exception's MRO, nearest first. `attributes` are what the
    exception object itself tells, JSON-like: name, key, filename, obj_type, module, lineno, offset,
    end_offset, text, msg (those it has).
    """

    ename: str
    evalue: str
    frames: tuple[Frame, ...] = ()
    traceback: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def frame_in_cell(self) -> Frame | None:
        """Return the innermost frame that lies in a cell, if any."""
        return next((frame for frame in reversed(self.frames) if frame.cell is not None), None)


@dataclass(frozen=True)
class RunRecord:
    """One run of a cell. Times are seconds: `started` since the epoch, `duration` elapsed."""

    cell: CellId
    source: str
    status: RunStatus
    execution_count: int | None = None
    started: float | None = None
    duration: float | None = None
    outputs: tuple[Output, ...] = ()
    error: CellError | None = None
