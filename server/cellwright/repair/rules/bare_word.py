"""NameError: a word without quotes that names a column, a key or a file.

Proposed only where the trial kernel proves that a column, key or file of that name exists; still
a guess, because a variable may have been meant.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator

from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.names import missing_name
from cellwright.repair.site import Site, own_nodes, site_of
from cellwright.trials.model import Probe

NAME = "bare-word"


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Return the statement with the word in quotes."""
    name = missing_name(failure.error)
    site = site_of(failure)
    if failure.error.ename != "NameError" or site is None or not name:
        return []
    found = [candidate async for candidate in _labels(site, probe, name)]
    found += [candidate async for candidate in _files(site, probe, name)]
    return found


async def _labels(site: Site, probe: Probe, name: str) -> AsyncIterator[Candidate]:
    words = [
        node
        for node in own_nodes(site.statement)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    quoted = []
    owner = ""
    for word in words:
        for place in _owners(site, word):
            value = await site.ask(probe, place)
            if value is not None and name in value.keys:
                quoted.append(word)
                owner = site.text(place)
                break
    if quoted:
        quote = _quote(site)
        yield Candidate(
            title=f"Put `{name}` in quotes",
            rule=NAME,
            prior=0.85,
            edit=site.replace(*((word, f"{quote}{name}{quote}") for word in quoted)),
            explanation=f"`{owner}` has a column or key {name!r}; without quotes it is a variable.",
            guesses=f"that the column or key {name!r} is meant",
        )


def _owners(site: Site, word: ast.Name) -> Iterator[ast.expr]:
    """Yield what may have a key of that name: what is subscripted, called upon, or passed along."""
    for around in site.enclosing(word):
        match around:
            case ast.Subscript(value=value):
                yield value
            case ast.Call(func=function, args=arguments, keywords=keywords):
                if isinstance(function, ast.Attribute):
                    yield function.value
                for other in (*arguments, *(keyword.value for keyword in keywords)):
                    if isinstance(other, ast.Name | ast.Attribute) and other is not word:
                        yield other
            case ast.stmt():
                return


def _quote(site: Site) -> str:
    """Return the quote that the cell uses more."""
    return "'" if site.cell.source.count("'") > site.cell.source.count('"') else '"'


async def _files(site: Site, probe: Probe, name: str) -> AsyncIterator[Candidate]:
    """Yield a path in quotes: Python reads `open(data/train.csv)` as a division."""
    for call in [node for node in own_nodes(site.statement) if isinstance(node, ast.Call)]:
        for argument in call.args[:1]:
            words = [node.id for node in ast.walk(argument) if isinstance(node, ast.Name)]
            text = "".join(site.text(argument).split())
            if name not in words or isinstance(argument, ast.Call) or "." not in text:
                continue
            folder, _, file = text.rpartition("/")
            if file in (await probe.folder(folder or ".") or ()):
                quote = _quote(site)
                yield Candidate(
                    title=f"Put the path `{text}` in quotes",
                    rule=NAME,
                    prior=0.93,
                    edit=site.replace((argument, f"{quote}{text}{quote}")),
                    explanation=f"A path is a string; the file `{text}` exists.",
                )


RULE = Rule(NAME, frozenset({"NameError"}), propose)
