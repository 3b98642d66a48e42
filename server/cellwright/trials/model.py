"""The terms of a trial: what to replay, within which bounds, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Protocol

from cellwright.notebook.model import CellId
from cellwright.notebook.run import CellError

SandboxLevel = Literal["full", "partial", "none"]


class Verdict(Enum):
    """What a trial says of a candidate."""

    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True)
class Step:
    """One thing to run in a replay: a source, and the cell it belongs to.

    `may_fail` marks a run that failed when it was recorded: its half-done effects are wanted.
    """

    cell: CellId
    source: str
    may_fail: bool = False


@dataclass(frozen=True)
class Limits:
    """Bounds of one trial. Seconds of wall clock, bytes of memory, characters of output."""

    seconds: float = 60.0
    step_seconds: float | None = None
    memory: int | None = None
    output: int = 100_000


@dataclass(frozen=True)
class StepResult:
    """What came of one step in a guest.

    `transformed` is the Python that IPython made of the source, None when it is the source itself.
    `executed` are the 0-based indices of the asked-for statements (see `Guest.run`) that began to
    run. `bound` are the names in the namespace after the step. `result` is a capped repr of the
    last expression's value; `output` the capped text of stdout and stderr. `asked_input` says that
    the code asked for input, which nobody could give.
    """

    cell: CellId
    ok: bool
    seconds: float
    error: CellError | None = None
    output: str = ""
    result: str = ""
    transformed: str | None = None
    executed: frozenset[int] = frozenset()
    bound: frozenset[str] = frozenset()
    displays: int = 0
    asked_input: bool = False


@dataclass(frozen=True)
class Evidence:
    """Why a verdict was given: enough for a person to judge it.

    `reason` is a sentence. `seconds` is the wall clock of the whole trial, `steps` how many cells
    ran. `error` is the failure of the candidate, if it failed.
    """

    verdict: Verdict
    reason: str
    sandbox: SandboxLevel = "none"
    seconds: float = 0.0
    steps: int = 0
    output: str = ""
    result: str = ""
    error: CellError | None = None
    python: str = ""


@dataclass(frozen=True)
class Value:
    """What a guest tells of an object. Every list is capped; `length` is the true one.

    `keys` are the keys of a mapping, the column labels of a table or the fields of a record, as
    JSON-like values (tuples become lists). `repr` is short.
    """

    type: str
    module: str
    bases: tuple[str, ...] = ()
    repr: str = ""
    length: int | None = None
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    keys: tuple[Any, ...] = ()
    index_names: tuple[Any, ...] = ()
    callable: bool = False
    signature: str = ""
    is_module: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


class Probe(Protocol):
    """Read-only questions to a guest that stands right after the baseline's failure.

    `frame` counts from the failing frame outwards (0 = innermost frame that lies in a cell); None
    means the notebook's global namespace. Every answer is bounded in time and size; a question
    that cannot be answered gives None or nothing, never an exception.
    """

    async def describe(self, expression: str, *, frame: int | None = 0) -> Value | None:
        """Evaluate an expression of names, attributes, subscripts and calls, and describe it."""
        ...

    async def members(self, expression: str, *, frame: int | None = 0) -> tuple[str, ...]:
        """Return `dir()` of an expression's value, public names first."""
        ...

    async def names(self, *, frame: int | None = 0) -> Mapping[str, str]:
        """Return the names that the frame sees (no builtins) → the name of their value's type."""
        ...

    async def importable(self, module: str) -> bool:
        """Return whether a dotted module could be imported, without importing it where possible."""
        ...

    async def submodules(self, package: str) -> tuple[str, ...]:
        """Return the names of a package's submodules (all top-level modules for '')."""
        ...

    async def find_member(self, package: str, name: str) -> tuple[str, ...]:
        """Return dotted modules at or below `package` that have a public member `name`."""
        ...

    async def distributions(self) -> Mapping[str, str]:
        """Return installed distributions → version."""
        ...

    async def folder(self, path: str) -> tuple[str, ...] | None:
        """Return the entries of a folder (folders end in '/'); a relative path is from the cwd."""
        ...

    async def syntax_error(self, source: str) -> CellError | None:
        """Return the error that compiling a cell's source gives in the guest's Python, if any."""
        ...
