"""Comparing a cell's statements before and after a change, each with its counterpart."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher

from cellwright.dataflow.tree import Statement, parse_tolerant, statements
from cellwright.notebook.edit import Span
from cellwright.trials.guards.words import kept_share, similar, words

_NUMBERS = frozenset({"int", "float", "complex"})

_SHARED = 0.3
"""The share of a statement's words that its counterpart must keep."""


def worse_statements(before: str, after: str, failing: Span | None) -> str | None:
    """Return how a change makes statements go or do less, as a clause; None if it does not."""
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
    counterpart = lone or imports or _same_value(old.node, new.node)
    return max(kept_share(one, other), _SHARED if counterpart else 0.0)


def _same_value(old: ast.stmt, new: ast.stmt) -> bool:
    """Return whether a statement binds, under another name, what it bound, or converts it anew.

    Whether the name it bound is still bound is told by the names that must be.
    """
    if type(old) is not type(new):
        return False
    one, other = getattr(old, "value", None), getattr(new, "value", None)
    if not isinstance(one, ast.expr) or not isinstance(other, ast.expr):
        return False
    if isinstance(one, ast.Call) and isinstance(other, ast.Call):
        calls = [ast.dump(ast.Tuple([*call.args], ast.Load())) for call in (one, other)]
        numbers = all(
            isinstance(call.func, ast.Name) and call.func.id in _NUMBERS for call in (one, other)
        )
        if numbers and calls[0] == calls[1]:
            return True
    binds = isinstance(old, ast.Assign | ast.AugAssign | ast.AnnAssign)
    return binds and ast.dump(one) == ast.dump(other)


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


def _is_lookup(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="get")):
            return True
    return False
