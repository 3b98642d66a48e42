"""KeyError where the label is right but asked for in the wrong way.

Positions asked for as labels (pandas 3 dropped `series[0]` by position, see its whatsnew; the
indices of a train/test split never were labels), rows asked for as columns and the reverse, the
index asked for as a column, several columns asked for as one tuple.
https://pandas.pydata.org/docs/user_guide/indexing.html
"""

from __future__ import annotations

import ast

from cellwright.notebook.edit import Span
from cellwright.repair.lookup import Table, has_key, hashable, lookups, row_labels
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, site_of
from cellwright.trials.model import Probe, Value

WHOLE = ("int", "uint")


def _constant(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return None


def _indexer(node: ast.Subscript) -> str:
    """Return `loc` or `at` where the subscript goes through one, else ''."""
    inner = node.value
    return inner.attr if isinstance(inner, ast.Attribute) and inner.attr in {"loc", "at"} else ""


def _after(site: Site, node: ast.expr, text: str) -> tuple[Span, str]:
    """Return the change that writes `text` right behind an expression."""
    end = site.span_of(node).end
    return Span(end, end), text


def columns_as_list(site: Site, node: ast.Subscript, table: Table) -> list[Candidate]:
    """`df["a", "b"]` asks for one column of that name: a list asks for both."""
    key = node.slice
    if not isinstance(key, ast.Tuple) or not table.is_frame or _indexer(node):
        return []
    labels = [_constant(part) for part in key.elts]
    if not labels or not all(has_key(table, label) for label in labels):
        return []
    span = site.span_of(key)
    bare = not site.text(key).startswith("(")
    text = site.text(key) if bare else site.text(key)[1:-1].strip()
    return [
        Candidate(
            title="Select the columns with a list",
            rule=RULE.name,
            prior=0.92,
            edit=site.replace((span, f"[{text}]")),
            explanation="Several columns are selected with a list of their names in the brackets.",
        )
    ]


def _is_whole(value: Value) -> bool:
    """Return whether a value is an integer, or an array or list of integers."""
    if value.dtype:
        return value.dtype.startswith(WHOLE)
    if value.type == "bool":
        return False
    if value.type == "int":
        return True
    if value.type in {"list", "tuple", "range"} and value.length:
        body = value.repr.strip("[]().… ").split(",")[0]
        return value.type == "range" or body.strip().lstrip("-").isdigit()
    return False


def _labels_are_whole(keys: tuple[object, ...]) -> bool:
    return bool(keys) and all(isinstance(key, int) and not isinstance(key, bool) for key in keys)


async def _positional(
    site: Site, probe: Probe, node: ast.Subscript, *, failed: bool
) -> tuple[tuple[Span, str], bool] | None:
    """Return the change of a subscript to one by position, and whether that is a guess."""
    owner: ast.expr = node.value
    indexer = _indexer(node)
    if indexer and isinstance(owner, ast.Attribute):
        owner = owner.value
    value = await site.ask(probe, owner)
    if value is None:
        return None
    kinds = (value.type, *value.bases)
    frame, series = "DataFrame" in kinds, "Series" in kinds
    if not frame and not series:
        return None
    if not indexer and frame and isinstance(node.slice, ast.Tuple):
        return await _grid(site, probe, node, value)
    if isinstance(node.slice, (ast.Slice, ast.Tuple)):
        return None
    key = await site.ask(probe, node.slice)
    if key is None or not _is_whole(key):
        return None
    many = key.type != "int" and key.shape != ()
    if frame and not indexer and not (many and (failed or not _labels_are_whole(value.keys))):
        return None
    rows = await row_labels(site, probe, owner)
    if not many and _constant(node.slice) in map(hashable, rows):
        return None
    change = (
        (Span(site.span_of(owner).end, site.span_of(node.value).end), ".iloc")
        if indexer
        else _after(site, owner, ".iloc")
    )
    return change, _labels_are_whole(rows) and not many


async def _grid(
    site: Site, probe: Probe, node: ast.Subscript, value: Value
) -> tuple[tuple[Span, str], bool] | None:
    """Return the change for `df[:, 0]`: rows and columns by position, or by label."""
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
    if len(parts) != 2:
        return None
    columns = [hashable(key) for key in value.keys]
    last = parts[1]
    names = [_constant(part) for part in (last.elts if isinstance(last, ast.List) else [last])]
    if all(isinstance(name, str) and name in columns for name in names):
        return _after(site, node.value, ".loc"), False
    for part in parts:
        bounds = [part.lower, part.upper, part.step] if isinstance(part, ast.Slice) else [part]
        for bound in bounds:
            known = None if bound is None else await site.ask(probe, bound)
            if bound is not None and (known is None or not _is_whole(known)):
                return None
    return _after(site, node.value, ".iloc"), False


async def by_position(site: Site, probe: Probe, failing: ast.Subscript) -> list[Candidate]:
    """Return the candidate that asks by position, wherever the cell makes the same mistake."""
    first = await _positional(site, probe, failing, failed=True)
    if first is None:
        return []
    change, guess = first
    changes = {change[0]: change[1]}
    for node in site.nodes(ast.Subscript) if not guess else ():
        found = await _positional(site, probe, node, failed=False)
        if found is not None and not found[1]:
            changes[found[0][0]] = found[0][1]
    indexer = change[1].lstrip(".")
    return [
        Candidate(
            title=f"Select by {'position' if indexer == 'iloc' else 'label'} with `.{indexer}`",
            rule=RULE.name,
            prior=0.7 if guess else 0.92,
            edit=site.replace(*changes.items()),
            guesses="takes the number to be a position, not a label" if guess else "",
            explanation=(
                "Square brackets alone look a number up among the labels; "
                f"`.{indexer}` is what selects rows and columns here."
            ),
        )
    ]


async def other_axis(
    site: Site, probe: Probe, node: ast.Subscript, table: Table
) -> list[Candidate]:
    """Return candidates for a label that is on another axis than the one it was looked up on."""
    label = _constant(node.slice)
    if not isinstance(label, (str, int)) or not table.is_frame:
        return []
    owner, text = site.text(table.node), site.text(node.slice)
    if _indexer(node) and has_key(table, label):
        span = Span(site.span_of(table.node).end, site.span_of(node.value).end)
        return [_axis(site, f"Select the column {label!r}", [(span, "")], 0.85, "a column")]
    if _indexer(node):
        return []
    if isinstance(node.ctx, ast.Load) and label in table.value.index_names:
        many = len(table.value.index_names) > 1
        index = f"{owner}.index.get_level_values({text})" if many else f"{owner}.index"
        reset = f"{owner}.reset_index()[{text}]"
        return [
            _axis(site, f"Use the index, which is `{label}`", [(node, index)], 0.85, "the index"),
            _axis(
                site, f"Turn the index `{label}` into a column", [(node, reset)], 0.8, "the index"
            ),
        ]
    if isinstance(label, str) and label in await row_labels(site, probe, table.node):
        change = _after(site, table.node, ".loc")
        return [_axis(site, f"Select the row {label!r} with `.loc`", [change], 0.85, "a row")]
    return []


def _axis(
    site: Site, title: str, changes: list[tuple[ast.AST | Span, str]], prior: float, what: str
) -> Candidate:
    return Candidate(
        title=title,
        rule=RULE.name,
        prior=prior,
        edit=site.replace(*changes),
        explanation=f"The label exists, but as {what} of this table.",
    )


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose to ask for the label in the way that finds it."""
    site = site_of(failure)
    if site is None:
        return []
    for lookup in await lookups(site, failure.error, probe):
        node = lookup.node
        if not isinstance(node, ast.Subscript):
            continue
        found: list[Candidate] = []
        for table in lookup.tables:
            found += columns_as_list(site, node, table) or await other_axis(
                site, probe, node, table
            )
        found = found or await by_position(site, probe, node)
        if found:
            return found
    return []


RULE = Rule(
    "key-position",
    frozenset({"KeyError", "InvalidIndexError", "TypeError", "ValueError"}),
    propose,
)
