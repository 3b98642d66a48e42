"""What `cellwright fix` prints. Text from a notebook is data: no markup, no control codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cellwright.cli.opening import Target
from cellwright.notebook.apply import apply_edit
from cellwright.notebook.diff import DiffLine, unified_diff
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Cell, Notebook
from cellwright.repair.model import Attempt, Offer, Repair
from cellwright.session.check import CellFailed, CellRan, Check
from cellwright.session.steps import expects_error
from cellwright.trials.model import Evidence

_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
"""Escape sequences, control codes, and what changes the direction or the end of a line."""
_DIFF_STYLE = {"+": "green", "-": "red", "@": "cyan"}

SHOWN_OFFERS = 3
"""Offers shown for one failure; the others are counted."""

WIDEST = 400
"""Characters of a line that are shown."""

AROUND = 60
"""Characters shown before, in and after the failing expression of a long line."""


def plain(text: str) -> str:
    """Return text without the characters that could steer a terminal."""
    return _CONTROL.sub("", text)


def line_of(cell: Cell, offset: int) -> int:
    """Return the 1-based line of an offset in a cell."""
    return cell.source.count("\n", 0, offset) + 1


@dataclass(frozen=True)
class Excerpt:
    """A line to show, and where in it, in columns of a terminal, a mark goes."""

    number: int
    text: str
    column: int
    width: int


def excerpt(cell: Cell, span: Span) -> Excerpt:
    """Return the line that a span begins in; a long one is cut around the span."""
    start = cell.source.rfind("\n", 0, span.start) + 1
    found = cell.source.find("\n", span.start)
    end = len(cell.source) if found < 0 else found
    stop = min(span.end, end)
    parts = (cell.source[start : span.start], cell.source[span.start : stop], cell.source[stop:end])
    before, marked, after = (plain(part).expandtabs(4) for part in parts)
    if len(before) + len(marked) + len(after) > 3 * AROUND:
        before = before if len(before) <= AROUND else "…" + before[-AROUND:]
        after = after if len(after) <= AROUND else after[:AROUND] + "…"
        if len(marked) > AROUND:
            marked, after = marked[:AROUND] + "…", ""
    return Excerpt(
        line_of(cell, span.start), before + marked + after, cell_len(before), cell_len(marked) or 1
    )


class Screen:
    """Prints the run of one notebook as it goes. A quiet one prints nothing."""

    def __init__(self, target: Target, *, quiet: bool) -> None:
        self._target = target
        self._console = Console(quiet=quiet, highlight=False)

    def _print(self, text: str, style: str = "", *, indent: int = 0) -> None:
        pad = " " * indent
        for line in plain(text).splitlines() or [""]:
            shown = line if len(line) <= WIDEST else line[:WIDEST] + " …"
            self._console.print(Text(pad + shown, style), soft_wrap=True)

    def start(self) -> None:
        """Say what is run, and where."""
        kernel = self._target.environment.kernel_name
        self._print(f"{self._target.path} · kernel {kernel} · sandbox: none", "bold")
        for notice in (self._target.notice, *self._target.opened.warnings):
            if notice:
                self._print(f"  {notice}", "yellow")

    def ran(self, event: CellRan) -> None:
        """Say that a cell ran; one that failed, and was not meant to, is told of by `failed`."""
        notebook, result = self._target.opened.notebook, event.result
        cell = notebook.get(result.cell)
        number = "(new)" if cell is None else notebook.number(cell.id)
        if result.error is None:
            self._print(f"  ✓ cell {number}   {result.seconds:.2f} s", "green")
        elif cell is not None and expects_error(cell):
            told = f"{result.error.ename}, as its tag says"
            self._print(f"  ✓ cell {number}   {told}", "green")

    def failed(self, failed: CellFailed) -> None:
        """Show a failure: where, why, and what would mend it."""
        notebook, diagnosis = failed.notebook, failed.diagnosis
        cell = notebook.cell(failed.cell)
        self._print(f"  ✗ cell {notebook.number(cell.id)}   {diagnosis.ename}", "bold red")
        self._place(failed)
        self._print(diagnosis.message.removeprefix(f"{diagnosis.ename}: "), indent=4)
        for related in diagnosis.related[:SHOWN_OFFERS]:
            other = notebook.get(related.cell)
            if other is not None:
                where = (
                    f"cell {notebook.number(other.id)}, line {line_of(other, related.span.start)}"
                )
                self._print(f"{where}: {related.message}", "dim", indent=4)
        offers = failed.repair.offers
        for index, offer in enumerate(offers[:SHOWN_OFFERS], 1):
            self._offer(notebook, offer, index, len(offers))
        if len(offers) > SHOWN_OFFERS:
            self._print(f"and {len(offers) - SHOWN_OFFERS} more that passed", "dim", indent=4)
        for attempt in failed.repair.untried:
            self._untried(attempt)
        if not offers:
            self._print(f"No fix: {_why_none(failed.repair)}.", "yellow", indent=4)

    def _place(self, failed: CellFailed) -> None:
        """Show the failing line with a mark under the failing expression."""
        notebook, diagnosis = failed.notebook, failed.diagnosis
        cell = notebook.cell(diagnosis.cell)
        line = excerpt(cell, diagnosis.span)
        number = f"{line.number} │ "
        if cell.id != failed.cell:
            self._print(f"in cell {notebook.number(cell.id)}:", indent=4)
        self._print(number + line.text, "cyan", indent=4)
        self._print(" " * (len(number) + line.column) + "^" * line.width, "red", indent=4)

    def _offer(self, notebook: Notebook, offer: Offer, index: int, count: int) -> None:
        which = "Fix" if count == 1 else f"Fix {index} of {count}"
        self._print(f"{which}: {offer.candidate.title}", "bold green", indent=4)
        if offer.candidate.explanation:
            self._print(offer.candidate.explanation, indent=6)
        if offer.candidate.guesses:
            self._print(f"Guess: {offer.candidate.guesses}", "yellow", indent=6)
        self._print(evidence_line(offer.evidence), "dim", indent=6)
        if offer.candidate.edit is not None:
            after = apply_edit(notebook, offer.candidate.edit).notebook
            self._diff(unified_diff(notebook, after))

    def _diff(self, lines: list[DiffLine]) -> None:
        for line in lines:
            self._print(line.text, _DIFF_STYLE.get(line.text[:1], ""), indent=6)

    def _untried(self, attempt: Attempt) -> None:
        self._print(
            f"Untried: {attempt.candidate.title} ({attempt.evidence.reason})", "yellow", indent=4
        )

    def ask_offer(self, failed: CellFailed) -> Offer | None:
        """Ask which offer to take; None to leave the failure as it is."""
        offers = [o for o in failed.repair.offers[:SHOWN_OFFERS] if o.candidate.edit is not None]
        if not offers:
            return None
        choices = [str(index) for index in range(1, len(offers) + 1)]
        answer = click.prompt(
            "    Apply which fix? (0 for none)",
            type=click.Choice(["0", *choices]),
            default="0",
            err=True,
        )
        return None if answer == "0" else offers[int(answer) - 1]

    def finish(self, outcome: Check, *, written: bool) -> None:
        """Sum up."""
        if outcome.stopped:
            self._print(f"  The run stopped: {outcome.stopped}", "red")
        fixed = len(outcome.failures) - len(outcome.remaining)
        if not outcome.failures and not outcome.stopped:
            self._print("Runs clean from top to bottom.", "bold green")
        if not outcome.failures:
            return
        if fixed and not outcome.remaining and not outcome.stopped:
            how = "With the fixes" if fixed > 1 else "With the fix"
            self._print(f"{how}, the notebook ran clean from top to bottom.", "bold green")
        count = len(outcome.failures)
        parts = [f"{fixed} of {count} failure{'s' if count > 1 else ''} fixed"]
        if written:
            parts.append(f"written to {self._target.path}")
        elif fixed:
            parts.append("nothing written (--apply writes)")
        self._print(", ".join(parts) + ".", "bold")
        guesses = sum(bool(failure.repair.offers) for failure in outcome.remaining)
        if guesses:
            them = "fix guesses" if guesses == 1 else "fixes guess"
            self._print(f"{guesses} {them} what was meant: choose when asked, or pass --guess.")


def _why_none(repair: Repair) -> str:
    """Say why a failure has no offer."""
    if repair.unverifiable:
        return repair.unverifiable.rstrip(".")
    count = len(repair.dropped)
    if count:
        changes = "the 1 change that was tried did not make"
        if count > 1:
            changes = f"none of the {count} changes that were tried made"
        return f"{changes} the cell run"
    return "no rule knows one for this"


def evidence_line(evidence: Evidence) -> str:
    """Say in a line what was run to know that a fix passes."""
    cells = "1 cell" if evidence.steps == 1 else f"{evidence.steps} cells"
    python = f" on Python {evidence.python}" if evidence.python else ""
    return (
        f"{evidence.verdict.value}: {cells} run in {evidence.seconds:.1f} s{python}, "
        f"sandbox: {evidence.sandbox}"
    )


def _evidence_as_json(evidence: Evidence) -> Mapping[str, Any]:
    return {
        "verdict": evidence.verdict.value,
        "reason": evidence.reason,
        "sandbox": evidence.sandbox,
        "seconds": round(evidence.seconds, 3),
        "steps": evidence.steps,
        "python": evidence.python,
    }


def _offer_as_json(notebook: Notebook, offer: Offer) -> Mapping[str, Any]:
    edit = offer.candidate.edit
    diff = unified_diff(notebook, apply_edit(notebook, edit).notebook) if edit else []
    return {
        "title": offer.candidate.title,
        "rule": offer.candidate.rule,
        "explanation": offer.candidate.explanation,
        "guesses": offer.candidate.guesses,
        "confidence": round(offer.confidence, 3),
        "preferred": offer.preferred,
        "runFirst": [notebook.number(cell) for cell in offer.candidate.run_first],
        "diff": "\n".join(line.text for line in diff),
        "evidence": _evidence_as_json(offer.evidence),
    }


def _attempt_as_json(attempt: Attempt) -> Mapping[str, Any]:
    return {
        "title": attempt.candidate.title,
        "rule": attempt.candidate.rule,
        "evidence": _evidence_as_json(attempt.evidence),
    }


def _failure_as_json(failed: CellFailed) -> Mapping[str, Any]:
    notebook, diagnosis, repair = failed.notebook, failed.diagnosis, failed.repair
    place = notebook.cell(diagnosis.cell)
    return {
        "cell": notebook.number(failed.cell),
        "diagnosis": {
            "cell": notebook.number(place.id),
            "line": line_of(place, diagnosis.span.start),
            "text": place.source[diagnosis.span.start : diagnosis.span.end],
            "code": diagnosis.code,
            "ename": diagnosis.ename,
            "evalue": diagnosis.evalue,
            "message": diagnosis.message,
        },
        "offers": [_offer_as_json(notebook, offer) for offer in repair.offers],
        "untried": [_attempt_as_json(attempt) for attempt in repair.untried],
        "dropped": [_attempt_as_json(attempt) for attempt in repair.dropped],
        "unverifiable": repair.unverifiable,
        "taken": failed.taken.candidate.title if failed.taken else None,
    }


def check_as_json(target: Target, outcome: Check, *, written: bool) -> Mapping[str, Any]:
    """Return what `--json` prints for one notebook."""
    return {
        "notebook": str(target.path),
        "kernel": target.environment.kernel_name,
        "notice": target.notice or None,
        "cellsRun": outcome.ran,
        "stopped": outcome.stopped,
        "failures": [_failure_as_json(failed) for failed in outcome.failures],
        "remaining": len(outcome.remaining),
        "written": written,
    }
