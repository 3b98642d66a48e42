"""Findings as diagnostics: published per document, cleared when they are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from cellwright.lsp.abilities import Abilities
from cellwright.lsp.documents import Document
from cellwright.notebook.edit import Span
from cellwright.notebook.model import CellId
from cellwright.session.client import Finding, RelatedPlace

if TYPE_CHECKING:
    from cellwright.lsp.open import Open
    from cellwright.lsp.server import Server

SOURCE = "cellwright"

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


class Shown:
    """What is shown of one open document. Only the documents of touched cells are published."""

    def __init__(self, server: Server, opened: Open) -> None:
        self._server = server
        self._open = opened
        self._findings: dict[CellId, tuple[Finding, ...]] = {}
        self._documents: dict[CellId, str] = {}
        self._lit: set[str] = set()

    def update(self, cell_id: CellId, findings: tuple[Finding, ...]) -> None:
        """Show these findings in a cell instead of what it had."""
        if findings == self._findings.get(cell_id, ()):
            return
        if findings:
            self._findings[cell_id] = findings
        else:
            self._findings.pop(cell_id, None)
        location = self._open.document.location(
            cell_id, Span(0, 0), self._server.abilities.encoding
        )
        if location is not None:
            self._documents[cell_id] = location.uri
        if (uri := self._documents.get(cell_id)) is not None:
            self._publish(uri)

    def redraw(self) -> None:
        """Publish all again: a setting, or the place of the cells in a text, has changed."""
        for uri in set(self._documents.values()):
            self._publish(uri)

    def clear(self) -> None:
        """Publish that nothing is shown any more."""
        self._findings.clear()
        self.redraw()
        self._documents.clear()

    def _publish(self, uri: str) -> None:
        document, abilities = self._open.document, self._server.abilities
        shown = [
            diagnostic
            for cell_id, findings in self._findings.items()
            if self._documents.get(cell_id) == uri
            for finding in findings
            if (diagnostic := as_diagnostic(finding, document, abilities)) is not None
        ]
        if not self._server.settings.diagnostics:
            shown = []
        if not shown and uri not in self._lit:
            return
        (self._lit.add if shown else self._lit.discard)(uri)
        self._server.notify(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            types.PublishDiagnosticsParams(uri, shown, document.version_of(uri)),
        )


def as_diagnostic(
    finding: Finding, document: Document, abilities: Abilities
) -> types.Diagnostic | None:
    """Return a finding at its place in the client's document; None when the cell is gone."""
    location = document.location(finding.cell, finding.span, abilities.encoding)
    if location is None:
        return None
    related = [_related(place, document, abilities) for place in finding.related]
    return types.Diagnostic(
        location.range,
        finding.message,
        severity=SEVERITIES[finding.severity],
        code=finding.code,
        source=SOURCE,
        related_information=[place for place in related if place is not None]
        if abilities.related_information
        else None,
        data={"offers": list(finding.offers)} if finding.offers else None,
    )


def _related(
    place: RelatedPlace, document: Document, abilities: Abilities
) -> types.DiagnosticRelatedInformation | None:
    location = document.location(place.cell, place.span, abilities.encoding)
    if location is None:
        return None
    return types.DiagnosticRelatedInformation(location, place.message)
