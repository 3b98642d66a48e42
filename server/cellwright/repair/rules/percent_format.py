"""TypeError of `%` formatting: a placeholder of the wrong type, arguments outside the tuple.

The placeholders are those of "printf-style String Formatting" in the library reference. Only plain
ones are read; what an argument is, is asked of the trial kernel.
"""

from __future__ import annotations

import ast
import re

from cellwright.notebook.edit import Span
from cellwright.repair.kinds import kind, number_type, plain_value
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, short, site_of
from cellwright.trials.model import Probe

_PLACEHOLDER = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?([a-zA-Z]))")


def placeholders(text: str) -> list[re.Match[str]]:
    """Return the placeholders of a format, `%%` left out."""
    return [match for match in _PLACEHOLDER.finditer(text) if match.group(1)]


def outside_tuple(site: Site, node: ast.BinOp, wanted: int) -> list[Candidate]:
    """Return the candidate for `print("%s %s" % a, b)`: all arguments go into one tuple."""
    call = site.parent(node)
    if not isinstance(call, ast.Call) or node not in call.args or isinstance(node.right, ast.Tuple):
        return []
    following = call.args[call.args.index(node) + 1 :]
    if len(following) != wanted - 1 or not following:
        return []
    start, end = site.span_of(node.right).start, site.span_of(following[-1]).end
    return [
        Candidate(
            title="Put the arguments of `%` into one tuple",
            rule=RULE.name,
            prior=0.92,
            edit=site.replace((Span(start, start), "("), (Span(end, end), ")")),
            explanation="`%` takes one thing on its right; several have to stand in parentheses.",
        )
    ]


async def wrong_type(site: Site, probe: Probe, node: ast.BinOp, text: str) -> list[Candidate]:
    """Return candidates for `"%d" % "5"`: the number in the text."""
    arguments = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    found = placeholders(text)
    if len(found) != len(arguments):
        return []
    changes = []
    for match, argument in zip(found, arguments, strict=True):
        value = await site.ask(probe, argument)
        number = number_type(plain_value(value)) if kind(value) == "text" else ""
        if match.group(1) in "diufFeEgGxXo" and number:
            changes.append((argument, f"{number}({site.text(argument)})"))
    if not changes:
        return []
    names = ", ".join(f"`{short(site.text(argument))}`" for argument, _ in changes)
    return [
        Candidate(
            title=f"Convert {names} to a number",
            rule=RULE.name,
            prior=0.9,
            edit=site.replace(*changes),
            explanation=f"The placeholder wants a number, and {names} is text that holds one.",
        )
    ]


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose arguments that fit the placeholders."""
    site = site_of(failure)
    for node in site.failing(ast.BinOp) if site else []:
        assert site is not None
        text = plain_value(await site.ask(probe, node.left))
        if not isinstance(node.op, ast.Mod) or not isinstance(text, str):
            continue
        if "not enough arguments" in failure.error.evalue:
            return outside_tuple(site, node, len(placeholders(text)))
        if "number is required" in failure.error.evalue or "real number" in failure.error.evalue:
            return await wrong_type(site, probe, node, text)
    return []


RULE = Rule("percent-format", frozenset({"TypeError"}), propose)
