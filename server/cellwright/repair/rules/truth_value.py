"""`and`, `or`, `not`, `if` on whole arrays; `&`, `|` without the parentheses that they need.

`&` and `|` bind more tightly than comparisons (language reference, "Operator precedence"), and the
words `and`, `or`, `not` ask for one truth value (numpy and pandas user guides, "boolean indexing").
"""

from __future__ import annotations

import ast

from cellwright.notebook.edit import Span
from cellwright.repair.kinds import is_array
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, atom, own_nodes, short, site_of
from cellwright.trials.model import Probe

_WORDS = {ast.And: "&", ast.Or: "|"}
_MARKS = {ast.BitAnd: "&", ast.BitOr: "|"}


def _tight(site: Site, node: ast.expr) -> str:
    """Return an operand of `&`, in parentheses unless it binds tightly enough."""
    text = _rewritten(site, node)
    loose = (ast.Compare, ast.BoolOp, ast.IfExp, ast.Lambda)
    return f"({text})" if isinstance(node, loose) else text


def _rewritten(site: Site, node: ast.expr) -> str:
    """Return a condition with `&`, `|`, `~` for `and`, `or`, `not`."""
    if isinstance(node, ast.BoolOp):
        mark = f" {_WORDS[type(node.op)]} "
        parts = [
            f"({_rewritten(site, part)})" if isinstance(part, ast.BoolOp) else _tight(site, part)
            for part in node.values
        ]
        return mark.join(parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _rewritten(site, node.operand)
        simple = isinstance(node.operand, (ast.Name, ast.Attribute, ast.Subscript, ast.Call))
        return f"~{inner}" if simple else f"~({inner})"
    return site.text(node)


def _candidate(title: str, site: Site, node: ast.AST, text: str, why: str) -> Candidate:
    return Candidate(
        title=title, rule=RULE.name, prior=0.92, edit=site.replace((node, text)), explanation=why
    )


async def word_operators(site: Site, probe: Probe) -> list[Candidate]:
    """Return the candidate for `(a > 1) and (b < 2)` on arrays."""
    for node in own_nodes(site.statement):
        negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        if not isinstance(node, ast.BoolOp) and not negated:
            continue
        assert isinstance(node, (ast.BoolOp, ast.UnaryOp))
        parts = node.values if isinstance(node, ast.BoolOp) else [node.operand]
        values = [await site.ask(probe, part) for part in parts]
        arrays = [value for value in values if value is not None and is_array(value)]
        if not arrays or _is_test(site, node):
            continue
        why = "`and`, `or` and `not` want one truth value; `&`, `|` and `~` work on each element."
        return [
            _candidate(
                "Combine the conditions element by element", site, node, _rewritten(site, node), why
            )
        ]
    return []


def _is_test(site: Site, node: ast.AST) -> bool:
    """Return whether a condition decides a branch: one truth value is meant there."""
    above = site.parent(node)
    return isinstance(above, (ast.If, ast.While, ast.IfExp, ast.Assert)) and above.test is node


def unparenthesised(site: Site) -> list[Candidate]:
    """Return the candidate for `a > 1 & b < 2`, which Python reads as `a > (1 & b) < 2`."""
    for node in own_nodes(site.statement):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        if not any(isinstance(s, ast.BinOp) and type(s.op) in _MARKS for s in sides):
            continue
        text = _regrouped(site, node)
        if text is None:
            continue
        why = "`&` and `|` bind more tightly than comparisons, which need parentheses."
        return [_candidate("Put parentheses around the comparisons", site, node, text, why)]
    return []


def _regrouped(site: Site, node: ast.Compare) -> str | None:
    """Return the comparisons in parentheses with the marks between them."""
    span = site.span_of(node)
    cuts: list[Span] = []
    for side in (node.left, *node.comparators):
        cuts += _marks(site, side)
    source = site.cell.source
    pieces, start = [], span.start
    for cut in cuts:
        pieces += [source[start : cut.start].strip(), source[cut.start : cut.end]]
        start = cut.end
    pieces.append(source[start : span.end].strip())
    conditions = pieces[::2]
    try:
        trees = [ast.parse(f"({condition})", mode="eval").body for condition in conditions]
    except SyntaxError:
        return None
    wrapped = [
        f"({condition})" if isinstance(tree, ast.Compare) and not _closed(condition) else condition
        for condition, tree in zip(conditions, trees, strict=True)
    ]
    pieces[::2] = wrapped
    return " ".join(pieces)


def _closed(condition: str) -> bool:
    """Return whether parentheses already hold all of a comparison."""
    if not (condition.startswith("(") and condition.endswith(")")):
        return False
    try:
        return isinstance(ast.parse(condition[1:-1].strip(), mode="eval").body, ast.Compare)
    except SyntaxError:
        return False


def _marks(site: Site, node: ast.expr) -> list[Span]:
    """Return where the `&` and `|` at the top of an operand stand, from left to right."""
    if not isinstance(node, ast.BinOp) or type(node.op) not in _MARKS:
        return []
    start, end = site.span_of(node.left).end, site.span_of(node.right).start
    at = site.cell.source.find(_MARKS[type(node.op)], start, end)
    return [*_marks(site, node.left), Span(at, at + 1)] if at >= 0 else []


async def one_truth(site: Site, probe: Probe) -> list[Candidate]:
    """Return guesses for `if array > 1:`: whether any, or whether all elements."""
    node = getattr(site.statement, "test", None)
    if node is None:
        return []
    value = await site.ask(probe, node)
    if value is None or not is_array(value):
        return []
    return [
        Candidate(
            title=f"Ask whether {word} element of `{short(site.text(node))}` is true",
            rule=RULE.name,
            prior=0.6,
            edit=site.replace((node, f"{atom(site, node)}.{method}()")),
            guesses=f"takes {word} element to decide",
            explanation="A condition needs one truth value, and this has one for each element.",
        )
        for word, method in (("any", "any"), ("every", "all"))
    ]


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose conditions that work on each element, or one truth value of them all."""
    site = site_of(failure)
    if site is None:
        return []
    if regrouped := unparenthesised(site):
        return regrouped
    if "truth value" not in failure.error.evalue:
        return []
    return await word_operators(site, probe) or await one_truth(site, probe)


RULE = Rule("truth-value", frozenset({"ValueError", "TypeError"}), propose)
