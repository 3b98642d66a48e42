"""KeyError and its kin: a key, column or row label that is spelt another way where it exists.

The labels that exist are asked of the trial kernel. Near spellings are those of
`repair.spelling`; a label that only shares words with the wanted one is a guess.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from cellwright.notebook.edit import Span
from cellwright.repair.literal import literal_like
from cellwright.repair.lookup import (
    Lookup,
    Table,
    has_key,
    hashable,
    lookups,
    names_label,
    root_name,
)
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Place, Site, all_places, places_before, site_of
from cellwright.repair.spelling import near, words
from cellwright.trials.model import Probe

SURE = 0.75
"""From this score on a single near spelling is no guess."""
RIVAL = 0.08
"""Two spellings whose scores are closer than this are equally near."""
MOST = 3
"""Spellings offered for one label."""


@dataclass(frozen=True)
class Choice:
    """An existing label that may be the meant one."""

    label: object
    score: float


def choices(label: object, keys: Iterable[object]) -> list[Choice]:
    """Return the existing labels that `label` may stand for, likeliest first."""
    found: dict[object, float] = {}
    texts: dict[str, object] = {}
    for key in map(hashable, keys):
        if isinstance(key, (str, int, float)) and not isinstance(key, bool):
            if isinstance(key, str) != isinstance(label, str) and _same_text(key, label):
                found[key] = 0.98
            elif isinstance(key, str):
                texts.setdefault(key, key)
    if isinstance(label, str):
        for key in texts:
            if key.strip() == label.strip() and key != label:
                found[key] = 0.98
        for match in near(label, texts, limit=MOST):
            found.setdefault(match.text, match.score)
        if not found:
            found.update(dict.fromkeys(_sharing_words(label, texts), 0.5))
    ordered = sorted((Choice(key, score) for key, score in found.items()), key=lambda c: -c.score)
    return [choice for choice in ordered if choice.score >= ordered[0].score - 0.2][:MOST]


def _same_text(key: object, label: object) -> bool:
    return str(key) == str(label).strip()


def _sharing_words(label: str, keys: Iterable[str]) -> list[str]:
    """Return the one key that holds all words of `label` (or the reverse), if there is just one."""
    wanted = set(words(label))
    if len(label) < 3 or not wanted:
        return []
    found = [
        key for key in keys if (there := set(words(key))) and (wanted < there or there < wanted)
    ]
    return found if len(found) == 1 else []


def is_guess(options: list[Choice]) -> bool:
    """Return whether the first of some choices is not clearly the meant one."""
    first, *others = options
    return first.score < SURE or any(first.score - other.score < RIVAL for other in others)


def _same_labels(site: Place, table: Table, failing: ast.Constant) -> list[ast.Constant]:
    """Return every place in the cell that asks the same table for the label, the failing one first.

    A cell that stores the label itself means another one at the other places.
    """
    label = failing.value
    root = "" if isinstance(table.node, ast.Call) else root_name(table.node)
    stores = any(
        isinstance(node.ctx, ast.Store) and label in _constants(node.slice)
        for node in site.nodes(ast.Subscript)
    )
    if stores or not root:
        return [failing]
    found = [failing]
    nodes: list[ast.Subscript | ast.Call] = [*site.nodes(ast.Subscript), *site.nodes(ast.Call)]
    for node in nodes:
        if root_name(node) != root and not _passes(node, root):
            continue
        parts = _arguments(node) if isinstance(node, ast.Call) else [node.slice]
        for part in parts:
            found += [
                constant
                for constant in ast.walk(part)
                if isinstance(constant, ast.Constant)
                and type(constant.value) is type(label)
                and constant.value == label
                and constant not in found
            ]
    return found


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _passes(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and any(
        isinstance(argument, ast.Name) and argument.id == name for argument in _arguments(node)
    )


def _constants(node: ast.AST) -> list[object]:
    return [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]


def _spelt(
    site: Place, table: Table, wrong: ast.Constant, options: list[Choice]
) -> list[Candidate]:
    """Return a candidate for each spelling that one literal may get."""
    guess = is_guess(options)
    found = []
    for choice in options:
        places = _same_labels(site, table, wrong)
        edit = site.replace(
            *((place, literal_like(choice.label, site.text(place))) for place in places)
        )
        found.append(
            Candidate(
                title=f"Use the {table.noun} `{choice.label}`",
                rule=RULE.name,
                prior=round(0.92 * choice.score, 3),
                edit=edit,
                guesses=(
                    f"takes `{wrong.value!s}` to mean `{choice.label}`"
                    if guess or choice is not options[0]
                    else ""
                ),
                explanation=(
                    f"`{site.text(table.node)}` has no {table.noun} {wrong.value!r}; "
                    f"it has {choice.label!r}."
                ),
            )
        )
    return found


def _all_at_once(
    site: Site, table: Table, wrong: list[tuple[ast.Constant, list[Choice]]]
) -> Candidate:
    """Return the candidate that gives each of several literals its likeliest spelling."""
    changes: dict[Span, str] = {}
    for constant, options in wrong:
        for place in _same_labels(site, table, constant):
            changes[site.span_of(place)] = literal_like(options[0].label, site.text(place))
    labels = ", ".join(dict.fromkeys(f"`{options[0].label}`" for _, options in wrong))
    guessed = [c for c in wrong if is_guess(c[1])]
    return Candidate(
        title=f"Use the {table.noun}s {labels}",
        rule=RULE.name,
        prior=round(0.92 * min(options[0].score for _, options in wrong), 3),
        edit=site.replace(*changes.items()),
        guesses="; ".join(f"takes `{c.value!s}` to mean `{o[0].label}`" for c, o in guessed),
        explanation=f"`{site.text(table.node)}` has these {table.noun}s in another spelling.",
    )


def _others_in_cell(site: Site, table: Table, seen: set[object]) -> list[ast.Constant]:
    """Return literals that the cell asks the same expression for in vain, besides those known."""
    text = site.text(table.node)
    stored = {
        constant
        for node in site.nodes(ast.Subscript)
        if isinstance(node.ctx, ast.Store)
        for constant in _constants(node.slice)
    }
    found: dict[object, ast.Constant] = {}
    for node in site.nodes(ast.Subscript):
        if isinstance(node.ctx, ast.Load) and site.text(node.value) == text:
            parts = node.slice.elts if isinstance(node.slice, ast.List) else [node.slice]
            for part in parts:
                if (
                    isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and part.value not in stored | seen
                    and not has_key(table, part.value)
                ):
                    found.setdefault(part.value, part)
    return list(found.values())


def respell(site: Site, lookup: Lookup) -> list[Candidate]:
    """Return the candidates that spell the missing labels of a look-up as they exist."""
    for table in lookup.tables:
        missing = {c.value: c for c in lookup.labels if not has_key(table, c.value)}
        wrong = [
            (c, found) for c in missing.values() if (found := choices(c.value, table.value.keys))
        ]
        if not wrong:
            continue
        also = [
            (c, found)
            for c in _others_in_cell(site, table, set(missing))
            if (found := choices(c.value, table.value.keys)) and not is_guess(found)
        ]
        if len(wrong) + len(also) > 1:
            return [_all_at_once(site, table, [*wrong, *also])]
        return _spelt(site, table, *wrong[0])
    return []


def merge_keys(site: Site, lookup: Lookup) -> list[Candidate]:
    """Return a candidate for `on="ID"` where one table has that column and the other has `id`."""
    call = lookup.node
    frames = [table for table in lookup.tables if table.is_frame][:2]
    if not isinstance(call, ast.Call) or len(frames) != 2:
        return []
    keyword = next((k for k in call.keywords if k.arg == "on"), None)
    if keyword is None or not isinstance(keyword.value, ast.Constant):
        return []
    name = keyword.value.value
    names = []
    for table in frames:
        options = [] if has_key(table, name) else choices(name, table.value.keys)
        if not has_key(table, name) and (not options or is_guess(options)):
            return []
        names.append(options[0].label if options else name)
    if names[0] == names[1]:
        return []
    text = site.text(keyword.value)
    left, right = (literal_like(label, text) for label in names)
    return [
        Candidate(
            title=f"Join `{names[0]}` with `{names[1]}`",
            rule=RULE.name,
            prior=0.85,
            edit=site.replace((keyword, f"left_on={left}, right_on={right}")),
            explanation="The two tables spell the column they are joined on in different ways.",
        )
    ]


def bound_elsewhere(failure: Failure, lookup: Lookup) -> list[Candidate]:
    """Return candidates for a label that a variable holds: they mend the literal it was given."""
    if lookup.labels:
        return []
    for table in lookup.tables:
        for place in places_before(failure):
            for constant in place.nodes(ast.Constant):
                label = constant.value
                if (
                    isinstance(label, str)
                    and names_label(failure.error, label)
                    and not has_key(table, label)
                    and (options := choices(label, table.value.keys))
                ):
                    return _spelt(place, table, constant, options)
    return []


def misspelt_where_made(failure: Failure, lookup: Lookup) -> list[Candidate]:
    """Return candidates for a label that was misspelt where it was made, and right ever since.

    That is so when several cells say the missing spelling and the existing one stands only once, in
    a cell that ran: there it was stored, or renamed to.
    """
    places = places_before(failure)
    everywhere = [[constant.value for constant in _texts(place)] for place in all_places(failure)]
    said = [text for texts in everywhere for text in texts]
    for table in lookup.tables:
        for wrong in lookup.labels:
            options = [] if has_key(table, wrong.value) else choices(wrong.value, table.value.keys)
            label = options[0].label if options and not is_guess(options) else None
            agreeing = sum(wrong.value in texts for texts in everywhere)
            if not isinstance(label, str) or agreeing < 2 or said.count(label) != 1:
                continue
            for place in places:
                made = next((c for c in _texts(place) if c.value == label), None)
                if made is not None:
                    return [_made_right(failure, place, made, str(wrong.value))]
    return []


def _texts(place: Place) -> list[ast.Constant]:
    return [node for node in place.nodes(ast.Constant) if isinstance(node.value, str)]


def _made_right(failure: Failure, place: Place, made: ast.Constant, label: str) -> Candidate:
    number = failure.notebook.number(place.cell.id)
    return Candidate(
        title=f"Spell it `{label}` in cell {number}, where it is made",
        rule=RULE.name,
        prior=0.93,
        edit=place.replace((made, literal_like(label, place.text(made)))),
        explanation=f"All other cells say {label!r}; only cell {number} says {made.value!r}.",
    )


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose existing labels for the missing one."""
    site = site_of(failure)
    if site is None:
        return []
    for lookup in await lookups(site, failure.error, probe):
        if joined := merge_keys(site, lookup):
            return joined
        found = respell(site, lookup) or bound_elsewhere(failure, lookup)
        if found:
            return [*misspelt_where_made(failure, lookup), *found]
    return []


RULE = Rule("key", frozenset({"KeyError", "ValueError", "UndefinedVariableError"}), propose)
