"""A class whose `__init__` is misspelt (`_init_`, `__int__`): its objects are made without it.

It shows as "takes no arguments" where an object is made, or as a missing attribute later on (data
model, 3.3.1: only the exact special names are called by Python).
"""

from __future__ import annotations

import ast
import re

from cellwright.notebook.edit import Span
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.site import Place, all_places
from cellwright.trials.model import Probe

NAME = "misspelt-init"
_TAKES_NONE = re.compile(r"(\w+)\(\) takes no arguments|(\w+)\.__init__\(\) takes exactly one")
_NEAR = re.compile(r"_*(init|int|inti|intit|iinit|initi|innit|inint)_*", re.IGNORECASE)


async def propose(failure: Failure, _: Probe) -> list[Candidate]:
    """Return the corrected name of the method that should have been `__init__`."""
    kind = _class_of(failure)
    for place in all_places(failure):
        for node in place.nodes(ast.ClassDef):
            if node.name != kind:
                continue
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            if any(method.name == "__init__" for method in methods):
                continue
            for method in methods:
                if _NEAR.fullmatch(method.name) and method.args.args:
                    return [_corrected(failure, place, node, method)]
    return []


def _class_of(failure: Failure) -> str:
    if failure.error.ename == "TypeError":
        match = _TAKES_NONE.search(failure.error.evalue)
        return (match[1] or match[2]) if match else ""
    return str(failure.error.attributes.get("obj_type", "")).rpartition(".")[2]


def _corrected(
    failure: Failure, place: Place, owner: ast.ClassDef, method: ast.FunctionDef
) -> Candidate:
    start = place.cell.source.index(method.name, place.span_of(method).start)
    number = failure.notebook.number(place.cell.id)
    return Candidate(
        title=f"Rename `{method.name}` to `__init__` in class `{owner.name}` (cell {number})",
        rule=NAME,
        prior=0.95,
        edit=place.replace((Span(start, start + len(method.name)), "__init__")),
        explanation="Python calls only the method named `__init__` when an object is made.",
    )


RULE = Rule(NAME, frozenset({"AttributeError", "TypeError"}), propose)
