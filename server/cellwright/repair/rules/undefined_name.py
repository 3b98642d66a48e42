"""NameError: a name that is misspelt where it is used, or where it is bound.

Like CPython's own suggestions (`Lib/traceback.py`, 3.10 on) this looks among the names that the
failing frame sees, but knows naming styles and how the name is used; and it looks at the bindings.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator

from cellwright.dataflow.cell import analyse
from cellwright.dataflow.tree import names_at, statements
from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import NotebookEdit, Span
from cellwright.notebook.model import Cell
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import BUILTINS, Usage, fits, missing_name, usage, uses
from cellwright.repair.rules.unbound_local import start_value
from cellwright.repair.site import site_of
from cellwright.repair.spelling import Match, near
from cellwright.trials.model import Probe

NAME = "undefined-name"
FLOOR = 0.65
"""Scores (of `repair.spelling`, less what does not fit) below this are no misspelling."""
SURE = 0.78
"""Below this a misspelling is a guess."""
RIVAL = 0.06
"""Two names whose scores are closer than this could both be meant."""
MOST = 3


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the renames, and the other ways to make the name known, likeliest first."""
    name = missing_name(failure.error)
    if failure.error.ename != "NameError" or not name:
        return []
    if name in analyse(failure.cell.source).deleted:
        return []
    found = [c async for c in _of_self(failure, probe, name)]
    found += _defined_below(failure, name)
    if not _bound_somewhere(failure, name):
        found += await _unbound(failure, probe, name)
    return found


async def _unbound(failure: Failure, probe: Probe, name: str) -> list[Candidate]:
    found = list(_misspelt_bindings(failure, name))
    found += [c async for c in _misspelt(failure, probe, name)]
    site = site_of(failure)
    total = None if site is None else await start_value(site, name, probe, rule=NAME)
    return [*found, total] if total else found


def _bound_somewhere(failure: Failure, name: str) -> bool:
    """Return whether any cell binds the name, other than by the failing statement itself."""
    here = failure.statement
    for cell in failure.notebook:
        flow = analyse(cell.source) if cell.is_python else None
        if flow is None or name not in flow.bound:
            continue
        spans = flow.bindings.get(name, ())
        if cell.id != failure.diagnosis.cell or not spans:
            return True
        if any(not here.start <= span.start < here.end for span in spans):
            return True
    return False


async def _of_self(failure: Failure, probe: Probe, name: str) -> AsyncIterator[Candidate]:
    """Yield `self.name` for a name used in a method whose object has it."""
    cell = failure.notebook.cell(failure.diagnosis.cell)
    start = failure.diagnosis.span.start
    if "self" not in names_at(cell.source, start) or name not in await probe.members("self"):
        return
    spans = [
        span for span in uses(cell.source, name) if "self" in names_at(cell.source, span.start)
    ]
    if spans:
        yield Candidate(
            title=f"Write `self.{name}`",
            rule=NAME,
            prior=0.94,
            edit=replace_text(cell, *((span, f"self.{name}") for span in spans)),
            explanation=f"`{name}` belongs to the object; a method reads it through `self`.",
        )


def _defined_below(failure: Failure, name: str) -> Iterator[Candidate]:
    """Yield the move of a function or class that the same cell defines below its first use."""
    cell = failure.cell
    if failure.diagnosis.cell != cell.id or failure.statement.start >= len(cell.source):
        return
    tops = [statement for statement in statements(cell.source) if statement.depth == 0]
    user = next((s for s in tops if s.span.start <= failure.statement.start < s.span.end), None)
    for top in tops:
        node = top.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if user is None or node.name != name or top.span.start <= failure.statement.start:
            continue
        block = _whole_lines(cell.source, top.span)
        start = cell.source.rfind("\n", 0, user.span.start) + 1
        text = cell.source[block.start : block.end].rstrip("\n") + "\n\n\n"
        yield Candidate(
            title=f"Move the definition of `{name}` above its first use",
            rule=NAME,
            prior=0.9,
            edit=replace_text(cell, (Span(start, start), text), (block, "")),
            explanation=f"This cell defines `{name}` below the line that uses it.",
        )
        return


def _whole_lines(source: str, span: Span) -> Span:
    start = source.rfind("\n", 0, span.start) + 1
    end = source.find("\n", span.end)
    return Span(start, len(source) if end < 0 else end + 1)


def _misspelt_bindings(failure: Failure, name: str) -> Iterator[Candidate]:
    """Yield the correction of a binding, where the name used is the consistent one.

    That is so when the notebook uses the wanted name at two places or more, and the bound one
    nowhere.
    """
    sources = {cell.id: cell for cell in failure.notebook if cell.is_python}
    wanted = sum(len(uses(cell.source, name)) for cell in sources.values())
    if wanted < 2:
        return
    bindings: dict[str, list[tuple[Cell, Span]]] = {}
    for cell in sources.values():
        for bound, spans in analyse(cell.source).bindings.items():
            if bound in analyse(cell.source).bound:
                bindings.setdefault(bound, []).extend((cell, span) for span in spans)
    for match in near(name, bindings, floor=FLOOR, limit=1):
        places = bindings[match.text]
        if len(places) != 1 or any(uses(c.source, match.text) for c in sources.values()):
            continue
        cell, span = places[0]
        if cell.source[span.start : span.end] != match.text:
            continue
        yield Candidate(
            title=f"Rename `{match.text}` to `{name}` where it is bound",
            rule=NAME,
            prior=min(match.score + 0.15, 0.95),
            edit=replace_text(cell, (span, name)),
            explanation=f"`{match.text}` is bound but never used; every use is spelt `{name}`.",
        )


async def _misspelt(failure: Failure, probe: Probe, name: str) -> AsyncIterator[Candidate]:
    """Yield the renames of a misspelt use to a name that the failing frame sees."""
    cell = failure.notebook.cell(failure.diagnosis.cell)
    used = usage(cell.source, name)
    spans = uses(cell.source, name)
    if not spans:
        return
    scored = await _scored(probe, name, used)
    for match in scored[:MOST]:
        rivals = [m for m in scored if m is not match and abs(m.score - match.score) < RIVAL]
        doubtful = match.score < SURE or rivals
        yield Candidate(
            title=f"Rename `{name}` to `{match.text}`",
            rule=NAME,
            prior=match.score * (0.9 if rivals else 1.0),
            edit=_rename(cell, spans, match.text),
            explanation=f"Nothing is called `{name}`; the nearest name is `{match.text}`.",
            guesses=f"that `{name}` was meant as `{match.text}`" if doubtful else "",
        )


def _rename(cell: Cell, spans: tuple[Span, ...], name: str) -> NotebookEdit:
    return replace_text(cell, *((span, name) for span in spans))


async def _scored(probe: Probe, name: str, used: Usage) -> list[Match]:
    """Return the near names that suit the use, nearest first."""
    visible = await probe.names()
    nameable = [other for other in visible if name.startswith("_") or not other.startswith("_")]
    found = []
    for match in near(name, [*nameable, *BUILTINS], floor=FLOOR, limit=8):
        kind = visible.get(match.text, "builtin")
        score = match.score * await _suits(probe, match.text, kind, used)
        if score >= FLOOR:
            found.append(Match(match.text, score))
    return sorted(found, key=lambda match: -match.score)


async def _suits(probe: Probe, other: str, kind: str, used: Usage) -> float:
    if kind == "builtin":
        constant = other in {"True", "False", "None", "Ellipsis", "NotImplemented"}
        if constant:
            return 0.0 if used.called else 1.0
        return 1.0 if used.called or used.as_type or other[0].isupper() else 0.6
    if used.attributes and not used.attributes & frozenset(await probe.members(other)):
        return 0.3
    return fits(kind, used)


RULE = Rule(NAME, frozenset({"NameError"}), propose)
