"""Running the steps of a replay, one after another, in one namespace."""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

import asyncio
import contextlib
import sys
from types import FrameType
from typing import Any, Dict, List, Optional

from .failures import cell_frames, describe_error
from .marks import Marks
from .pieces import Pieces
from .shell import Happened, Shell, make_shell

NAMES_CAP = 10_000


class Replay:
    """The state of a guest: its shell, the steps run so far, the failure it stands at."""

    def __init__(self) -> None:
        self.shell: Shell = make_shell()
        self.loop = asyncio.new_event_loop()
        self.failure: Optional[BaseException] = None
        self._given = set(self.shell.user_ns)
        self._count = 0

    @property
    def pieces(self) -> Pieces:
        """Which cell each piece of compiled code came from."""
        compiler: Any = self.shell.compile
        pieces: Pieces = compiler.pieces
        return pieces

    @property
    def frames(self) -> List[FrameType]:
        """The frames of the last failure that lie in a cell, innermost first."""
        return [] if self.failure is None else cell_frames(self.failure, self.pieces)

    def transform(self, source: str) -> str:
        """Return the Python that IPython makes of a source.

        Raises whatever a transformer raises, mostly SyntaxError.
        """
        transformed: str = self.shell.transform_cell(source)
        return transformed

    def run(self, source: str, marks: List[Dict[str, Any]]) -> Dict[str, Any]:
        """Run one step and return what came of it."""
        happened = self.shell.happened = Happened()
        step, self._count = self._count, self._count + 1
        refused, code = None, source
        try:
            code = self.transform(source)
        except Exception:
            refused = sys.exc_info()
        self.pieces.begin(step, source, code)
        watch = Marks(marks, self.pieces, code)
        error = self._execute(source, code, refused, watch) or happened.shown
        self.failure = error
        for stream in (sys.stdout, sys.stderr):
            # A cell may have closed or replaced it.
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.flush()
        return {
            "step": step,
            "error": None if error is None else describe_error(error, self.pieces),
            "transformed": unless_same(code, source),
            "executed": sorted(watch.ran),
            "bound": self._names(),
            "result": happened.result,
            "displays": happened.displays,
            "asked_input": happened.asked_input,
        }

    def _execute(
        self, source: str, code: str, refused: Any, watch: Marks
    ) -> Optional[BaseException]:
        """Run as a kernel does: inside a running event loop, with its events before and after."""
        shell = self.shell
        if self.loop.is_closed():
            self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        transformers: List[Any] = shell.ast_transformers
        transformers.insert(0, watch)
        try:
            result = self.loop.run_until_complete(
                shell.run_cell_async(
                    source,
                    store_history=True,
                    transformed_cell=code,
                    preprocessing_exc_tuple=refused,
                )
            )
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        except BaseException as error:  # SystemExit in a task, a broken event loop
            return error
        finally:
            if watch in transformers:
                transformers.remove(watch)
        failed: Optional[BaseException] = result.error_before_exec or result.error_in_exec
        return failed

    def _names(self) -> List[str]:
        hidden = self._given.union(self.shell.user_ns_hidden)
        names = [name for name in list(self.shell.user_ns) if isinstance(name, str)]
        return [name for name in names if name not in hidden][:NAMES_CAP]


def unless_same(transformed: str, source: str) -> Optional[str]:
    """Return what IPython made of a source, None when it only added a line end."""
    return None if transformed.rstrip("\n") == source.rstrip("\n") else transformed
