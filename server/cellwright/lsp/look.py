"""What a query may see: one moment of one cell, never changed while it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from cellwright.lsp.abilities import Abilities
from cellwright.lsp.documents import Document
from cellwright.lsp.open import AppliedFix, Open
from cellwright.lsp.server import Server
from cellwright.lsp.settings import Settings
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Cell, CellId
from cellwright.session.client import CellState, Finding
from cellwright.session.offers import HeldRepair


@dataclass(frozen=True)
class Look:
    """A cell as it is now, and the part of its source (`span`) that the client asks about."""

    document: Document
    abilities: Abilities
    settings: Settings
    cell: Cell
    span: Span
    state: CellState
    findings: tuple[Finding, ...]
    repairs: tuple[HeldRepair, ...]
    applied: tuple[AppliedFix, ...]


def look_at(server: Server, opened: Open, cell_id: CellId, span: Span) -> Look:
    """Look at a cell. Raises `UnknownCell`."""
    session, notebook = opened.session, opened.document.notebook
    return Look(
        document=opened.document,
        abilities=server.abilities,
        settings=server.settings,
        cell=notebook.cell(cell_id),
        span=span,
        state=session.state(cell_id),
        findings=session.findings(cell_id),
        repairs=session.repairs_at(cell_id),
        applied=tuple(fix for fix in opened.applied if fix.stands_in(notebook, cell_id)),
    )


def look_up(server: Server, uri: str, range_: types.Range) -> Look | None:
    """Look at the cell that a client's range is in; None when it is gone, or never was one."""
    opened = server.find(uri)
    if opened is None:
        return None
    found = opened.document.cell_at(uri, range_, server.abilities.encoding)
    return None if found is None else look_at(server, opened, *found)
