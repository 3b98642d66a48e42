"""What an exception tells: its frames that lie in the notebook's code, and its own facts."""

from __future__ import annotations

import linecache
import os
import re
from types import FrameType, ModuleType, TracebackType
from typing import Any, Dict, List, Optional, Tuple

import IPython

from .pieces import Pieces
from .plain import message_of, plain

HIDDEN = tuple(
    os.path.dirname(os.path.abspath(file)) + os.sep for file in (__file__, IPython.__file__)
)
OUTER_FRAMES = 20
INNER_FRAMES = 40
UNNAMED = re.compile(r"(?:name|variable) '(\w+)'")  # Python 3.8 and 3.9 tell it only in the text
NO_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")


def describe_error(error: BaseException, pieces: Pieces) -> Dict[str, Any]:
    """Return the facts of an exception, for the host to make a `CellError` of."""
    kind = type(error)
    return {
        "ename": kind.__name__,
        "evalue": message_of(error),
        "bases": [base.__name__ for base in kind.__mro__ if base is not object],
        "attributes": attributes(error),
        "frames": [place(frame, lasti, line, pieces) for frame, lasti, line in visible(error)],
        "piece": own_piece(error, pieces),
    }


def visible(error: BaseException) -> List[Tuple[FrameType, int, int]]:
    """Return the frames of a traceback, outermost first, without ours and IPython's."""
    found = []
    traceback: Optional[TracebackType] = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith(HIDDEN):
            found.append((traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno))
        traceback = traceback.tb_next
    if len(found) > OUTER_FRAMES + INNER_FRAMES:  # a runaway recursion
        found[OUTER_FRAMES:-INNER_FRAMES] = []
    return found


def cell_frames(error: BaseException, pieces: Pieces) -> List[FrameType]:
    """Return the frames that run a cell's code, innermost first."""
    frames = [frame for frame, _, _ in visible(error)]
    return [frame for frame in reversed(frames) if frame.f_code.co_filename in pieces.by_name]


def place(frame: FrameType, lasti: int, line: int, pieces: Pieces) -> Dict[str, Any]:
    """Return where a frame stands. Columns are code points, None where Python does not tell."""
    code = frame.f_code
    piece = pieces.by_name.get(code.co_filename)

    def text_at(number: int) -> str:
        if piece is None:
            return linecache.getline(code.co_filename, number, frame.f_globals)
        return piece.lines[number - 1] if 0 < number <= len(piece.lines) else ""

    end_line, column, end_column = None, None, None
    positions = getattr(code, "co_positions", None)
    if positions is not None and lasti >= 0:
        _, end_line, start, end = next(
            position for index, position in enumerate(positions()) if index == lasti // 2
        )
        if end_line is not None and start is not None and end is not None:
            column = code_points(text_at(line), start)
            end_column = code_points(text_at(end_line), end)
    return {
        "file": code.co_filename,
        "function": code.co_name,
        "step": None if piece is None else piece.step,
        "shift": None if piece is None else piece.shift,
        "line": line,
        "end_line": end_line,
        "column": column,
        "end_column": end_column,
        "text": text_at(line).strip()[:500],
    }


def code_points(line: str, column: int) -> int:
    """Turn a column in UTF-8 bytes, as Python counts, into one in code points."""
    if line.isascii():
        return column
    return len(line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def own_piece(error: BaseException, pieces: Pieces) -> Optional[Dict[str, Any]]:
    """Return which cell a syntax error lies in: it has no frame there."""
    piece = pieces.by_name.get(getattr(error, "filename", None) or "")
    if piece is None or not isinstance(error, SyntaxError):
        return None
    return {"step": piece.step, "shift": piece.shift}


def attributes(error: BaseException) -> Dict[str, Any]:
    """Return what the exception object itself tells, as `CellError.attributes` names it."""
    found: Dict[str, Any] = {}
    if isinstance(error, (NameError, AttributeError)):
        unnamed = UNNAMED if isinstance(error, NameError) else NO_ATTRIBUTE
        told = unnamed.search(message_of(error))
        found["name"] = getattr(error, "name", None) or (told.group(1) if told else None)
    if isinstance(error, AttributeError) and getattr(error, "obj", None) is not None:
        found.update(kind_of(error.obj))
    if isinstance(error, ImportError):
        found.update(name=error.name, path=error.path, msg=error.msg)
        found["name_from"] = getattr(error, "name_from", None)
    if isinstance(error, KeyError) and error.args:
        found.update(key=plain(error.args[0]), key_type=type(error.args[0]).__name__)
    if isinstance(error, OSError):
        found.update(filename=plain(error.filename), filename2=plain(error.filename2))
        found["errno"] = error.errno
    if isinstance(error, SyntaxError):
        for name in ("msg", "filename", "lineno", "offset", "end_lineno", "end_offset", "text"):
            found[name] = plain(getattr(error, name, None))
    if isinstance(error, SystemExit):
        found["code"] = plain(error.code)
    return {name: value for name, value in found.items() if value is not None}


def kind_of(value: Any) -> Dict[str, str]:
    """Return the type of an object that lacked an attribute, and the module it is or is from."""
    if isinstance(value, ModuleType):
        return {"obj_type": "module", "module": value.__name__}
    kind = value if isinstance(value, type) else type(value)
    shown = "type" if isinstance(value, type) else kind.__qualname__
    found = {"obj_type": shown, "module": kind.__module__}
    if isinstance(value, type):
        found["obj_name"] = kind.__qualname__
    return found
