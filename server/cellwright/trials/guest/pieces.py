"""Which cell each compiled piece of code came from, known by its file name."""

from __future__ import annotations

from typing import Dict, List, Optional

MAGIC_NAMES = {"<timed exec>", "<timed eval>", "<magic-timeit>"}


class Piece:
    """A piece of a step's code.

    `shift` is None for the code that IPython made of the whole cell. For the body of a cell magic,
    which is compiled apart, it is the number of lines above the body.
    """

    def __init__(self, step: int, lines: List[str], shift: Optional[int]) -> None:
        self.step = step
        self.lines = lines
        self.shift = shift


class Pieces:
    """The pieces compiled so far, by the file name they were given."""

    def __init__(self) -> None:
        self.by_name: Dict[str, Piece] = {}
        self.step = -1
        self._source = ""
        self._whole = ""

    def begin(self, step: int, source: str, transformed: str) -> None:
        """Take what is compiled from now on as part of this step."""
        self.step, self._source, self._whole = step, source, transformed

    def add(self, name: str, code: str) -> None:
        """Note a piece that IPython is about to compile."""
        if code == self._whole:
            self.by_name[name] = Piece(self.step, split_lines(code), None)
        elif self.body_shift is not None:
            self.by_name[name] = self._body()

    def own_name(self, name: str) -> str:
        """Return the file name to compile under: magics use one fixed name for every cell."""
        if name not in MAGIC_NAMES or self.body_shift is None:
            return name
        own = "%s %d>" % (name[:-1], self.step)
        self.by_name[own] = self._body()
        return own

    @property
    def body_shift(self) -> Optional[int]:
        """How many lines stand above the body, if this step is a cell magic."""
        for above, line in enumerate(split_lines(self._source), 1):
            if line.strip():
                return above if line.lstrip().startswith("%%") else None
        return None

    @property
    def body_lines(self) -> List[str]:
        """The lines of a cell magic's body; all lines of any other cell."""
        return split_lines(self._source)[self.body_shift or 0 :]

    def _body(self) -> Piece:
        return Piece(self.step, self.body_lines, self.body_shift)


def split_lines(text: str) -> List[str]:
    """Split into lines as Python's tokenizer does, which does not split at form feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
