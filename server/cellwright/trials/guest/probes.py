"""Answering the questions of `Probe`: read-only, bounded in time and size, never an exception."""

from __future__ import annotations
import __future__ as future

import ast
import functools
import operator
import sys
import warnings
from typing import Any, Callable, Dict, List, Optional

from . import modules
from .bounds import AtMost, OutOfTime
from .describe import describe
from .failures import describe_error
from .members import find_member
from .steps import Replay, unless_same

FUTURE = functools.reduce(
    operator.or_, [getattr(future, name).compiler_flag for name in future.all_feature_names]
)
SECONDS = 2.0
SEARCH_SECONDS = 10.0
NAMES_CAP = 5_000


class Probes:
    """The questions that can be asked of a replay, by name."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._questions: Dict[str, Callable[..., Any]] = {
            "describe": lambda expression, frame: describe(self._value(expression, frame)),
            "members": self._members,
            "names": self._names,
            "importable": modules.importable,
            "submodules": modules.submodules,
            "find_member": find_member,
            "distributions": modules.distributions,
            "folder": modules.folder,
            "syntax_error": self._syntax_error,
        }

    def answer(self, question: str, arguments: Dict[str, Any]) -> Any:
        """Answer one question, or None when it cannot be answered in time or at all."""
        slow = question in ("find_member", "distributions", "importable")
        recursion = sys.getrecursionlimit()
        try:
            with warnings.catch_warnings(), AtMost(SEARCH_SECONDS if slow else SECONDS):
                warnings.simplefilter("ignore")
                return self._questions[question](**arguments)
        except (Exception, SystemExit, KeyboardInterrupt, OutOfTime):
            return None
        finally:
            sys.setrecursionlimit(recursion)

    def _value(self, expression: str, frame: Optional[int]) -> Any:
        code = compile(expression.strip(), "<probe>", "eval")
        return eval(code, self._scope(frame))

    def _scope(self, frame: Optional[int]) -> Dict[str, Any]:
        """Return the names that a frame sees, as one namespace of our own to evaluate in."""
        frames = self._replay.frames
        if frame is None or not frames:
            return dict(self._replay.shell.user_ns)
        if frame >= len(frames):
            raise LookupError(frame)
        # One dict, because a comprehension or lambda in the expression would not see locals.
        return {**frames[frame].f_globals, **frames[frame].f_locals}

    def _members(self, expression: str, frame: Optional[int]) -> List[str]:
        names = {name for name in dir(self._value(expression, frame)) if isinstance(name, str)}
        return sorted(names, key=lambda name: (name.startswith("_"), name))[:NAMES_CAP]

    def _names(self, frame: Optional[int]) -> Dict[str, str]:
        hidden = self._replay.shell.user_ns_hidden
        visible = {
            name: type(value).__name__
            for name, value in self._scope(frame).items()
            if isinstance(name, str) and name not in hidden and not name.startswith("__")
        }
        return dict(list(visible.items())[-NAMES_CAP:])

    def _syntax_error(self, source: str) -> Optional[Dict[str, Any]]:
        """Compile a source as a cell would be; return the error, and what IPython made of it.

        The flags by which IPython tells unfinished input from wrong input are left out: with them,
        Python says less about an unclosed bracket.
        """
        code = source
        try:
            code = self._replay.transform(source)
            flags = self._replay.shell.compile.flags & FUTURE | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            compile(code, "<cell>", "exec", flags=flags, dont_inherit=True)
        except Exception as error:
            facts = describe_error(error, self._replay.pieces)
            return {**facts, "frames": [], "transformed": unless_same(code, source)}
        return None
