"""TypeError or IndexError where a whole number is needed and a float was given.

`/` always gives a float in Python 3 (PEP 238): where its value is whole, `//` was meant. Which
arguments are floats, and whether they are whole, is asked of the trial kernel.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from cellwright.notebook.edit import Span
from cellwright.repair.kinds import number_type, plain_value
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, module_alias, short, site_of
from cellwright.trials.model import Probe

NEEDED = re.compile(
    r"(?:cannot be interpreted as an integer|indices must be integers|integer argument expected"
    r"|expected (?:an? )?(?:sequence of )?int(?:egers?)?\b|only integers|only integer scalar"
    r"|must be an? (?:positive |non-negative )?int|non-int of type|not 'float'"
    r"|float.* as an? integer)",
    re.IGNORECASE,
)


def places(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions that may have to be whole: arguments, indices, bounds of slices."""
    match node:
        case ast.Call(args=args, keywords=keywords):
            parts = [*args, *(keyword.value for keyword in keywords)]
        case ast.Subscript(slice=index):
            parts = [index]
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            parts = [left, right]
        case _:
            parts = []
    for part in parts:
        yield from _parts(part)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from _parts(element)
        case ast.Slice(lower=lower, upper=upper, step=step):
            yield from (bound for bound in (lower, upper, step) if bound is not None)
        case ast.Starred():
            pass
        case _:
            yield node


def converted(site: Site, node: ast.expr, number: object) -> list[tuple[ast.AST | Span, str]]:
    """Return the change that makes an expression a whole number of the same value."""
    if isinstance(node, ast.Constant) and isinstance(number, float):
        return [(node, str(int(number)))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        span = _operator(site, node, "/")
        return [(span, "//")] if span else []
    return [(node, f"int({site.text(node)})")]


def _operator(site: Site, node: ast.BinOp, text: str) -> Span | None:
    start = site.span_of(node.left).end
    end = site.span_of(node.right).start
    between = site.cell.source[start:end]
    if between.count(text) != 1 or "#" in between:
        return None
    found = start + between.index(text)
    return Span(found, found + len(text))


def _candidate(site: Site, found: list[tuple[ast.expr, object]]) -> Candidate | None:
    changes = [change for node, number in found for change in converted(site, node, number)]
    whole = all(isinstance(number, int) or float(str(number)).is_integer() for _, number in found)
    if not changes:
        return None
    names = ", ".join(f"`{short(site.text(node))}`" for node, _ in found)
    divides = any(text == "//" for _, text in changes)
    return Candidate(
        title=f"Use whole-number division in {names}"
        if divides
        else f"Make {names} a whole number",
        rule=RULE.name,
        prior=0.9 if whole else 0.6,
        edit=site.replace(*changes),
        guesses="" if whole else "cuts off the part behind the point",
        explanation=(
            "Only whole numbers can be used here; `/` gives a float even when it divides evenly."
            if divides
            else "Only whole numbers can be used here, and this is a float or text."
        ),
    )


async def stepped_range(site: Site, probe: Probe, call: ast.Call) -> list[Candidate]:
    """Return `np.arange(…)` for a `range(…)` with a step or bound that is no whole number."""
    if not isinstance(call.func, ast.Name) or call.func.id != "range":
        return []
    numbers = [plain_value(await site.ask(probe, argument)) for argument in call.args]
    if not all(isinstance(number, (int, float)) for number in numbers):
        return []
    if all(float(number).is_integer() for number in numbers if isinstance(number, (int, float))):
        return []
    numpy = await module_alias(probe, "numpy")
    if not numpy:
        return []
    return [
        Candidate(
            title=f"Use `{numpy}.arange` for steps that are not whole",
            rule=RULE.name,
            prior=0.88,
            edit=site.replace((call.func, f"{numpy}.arange")),
            explanation="range counts in whole numbers only; arange takes fractions too.",
        )
    ]


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose whole numbers in place of floats (or of text that holds a whole number)."""
    site = site_of(failure)
    if site is None or not NEEDED.search(failure.error.evalue):
        return []
    nodes: list[ast.AST] = [
        *site.failing(ast.Call),
        *site.failing(ast.Subscript),
        *site.failing(ast.BinOp),
    ]
    for node in nodes:
        if isinstance(node, ast.Call) and (stepped := await stepped_range(site, probe, node)):
            return stepped
        found: list[tuple[ast.expr, object]] = []
        for place in places(node):
            number = plain_value(await site.ask(probe, place))
            if isinstance(number, float) or (
                isinstance(node, ast.Subscript) and number_type(number) == "int"
            ):
                found.append((place, number))
        candidates = _combinations(site, found)
        if candidates:
            return candidates
    return []


def _combinations(site: Site, found: list[tuple[ast.expr, object]]) -> list[Candidate]:
    """Return a candidate for each float alone, and one for all of them."""
    literal_fractions = [
        node
        for node, number in found
        if isinstance(node, ast.Constant) and isinstance(number, float) and not number.is_integer()
    ]
    usable = [(node, number) for node, number in found if node not in literal_fractions]
    groups = [[one] for one in usable[:4]] + ([usable] if len(usable) > 1 else [])
    return [made for group in groups if (made := _candidate(site, group)) is not None]


RULE = Rule("whole-number", frozenset({"TypeError", "IndexError", "ValueError"}), propose)
