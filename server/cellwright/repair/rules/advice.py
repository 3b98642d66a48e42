"""Any error whose own text says what to write instead: "`np.Inf` was removed … Use `np.inf`".

Libraries announce renames in the error they raise, and Python says "Did you mean". The advice is
taken only where it names what stands in the failing statement and what it advises exists.
"""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterator

from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, own_nodes, site_of
from cellwright.trials.model import Probe

NAME = "advice"
_WORD = r"[`'\"]?(?P<{}>[A-Za-z_][\w.]*|\d+(?:\.\d+)?)(?:\(\))?[`'\"]?"
_NEW = _WORD.format("new")
_ADVICE = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?:please )?use (?:the )?{_NEW} (?:instead|by itself)",
        rf"instead,? (?:please )?use (?:the )?{_NEW}",
        rf"did you mean:? {_NEW}",
        rf"(?:renamed|changed|moved) (?:to|as|into) {_NEW}",
        rf"(?:replaced (?:by|with)|superseded by|in favou?r of) (?:the )?{_NEW}",
        rf"(?:please )?use (?:the )?(?=[`'\"]){_NEW}",
    )
)
_NO_NAMES = frozenset({"a", "an", "the", "this", "it", "one", "another", "of", "in", "with"})


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return what the error itself advises."""
    site = site_of(failure)
    if site is None:
        return []
    for name in advised(failure.error.evalue):
        found = [candidate async for candidate in _followed(failure, site, probe, name)]
        if found:
            return found
    return []


def advised(text: str) -> Iterator[str]:
    """Yield the names that the text of an error advises to use."""
    for pattern in _ADVICE:
        for match in pattern.finditer(text):
            new = match["new"].rstrip(".")
            if new.casefold() not in _NO_NAMES:
                yield new


async def _followed(
    failure: Failure, site: Site, probe: Probe, name: str
) -> AsyncIterator[Candidate]:
    """Yield the failing expression with the advised name in place of the one it speaks of."""
    text = failure.error.evalue
    nodes = [n for n in own_nodes(site.statement) if isinstance(n, ast.Attribute | ast.Name)]
    for node in [node for node in nodes if node in site.exact] or nodes:
        old = site.text(node)
        last = old.rpartition(".")[2]
        if re.search(rf"(?<![\w.])(?:[\w.]+\.)?{re.escape(last)}(?!\w)", text) is None:
            continue
        new = await _reached(probe, old, name)
        if new and new != old:
            yield Candidate(
                title=f"Write `{new}` for `{old}`",
                rule=NAME,
                prior=0.97,
                edit=site.replace(
                    *((other, new) for other in site.nodes(type(node)) if site.text(other) == old)
                ),
                explanation=f"The error says it: `{new}` takes the place of `{old}`.",
            )
            return


async def _reached(probe: Probe, old: str, name: str) -> str:
    """Return how the notebook reaches what is advised, '' where it does not exist."""
    base = old.rpartition(".")[0]
    ways = [name]
    if base:
        ways.append(f"{base}.{name.rpartition('.')[2]}")
    for way in ways:
        if await probe.describe(way) is not None:
            return way
    return ""


RULE = Rule(NAME, frozenset({"AttributeError", "NameError", "TypeError", "ValueError"}), propose)
