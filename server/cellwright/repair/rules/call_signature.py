"""TypeError of a call that does not fit the function: a keyword's name, the number of arguments.

The parameters are asked of the trial kernel (`inspect.signature`), so that this needs no table of
what libraries renamed. Messages: CPython's `Python/ceval.c` ("got an unexpected keyword argument").
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from cellwright.notebook.edit import Span
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.signature import Parameter, parameters
from cellwright.repair.site import Site, short, site_of
from cellwright.repair.spelling import near, words
from cellwright.trials.model import Probe

_UNEXPECTED = re.compile(
    r"unexpected keyword argument '(\w+)'|'(\w+)' is an invalid keyword argument"
    r"|unexpected keyword arguments?:? \{?'?(\w+)"
)
_OWNER = re.compile(r"([A-Za-z_][\w.]*)\(\) got an unexpected")
_MEANT = re.compile(r"[Dd]id you mean:? '(\w+)'")
_TOO_MANY = re.compile(
    r"takes .*positional arguments? but \d+|too many positional arguments|multiple values for arg"
)
SURE = 0.75
RIVAL = 0.08


def _unpassed(call: ast.Call, known: tuple[Parameter, ...]) -> list[Parameter]:
    """Return the parameters that may be passed by name and that a call does not pass."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return []
    places = [parameter for parameter in known if parameter.by_position]
    passed = {parameter.name for parameter in places[: len(call.args)]}
    passed |= {keyword.arg for keyword in call.keywords if keyword.arg}
    return [p for p in known if p.by_keyword and p.name not in passed]


def _renamed(
    site: Site, keyword: ast.keyword, name: str, prior: float, why: str, guess: str = ""
) -> Candidate:
    start = site.span_of(keyword).start
    old = str(keyword.arg)
    return Candidate(
        title=f"Use the keyword `{name}` instead of `{old}`",
        rule=RULE.name,
        prior=prior,
        edit=site.replace((Span(start, start + len(old)), name)),
        guesses=guess,
        explanation=why,
    )


async def _known(site: Site, probe: Probe, call: ast.Call, evalue: str) -> tuple[Parameter, ...]:
    """Return the parameters that a call may pass, also those of the function it passes them on to.

    The error names that inner function; it is looked for in the package of the called one.
    """
    value = await site.ask(probe, call.func)
    known = parameters(value)
    owner = _OWNER.search(evalue)
    if value is None or owner is None or not any(p.kind == "var_keyword" for p in known):
        return known
    package = str(value.extra.get("defined_in") or value.module).split(".")[0]
    first, _, rest = owner.group(1).partition(".")
    for module in (await probe.find_member(package, first))[:3]:
        path = f"__import__('importlib').import_module({module!r}).{first}"
        inner = parameters(await probe.describe(f"{path}.{rest}" if rest else path))
        if inner:
            return (*known, *(p for p in inner if p.name not in {k.name for k in known}))
    return known


async def unexpected(
    site: Site, probe: Probe, call: ast.Call, name: str, evalue: str
) -> list[Candidate]:
    """Return candidates for a keyword that the function does not take."""
    keyword = next((keyword for keyword in call.keywords if keyword.arg == name), None)
    if keyword is None:
        return []
    known = await _known(site, probe, call, evalue)
    unpassed = _unpassed(call, known)
    function = short(site.text(call.func))
    why = f"`{function}` has no keyword `{name}`"
    if meant := _MEANT.search(evalue):
        return [_renamed(site, keyword, meant.group(1), 0.93, f"{why}; Python names this one.")]
    found = []
    matches = near(name, [p.name for p in unpassed], limit=3)
    for match in matches:
        rivals = [m for m in matches if m is not match and m.score > match.score - RIVAL]
        sure = match.score >= SURE and not rivals
        guess = "" if sure else f"takes `{name}` to mean `{match.text}`"
        says = f"{why}; it has `{match.text}`."
        found.append(_renamed(site, keyword, match.text, 0.92 * match.score, says, guess))
    required = [p for p in unpassed if p.required]
    if len(required) == 1 and required[0].name not in {match.text for match in matches}:
        says = f"{why}, and its parameter `{required[0].name}` is not passed."
        guess = f"takes `{name}` to mean `{required[0].name}`"
        found.append(_renamed(site, keyword, required[0].name, 0.45, says, guess))
    if not found:
        found += [*_akin(site, keyword, unpassed, why), *_dropped(site, call, keyword, why)]
    return found


def _akin(site: Site, keyword: ast.keyword, unpassed: list[Parameter], why: str) -> list[Candidate]:
    """Return guesses at parameters whose name shares a word with the keyword's."""
    wanted = set(words(str(keyword.arg)))
    shared = [p.name for p in unpassed if wanted & set(words(p.name))]
    return [
        _renamed(
            site,
            keyword,
            name,
            0.5,
            f"{why}; `{name}` has a similar name.",
            f"takes `{keyword.arg}` to mean `{name}`",
        )
        for name in shared[:2]
    ]


def _dropped(site: Site, call: ast.Call, keyword: ast.keyword, why: str) -> list[Candidate]:
    """Return the candidate without the keyword, where its value turns something off."""
    if not isinstance(keyword.value, ast.Constant) or keyword.value.value not in (None, False):
        return []
    return [
        Candidate(
            title=f"Leave out `{short(site.text(keyword))}`",
            rule=RULE.name,
            prior=0.55,
            edit=site.replace((argument_span(site, call, keyword), "")),
            guesses="takes the call to mean the same without it",
            explanation=f"{why}.",
        )
    ]


def argument_span(site: Site, call: ast.Call, argument: ast.AST) -> Span:
    """Return the span of an argument with the comma that goes with it."""
    arguments: list[ast.AST] = [*call.args, *call.keywords]
    arguments.sort(key=site.span_of)
    place = arguments.index(argument)
    span = site.span_of(argument)
    if place:
        return Span(site.span_of(arguments[place - 1]).end, span.end)
    if len(arguments) > 1:
        return Span(span.start, site.span_of(arguments[1]).start)
    return span


async def missing(site: Site, probe: Probe, call: ast.Call, evalue: str) -> list[Candidate]:
    """Return candidates for a required argument that an unknown keyword was meant to pass.

    Functions that take any keyword swallow the old name, and miss the new one.
    """
    known = parameters(await site.ask(probe, call.func))
    required = [
        p for p in _unpassed(call, known) if p.required and re.search(rf"'{p.name}'", evalue)
    ]
    names = {p.name for p in known}
    strange = [keyword for keyword in call.keywords if keyword.arg and keyword.arg not in names]
    if len(required) != 1:
        return []
    name = required[0].name
    scores = {match.text: match.score for match in near(name, [str(k.arg) for k in strange])}
    found = []
    for keyword in strange:
        # Who renames a parameter keeps its place; any other keyword may be one that is passed on.
        in_place = len(call.args) + call.keywords.index(keyword) == known.index(required[0])
        sure = in_place or str(keyword.arg) in scores
        found.append(
            _renamed(
                site,
                keyword,
                name,
                0.85 if sure else 0.5,
                f"`{short(site.text(call.func))}` needs `{name}` and has no `{keyword.arg}`.",
                "" if sure else f"takes `{keyword.arg}` to mean `{name}`",
            )
        )
    return found


async def too_many(site: Site, probe: Probe, call: ast.Call) -> list[Candidate]:
    """Return candidates that pass by name what may no longer be passed by place."""
    known = parameters(await site.ask(probe, call.func))
    if any(p.kind == "var_positional" for p in known):
        return []
    places = [p for p in known if p.by_position]
    extra = call.args[len(places) :]
    only = [p for p in _unpassed(call, known) if p.kind == "keyword_only"]
    twice = {p.name for p in places[: len(call.args)]} & {k.arg for k in call.keywords}
    if not (extra or twice) or any(isinstance(argument, ast.Starred) for argument in call.args):
        return []
    function = short(site.text(call.func))
    if twice:
        found = [_named(site, function, call.args, only, "")]
    elif len(extra) == 1:
        likeliest = _by_name(site, extra[0], only)[:6]
        found = [_named(site, function, extra, [p], "which one is meant") for p in likeliest]
    else:
        found = [
            _named(site, function, arguments, only, "their order")
            for arguments in (extra, call.args)
        ]
    return [candidate for candidate in found if candidate is not None]


def _by_name(site: Site, node: ast.expr, only: list[Parameter]) -> list[Parameter]:
    """Return keyword-only parameters, those named like the argument first."""
    said = set(words(site.text(node)))
    return sorted(only, key=lambda p: not said & set(words(p.name)))


def _named(
    site: Site, function: str, arguments: Sequence[ast.expr], only: list[Parameter], guess: str
) -> Candidate | None:
    if len(arguments) > len(only):
        return None
    pairs = list(zip(arguments, only, strict=False))
    names = ", ".join(f"`{parameter.name}`" for _, parameter in pairs)
    spans = [(site.span_of(argument).start, parameter.name) for argument, parameter in pairs]
    return Candidate(
        title=f"Pass {names} by name",
        rule=RULE.name,
        prior=0.7 if guess else 0.85,
        edit=site.replace(*((Span(start, start), f"{name}=") for start, name in spans)),
        guesses=f"assumes {guess}" if guess else "",
        explanation=f"`{function}` takes these arguments only by their names.",
    )


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose a call that the function takes."""
    site, evalue = site_of(failure), failure.error.evalue
    if site is None:
        return []
    strange = _UNEXPECTED.search(evalue)
    for call in site.failing(ast.Call):
        found: list[Candidate] = []
        if strange:
            name = next(group for group in strange.groups() if group)
            found = await unexpected(site, probe, call, name, evalue)
        elif "required" in evalue or "missing" in evalue:
            found = await missing(site, probe, call, evalue)
        elif _TOO_MANY.search(evalue):
            found = await too_many(site, probe, call)
        if found:
            return found
    return []


RULE = Rule("call-signature", frozenset({"TypeError", "AttributeError"}), propose)
