"""Statistics over a table that also holds text: leave the text columns out.

pandas 2 no longer drops columns that cannot be averaged (whatsnew 2.0, "numeric_only default
False"); passing `numeric_only=True` asks for what it did before. Whether a function has that
parameter, and whether the table holds text, is asked of the trial kernel.
"""

from __future__ import annotations

import ast

from cellwright.notebook.edit import Span
from cellwright.repair.lookup import receivers
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.signature import parameters
from cellwright.repair.site import Site, short, site_of
from cellwright.trials.model import Probe

_TEXT = ("object", "str", "category", "string", "datetime")


async def _holds_text(site: Site, probe: Probe, call: ast.Call) -> bool:
    """Return whether the table that a method works on has both numbers and other columns."""
    for owner in receivers(call):
        value = await site.ask(probe, owner)
        kinds = value.extra.get("dtypes", ()) if value is not None else ()
        if kinds:
            others = [kind for kind in kinds if str(kind).startswith(_TEXT)]
            return 0 < len(others) < len(kinds)
    return False


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose `numeric_only=True` where a method takes it and the table needs it."""
    site = site_of(failure)
    for call in site.failing(ast.Call) if site else []:
        assert site is not None
        known = {p.name for p in parameters(await site.ask(probe, call.func))}
        passed = {keyword.arg for keyword in call.keywords}
        if "numeric_only" not in known - passed or not await _holds_text(site, probe, call):
            continue
        end = site.span_of(call).end - 1
        comma = ", " if call.args or call.keywords else ""
        return [
            Candidate(
                title="Leave out the columns that hold no numbers",
                rule=RULE.name,
                prior=0.88,
                edit=site.replace((Span(end, end), f"{comma}numeric_only=True")),
                explanation=(
                    f"`{short(site.text(call.func))}` works on numbers, and this table also holds "
                    "text; older versions of pandas left those columns out by themselves."
                ),
            )
        ]
    return []


RULE = Rule("numeric-only", frozenset({"TypeError", "ValueError", "DataError"}), propose)
