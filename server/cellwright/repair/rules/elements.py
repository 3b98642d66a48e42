"""TypeError of a function that walks through elements: join, sum, sorted, min, max, a for loop.

Which elements these functions take: library reference, "Built-in Functions" and `str.join`.
"""

from __future__ import annotations

import ast

from cellwright.notebook.edit import Span
from cellwright.repair.kinds import kind, number_type, plain_value
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, short, site_of
from cellwright.trials.model import Probe

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ORDERING = frozenset({"sorted", "min", "max", "sort"})


def _candidate(
    title: str, change: tuple[Site, ast.AST | Span, str], prior: float, why: str, guess: str = ""
) -> Candidate:
    site, place, text = change
    return Candidate(
        title=title,
        rule=RULE.name,
        prior=prior,
        edit=site.replace((place, text)),
        guesses=guess,
        explanation=why,
    )


def joined(site: Site, call: ast.Call) -> list[Candidate]:
    """Return the candidate for `", ".join(numbers)`: each element becomes text."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "join" or len(call.args) != 1:
        return []
    argument = call.args[0]
    if isinstance(argument, (ast.GeneratorExp, ast.ListComp)):
        place: ast.AST = argument.elt
        text = f"str({site.text(argument.elt)})"
    else:
        place, text = argument, f"map(str, {site.text(argument)})"
    why = "join puts text together; what is no text has to be made text first."
    return [_candidate("Turn each element into text", (site, place, text), 0.92, why)]


async def summed(site: Site, probe: Probe, call: ast.Call) -> list[Candidate]:
    """Return the candidate for `sum(texts)`: the numbers that the texts hold."""
    if not isinstance(call.func, ast.Name) or call.func.id != "sum" or not call.args:
        return []
    argument = call.args[0]
    values = await _elements(site, probe, argument)
    if not values or not all(isinstance(value, str) for value in values):
        return []
    text = site.text(argument)
    numbers = {number_type(value) for value in values}
    if "" in numbers:
        return []
    text = site.text(argument)
    function = "int" if numbers == {"int"} else "float"
    why = f"`{short(text)}` holds text, and sum adds numbers."
    change = (site, argument, f"map({function}, {text})")
    return [_candidate(f"Turn each element into {function}", change, 0.88, why)]


async def _elements(site: Site, probe: Probe, node: ast.expr) -> list[object]:
    """Return the first elements of a list or tuple, as plain values."""
    value = await probe.describe(f"[*{site.text(node)}][:20]")
    found = plain_value(value)
    return found if isinstance(found, list) else []


async def ordered(site: Site, probe: Probe, call: ast.Call) -> list[Candidate]:
    """Return candidates for sorting numbers mixed with text: a key that makes them alike."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else site.text(call.func)
    if name not in _ORDERING or any(keyword.arg == "key" for keyword in call.keywords):
        return []
    node = call.func.value if isinstance(call.func, ast.Attribute) else None
    node = node or (call.args[0] if len(call.args) == 1 else None)
    if node is None:
        return []
    values = await _elements(site, probe, node)
    if not values or not all(isinstance(value, (str, int, float)) for value in values):
        return []
    numbers = all(number_type(value) for value in values if isinstance(value, str))
    function = "float" if numbers else "str"
    end = site.span_of(call).end - 1
    text = f", key={function}" if call.args or call.keywords else f"key={function}"
    why = f"`{short(site.text(node))}` holds both numbers and text, which have no common order."
    guess = "" if numbers else "takes the order of the elements as text"
    title = f"Compare the elements as {'numbers' if numbers else 'text'}"
    return [_candidate(title, (site, Span(end, end), text), 0.85 if numbers else 0.6, why, guess)]


async def counted(site: Site, probe: Probe) -> list[Candidate]:
    """Return the candidate for `for i in 5` or `for i in len(x)`: a range of that many."""
    spots: list[ast.expr] = [
        node.iter for node in (site.statement,) if isinstance(node, (ast.For, ast.AsyncFor))
    ]
    spots += [node.iter for node in ast.walk(site.statement) if isinstance(node, ast.comprehension)]
    for node in spots:
        inside = site.exact and isinstance(site.exact[0], _COMPREHENSIONS)
        if site.exact and not inside and site.span_of(node) != site.span:
            continue
        value = await site.ask(probe, node)
        if value is None or value.type == "bool" or kind(value) != "number":
            continue
        if not isinstance(plain_value(value), int):
            continue
        sure = isinstance(node, (ast.Constant, ast.Call))
        text = site.text(node)
        why = f"`{short(text)}` is one number; range counts up to it."
        guess = "" if sure else "takes the number as how often the loop runs"
        change = (site, node, f"range({text})")
        return [_candidate(f"Loop over range({short(text)})", change, 0.9, why, guess)]
    return []


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose to make the elements what the function takes."""
    site = site_of(failure)
    if site is None:
        return []
    if "not iterable" in failure.error.evalue:
        return await counted(site, probe)
    for call in site.failing(ast.Call):
        found: list[Candidate] = []
        if "expected str instance" in failure.error.evalue:
            found = joined(site, call)
        elif "not supported between" in failure.error.evalue:
            found = await ordered(site, probe, call)
        elif "unsupported operand" in failure.error.evalue or "sum()" in failure.error.evalue:
            found = await summed(site, probe, call)
        if found:
            return found
    return []


RULE = Rule("elements", frozenset({"TypeError"}), propose)
