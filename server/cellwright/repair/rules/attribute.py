"""AttributeError: a member that is misspelt, goes by another name, or was never called.

The members that exist are asked of the trial kernel. `facts/other_members.json` tells what Python
calls the customary methods of other languages, of Python 2 and of other containers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cellwright.notebook.edit import NotebookEdit
from cellwright.notebook.run import CellError
from cellwright.repair.facts import table
from cellwright.repair.imports import module_expression
from cellwright.repair.inplace import inplace_fixes
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.rules.advice import advised
from cellwright.repair.site import Site, site_of
from cellwright.repair.spelling import Match, near
from cellwright.trials.model import Probe, Value

NAME = "attribute"
FLOOR = 0.62
SURE = 0.75
RIVAL = 0.06
MOST = 3
_ATTRIBUTE = re.compile(r"no attribute '(\w+)'")
_PREFIXES = ("set_", "get_", "to_", "is_", "plot_")
_FUNCTIONS = frozenset({"function", "method", "builtin_function_or_method"})


@dataclass(frozen=True)
class Lack:
    """A member that was asked for and is not there: `base.name`, and what `base` is."""

    site: Site
    node: ast.Attribute
    base: str
    value: Value
    members: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name that the object does not have."""
        return self.node.attr

    @property
    def call(self) -> ast.Call | None:
        """The call of the missing member, if it is called."""
        parent = self.site.parent(self.node)
        return parent if isinstance(parent, ast.Call) and parent.func is self.node else None

    @property
    def alike(self) -> list[ast.Attribute]:
        """The places in the cell that ask the same object for the same member."""
        return [
            node
            for node in self.site.nodes(ast.Attribute)
            if node.attr == self.name and self.site.text(node.value) == self.base
        ]

    def renamed(self, member: str) -> NotebookEdit:
        """Return the edit that asks for another member at all these places."""
        return self.site.replace(
            *((node, f"{self.site.text(node.value)}.{member}") for node in self.alike)
        )


def missing_member(error: CellError) -> str:
    """Return the member that an AttributeError speaks of, or ''."""
    told = error.attributes.get("name")
    if isinstance(told, str) and told:
        return told
    quoted = _ATTRIBUTE.search(error.evalue)
    return quoted[1] if quoted else ""


async def lack_of(failure: Failure, probe: Probe) -> Lack | None:
    """Return the missing member of a failure, or None when it is not asked for in a cell."""
    name = missing_member(failure.error)
    site = site_of(failure)
    if site is None:
        return None
    for node in site.failing(ast.Attribute):
        # A module's own `__getattr__` may raise without saying which name it was asked for.
        if node.attr != name and (name or node not in site.exact):
            continue
        base = site.text(node.value)
        value = await site.ask(probe, node.value)
        members = await probe.members(f"({base})")
        if value is not None and node.attr not in members:
            return Lack(site, node, base, value, members)
    return None


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the members that may be meant, likeliest first."""
    lack = await lack_of(failure, probe)
    if lack is None:
        return []
    if lack.value.type == "NoneType":
        return [candidate async for candidate in _none(failure, probe, lack)]
    found = [candidate async for candidate in _other_member(probe, lack)]
    if next(advised(failure.error.evalue), None) is None:
        found += [candidate async for candidate in _misspelt(probe, lack)]
    found += [candidate async for candidate in _uncalled(probe, lack)]
    return found


async def _none(failure: Failure, probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    if isinstance(lack.node.value, ast.Name):
        for fix in await inplace_fixes(failure, probe, lack.base):
            yield Candidate(
                title=fix.title,
                rule=NAME,
                prior=fix.prior,
                edit=fix.edit,
                explanation=fix.explanation,
            )


async def _misspelt(probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    scored = await _scored(probe, lack)
    word = bool(scored) and await _is_word(probe, lack)
    for match in scored[:MOST]:
        rival = word or any(m is not match and abs(m.score - match.score) < RIVAL for m in scored)
        guesses = f"that `{lack.name}` was meant as `{match.text}`"
        yield Candidate(
            title=f"Rename `.{lack.name}` to `.{match.text}`",
            rule=NAME,
            prior=match.score * (0.9 if rival else 1.0),
            edit=lack.renamed(match.text),
            explanation=f"{_kind(lack)} has no `{lack.name}`, but it has `{match.text}`.",
            guesses=guesses if rival or match.score < SURE else "",
        )


async def _is_word(probe: Probe, lack: Lack) -> bool:
    """Return whether the name is spelt right, as a member of another type of the same package.

    `unique` of a Series is no misspelling of the `nunique` of a DataFrame.
    """
    package = lack.value.module.split(".")[0]
    if lack.value.is_module or package in {"builtins", "__main__"}:
        return False
    owners = f"vars({module_expression(package)}).values()"
    asked = f"any(hasattr(x, {lack.name!r}) for x in {owners} if isinstance(x, type))"
    answer = await probe.describe(asked)
    return answer is not None and answer.repr == "True"


def _kind(lack: Lack) -> str:
    name = lack.value.type
    if lack.value.is_module:
        return f"The module `{lack.value.extra.get('name', lack.base)}`"
    return f"{'An' if name[:1] in 'aeiouAEIOU' else 'A'} `{name}`"


async def _scored(probe: Probe, lack: Lack) -> list[Match]:
    public = [m for m in lack.members if lack.name.startswith("_") or not m.startswith("_")]
    matches = {match.text: match for match in _affixed(lack.name, public, lack.call)}
    for match in near(lack.name, public, floor=FLOOR, limit=6):
        matches.setdefault(match.text, match)
    found = []
    for match in matches.values():
        value = await probe.describe(f"({lack.base}).{match.text}")
        score = match.score * _suits(value, called=lack.call is not None)
        if score >= FLOOR:
            found.append(Match(match.text, score))
    return sorted(found, key=lambda match: -match.score)


def _suits(value: Value | None, *, called: bool) -> float:
    """Return how well a member suits a call or a mere mention (0..1)."""
    if value is None:
        return 0.8
    if called:
        return 1.0 if value.callable else 0.5
    return 0.75 if value.type in _FUNCTIONS else 1.0


def _affixed(name: str, members: Sequence[str], call: ast.Call | None) -> Iterator[Match]:
    """Yield members that are the name with or without a customary prefix or a longer ending."""
    known = frozenset(members)
    for prefix in _PREFIXES:
        if prefix + name in known:
            fitting = {"set_": bool(call and call.args), "get_": bool(call and not call.args)}
            yield Match(prefix + name, 0.88 if fitting.get(prefix, True) else 0.7)
        if name.startswith(prefix) and name[len(prefix) :] in known:
            yield Match(name[len(prefix) :], 0.86)
    if len(name) > 4:
        longer = [m for m in members if m.startswith(f"{name}_") or m.endswith(f"_{name}")]
        if len(longer) == 1:
            yield Match(longer[0], 0.82)


async def _uncalled(probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    """Yield the call that is missing in `df.head.columns`."""
    parameters = lack.value.extra.get("parameters", ())
    needed = [p for p in parameters if not p[2] and not str(p[1]).startswith("var_")]
    if (
        lack.value.type not in _FUNCTIONS
        or needed
        or not isinstance(lack.node.value, ast.Attribute)
    ):
        return
    if lack.name in await probe.members(f"{lack.base}()"):
        yield Candidate(
            title=f"Call `{lack.base}()`",
            rule=NAME,
            prior=0.88,
            edit=lack.site.replace((lack.node.value, f"{lack.base}()")),
            explanation=f"`{lack.base}` is a method; `{lack.name}` belongs to what it returns.",
        )


async def _other_member(probe: Probe, lack: Lack) -> AsyncIterator[Candidate]:
    """Yield what Python writes for a method that this type has under another name."""
    tables: Mapping[str, Mapping[str, str]] = table("other_members")
    kinds: Iterable[str] = (lack.value.type, *lack.value.bases)
    if "__next__" in lack.members:
        kinds = (*kinds, "Iterator")
    template = next((t for kind in kinds if (t := tables.get(kind, {}).get(lack.name))), None)
    if template is None:
        return
    statement = lack.site.parent(lack.call or lack.node)
    changes = " = " in template or " += " in template
    whole = lack.call or lack.node
    if changes and not (isinstance(statement, ast.Expr) and isinstance(lack.node.value, ast.Name)):
        return
    if lack.name == "append" and len(lack.value.shape or ()) > 1:
        return  # np.append would flatten it
    text = await fill(probe, template, lack, _arguments(lack))
    if text is None:
        return
    place: ast.AST = whole
    if " in {0}" in template and isinstance(statement, ast.UnaryOp):
        text, place = text.replace(" in ", " not in ", 1), statement
    elif not changes and re.search(r" (in|not|\+) |^not ", template) and _needs_brackets(statement):
        text = f"({text})"
    yield Candidate(
        title=f"Write `{text}`",
        rule=NAME,
        prior=0.88,
        edit=lack.site.replace((place, text)),
        explanation=f"{_kind(lack)} has no `{lack.name}`; Python writes `{text}`.",
    )


def _needs_brackets(parent: ast.AST | None) -> bool:
    plain = ast.If | ast.While | ast.Assign | ast.Expr | ast.Return | ast.Call | ast.IfExp
    return not isinstance(parent, plain | ast.BoolOp | ast.keyword)


def _arguments(lack: Lack) -> str:
    if lack.call is None:
        return ""
    start, end = lack.site.span_of(lack.node).end, lack.site.span_of(lack.call).end
    return lack.site.cell.source[start:end].strip()[1:-1].strip()


async def fill(probe: Probe, template: str, lack: Lack, arguments: str = "") -> str | None:
    """Return a template of the tables filled in, or None where it needs what is not there.

    `{0}` is the object, `{args}` the arguments of the call, `{np}` and `{pd}` the names under
    which the notebook knows those packages.
    """
    if "{args}" in template and not arguments:
        return None
    if arguments and "{args}" not in template and lack.name not in {"decode", "encode"}:
        return None
    visible = await probe.names()
    for alias in ("np", "pd"):
        if f"{{{alias}}}" in template and visible.get(alias) != "module":
            return None
    return template.format(lack.base, args=arguments, np="np", pd="pd")


RULE = Rule(NAME, frozenset({"AttributeError"}), propose)
