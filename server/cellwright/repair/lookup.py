"""What a failed look-up asked for, and in what: labels, and the tables that lack them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cellwright.notebook.run import CellError
from cellwright.repair.site import Site
from cellwright.trials.model import Probe, Value

INDEXERS = frozenset({"loc", "at", "iloc", "iat"})
WRAPPERS = ("GroupBy", "Resampler", "Rolling", "Window", "Expanding", "Ewm")
"""Marks of pandas types that look their labels up in the table they were made of."""
SILENT_TYPES = frozenset({"_Environ"})
"""Mappings whose keys tell nothing: a missing environment variable is no slip."""


@dataclass(frozen=True)
class Table:
    """A value with keys or columns, and the expression that has it."""

    node: ast.expr
    value: Value

    @property
    def is_frame(self) -> bool:
        """Whether it is a table with columns."""
        return "DataFrame" in (self.value.type, *self.value.bases)

    @property
    def is_series(self) -> bool:
        """Whether it is one labelled column."""
        return "Series" in (self.value.type, *self.value.bases)

    @property
    def noun(self) -> str:
        """What a person calls one of its keys."""
        return "column" if self.is_frame else "label" if self.is_series else "key"


@dataclass(frozen=True)
class Lookup:
    """One look-up that may be the failed one: its labels as literals, and where it looked."""

    node: ast.Subscript | ast.Call
    labels: tuple[ast.Constant, ...]
    tables: tuple[Table, ...]


def names_label(error: CellError, label: object) -> bool:
    """Return whether an error speaks of a label: as its key, or quoted or as a word in its text."""
    key = error.attributes.get("key")
    if key is not None and not (isinstance(key, str) and isinstance(label, str)):
        if type(key) is type(label) and key == label:
            return True
    elif key == label:
        return True
    if isinstance(label, str):
        text = error.evalue
        if not label.strip():
            return False
        return re.search(rf"(?<![\w.]){re.escape(label)}(?!\w)", text) is not None
    return (
        re.search(rf"(?<![\w.'\"-]){re.escape(repr(label))}(?![\w.'\"])", error.evalue) is not None
    )


def receivers(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the expressions that a chain of calls, attributes and subscripts starts from."""
    while True:
        match node:
            case ast.Call(func=inner):
                node = inner
            case ast.Attribute(value=inner) | ast.Subscript(value=inner):
                node = inner
                yield inner
            case _:
                return


def root_name(node: ast.AST) -> str:
    """Return the name that a chain starts from, or ''."""
    if isinstance(node, ast.Name):
        return node.id
    last = list(receivers(node)) if isinstance(node, ast.expr) else []
    return last[-1].id if last and isinstance(last[-1], ast.Name) else ""


def literals(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the labels written in an index or argument: alone, in lists, tuples, dicts, slices."""
    match node:
        case ast.Constant(value=str() | int() | float()):
            yield node
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            for part in parts:
                yield from literals(part)
        case ast.Dict(keys=keys, values=values):
            for key in (*keys, *values):
                if key is not None:
                    yield from literals(key)
        case ast.Slice(lower=lower, upper=upper):
            for bound in (lower, upper):
                if bound is not None:
                    yield from literals(bound)


def _asked(node: ast.Subscript | ast.Call) -> list[ast.expr]:
    if isinstance(node, ast.Subscript):
        return [node.slice]
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _looked_in(node: ast.Subscript | ast.Call) -> Iterable[ast.expr]:
    """Return the expressions that may be the table, likeliest first."""
    if isinstance(node, ast.Subscript):
        return receivers(node)
    places = [part for part in receivers(node) if part is not node]
    return (*places, *(arg for arg in _asked(node) if isinstance(arg, (ast.Name, ast.Attribute))))


async def file_table(
    site: Site, error: CellError, probe: Probe, call: ast.Call
) -> tuple[Table, ...]:
    """Return the table that a `read_…` call would give without the arguments an error speaks of."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr.startswith("read_")):
        return ()
    kept = [
        site.text(keyword)
        for keyword in call.keywords
        if not any(names_label(error, label.value) for label in literals(keyword.value))
    ]
    if len(kept) == len(call.keywords):
        return ()
    arguments = ", ".join([*map(site.text, call.args), *kept])
    value = await probe.describe(f"{site.text(call.func)}({arguments})")
    return (Table(call, value),) if value and value.keys else ()


async def tables_of(
    site: Site, error: CellError, probe: Probe, node: ast.Subscript | ast.Call
) -> tuple[Table, ...]:
    """Return the values with keys that a look-up may have looked in, nearest first."""
    if isinstance(node, ast.Call) and (read := await file_table(site, error, probe, node)):
        return read
    found: dict[str, Table] = {}
    for place in _looked_in(node):
        if isinstance(place, ast.Attribute) and place.attr in INDEXERS:
            continue
        value = await site.ask(probe, place)
        if value is None or value.is_module or value.type in SILENT_TYPES:
            continue
        if value.keys:
            found.setdefault(site.text(place), Table(place, value))
        if isinstance(node, ast.Subscript) and not any(mark in value.type for mark in WRAPPERS):
            break
    return tuple(found.values())


async def row_labels(site: Site, probe: Probe, node: ast.expr) -> tuple[Any, ...]:
    """Return the labels of the rows of a pandas object (those that a description has room for)."""
    index = await probe.describe(f"{{}}.fromkeys(({site.text(node)}).index)")
    return index.keys if index else ()


async def lookups(site: Site, error: CellError, probe: Probe) -> list[Lookup]:
    """Return the look-ups of the failing expression (or statement), with what they looked in."""
    nodes: list[ast.Subscript | ast.Call] = [
        *site.failing(ast.Subscript),
        *site.failing(ast.Call),
    ]
    found = []
    for node in nodes:
        asked = [label for part in _asked(node) for label in literals(part)]
        labels = tuple(label for label in asked if names_label(error, label.value))
        tables = await tables_of(site, error, probe, node)
        found.append(Lookup(node, labels, tables))
    return found


def hashable(key: Any) -> Any:
    """Return a key as Python has it: the JSON-like list of a tuple becomes a tuple again."""
    return tuple(hashable(part) for part in key) if isinstance(key, list) else key


def has_key(table: Table, label: object) -> bool:
    """Return whether a table has a label of the same type and value."""
    return any(type(key) is type(label) and key == label for key in map(hashable, table.value.keys))
