"""The terms of the search: a fault, an idea for it, a repair made of ideas."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cellwright.notebook.edit import Span, TextEdit
from cellwright.repair.syntax.scan import Line, Scan, scan

Phase = Literal["lexical", "grammar", "scope"]
"""The step of compiling that fails, in the order in which Python reports them."""


@dataclass(frozen=True)
class Fault:
    """Where and why a source does not compile. Offsets are code points of the source."""

    phase: Phase
    message: str
    offset: int
    end: int


@dataclass(frozen=True)
class Idea:
    """One local edit that may mend a fault.

    `cost` is about minus the logarithm of how likely it is what the author meant. `title` says what
    it does, `why` is a sentence for a student, `guesses` is the meaning it assumes, if any;
    `renamed` is a variable's old and new name, where other cells must follow.
    """

    edits: tuple[TextEdit, ...]
    cost: float
    title: str
    why: str
    guesses: str = ""
    renamed: tuple[str, str] | None = None


@dataclass(frozen=True)
class SourceRepair:
    """A source that compiles, and the ideas that led there. `cost` is the sum of theirs."""

    source: str
    cost: float
    ideas: tuple[Idea, ...]

    @property
    def guesses(self) -> str:
        """The meanings that had to be guessed, as one text; empty when there were none."""
        return "; ".join(dict.fromkeys(idea.guesses for idea in self.ideas if idea.guesses))


@dataclass(frozen=True)
class Scene:
    """What a generator sees: a source that does not compile, and its first fault.

    `parameters` tells the parameter names of a function the notebook defines, if it does.
    """

    source: str
    fault: Fault
    parameters: Callable[[str], tuple[str, ...] | None] = lambda _name: None

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that the source or Python itself knows."""
        here = {token.text for token in self.scan.code if token.kind == "name"}
        return frozenset(here) | frozenset(dir(builtins))

    @cached_property
    def scan(self) -> Scan:
        """The source, read as far as it can be."""
        return scan(self.source)

    @cached_property
    def line(self) -> Line:
        """The line of the fault."""
        return self.scan.line_at(self.fault.offset)

    def says(self, *words: str) -> bool:
        """Return whether Python's message has one of these in it."""
        message = self.fault.message.lower()
        return any(word.lower() in message for word in words)


Generator = Callable[[Scene], Iterator[Idea]]


def insert(at: int, text: str) -> TextEdit:
    """Return the edit that inserts a text."""
    return TextEdit(Span(at, at), text)


def put(start: int, end: int, text: str) -> TextEdit:
    """Return the edit that replaces a range by a text."""
    return TextEdit(Span(start, end), text)
