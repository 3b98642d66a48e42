"""IndexError off by one at the end of a range, where the code itself proves it.

The index of a sequence of length n runs from 0 to n - 1 (tutorial, "Lists"; `range` leaves out its
end). Only loops and indices written with `len` of the very sequence that failed are changed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from cellwright.notebook.edit import Span
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, short, site_of
from cellwright.trials.model import Probe


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1 and node.value is not True


def _length_of(site: Site, node: ast.expr) -> str:
    """Return the text of x in `len(x)`, '' for anything else."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[argument]):
            return site.text(argument)
    return ""


def _candidate(site: Site, title: str, changes: list[tuple[ast.AST | Span, str]]) -> Candidate:
    return Candidate(
        title=title,
        rule=RULE.name,
        prior=0.9,
        edit=site.replace(*changes),
        explanation="The last of n elements has the index n - 1; this goes one further.",
    )


def _plus_one(node: ast.expr) -> ast.expr | None:
    """Return x for `x + 1`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_one(node.right):
        return node.left
    return None


def end_index(site: Site, subscript: ast.Subscript) -> Candidate | None:
    """`x[len(x)]` is one past the last element."""
    if _length_of(site, subscript.slice) != site.text(subscript.value):
        return None
    text = f"{site.text(subscript.slice)} - 1"
    return _candidate(site, f"Use the last index, `{short(text)}`", [(subscript.slice, text)])


def _ranges(site: Site, name: str, inside: ast.AST) -> Iterator[ast.Call]:
    """Yield the `range(…)` calls of the loops around a node whose variable has that name."""
    for node in site.enclosing(inside):
        loops: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, (ast.For, ast.AsyncFor)):
            loops = [(node.target, node.iter)]
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            loops = [(generator.target, generator.iter) for generator in node.generators]
        for target, iterated in loops:
            if (
                isinstance(target, ast.Name)
                and target.id == name
                and isinstance(iterated, ast.Call)
                and isinstance(iterated.func, ast.Name)
                and iterated.func.id == "range"
                and len(iterated.args) in {1, 2}
            ):
                yield iterated


def _without_one(site: Site, node: ast.BinOp) -> tuple[Span, str]:
    return site.span_of(node), site.text(node.left)


def range_end(site: Site, subscript: ast.Subscript) -> Candidate | None:
    """`range(len(x) + 1)` with `x[i]`, and `range(len(x))` with `x[i + 1]`."""
    index = subscript.slice
    shifted = _plus_one(index)
    name = shifted if shifted is not None else index
    if not isinstance(name, ast.Name):
        return None
    owner = site.text(subscript.value)
    for call in _ranges(site, name.id, subscript):
        end = call.args[-1]
        longer = _plus_one(end)
        if shifted is None and longer is not None and _length_of(site, longer) == owner:
            return _long_range(site, call, end, owner, name.id)
        if shifted is not None and _length_of(site, end) == owner:
            text = f"{site.text(end)} - 1"
            return _candidate(site, f"Stop the range at `{text}`", [(end, text)])
    return None


def _long_range(site: Site, call: ast.Call, end: ast.expr, owner: str, name: str) -> Candidate:
    """Shorten `range(len(x) + 1)`; where it counts from 1, count from 0."""
    assert isinstance(end, ast.BinOp)
    start = call.args[0] if len(call.args) == 2 else None
    if start is not None and _is_one(start) and _only_indexes(site, call, owner, name):
        span = Span(site.span_of(start).start, site.span_of(end).end)
        text = site.text(end.left)
        return _candidate(site, f"Count from 0: `range({text})`", [(span, text)])
    return _candidate(
        site, f"Stop the range at `{short(site.text(end.left))}`", [_without_one(site, end)]
    )


def _only_indexes(site: Site, call: ast.Call, owner: str, name: str) -> bool:
    """Return whether a loop uses its variable only as an index of that one sequence."""
    loop = site.parent(call)
    if loop is None:
        return False
    uses = [
        node
        for node in ast.walk(loop)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    return all(
        isinstance(above := site.parent(use), ast.Subscript)
        and above.slice is use
        and site.text(above.value) == owner
        for use in uses
    )


def while_end(site: Site, subscript: ast.Subscript) -> Candidate | None:
    """`while i <= len(x)` with `x[i]` in it."""
    if not isinstance(subscript.slice, ast.Name):
        return None
    owner = site.text(subscript.value)
    for loop in site.enclosing(subscript):
        if not isinstance(loop, ast.While) or not isinstance(loop.test, ast.Compare):
            continue
        test = loop.test
        if (
            len(test.ops) == 1
            and isinstance(test.ops[0], ast.LtE)
            and site.text(test.left) == subscript.slice.id
            and _length_of(site, test.comparators[0]) == owner
        ):
            at = site.cell.source.index("<=", site.span_of(test.left).end)
            return _candidate(site, "Use `<` in the loop's condition", [(Span(at, at + 2), "<")])
    return None


async def propose(failure: Failure, _: Probe) -> list[Candidate]:
    """Propose to end the loop or index at the last element."""
    site = site_of(failure)
    if site is None:
        return []
    for subscript in site.failing(ast.Subscript):
        for mend in (end_index, range_end, while_end):
            if (candidate := mend(site, subscript)) is not None:
                return [candidate]
    return []


RULE = Rule("index-range", frozenset({"IndexError"}), propose)
