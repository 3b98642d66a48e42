"""What is shown at a place in a cell, made from diagnoses and the data flow."""

from __future__ import annotations

from cellwright.repair.model import Diagnosis, Repair
from cellwright.session.client import Finding, RelatedPlace


def failure_finding(diagnosis: Diagnosis, repair: Repair | None) -> Finding:
    """Return the finding of a failed cell; a repair adds its offers, or why there are none."""
    message = f"{diagnosis.ename}: {diagnosis.message}"
    if repair is not None and repair.unverifiable:
        message += f" No fix could be tried: {repair.unverifiable}."
    elif repair is not None and repair.offers:
        count = len(repair.offers)
        message += " 1 fix has been run." if count == 1 else f" {count} fixes have been run."
    if repair is not None and repair.notice:
        message += f" {repair.notice}"
    return Finding(
        cell=diagnosis.cell,
        span=diagnosis.span,
        severity="error",
        code=diagnosis.code,
        message=message,
        related=tuple(RelatedPlace(r.cell, r.span, r.message) for r in diagnosis.related),
        offers=tuple(offer.id for offer in repair.offers) if repair else (),
    )
