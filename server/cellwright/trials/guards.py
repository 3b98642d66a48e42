"""Guards: say when a change would hide an error rather than mend it.

A check on two sources, IPython syntax included. It is meant for small repairs: what it cannot
explain as one (a statement without counterpart, a new handler, a failing expression that became a
constant) it takes for hiding. What only shows at run time is for `trial.try_candidate`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from cellwright.dataflow.source import parse_python, to_python
from cellwright.dataflow.tree import Statement, parse_tolerant, statements
from cellwright.notebook.edit import Span
from cellwright.trials.wording import (
    dropped_line,
    kept_share,
    lost_words,
    respelt,
    similar,
    without_comments,
    words,
)

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
_TIMING_MAGICS = {"time", "timeit"}
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_BROAD = {"", "Exception", "BaseException"}
_SHARED = 0.3
_MOST_LOST_WORDS = 2


def hides_error(before: str, after: str, statement: Span | None) -> str | None:
    """Return why a change of a cell would hide its error, as a clause; None if it would not.

    `statement` is the failing statement in `before`, None where it is not known or not there.
    """
    if (reason := _new_cell_magic(before, after)) is not None:
        return reason
    if not _parses(after):
        return None  # nothing is hidden: its trial will fail
    old, new = _Features.of(before), _Features.of(after)
    if not _parses(before):
        old.allow_for_text(before)
        return new.worse_than(old) or _dropped_text(before, after)
    if (reason := new.worse_than(old)) is not None:
        return reason
    return _worse_statements(before, after, statement)


def _parses(source: str) -> bool:
    try:
        parse_python(to_python(source).text)
    except SyntaxError:
        return False
    return True


def _new_cell_magic(before: str, after: str) -> str | None:
    old, new = _CELL_MAGIC.match(before), _CELL_MAGIC.match(after)
    if "--no-raise-error" in after and "--no-raise-error" not in before:
        return "it tells the magic not to raise errors"
    if new is None or new.group(1) in _TIMING_MAGICS:
        return None
    if old is not None and similar(old.group(1), new.group(1)):
        return None
    return f"%%{new.group(1)} keeps the cell from running as it is"


def _dropped_text(before: str, after: str) -> str | None:
    """Compare by words a source that did not parse: a repair adds or alters few of them."""
    if (line := dropped_line(before, after)) is not None:
        return f"it drops the line {line!r}"
    total = sum(words(without_comments(before)).values())
    if lost_words(before, after) > max(_MOST_LOST_WORDS, total // 10):
        return "it drops a large part of the cell"
    return None


@dataclass
class _Features:
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
    def of(cls, source: str) -> _Features:
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

    def worse_than(self, old: _Features) -> str | None:
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


def _is_lookup(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="get")):
            return True
    return False


def _worse_statements(before: str, after: str, failing: Span | None) -> str | None:
    """Pair the statements of two sources, and compare those that differ."""
    for old, new in _pairs(_effective(before), _effective(after), before, after):
        text = _text(old, before).strip()
        if new is None:
            return f"it removes {text!r}"
        # Elsewhere a constant may be the repair of what the failing statement was given.
        concerned = failing is None or old.span == failing or isinstance(old.node, ast.Assert)
        if concerned and (reason := _weaker(old.node, new.node)) is not None:
            return f"{reason} in {text!r}"
    return _put_away(before, after)


def _effective(source: str) -> list[Statement]:
    """Return the statements that do something: no `pass`, docstring or other lone constant."""

    def acts(statement: Statement) -> bool:
        node = statement.node
        if isinstance(node, ast.Pass):
            return False
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return source[statement.span.start : statement.span.end].startswith(("%", "!", "?"))
        return True

    return [statement for statement in statements(source) if acts(statement)]


def _head(statement: Statement, source: str) -> str:
    """Return the text that stands for a statement in a comparison; without its blocks."""
    node = statement.node
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return source[statement.span.start : statement.span.end]
    blocks = {"body", "orelse", "finalbody", "handlers", "cases"}
    parts = [type(node).__name__]
    for name, value in ast.iter_fields(node):
        if name in blocks:
            continue
        items = value if isinstance(value, list) else [value]
        parts += [ast.dump(item) if isinstance(item, ast.AST) else str(item) for item in items]
    return " ".join(parts)


def _text(statement: Statement, source: str) -> str:
    """Return the text of a statement; of one with a block, its first line."""
    text = source[statement.span.start : statement.span.end]
    return text.partition("\n")[0] if hasattr(statement.node, "body") else text


def _pairs(
    old: list[Statement], new: list[Statement], before: str, after: str
) -> Iterator[tuple[Statement, Statement | None]]:
    """Yield each statement that is not the same any more, with its counterpart."""
    old_heads = [_head(statement, before) for statement in old]
    new_heads = [_head(statement, after) for statement in new]
    matcher = SequenceMatcher(None, old_heads, new_heads, autojunk=False)
    gone: list[int] = []
    come: list[int] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag != "equal":
            gone += range(i, i_end)
            come += range(j, j_end)
    ranked = sorted(
        (
            (_likeness(old[i], new[j], before, after), -abs(gone.index(i) - come.index(j)), i, j)
            for i in gone
            for j in come
        ),
        reverse=True,
    )
    partner: dict[int, int] = {}
    for share, _, i, j in ranked:
        if share >= _SHARED and i not in partner and j not in partner.values():
            partner[i] = j
    for i in gone:
        yield old[i], new[partner[i]] if i in partner else None


def _likeness(old: Statement, new: Statement, before: str, after: str) -> float:
    one, other = _text(old, before), _text(new, after)
    lone = len(words(one)) == 1 and type(old.node) is type(new.node)
    # What an import brought is told by the names that must be bound.
    imports = all(isinstance(s.node, ast.Import | ast.ImportFrom) for s in (old, new))
    return max(kept_share(one, other), _SHARED if lone or imports else 0.0)


def _weaker(old: ast.stmt, new: ast.stmt) -> str | None:
    """Return how a statement that changed does less than before, or None."""
    if isinstance(old, ast.Assert):
        return _weaker_assertion(old, new)
    if _conditions(new) > _conditions(old):
        return "it makes a part conditional"
    if isinstance(old, ast.Expr) and isinstance(new, ast.Expr):
        call, left = old.value, new.value
        if isinstance(call, ast.Call) and call.args and isinstance(left, ast.Name):
            return "it drops the call"
    if _is_lambda(new) and not _is_lambda(old):
        return "it puts off the evaluation"
    kept = {ast.dump(node) for node in ast.walk(new) if isinstance(node, ast.expr)}
    for was, now in _changes(old, new):
        if isinstance(was, ast.Subscript) and _is_lookup(now):
            return "it falls back on a default"
        if _is_literal(now) and not _is_literal(was):
            text = ast.unparse(was)
            if not _spells(text, now) and ast.dump(was) not in kept:
                return f"it puts a constant in place of {text!r}"
    return None


def _weaker_assertion(old: ast.Assert, new: ast.stmt) -> str | None:
    if not isinstance(new, ast.Assert):
        return "it removes an assertion"
    weaker = "it weakens an assertion"
    if _is_literal(new.test) or _conditions(new) > _conditions(old):
        return weaker
    for kind in (ast.cmpop, ast.unaryop):
        if _kinds(old.test, kind) != _kinds(new.test, kind):
            return weaker
    constants = [
        Counter(repr(n.value) for n in ast.walk(node.test) if isinstance(n, ast.Constant))
        for node in (old, new)
    ]
    return weaker if constants[0] != constants[1] else None


def _kinds(tree: ast.AST, kind: type[ast.AST]) -> list[str]:
    return sorted(type(node).__name__ for node in ast.walk(tree) if isinstance(node, kind))


def _conditions(node: ast.stmt) -> int:
    """Count what decides within a statement's own expressions whether others are evaluated."""
    blocks = {"body", "orelse", "finalbody", "handlers", "cases"}
    roots: list[ast.AST] = []
    for name, value in ast.iter_fields(node):
        if name not in blocks:
            roots += [
                v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)
            ]
    nodes = [inner for root in roots for inner in ast.walk(root)]
    return sum(isinstance(inner, ast.IfExp | ast.BoolOp) for inner in nodes)


def _is_lambda(node: ast.stmt) -> bool:
    return isinstance(getattr(node, "value", None), ast.Lambda)


def _changes(old: ast.AST, new: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the outermost expressions that differ in kind between two like trees."""
    if isinstance(old, ast.expr) and isinstance(new, ast.expr) and type(old) is not type(new):
        yield old, new
        return
    if type(old) is not type(new):
        return
    if isinstance(new, ast.Attribute) and isinstance(new.value, ast.Constant):
        return  # a method of a constant, as in `"".join`
    for (_, was), (_, now) in zip(ast.iter_fields(old), ast.iter_fields(new), strict=True):
        olds = was if isinstance(was, list) else [was]
        news = now if isinstance(now, list) else [now]
        if len(olds) == len(news):
            for one, other in zip(olds, news, strict=True):
                if isinstance(one, ast.AST) and isinstance(other, ast.AST):
                    yield from _changes(one, other)


def _is_literal(node: ast.AST) -> bool:
    """Return whether an expression holds no name: it is the same whatever has run before."""
    return not any(isinstance(inner, ast.Name | ast.Await) for inner in ast.walk(node))


def _spells(text: str, constant: ast.expr) -> bool:
    """Return whether a constant is the expression put in quotes, or another spelling of it."""
    value = constant.value if isinstance(constant, ast.Constant) else ast.unparse(constant)
    return similar(text, str(value)) or list(words(text)) == list(words(str(value)))


def _put_away(before: str, after: str) -> str | None:
    """Return a reason when statements went into a function or class that was not there."""
    old, new = (_outside_definitions(parse_tolerant(source).body) for source in (before, after))
    if new["defined"] > old["defined"] and new["running"] < old["running"]:
        return "it puts code into a definition that need not run"
    return None


def _outside_definitions(body: list[ast.stmt]) -> Counter[str]:
    """Count the definitions, and the other statements, that run when the cell runs."""
    found: Counter[str] = Counter()
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found["defined"] += 1
            continue
        found["running"] += 1
        for name in ("body", "orelse", "finalbody"):
            found += _outside_definitions(getattr(statement, name, []))
    return found
