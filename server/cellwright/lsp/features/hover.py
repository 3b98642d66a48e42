"""textDocument/hover: the diagnosis on the failing span."""

from __future__ import annotations

from lsprotocol import types

from cellwright.lsp.look import Look, look_up
from cellwright.lsp.server import Server
from cellwright.repair.model import Diagnosis, Repair


def hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    """Say why the cell failed, where the failure shows."""
    place = types.Range(params.position, params.position)
    look = look_up(server, params.text_document.uri, place)
    return None if look is None else _answer(look)


def _answer(look: Look) -> types.Hover | None:
    for held in look.repairs:
        diagnosis = held.repair.diagnosis
        within = diagnosis.span.start <= look.span.start <= diagnosis.span.end
        if diagnosis.cell == look.cell.id and within:
            return _shown(look, diagnosis, explained(held.repair))
    for finding in look.findings:
        if finding.span.start <= look.span.start <= finding.span.end:
            kind = types.MarkupKind.PlainText
            content = types.MarkupContent(kind, finding.message)
            location = look.document.location(look.cell.id, finding.span, look.abilities.encoding)
            return types.Hover(content, location.range if location else None)
    return None


def _shown(look: Look, diagnosis: Diagnosis, text: str) -> types.Hover:
    markdown = look.abilities.markdown
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    location = look.document.location(diagnosis.cell, diagnosis.span, look.abilities.encoding)
    text = text if markdown else text.replace("**", "").replace("`", "")
    return types.Hover(types.MarkupContent(kind, text), location.range if location else None)


def explained(repair: Repair) -> str:
    """Return a diagnosis and what came of it, in Markdown."""
    diagnosis = repair.diagnosis
    parts = [f"**{diagnosis.ename}** · {diagnosis.message}"]
    parts += [f"- {place.message}" for place in diagnosis.related]
    parts += [
        f"{number}. {offer.candidate.title} · {offer.evidence.reason}"
        for number, offer in enumerate(repair.offers, 1)
    ]
    if repair.unverifiable:
        parts.append(f"No fix could be tried: {repair.unverifiable}.")
    if repair.untried:
        parts.append("Not tried: " + "; ".join(a.candidate.title for a in repair.untried) + ".")
    return "\n\n".join(parts)
