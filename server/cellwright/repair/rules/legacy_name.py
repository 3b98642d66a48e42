"""NameError: a name of Python 2, of JSON or of another language.

Python 2's names and their heirs are those of "What's New In Python 3.0" and of lib2to3's fixers
(`facts/python2.json`); the others are listed in `facts/foreign_names.json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cellwright.notebook.apply import replace_text
from cellwright.repair.facts import table
from cellwright.repair.imports import Import, import_candidates
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import BUILTINS, Usage, missing_name, usage, uses
from cellwright.trials.model import Probe

NAME = "legacy-name"


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the name that Python has today, or the import that it is found in today."""
    name = missing_name(failure.error)
    if failure.error.ename != "NameError" or not name:
        return []
    used = usage(failure.notebook.cell(failure.diagnosis.cell).source, name)
    python2: Mapping[str, Mapping[str, str]] = table("python2")
    if heir := python2["builtins"].get(name):
        explanation = f"`{name}` is Python 2; in Python 3 it is `{heir}`."
        return list(_renamed(failure, name, heir, 0.94, explanation))
    if module := python2["imports"].get(name):
        explanation = f"Python 2 had `{name}` as a builtin or elsewhere; it is in `{module}` now."
        if module in await probe.find_member(module, name):
            return list(
                import_candidates(
                    failure,
                    Import(module, name, name),
                    rule=NAME,
                    prior=0.9,
                    explanation=explanation,
                )
            )
    foreign: Mapping[str, str] = table("foreign_names")
    if (heir := foreign.get(name)) and _suits(heir, used):
        explanation = f"`{name}` belongs to another language; Python writes `{heir}`."
        if heir == 'float("nan")' and "np" in await probe.names():
            heir = "np.nan"
        return list(_renamed(failure, name, heir, 0.9, explanation))
    return []


def _suits(heir: str, used: Usage) -> bool:
    """Return whether a constant stands for a value here, or a function for a call."""
    is_function = heir.split(".")[0] in BUILTINS and heir.isidentifier() and heir.islower()
    return used.called if is_function else not used.called


def _renamed(
    failure: Failure, name: str, heir: str, prior: float, explanation: str
) -> Iterator[Candidate]:
    cell = failure.notebook.cell(failure.diagnosis.cell)
    spans = uses(cell.source, name)
    if spans:
        yield Candidate(
            title=f"Write `{heir}` for `{name}`",
            rule=NAME,
            prior=prior,
            edit=replace_text(cell, *((span, heir) for span in spans)),
            explanation=explanation,
        )


RULE = Rule(NAME, frozenset({"NameError"}), propose)
