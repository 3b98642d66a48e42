"""AttributeError: `append` and `ix` of pandas objects, removed in pandas 2.0 and 1.0.

`pandas.concat` and `loc`/`iloc` are what pandas' "What's new" pages for those versions name in
their place. What is appended decides how it is wrapped; the trial kernel tells what it is.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator

from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.rules.attribute import Lack, lack_of
from cellwright.trials.model import Probe, Value

NAME = "removed-member"
_KEPT = frozenset({"ignore_index", "verify_integrity", "sort"})


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return what pandas has in place of a member that it removed."""
    lack = await lack_of(failure, probe)
    if lack is None or not {"DataFrame", "Series"} & {lack.value.type, *lack.value.bases}:
        return []
    if lack.name == "append":
        return [candidate async for candidate in _concat(probe, lack)]
    if lack.name == "ix":
        return [candidate async for candidate in _located(probe, lack)]
    return []


async def _concat(probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    call = lack.call
    if call is None or not call.args or (await probe.names()).get("pd") != "module":
        return
    if any(keyword.arg not in _KEPT for keyword in call.keywords):
        return
    added = await lack.site.ask(probe, call.args[0])
    options = "".join(f", {lack.site.text(keyword)}" for keyword in call.keywords)
    row = _as_frame(lack, added, lack.site.text(call.args[0]))
    if row is None:
        return
    text = f"pd.concat([{lack.base}, {row}]{options})"
    yield Candidate(
        title=f"Write `{text}`",
        rule=NAME,
        prior=0.94,
        edit=lack.site.replace((call, text)),
        explanation="`append` was removed in pandas 2.0; `pd.concat` does the same.",
    )


def _as_frame(lack: Lack, added: Value | None, text: str) -> str | None:
    """Return what is appended as `concat` takes it, or None where that is not plain."""
    if added is None:
        return None
    kinds = {added.type, *added.bases}
    if "DataFrame" in kinds or (lack.value.type == "Series" and "Series" in kinds):
        return text
    if "Series" in kinds:
        return f"{text}.to_frame().T"
    if "dict" in kinds:
        return f"pd.DataFrame([{text}])"
    items = frozenset(added.extra.get("item_types", ()))
    if "list" in kinds and items == {"dict"}:
        return f"pd.DataFrame({text})"
    if "list" in kinds and items and items <= {"DataFrame", "Series"}:
        return f"*{text}"
    return None


async def _located(probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    """Yield `loc` where the labels exist, else `iloc`: the order in which `ix` looked."""
    subscript = lack.site.parent(lack.node)
    if not isinstance(subscript, ast.Subscript):
        return
    index = lack.site.text(subscript)[len(lack.site.text(lack.node)) :]
    for member in ("loc", "iloc"):
        if await probe.describe(f"{lack.base}.{member}{index}") is not None:
            yield Candidate(
                title=f"Write `{lack.base}.{member}{index}`",
                rule=NAME,
                prior=0.94,
                edit=lack.renamed(member),
                explanation=f"`ix` was removed in pandas 1.0; for these labels it is `{member}`.",
            )
            return


RULE = Rule(NAME, frozenset({"AttributeError"}), propose)
