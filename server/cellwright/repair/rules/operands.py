"""TypeError of an operator between two types: convert one side, or the operator itself.

What both sides are is asked of the trial kernel (library reference, "Numeric Types", "Sequence
Types": which types an operator takes). `None` is traced to the call that returned it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cellwright.notebook.edit import Span
from cellwright.repair.inplace import inplace_fixes
from cellwright.repair.kinds import is_array, is_series, kind, number_type, plain_value
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, atom, module_alias, short, site_of
from cellwright.trials.model import Probe, Value

ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True)
class Operation:
    """An operator and its two sides. `node` is a BinOp, an AugAssign or a Compare."""

    node: ast.AST
    operator: ast.AST
    left: ast.expr
    right: ast.expr


@dataclass(frozen=True)
class Sides:
    """An operation and what its sides are."""

    site: Site
    operation: Operation
    left: Value
    right: Value

    @property
    def pairs(self) -> Iterator[tuple[ast.expr, Value, ast.expr, Value]]:
        """Each side with the other: (node, value, other node, other value)."""
        operation = self.operation
        yield operation.left, self.left, operation.right, self.right
        yield operation.right, self.right, operation.left, self.left


def operations(site: Site) -> list[Operation]:
    """Return the operations that may have failed, in the order they run."""
    found = [Operation(n, n.op, n.left, n.right) for n in site.failing(ast.BinOp)]
    for node in site.failing(ast.Compare):
        sides = [node.left, *node.comparators]
        found += [
            Operation(node, operator, left, right)
            for operator, left, right in zip(node.ops, sides, sides[1:], strict=False)
        ]
    if isinstance(site.statement, ast.AugAssign) and not site.exact:
        found.append(
            Operation(
                site.statement, site.statement.op, site.statement.target, site.statement.value
            )
        )
    return found


def _candidate(
    title: str, edit: object, prior: float, explanation: str, guesses: str = ""
) -> Candidate:
    return Candidate(
        title=title,
        rule=RULE.name,
        prior=prior,
        edit=edit,  # type: ignore[arg-type]
        guesses=guesses,
        explanation=explanation,
    )


def _wrapped(site: Site, node: ast.expr, name: str) -> tuple[ast.expr, str]:
    return node, f"{name}({site.text(node)})"


def _writable(operation: Operation, node: ast.expr) -> bool:
    """Return whether a side may be replaced: the target of `x += …` may not."""
    return not (isinstance(operation.node, ast.AugAssign) and node is operation.left)


async def text_and_other(sides: Sides, probe: Probe) -> list[Candidate]:
    """Return candidates for `"a" + 1`: the other side as text, or the text as a number."""
    operation, site = sides.operation, sides.site
    if not isinstance(operation.operator, ast.Add):
        return []
    for node, value, other, said in sides.pairs:
        sort = kind(value)
        if kind(said) != "text" or sort in {"text", "none", ""}:
            continue
        if sort == "bytes":
            return [_decoded(site, node)]
        found = []
        number = number_type(plain_value(said)) if sort == "number" else ""
        if _writable(operation, node):
            changes = [_wrapped(site, node, "str"), *await _rest_of_chain(site, probe, operation)]
            found.append(
                _candidate(
                    f"Convert `{short(site.text(node))}` with str()",
                    site.replace(*changes),
                    _as_text_prior(sort, other, number),
                    f"`+` joins text only with text, and `{short(site.text(node))}` is "
                    f"{_named(value)}.",
                    "takes the result to be text" if number or sort != "number" else "",
                )
            )
        if number and _writable(operation, other):
            literal = isinstance(other, ast.Constant)
            found.append(
                _candidate(
                    f"Convert `{short(site.text(other))}` with {number}()",
                    site.replace(_wrapped(site, other, number)),
                    0.7 if literal else 0.8,
                    f"`{short(site.text(other))}` is text that holds a number.",
                    "takes the result to be a number",
                )
            )
        return found
    return []


def _as_text_prior(sort: str, other: ast.expr, number: str) -> float:
    """Return how likely a side is to be wanted as text: what is added to written words is."""
    if sort == "number":
        return 0.75 if number else 0.92
    return 0.8 if isinstance(other, (ast.Constant, ast.JoinedStr)) else 0.55


def _named(value: Value) -> str:
    return f"an {value.type}" if value.type[:1] in "aeiou" else f"a {value.type}"


def _decoded(site: Site, node: ast.expr) -> Candidate:
    return _candidate(
        f"Decode `{short(site.text(node))}`",
        site.replace((node, f"{atom(site, node)}.decode()")),
        0.9,
        "Bytes become text by decoding them (as UTF-8 unless told otherwise).",
    )


async def _rest_of_chain(
    site: Site, probe: Probe, operation: Operation
) -> list[tuple[ast.expr, str]]:
    """Return the changes for what else is added on to the text further right: `"a" + 1 + 2`."""
    changes = []
    node = operation.node
    above = site.parent(node)
    while isinstance(above, ast.BinOp) and isinstance(above.op, ast.Add) and above.left is node:
        value = await site.ask(probe, above.right)
        if kind(value) not in {"text", "none", ""}:
            changes.append(_wrapped(site, above.right, "str"))
        node, above = above, site.parent(above)
    return changes


def number_text(sides: Sides) -> list[Candidate]:
    """Return the candidate for arithmetic or a comparison with text that holds a number."""
    operation, site = sides.operation, sides.site
    if isinstance(operation.operator, (ast.Add, ast.Mod)) and kind(sides.left) != kind(sides.right):
        return []
    changes = []
    for node, value, _, other in sides.pairs:
        number = number_type(plain_value(value)) if kind(value) == "text" else ""
        if number and (kind(other) in {"number", "text"} or is_array(other)):
            if not _writable(operation, node):
                return []
            changes.append((node, number))
        elif kind(value) not in {"number"} and not is_array(value):
            return []
    if not changes:
        return []
    names = " and ".join(f"`{short(site.text(node))}`" for node, _ in changes)
    function = changes[0][1] if len({number for _, number in changes}) == 1 else "float"
    return [
        _candidate(
            f"Convert {names} with {function}()",
            site.replace(*(_wrapped(site, node, function) for node, _ in changes)),
            0.92,
            f"{names} is text that holds a number; text and numbers do not mix here.",
        )
    ]


def column_text(sides: Sides) -> list[Candidate]:
    """Return candidates for a column of text in arithmetic or a comparison with numbers."""
    operation, site = sides.operation, sides.site
    adds = isinstance(operation.operator, ast.Add)
    found = []
    for node, value, other, said in sides.pairs:
        holds_text = is_series(value) and value.dtype.startswith(("object", "str"))
        if not holds_text or not _writable(operation, node) or kind(said) == "text":
            continue
        text = short(site.text(node))
        found.append(
            _candidate(
                f"Convert `{text}` to numbers",
                site.replace((node, f"{atom(site, node)}.astype(float)")),
                0.8,
                f"The column `{text}` holds text.",
                "takes the result to be numbers" if adds else "",
            )
        )
        if adds and _writable(operation, other):
            as_text = (
                f"{atom(site, other)}.astype(str)" if is_array(said) else f"str({site.text(other)})"
            )
            found.append(
                _candidate(
                    f"Convert `{short(site.text(other))}` to text",
                    site.replace((other, as_text)),
                    0.82,
                    f"The column `{text}` holds text, and only text can be added to it.",
                    "takes the result to be text",
                )
            )
    return found


def containers(sides: Sides) -> list[Candidate]:
    """Return candidates for `+`, `-` between containers, and a list and something else."""
    operation, site = sides.operation, sides.site
    left, right = kind(sides.left), kind(sides.right)
    binary = isinstance(operation.node, ast.BinOp)
    if isinstance(operation.operator, ast.Add) and binary:
        if left == right == "set":
            return [_operator_changed(site, operation, "+", "|", "Sets are united with `|`.")]
        if left == right == "dict":
            text = f"{{**{site.text(operation.left)}, **{site.text(operation.right)}}}"
            says = "Dicts do not add; a new dict can hold the items of both."
            return [
                _candidate("Merge the two dicts", site.replace((operation.node, text)), 0.9, says)
            ]
    if isinstance(operation.operator, ast.Add):
        return _list_and_other(sides)
    if isinstance(operation.operator, ast.Sub) and left == "set" and right in {"list", "sequence"}:
        edit = site.replace(_wrapped(site, operation.right, "set"))
        return [_candidate("Make a set of the right side", edit, 0.9, "Sets subtract only sets.")]
    return []


def _operator_changed(site: Site, operation: Operation, old: str, new: str, says: str) -> Candidate:
    after = site.span_of(operation.left).end
    start = site.cell.source.index(old, after)
    edit = site.replace((Span(start, start + len(old)), new))
    return _candidate(f"Use `{new}` instead of `{old}`", edit, 0.9, says)


def _list_and_other(sides: Sides) -> list[Candidate]:
    operation, site = sides.operation, sides.site
    for node, value, _, other in sides.pairs:
        if not _writable(operation, node):
            continue
        text, sort = site.text(node), kind(value)
        if kind(other) == "list" and sort in {"sequence", "set", "dict"}:
            says = f"`+` joins a list only with a list, and `{short(text)}` is {_named(value)}."
            edit = site.replace(_wrapped(site, node, "list"))
            return [_candidate(f"Make a list of `{short(text)}`", edit, 0.88, says)]
        if kind(other) == "list" and sort in {"number", "text"}:
            says = "`+` joins a list only with a list."
            edit = site.replace((node, f"[{text}]"))
            guess = "takes it to be one more element of the list"
            return [_candidate(f"Add `{short(text)}` as an element", edit, 0.7, says, guess)]
        if other.type == "tuple" and sort in {"number", "text"}:
            says = "`+` joins a tuple only with a tuple."
            edit = site.replace((node, f"({text},)"))
            guess = "takes it to be one more element of the tuple"
            return [_candidate(f"Add `{short(text)}` as an element", edit, 0.7, says, guess)]
    return []


async def elementwise(sides: Sides, probe: Probe) -> list[Candidate]:
    """Return the candidate for arithmetic on a list of numbers where numpy is at hand."""
    operation, site = sides.operation, sides.site
    if isinstance(operation.operator, (ast.Mod, ast.MatMult)):
        return []
    sorts = {kind(sides.left), kind(sides.right)}
    if "list" not in sorts or not sorts <= {"list", "number"}:
        return []
    numpy = await module_alias(probe, "numpy")
    node = operation.left if kind(sides.left) == "list" else operation.right
    if not numpy or not _writable(operation, node):
        return []
    return [
        _candidate(
            f"Make an array of `{short(site.text(node))}`",
            site.replace(_wrapped(site, node, f"{numpy}.array")),
            0.6,
            "Lists have no arithmetic; numpy arrays work on each element.",
            "takes the operator to be meant for each element",
        )
    ]


def not_called(sides: Sides) -> list[Candidate]:
    """Return the candidate that calls a function whose result was meant."""
    found = []
    for node, value, _, _ in sides.pairs:
        if kind(value) == "code" and _writable(sides.operation, node):
            text = sides.site.text(node)
            edit = sides.site.replace((node, f"{text}()"))
            says = f"`{short(text)}` is a function; its result needs a call."
            found.append(_candidate(f"Call `{short(text)}()`", edit, 0.85, says))
    return found


async def nothing(failure: Failure, sides: Sides, probe: Probe) -> list[Candidate]:
    """Return candidates for a None operand: where it came from, or `print(…) % x`."""
    site, operation = sides.site, sides.operation
    left = operation.left
    if (
        isinstance(left, ast.Call)
        and isinstance(left.func, ast.Name)
        and left.func.id == "print"
        and len(left.args) == 1
        and isinstance(operation.node, ast.BinOp)
    ):
        inner = site.span_of(left.args[0]).end
        closed = site.span_of(left).end
        end = site.span_of(operation.node).end
        tail = site.cell.source[closed:end]
        edit = site.replace((Span(inner, end), f"{tail})"))
        says = "print returns None: what is printed has to be worked out inside its brackets."
        return [_candidate("Move it into the brackets of print", edit, 0.92, says)]
    for node, value, _, _ in sides.pairs:
        if kind(value) == "none" and isinstance(node, ast.Name):
            return [
                _candidate(fix.title, fix.edit, fix.prior, fix.explanation)
                for fix in await inplace_fixes(failure, probe, node.id)
            ]
    return []


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose a conversion of the side that does not fit."""
    site = site_of(failure)
    for operation in operations(site) if site else []:
        assert site is not None
        left = await site.ask(probe, operation.left)
        right = await site.ask(probe, operation.right)
        if left is None or right is None:
            continue
        sides = Sides(site, operation, left, right)
        found = [
            *await nothing(failure, sides, probe),
            *not_called(sides),
            *await text_and_other(sides, probe),
            *number_text(sides),
            *column_text(sides),
            *containers(sides),
            *await elementwise(sides, probe),
        ]
        if found:
            return found
    return []


RULE = Rule("operands", frozenset({"TypeError", "UFuncTypeError"}), propose)
