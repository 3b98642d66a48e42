"""cellwright/fix, and the commands about fixes: find, apply, undo, explain."""

from __future__ import annotations

from lsprotocol import types

from cellwright.lsp import messages, wire
from cellwright.lsp.features.code_action import preferred_offers
from cellwright.lsp.features.hover import explained
from cellwright.lsp.features.run import run
from cellwright.lsp.open import AppliedFix, Open
from cellwright.lsp.server import Server
from cellwright.notebook.edit import Landing, Receipt
from cellwright.session.offers import OfferWithdrawn


async def fix(server: Server, params: messages.CellParams) -> messages.FixResult | None:
    """Return the offers for a cell, trying them first if need be; None when it runs clean."""
    opened = server.get(params.notebook)
    found = await opened.session.fix(params.cell)
    if found is None:
        return None
    return wire.repair(found, opened.document, server.abilities.encoding)


async def find_fixes(server: Server, params: messages.CellParams) -> messages.FixResult | None:
    """Do the same for a person who asked, and say what came of it."""
    found = await fix(server, params)
    server.show(_summary(found))
    return found


async def fix_notebook(
    server: Server, params: messages.NotebookParams
) -> messages.FixResult | None:
    """Run a whole notebook from a fresh kernel; find fixes for the cell that fails, if one does."""
    session = server.get(params.notebook).session
    await session.restart()
    everything = messages.RunParams(params.notebook, select="all")
    records = (await run(server, everything)).runs
    if not records or records[-1].status == "completed":
        server.show(f"The notebook ran clean: {len(records)} cells.")
        return None
    return await find_fixes(server, messages.CellParams(params.notebook, records[-1].cell))


def _summary(found: messages.FixResult | None) -> str:
    if found is None:
        return "The cell runs clean in a trial."
    if found.unverifiable:
        return f"No fix could be tried: {found.unverifiable}."
    if not found.offers:
        return "No fix that was tried made the cell run."
    first = found.offers[0].title
    return f"{len(found.offers)} fix(es) made the cell run. First: {first}. See the code actions."


async def apply(server: Server, params: messages.OfferParams) -> messages.ReceiptResult:
    """Apply an offer and say so when it did not land."""
    opened = server.get(params.notebook)
    try:
        receipt = await _apply(opened, params.offer)
    except OfferWithdrawn as error:
        server.show(f"The fix was withdrawn: {error}", types.MessageType.Warning)
        return messages.ReceiptResult("rejected", reason=str(error))
    return _told(server, opened, receipt)


async def _apply(opened: Open, offer_id: str) -> Receipt:
    title = opened.session.offer(offer_id).candidate.title
    receipt = await opened.session.apply(offer_id)
    if receipt.inverse is not None:
        hashes = {landing.cell: landing.source_hash for landing in receipt.landings}
        opened.applied.append(AppliedFix(offer_id, title, hashes))
    return receipt


async def undo(server: Server, params: messages.OfferParams) -> messages.ReceiptResult:
    """Take back, in all its cells, a fix that was applied."""
    opened = server.get(params.notebook)
    receipt = await opened.session.undo(params.offer)
    if receipt.status == "applied":
        opened.applied = [fix for fix in opened.applied if fix.offer != params.offer]
    return _told(server, opened, receipt)


async def fix_all(server: Server, params: messages.NotebookParams) -> messages.ReceiptResult:
    """Apply the preferred fixes of a notebook, one after the other.

    One that no longer fits after those before it is left out.
    """
    opened = server.get(params.notebook)
    landings: list[Landing] = []
    for offer in preferred_offers(opened):
        try:
            landings += (await _apply(opened, offer.id)).landings
        except OfferWithdrawn:
            continue
    landed = any(landing.landed for landing in landings)
    receipt = Receipt("applied" if landed else "rejected", tuple(landings))
    return _told(server, opened, receipt)


def _told(server: Server, opened: Open, receipt: Receipt) -> messages.ReceiptResult:
    landed = [landing.cell for landing in receipt.landings if landing.landed]
    plan = opened.session.rerun_plan([c for c in landed if c in opened.document.notebook])
    result = wire.receipt(receipt, plan)
    if receipt.status != "applied":
        part = "only in part" if receipt.status == "partial" else "not"
        server.show(f"The edit was {part} applied. {result.reason}", types.MessageType.Warning)
    return result


async def explain(server: Server, params: messages.CellParams) -> str | None:
    """Return the diagnosis of a cell in Markdown, and show its first line."""
    opened = server.get(params.notebook)
    repairs = [held.repair for held in opened.session.repairs_at(params.cell)]
    if not repairs and (found := await opened.session.fix(params.cell)) is not None:
        repairs = [found]
    if not repairs:
        return None
    server.show(repairs[0].diagnosis.message)
    return "\n\n".join(explained(repair) for repair in repairs)
