"""The analysis of one cell: what it binds, reads, changes and does."""

from __future__ import annotations

from functools import lru_cache

from cellwright.dataflow.changes import changes_of
from cellwright.dataflow.flow import CellFlow
from cellwright.dataflow.names import names_of
from cellwright.dataflow.tolerant import parse_cell
from cellwright.notebook.model import source_hash

__all__ = ["CellFlow", "analyse"]

HISTORY = frozenset({"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh"})
"""IPython's names for what ran before; a cell that reads one needs all of that."""


@lru_cache(maxsize=32_768)
def analyse(source: str) -> CellFlow:
    """Return what a cell does with names, from its text alone.

    Kept by the text itself, so that editing one cell analyses one cell. Never raises.
    """
    parsed = parse_cell(source)
    names = names_of(parsed)
    changes = changes_of(parsed, names.imports, source_hash(source)[:8])
    run = [body for name, body in changes.bodies.items() if name in names.loaded]
    return CellFlow(
        bound=frozenset(names.bound.union(*(body.bound for body in run))),
        certain=frozenset(names.certain),
        read=frozenset(names.read),
        required=frozenset(names.required),
        deferred=frozenset(names.deferred),
        loaded=frozenset(names.loaded),
        mutated=frozenset(changes.mutated),
        touches=frozenset(changes.touches),
        deleted=frozenset(names.deleted),
        gone=frozenset(names.gone),
        imports=names.imports,
        star_imports=tuple(names.star_imports),
        effects=frozenset(changes.effects.union(*(body.effects for body in run))),
        calls=frozenset(changes.calls),
        links=frozenset(changes.links),
        bodies=changes.bodies,
        makers={name: frozenset(makers) for name, makers in changes.makers.items()},
        methods=frozenset(changes.methods),
        bindings={name: tuple(spans) for name, spans in names.bindings.items()},
        uses={name: tuple(spans) for name, spans in names.uses.items()},
        opens=changes.opens or bool(names.star_imports) or any(body.opens for body in run),
        reads_all=changes.reads_all
        or bool(names.read & HISTORY)
        or any(body.reads_all for body in run),
        complete=parsed.complete,
    )
