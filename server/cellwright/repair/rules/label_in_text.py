"""A misspelt column inside a string of code: `df.query("totl > 3")`, a model's formula.

pandas names the unknown variable (`UndefinedVariableError`); formula libraries quote its NameError.
A name that is no identifier is quoted as the language asks: with backticks in pandas, `Q("…")` in
formulas (patsy's documentation, "builtins").
"""

from __future__ import annotations

import ast
import re

from cellwright.repair.literal import string_like
from cellwright.repair.lookup import Table, tables_of
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.rules.key import choices, is_guess
from cellwright.repair.site import Site, site_of
from cellwright.trials.model import Probe

_UNKNOWN = re.compile(r"name '(\w+)' is not defined")


def _written(label: str, *, formula: bool) -> str:
    if label.isidentifier():
        return label
    return f"Q('{label}')" if formula else f"`{label}`"


def _candidates(site: Site, table: Table, literal: ast.Constant, name: str) -> list[Candidate]:
    text = str(literal.value)
    options = [c for c in choices(name, table.value.keys) if isinstance(c.label, str)]
    found = []
    for choice in options:
        label = _written(str(choice.label), formula="~" in text)
        new = label.join(re.split(rf"(?<!\w){re.escape(name)}(?!\w)", text))
        guess = is_guess(options) or choice is not options[0]
        found.append(
            Candidate(
                title=f"Use the column `{choice.label}`",
                rule=RULE.name,
                prior=round(0.92 * choice.score, 3),
                edit=site.replace((literal, string_like(new, site.text(literal)))),
                guesses=f"takes `{name}` to mean `{choice.label}`" if guess else "",
                explanation=f"The table has no column `{name}`; it has `{choice.label}`.",
            )
        )
    return found


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose existing columns for the unknown name in the string."""
    site, unknown = site_of(failure), _UNKNOWN.search(failure.error.evalue)
    if site is None or unknown is None:
        return []
    name = unknown.group(1)
    for call in site.failing(ast.Call):
        literals = [
            node
            for argument in (*call.args, *(keyword.value for keyword in call.keywords))
            for node in [argument]
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", node.value)
        ]
        for table in await tables_of(site, failure.error, probe, call) if literals else ():
            if found := _candidates(site, table, literals[0], name):
                return found
    return []


RULE = Rule("label-in-text", frozenset({"UndefinedVariableError", "PatsyError"}), propose)
