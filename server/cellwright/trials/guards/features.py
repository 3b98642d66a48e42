"""What can hide an error wherever it stands in a cell: handlers, silencers, jumps, dead code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cellwright.dataflow.tree import parse_tolerant
from cellwright.trials.guards.words import respelt, without_comments

_SILENCERS = {
    "suppress": "suppresses the error",
    "raises": "expects the error",
    "filterwarnings": "silences warnings",
    "simplefilter": "silences warnings",
    "catch_warnings": "silences warnings",
    "seterr": "silences numeric errors",
    "seterrcall": "silences numeric errors",
    "errstate": "silences numeric errors",
    "set_custom_exc": "intercepts errors",
    "excepthook": "intercepts errors",
    "redirect_stderr": "hides messages",
    "chained_assignment": "silences a warning",
    "exit": "ends the run early",
    "_exit": "ends the run early",
    "quit": "ends the run early",
    "abort": "ends the run early",
    "SystemExit": "ends the run early",
}
"""Identifiers that a repair may not bring in, and what they do."""

_LENIENT: dict[str, frozenset[object]] = {
    "errors": frozenset({"coerce", "ignore", "replace", "warn", "backslashreplace"}),
    "on_bad_lines": frozenset({"skip", "warn"}),
    "error_bad_lines": frozenset({False}),
    "invalid": frozenset({"coerce", "ignore"}),
    "handle_unknown": frozenset({"ignore"}),
    "ignore_errors": frozenset({True}),
    "raise_on_error": frozenset({False}),
    "raise_error": frozenset({False}),
    "check": frozenset({False}),
    "verify": frozenset({False}),
    "strict": frozenset({False}),
}
"""Keyword arguments, with the values that have a function pass over what is wrong."""

_LENIENT_WORDS = frozenset({"coerce", "ignore"})
_BROAD = {"", "Exception", "BaseException"}


@dataclass
class Features:
    """What can hide an error, counted over a whole cell."""

    names: Counter[str]
    handlers: int
    broad: int
    lenient: Counter[str]
    jumps: int
    raises: int
    dead: int
    fallbacks: int

    @classmethod
    def of(cls, source: str) -> Features:
        """Count over a cell, whatever its state."""
        tree = parse_tolerant(source)
        nodes = list(ast.walk(tree))
        handlers = [node for node in nodes if isinstance(node, ast.ExceptHandler)]
        return cls(
            names=Counter(name for node in nodes for name in _identifiers(node)),
            handlers=len(handlers),
            broad=sum(_exception_name(handler) in _BROAD for handler in handlers),
            lenient=Counter(word for node in nodes for word in _lenient(node)),
            jumps=sum(isinstance(node, ast.Break | ast.Continue) for node in nodes)
            + sum(_early_returns(node) for node in nodes),
            raises=sum(isinstance(node, ast.Raise) for node in nodes),
            dead=sum(_is_dead(node) for node in nodes),
            fallbacks=sum(_has_fallback(node) for node in nodes),
        )

    def allow_for_text(self, source: str) -> None:
        """Count what stands in the text of a source that does not parse, too."""
        found = re.findall(r"\w+", without_comments(source))
        self.names |= Counter(found)
        self.lenient |= Counter(word for word in found if word in _LENIENT_WORDS)
        self.handlers = max(self.handlers, found.count("except"))
        self.jumps = max(self.jumps, sum(map(found.count, ("break", "continue", "return"))))
        self.raises = 0
        self.broad = self.handlers

    def worse_than(self, old: Features) -> str | None:
        """Return what these have that `old` has not, as a reason; None for nothing."""
        gone = old.names - self.names
        for name, effect in _SILENCERS.items():
            if self.names[name] > old.names[name] and not respelt(gone, name):
                return f"{name} {effect}"
        if self.lenient.total() > old.lenient.total():
            return f"{next(iter(self.lenient - old.lenient))} passes over what is wrong"
        broader = self.broad - old.broad
        raised = {
            "it catches the error": self.handlers - old.handlers,
            "it catches more than before": 0 if respelt(gone, "Exception") else broader,
            "it leaves early": self.jumps - old.jumps,
            "it switches code off": self.dead - old.dead,
            "it falls back on a default": self.fallbacks - old.fallbacks,
            "it no longer raises": old.raises - self.raises,
        }
        return next((reason for reason, more in raised.items() if more > 0), None)


def _identifiers(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.alias(name=name, asname=asname):
            yield from name.split(".")
            if asname:
                yield asname
        case ast.Constant(value=str(text)) if "chained_assignment" in text:
            yield "chained_assignment"


def _exception_name(handler: ast.ExceptHandler) -> str:
    return "" if handler.type is None else ast.unparse(handler.type).rpartition(".")[2]


def _lenient(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.keyword(arg=str(name), value=ast.Constant(value=value)):
            if value in _LENIENT.get(name, ()):
                yield f"{name}={value!r}"
        case ast.Call(args=args):
            for arg in args:
                if isinstance(arg, ast.Constant) and arg.value in _LENIENT_WORDS:
                    yield repr(arg.value)
        case ast.Dict(keys=names, values=values):
            for pair in zip(names, values, strict=True):
                match pair:
                    case ast.Constant(value=str(name)), ast.Constant(value=value):
                        if value in _LENIENT.get(name, ()):
                            yield f"{name}={value!r}"


def _early_returns(node: ast.AST) -> int:
    """Count the returns of a function that do not stand at its end."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return 0
    own = [n for n in _own_nodes(node) if isinstance(n, ast.Return)]
    return sum(n not in set(_last_statements(node.body)) for n in own)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _own_nodes(child)


def _last_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    if not body:
        return
    last = body[-1]
    yield last
    for name in ("body", "orelse", "finalbody"):
        if not isinstance(last, ast.For | ast.AsyncFor | ast.While | ast.FunctionDef):
            yield from _last_statements(getattr(last, name, []))
    for handler in getattr(last, "handlers", []):
        yield from _last_statements(handler.body)


def _is_dead(node: ast.AST) -> bool:
    """Return whether a node has code that a constant keeps from running."""
    match node:
        case ast.If(test=test) | ast.IfExp(test=test):
            return isinstance(test, ast.Constant)
        case ast.While(test=ast.Constant(value=value)):
            return not value
        case ast.BoolOp(values=values):
            return any(isinstance(value, ast.Constant) for value in values[:-1])
    return False


def _has_fallback(node: ast.AST) -> bool:
    """Return whether a call gives a default in place of an error."""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=args):
            return len(args) == 3
        case ast.Call(func=ast.Name(id="next"), args=args):
            return len(args) == 2
        case ast.Call(func=ast.Attribute(attr="pop" | "setdefault"), args=[_, _]):
            return True
        case ast.Call(func=ast.Name(id="hasattr")):
            return True
    return False
