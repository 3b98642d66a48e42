"""The analysis of one cell: what it binds, reads, changes and does."""

from __future__ import annotations

from functools import lru_cache

from cellwright.dataflow.flow import CellFlow
from cellwright.dataflow.names import names_of
from cellwright.dataflow.tolerant import parse_cell

__all__ = ["CellFlow", "analyse"]


@lru_cache(maxsize=32_768)
def analyse(source: str) -> CellFlow:
    """Return what a cell does with names, from its text alone.

    Kept by the text itself, so that editing one cell analyses one cell. Never raises.
    """
    parsed = parse_cell(source)
    names = names_of(parsed)
    return CellFlow(
        bound=frozenset(names.bound),
        certain=frozenset(names.certain),
        read=frozenset(names.read),
        required=frozenset(names.required),
        deferred=frozenset(names.deferred),
        loaded=frozenset(names.loaded),
        deleted=frozenset(names.deleted),
        gone=frozenset(names.gone),
        imports=names.imports,
        star_imports=tuple(names.star_imports),
        bindings={name: tuple(spans) for name, spans in names.bindings.items()},
        uses={name: tuple(spans) for name, spans in names.uses.items()},
        opens=bool(names.star_imports) or any(command.opens for command in names.commands),
        reads_all=any(command.reads_all for command in names.commands),
        complete=parsed.complete,
    )
