"""ValueError from turning text into a number: `int("3.5")`, `float("1,234")`, `"$5"`.

The text that could not be read is in the error ("could not convert string to float: '…'"). It is
cleaned only of what people write around numbers (digit grouping, currency, percent): what makes it
a number of another sort, or nothing, is left alone.
"""

from __future__ import annotations

import ast
import re

from cellwright.repair.kinds import is_series, number_type
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Site, atom, short, site_of
from cellwright.trials.model import Probe

_TEXT = re.compile(
    r"(?:could not convert string to float|invalid literal for int\(\) with base 10"
    r"|Unable to parse string)[:\s]*(b?(['\"]).*\2)",
    re.DOTALL,
)
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?\Z")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+\Z")
_AROUND = "$€£¥%₹ \xa0_'"


def rejected_text(evalue: str) -> str | None:
    """Return the text that an error says is no number."""
    match = _TEXT.search(evalue)
    if match is None:
        return None
    try:
        text = ast.literal_eval(match.group(1))
    except (ValueError, SyntaxError):
        return None
    return text if isinstance(text, str) else None


def cleanings(text: str) -> list[tuple[str, str, str]]:
    """Return ways to make a text a number: (characters dropped, comma's replacement, guess)."""
    dropped = "".join(dict.fromkeys(char for char in text if char in _AROUND))
    bare = "".join(char for char in text if char not in _AROUND)
    guess = "takes the percentage as a number of percent" if "%" in dropped else ""
    if number_type(bare):
        return [(dropped, ",", guess)] if dropped.strip() or dropped else []
    if _GROUPED.match(bare):
        return [(dropped + ",", "", guess)]
    if _DECIMAL_COMMA.match(bare):
        return [(dropped, ".", "takes the comma to be a decimal point")]
    return []


def _replaced(owner: str, dropped: str, comma: str) -> str:
    text = owner
    for char in dropped:
        text += f'.replace({_quoted(char)}, "")'
    return text if comma in {",", ""} else text + f'.replace(",", "{comma}")'


def _quoted(char: str) -> str:
    return '"\'"' if char == "'" else f'"{char}"'


def _replaced_in_column(owner: str, dropped: str, comma: str) -> str:
    text = owner
    if len(dropped) == 1:
        text += f'.str.replace({_quoted(dropped)}, "", regex=False)'
    elif dropped:
        text += f'.str.replace(r"[{re.escape(dropped)}]", "", regex=True)'
    return text if comma in {",", ""} else text + f'.str.replace(",", "{comma}", regex=False)'


def _made(title: str, edit_of: tuple[Site, ast.expr, str], why: str, guess: str) -> Candidate:
    site, node, text = edit_of
    return Candidate(
        title=title,
        rule=RULE.name,
        prior=0.88,
        edit=site.replace((node, text)),
        guesses=guess,
        explanation=why,
    )


def _scalar(site: Site, call: ast.Call, text: str) -> list[Candidate]:
    """Return candidates for `int(text)` or `float(text)`."""
    if not isinstance(call.func, ast.Name) or call.func.id not in {"int", "float"}:
        return []
    if len(call.args) != 1 or call.keywords:
        return []
    argument = call.args[0]
    name = short(site.text(argument))
    if number_type(text) == "float" and call.func.id == "int":
        whole = float(text).is_integer()
        says = f"`int` reads whole numbers only, and {text!r} has a point."
        guess = (
            "" if whole else "takes a number with a fraction where the code asked for a whole one"
        )
        keep = _made(f"Read `{name}` with float()", (site, call.func, "float"), says, guess)
        cut = _made(
            f"Read `{name}` with float(), then cut it with int()",
            (site, argument, f"float({site.text(argument)})"),
            says,
            "" if whole else "cuts off the part behind the point",
        )
        return [cut, keep] if whole else [keep, cut]
    return [
        _made(
            f"Clean the number in `{name}`",
            (site, argument, _replaced(atom(site, argument), dropped, comma)),
            f"{text!r} holds more than a number: Python reads digits and a point only.",
            guess,
        )
        for dropped, comma, guess in cleanings(text)
    ]


async def _column(site: Site, probe: Probe, call: ast.Call, text: str) -> list[Candidate]:
    """Return candidates for `column.astype(float)` and `pd.to_numeric(column)`."""
    if not isinstance(call.func, ast.Attribute):
        return []
    owner = call.func.value if call.func.attr == "astype" else None
    if call.func.attr == "to_numeric" and call.args:
        owner = call.args[0]
    value = await site.ask(probe, owner) if owner is not None else None
    if owner is None or value is None or not is_series(value):
        return []
    return [
        _made(
            f"Clean the numbers in `{short(site.text(owner))}`",
            (site, owner, _replaced_in_column(atom(site, owner), dropped, comma)),
            f"{text!r} holds more than a number: digits and a point are all that can be read.",
            guess,
        )
        for dropped, comma, guess in cleanings(text)
    ]


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose to clean the text, or to read it as the number that it is."""
    site, text = site_of(failure), rejected_text(failure.error.evalue)
    if site is None or text is None:
        return []
    for call in site.failing(ast.Call):
        found = _scalar(site, call, text) or await _column(site, probe, call, text)
        if found:
            return found
    return []


RULE = Rule("number-text", frozenset({"ValueError"}), propose)
