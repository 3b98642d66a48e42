"""textDocument/codeAction: reads what the session has at hand, and never starts work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lsprotocol import types

from cellwright.lsp import commands
from cellwright.lsp.abilities import Abilities
from cellwright.lsp.applying import workspace_edit
from cellwright.lsp.diagnostics import SOURCE
from cellwright.lsp.documents import Document
from cellwright.lsp.look import Look, look_up
from cellwright.lsp.open import Open
from cellwright.lsp.server import Server
from cellwright.notebook.apply import changed_cells
from cellwright.notebook.edit import Span
from cellwright.repair.model import Diagnosis, Offer
from cellwright.session.offers import HeldRepair

QUICK_FIX = types.CodeActionKind.QuickFix.value
FIX_CELL = "source.fixAll.cellwright"
FIX_NOTEBOOK = "notebook.source.fixAll.cellwright"
RUN_NOTEBOOK = "source.cellwright.run"
KINDS = (QUICK_FIX, FIX_CELL, FIX_NOTEBOOK, RUN_NOTEBOOK)

Action = types.CodeAction


def code_action(
    server: Server, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """Return the offers for the place, and, when a person asked, what else can be done there."""
    opened = server.find(params.text_document.uri)
    if opened is None:
        return None
    look = look_up(server, params.text_document.uri, params.range)
    invoked = params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic
    only = params.context.only
    found: list[Action] = []
    if look is not None and _wants(only, QUICK_FIX):
        found += _offers(look, params.context.diagnostics, everywhere=invoked)
        if invoked:
            found += _on_request(look)
    if look is not None and only and _wants(only, FIX_CELL):
        found += _fix_cell(look)
    if only and _wants(only, FIX_NOTEBOOK):
        found += _fix_notebook(opened)
    if invoked and not opened.document.has_cells and _wants(only, RUN_NOTEBOOK):
        found.append(_run_notebook(opened))
    if not server.abilities.action_literals:
        return [action.command for action in found if action.command is not None]
    return list(found)


def _wants(only: Sequence[str] | None, kind: str) -> bool:
    """Return whether a kind is asked for; kinds are a hierarchy, its levels parted by dots."""
    if not only:
        return True
    asked = [k.value if isinstance(k, types.CodeActionKind) else k for k in only]
    return any(not k or kind == k or kind.startswith(f"{k}.") for k in asked)


def _offers(
    look: Look, diagnostics: Sequence[types.Diagnostic], *, everywhere: bool
) -> Iterator[Action]:
    for held in look.repairs:
        diagnosis = held.repair.diagnosis
        if everywhere or _touches(look, diagnosis):
            for offer in held.repair.offers:
                yield _offer(look, held, offer, diagnostics)


def _touches(look: Look, diagnosis: Diagnosis) -> bool:
    """Return whether the asked-for range meets the lines on which a failure shows."""
    if diagnosis.cell != look.cell.id:
        return True
    source = look.cell.source
    start = source.rfind("\n", 0, diagnosis.span.start) + 1
    end = source.find("\n", diagnosis.span.end)
    lines = Span(start, len(source) if end < 0 else end)
    return lines.start <= look.span.end and look.span.start <= lines.end


def _offer(
    look: Look, held: HeldRepair, offer: Offer, diagnostics: Sequence[types.Diagnostic]
) -> Action:
    uri = look.document.uri
    title = f"{offer.candidate.title} (tried: {offer.evidence.reason})"
    action = Action(
        title,
        kind=QUICK_FIX,
        diagnostics=_answered(diagnostics, held.repair.diagnosis) or None,
        is_preferred=True if offer.preferred and look.abilities.action_preferred else None,
    )
    named = {"notebook": uri, "offer": offer.id}
    if offer.candidate.edit is None:
        cells = [*offer.candidate.run_first, held.cell]
        action.command = commands.command(title, commands.RUN, {"notebook": uri, "cells": cells})
    elif look.abilities.notebook_edits or look.abilities.apply_edit:
        action.command = commands.command(title, commands.APPLY, named)
    elif look.abilities.action_resolve:
        action.data = named
    else:
        action.edit = edit_of(look.document, look.abilities, offer)
    return action


def edit_of(document: Document, abilities: Abilities, offer: Offer) -> types.WorkspaceEdit | None:
    """Return an offer as an edit, for a client that must apply it itself."""
    edit = offer.candidate.edit
    edits = edit and document.text_edits(edit, abilities.encoding)
    return workspace_edit(abilities, edits) if edits else None


def _answered(
    diagnostics: Sequence[types.Diagnostic], diagnosis: Diagnosis
) -> list[types.Diagnostic]:
    return [d for d in diagnostics if d.source == SOURCE and d.code == diagnosis.code]


def _on_request(look: Look) -> Iterator[Action]:
    """Return what starts work when it is chosen."""
    uri = look.document.uri
    named = {"notebook": uri, "cell": look.cell.id}
    at_hand = any(held.repair.offers for held in look.repairs)
    if look.cell.kind == "code" and not at_hand and look.state == "failed":
        yield _command("Find fixes for this cell", commands.FIX, named)
    for fix in look.applied:
        title = f"Undo this fix: {fix.title}"
        yield _command(title, commands.UNDO, {"notebook": uri, "offer": fix.offer})
    if look.applied or look.state == "stale":
        # What depends on the cell is worked out when it is run: that can take long.
        title = "Run this cell and what depends on it"
        plan = {"notebook": uri, "select": "dependents", "cells": [look.cell.id]}
        yield _command(title, commands.RUN, plan)


def _command(
    title: str, name: str, argument: Mapping[str, object], kind: str = QUICK_FIX
) -> Action:
    return Action(title, kind=kind, command=commands.command(title, name, argument))


def _fix_cell(look: Look) -> Iterator[Action]:
    """Return the preferred fixes that touch this cell alone: every cell is asked at once."""
    for held in look.repairs:
        for offer in held.repair.offers:
            edit = offer.candidate.edit
            if offer.preferred and edit and changed_cells(edit) == (look.cell.id,):
                named = {"notebook": look.document.uri, "offer": offer.id}
                yield _command(offer.candidate.title, commands.APPLY, named, FIX_CELL)


def _fix_notebook(opened: Open) -> Iterator[Action]:
    if preferred_offers(opened):
        named = {"notebook": opened.document.uri}
        yield _command("Apply all preferred fixes", commands.FIX_ALL, named, FIX_NOTEBOOK)


def preferred_offers(opened: Open) -> tuple[Offer, ...]:
    """Return the preferred offer of each failed cell of a notebook, in document order."""
    repairs = (opened.session.repair(cell.id) for cell in opened.document.notebook.cells)
    return tuple(
        offer
        for repair in repairs
        if repair is not None
        for offer in repair.offers
        if offer.preferred and offer.candidate.edit is not None
    )


def _run_notebook(opened: Open) -> Action:
    named = {"notebook": opened.document.uri}
    title = "Run this notebook and find fixes"
    return _command(title, commands.FIX_NOTEBOOK, named, RUN_NOTEBOOK)
