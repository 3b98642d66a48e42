"""What the rooms below say, in the words of the protocol."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from cellwright.lsp import messages
from cellwright.lsp.abilities import Encoding
from cellwright.lsp.documents import Document
from cellwright.notebook.apply import changed_cells
from cellwright.notebook.edit import Receipt
from cellwright.notebook.model import CellId
from cellwright.notebook.run import CellError, RunRecord
from cellwright.repair.model import Attempt, Diagnosis, Offer, Repair
from cellwright.trials.model import Evidence

NOWHERE = types.Range(types.Position(0, 0), types.Position(0, 0))


def repair(found: Repair, document: Document, encoding: Encoding) -> messages.FixResult:
    """Return a repair, with ranges in the client's documents."""
    return messages.FixResult(
        diagnosis=_diagnosis(found.diagnosis, document, encoding),
        offers=[_offer(offer) for offer in found.offers],
        untried=[_attempt(attempt) for attempt in found.untried],
        dropped=[_attempt(attempt) for attempt in found.dropped],
        unverifiable=found.unverifiable,
    )


def _diagnosis(
    diagnosis: Diagnosis, document: Document, encoding: Encoding
) -> messages.WireDiagnosis:
    shown = document.location(diagnosis.cell, diagnosis.span, encoding)
    related = [
        messages.WireRelated(location.uri, location.range, place.message)
        for place in diagnosis.related
        if (location := document.location(place.cell, place.span, encoding)) is not None
    ]
    return messages.WireDiagnosis(
        cell=diagnosis.cell,
        uri=shown.uri if shown else document.uri,
        range=shown.range if shown else NOWHERE,
        code=diagnosis.code,
        ename=diagnosis.ename,
        evalue=diagnosis.evalue,
        message=diagnosis.message,
        related=related,
    )


def _offer(offer: Offer) -> messages.WireOffer:
    candidate = offer.candidate
    return messages.WireOffer(
        id=offer.id,
        title=candidate.title,
        rule=candidate.rule,
        confidence=offer.confidence,
        preferred=offer.preferred,
        evidence=_evidence(offer.evidence),
        cells=changed_cells(candidate.edit) if candidate.edit else (),
        run_first=candidate.run_first,
        guesses=candidate.guesses,
        explanation=candidate.explanation,
    )


def _attempt(attempt: Attempt) -> messages.WireAttempt:
    candidate = attempt.candidate
    return messages.WireAttempt(candidate.title, candidate.rule, _evidence(attempt.evidence))


def _evidence(evidence: Evidence) -> messages.WireEvidence:
    return messages.WireEvidence(
        verdict=evidence.verdict.value,
        reason=evidence.reason,
        sandbox=evidence.sandbox,
        seconds=evidence.seconds,
        steps=evidence.steps,
        python=evidence.python,
        output=evidence.output,
        result=evidence.result,
    )


def run(record: RunRecord) -> messages.WireRun:
    """Return what became of a run; its outputs went ahead, one by one."""
    return messages.WireRun(
        cell=record.cell,
        status=record.status,
        execution_count=record.execution_count,
        started=record.started,
        duration=record.duration,
        error=_error(record.error) if record.error else None,
    )


def _error(error: CellError) -> messages.RanError:
    return messages.RanError(error.ename, error.evalue, error.traceback)


def receipt(found: Receipt, rerun: Sequence[CellId] = ()) -> messages.ReceiptResult:
    """Return a receipt, with the smallest re-run plan."""
    landings = [messages.WireLanding(x.landed, x.reason, x.cell) for x in found.landings]
    reasons = dict.fromkeys(x.reason for x in found.landings if x.reason)
    return messages.ReceiptResult(found.status, landings, " ".join(reasons), rerun)
