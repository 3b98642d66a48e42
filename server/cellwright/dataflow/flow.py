"""What the analysis of one cell tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cellwright.notebook.edit import Span

PARAMETER = "<parameter>"
"""Stands in a body for whatever the caller passes."""

RESULT = "<result>"
"""Stands in a body for whatever the caller gets."""

How = Literal[
    "set", "augment", "self", "argument", "call", "iterate", "lookup", "applied", "passed"
]


LinkKind = Literal["result", "into", "back", "applied"]


@dataclass(frozen=True)
class Touch:
    """A possible change of the object behind a global name.

    `how`: an attribute or subscript store (`set`), an augmented assignment, a method's receiver,
    an argument, a called object, something iterated or looked up; something that a passed function
    may be applied to (the last of `via`), or whose method is passed on. `via` are the calls that
    lie between the name and the change, as dotted texts (`df.groupby`, `.apply`), innermost first.
    """

    name: str
    how: How
    via: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """`target` may come to share mutable state with `source`, through the calls `via`.

    `kind` is how: it holds the result of an expression; a callee may keep its argument in its
    receiver (`into`); it may keep its receiver, or another argument, in an argument (`back`); or a
    function that is passed, the last of `via`, may keep what it is applied to (`applied`).
    """

    target: str
    source: str
    via: tuple[str, ...] = ()
    kind: LinkKind = "result"


@dataclass(frozen=True)
class Body:
    """What functions that live under a name do when they are called, in terms of global names.

    `gives`: a result may itself be called, or run on (closures, generators, coroutines).
    """

    read: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    touches: frozenset[Touch] = frozenset()
    links: frozenset[Link] = frozenset()
    calls: frozenset[str] = frozenset()
    effects: frozenset[str] = frozenset()
    opens: bool = False
    reads_all: bool = False
    gives: bool = False


@dataclass(frozen=True)
class CellFlow:
    """What one cell does with names, from its text alone.

    `bound` may be bound when the cell has run, `certain` are bound on every way to its end.
    `read` are needed from outside when the cell runs (by functions that it calls too; builtins are
    among them); `required` those of them without which it surely or most likely fails. `deferred`
    are the free names of functions defined here, needed when those are called. `loaded` are all
    names that the cell itself looks up, its own included. `mutated` are names whose object is
    changed in place for certain; `touches` all possible changes. `deleted` may be unbound, `gone`
    are for certain. `imports` maps bound names to dotted modules or members. `effects` name what
    the cell does to the world outside its names. `bindings` and `uses` say where names stand.

    `calls`, `links`, `bodies` (functions by the names that hold them), `makers` (what bound values
    came from) and `methods` (names of methods defined here) are for the graph. `opens`: may bind
    names that the text does not tell; `reads_all`: may read any. `complete` is False where not all
    of the text parsed.
    """

    bound: frozenset[str] = frozenset()
    certain: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    deferred: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()
    mutated: frozenset[str] = frozenset()
    touches: frozenset[Touch] = frozenset()
    deleted: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    imports: Mapping[str, str] = field(default_factory=dict)
    star_imports: tuple[str, ...] = ()
    effects: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    links: frozenset[Link] = frozenset()
    bodies: Mapping[str, Body] = field(default_factory=dict)
    makers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    methods: frozenset[str] = frozenset()
    bindings: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    uses: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    opens: bool = False
    reads_all: bool = False
    complete: bool = True
