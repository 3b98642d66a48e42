r"""Frames from the text of a traceback, in every form that kernels have sent or notebooks hold.

The forms are those of IPython 5 to 9 (`IPython.core.ultratb`, modes Context, Verbose and Plain)
and of CPython's `traceback` module. Line numbers are those the interpreter saw: for a cell they
are of the code that IPython made of its source, which differs where magics or `!` stand
(`dataflow.source` maps it back). A path may begin with `~`, the home of the kernel's machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cellwright.notebook.model import CellId
from cellwright.notebook.run import CellError, Frame

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_CHAINED = re.compile(
    r"\s*(During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:)\s*"
)
_CELL = re.compile(
    r" *(?:Cell|Input) In ?\[(?P<count>\d+)\](?:, line (?P<line>\d+))?(?:,? in (?P<function>.+))?"
)
_FILE = re.compile(r" *File (?P<file>[^\"].*?):(?P<line>\d+)(?:,? in (?P<function>.+))?")
_PLAIN = re.compile(
    r"[ |+]*File \"(?P<file>[^\"]+)\", line (?P<line>\d+)(?:, in (?P<function>.+))?"
)
_OLD = re.compile(
    r"(?P<file>~?[/\\].*?|[A-Za-z]:\\.*?|<[^<> ]+>|[\w./\\-]+\.\w+) in (?P<function>[\w<].*)"
)
_ARROW = re.compile(r" *-+> ?(?P<line>\d+)(?: (?P<text>.*))?")
_NUMBERED = re.compile(r" *\d+ ")
_IPYTHON_INPUT = re.compile(r"<ipython-input-(\d+)-[0-9a-f]+>")
_IPYKERNEL_FILE = re.compile(r".*[/\\]ipykernel_\d+[/\\]\d+\.py")
_CELL_LINE = re.compile(r"<cell line: (\d+)>")
_NAME = re.compile(r"<[^>]+>|[\w.<>]+")
_SYNTAX_LINE = re.compile(r".*\(.*, line (\d+)\)", re.DOTALL)

_MOST = 500_000
"""Characters that are kept of an error's message and of its traceback, and read of them."""


@dataclass
class _Found:
    file: str
    line: int | None
    function: str
    count: int | None = None
    text: str = ""


def strip_ansi(text: str) -> str:
    """Return the text without terminal escape sequences."""
    return _ANSI.sub("", text)


def cell_error(
    content: Mapping[str, Any],
    cell_of_count: Callable[[int], CellId | None],
    current: CellId | None = None,
) -> CellError:
    """Return the error that an `error` message, reply or saved output holds.

    The traceback is kept as sent, escape sequences included. See `frames` for the rest.
    """
    evalue = str(content.get("evalue", ""))[:_MOST]
    traceback: list[str] = []
    room = _MOST
    for part in map(str, content.get("traceback", ())):
        traceback.append(part[:room])
        room -= len(part)
        if room <= 0:
            break
    return CellError(
        ename=str(content.get("ename", "")),
        evalue=evalue,
        frames=frames(traceback, cell_of_count, current=current, evalue=evalue),
        traceback=tuple(traceback),
    )


def frames(
    traceback: Sequence[str],
    cell_of_count: Callable[[int], CellId | None],
    *,
    current: CellId | None = None,
    evalue: str = "",
) -> tuple[Frame, ...]:
    """Return the frames of a traceback's last exception, outermost first.

    `cell_of_count` tells which cell had an execution count. `current` is the cell that ran, which
    old kernels name by a file of theirs only; `evalue` is the error's message, where IPython 8.0
    put a syntax error's line. Frames whose line is not told are left out.
    """
    found = _found(_lines(traceback))
    syntax_line = _SYNTAX_LINE.fullmatch(evalue)
    if found and found[-1].line is None and syntax_line:
        found[-1].line = int(syntax_line[1])
    of_current = {
        frame.file
        for frame in found
        if frame.function == "<module>" and _IPYKERNEL_FILE.fullmatch(frame.file)
    }
    return tuple(
        Frame(
            file=frame.file,
            line=frame.line,
            function=frame.function,
            cell=(
                cell_of_count(frame.count)
                if frame.count is not None
                else (current if frame.file in of_current else None)
            ),
            text=frame.text,
        )
        for frame in found
        if frame.line is not None
    )


def _lines(traceback: Sequence[str]) -> list[str]:
    parts = [strip_ansi(part) for part in traceback]
    # IPython's last part is the message itself, which may quote a traceback of its own.
    if len(parts) > 1 and re.match(r"[A-Za-z_][\w.]*(:|$)", parts[-1]):
        parts.pop()
    return "\n".join(parts).splitlines()


def _found(lines: Iterable[str]) -> list[_Found]:
    found: list[_Found] = []
    headed = False
    for line in lines:
        if _CHAINED.fullmatch(line):
            found.clear()
            continue
        frame = _header(line)
        if frame is not None:
            found.append(frame)
        elif found:
            _code(found[-1], line, first=headed)
        headed = frame is not None
    return found


def _header(line: str) -> _Found | None:
    match = _CELL.fullmatch(line)
    if match:
        return _frame(f"In[{match['count']}]", match, int(match["count"]))
    match = _FILE.fullmatch(line) or _PLAIN.fullmatch(line) or _OLD.fullmatch(line)
    if match is None:
        return None
    of_cell = _IPYTHON_INPUT.fullmatch(match["file"])
    if of_cell:
        return _frame(f"In[{of_cell[1]}]", match, int(of_cell[1]))
    return _frame(match["file"], match, None)


def _frame(file: str, match: re.Match[str], count: int | None) -> _Found:
    line = match.groupdict().get("line")
    called = match["function"] or "<module>"
    cell_line = _CELL_LINE.match(called)
    if cell_line:
        statement = int(cell_line[1]) or None
        return _Found(file, int(line) if line else statement, "<module>", count)
    name = _NAME.match(called)
    return _Found(file, int(line) if line else None, name[0] if name else called, count)


def _code(frame: _Found, line: str, *, first: bool) -> None:
    """Take a line below a frame's header: the failing line is marked, or the only one."""
    arrow = _ARROW.fullmatch(line)
    if arrow:
        frame.line = int(arrow["line"])
        frame.text = (arrow["text"] or "").strip()
    elif first and line.startswith("    ") and not _NUMBERED.match(line):
        frame.text = line.strip()
