"""A path that does not exist: the near file, written where the path is written.

Read from the error: `OSError.filename` (library reference, "OS exceptions"), else the quoted path
in its text, else the strings of the failing call that look like a path.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cellwright.notebook.edit import NotebookEdit, Span
from cellwright.notebook.run import CellError
from cellwright.repair.literal import escaped, quote_of, string_like
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.near_files import NearFile, near_files
from cellwright.repair.site import Place, Site, own_nodes, places_before, site_of
from cellwright.trials.model import Probe

SURE = 0.75
RIVAL = 0.04
_QUOTED = re.compile(r"""b?(['"])(.+?)\1""", re.DOTALL)
_MISSING = re.compile(
    r"no such file|not found|not exist|n't exist|cannot find|can't open|unable to .*open|errno 2",
    re.IGNORECASE,
)


def wanted_path(error: CellError, site: Site) -> str | None:
    """Return the path that was not found, as the program gave it."""
    name = error.attributes.get("filename")
    if isinstance(name, str) and name:
        return name
    if not _MISSING.search(error.evalue):
        return None
    quoted = [match.group(2) for match in _QUOTED.finditer(error.evalue)]
    if quoted:
        return quoted[-1]
    texts = [str(constant.value) for constant in _strings(own_nodes(site.statement))]
    paths = [text for text in texts if text in error.evalue and re.search(r"[/\\.]", text)]
    return max(paths, key=len, default=None)


def _strings(nodes: Iterable[ast.AST]) -> list[ast.Constant]:
    return [
        node
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
    ]


@dataclass(frozen=True)
class Piece:
    """A string literal that holds part of the path: the path is `before + literal + after`."""

    place: Place
    node: ast.Constant
    before: str
    after: str


def pieces(failure: Failure, site: Site, wanted: str) -> Iterator[Piece]:
    """Yield the literals that the path may be made of, those of the failing statement first."""
    seen: set[tuple[str, Span]] = set()
    for place, nodes in _places(failure, site):
        for node in nodes:
            key = (place.cell.id, place.span_of(node))
            if key in seen:
                continue
            seen.add(key)
            text = str(node.value)
            if text == wanted or (len(text) > 2 and _is_part(text, wanted)):
                for start in _starts(text, wanted):
                    yield Piece(place, node, wanted[:start], wanted[start + len(text) :])


def _places(failure: Failure, site: Site) -> Iterator[tuple[Place, list[ast.Constant]]]:
    """Yield where literals may stand: the failing statement, its cell upwards, the cells before."""
    yield site, _strings(own_nodes(site.statement))
    for place in places_before(failure):
        nodes = _strings(place.nodes(ast.Constant))
        if place.cell.id == site.cell.id:
            nodes = [node for node in nodes if place.span_of(node) < site.span]
        yield place, nodes[::-1]


def _is_part(text: str, wanted: str) -> bool:
    """Return whether a literal is whole parts of the path, not some letters of it."""
    return any(
        _edge(wanted, start) and _edge(wanted, start + len(text)) for start in _starts(text, wanted)
    )


def _edge(path: str, offset: int) -> bool:
    around = path[max(offset - 1, 0) : offset + 1]
    return offset in {0, len(path)} or any(mark in around for mark in "/\\_-.")


def _starts(text: str, wanted: str) -> list[int]:
    return [m.start() for m in re.finditer(f"(?={re.escape(text)})", wanted)]


def new_text(piece: Piece, path: str) -> str | None:
    """Return what a literal has to say so that the whole path becomes `path`, or None."""
    before, after = piece.before, piece.after
    if not path.startswith(before) or not path[len(before) :].endswith(after):
        return None
    text = path[len(before) : len(path) - len(after)]
    return text if text and text != piece.node.value else None


def rewritten(piece: Piece, text: str) -> NotebookEdit:
    """Return the edit that makes a literal say `text`, a part of an f-string included."""
    site, node = piece.place, piece.node
    around = site.parent(node)
    if isinstance(around, ast.JoinedStr):
        quote = quote_of(site.text(around))
        old = site.text(around)
        body = escaped(str(node.value), quote)
        offset = old.find(body)
        start = site.span_of(around).start + offset
        return site.replace((Span(start, start + len(body)), escaped(text, quote)))
    return site.replace((node, string_like(text, site.text(node))))


async def _written_as(probe: Probe, wanted: str, path: str) -> list[str]:
    """Return the forms in which an existing path may be written where `wanted` stood."""
    forms = [path]
    if wanted.startswith("/") and not path.startswith("/"):
        here = await probe.describe("__import__('os').getcwd()")
        if here is not None and here.repr:
            forms.append(posixpath.normpath(posixpath.join(here.repr.strip("'\""), path)))
    if not path.startswith(("/", ".")):
        forms.append("./" + path)
    return forms


async def respelt(
    failure: Failure, site: Site, probe: Probe, wanted: str, files: list[NearFile]
) -> list[Candidate]:
    """Return the candidates that write an existing path where the missing one is written."""
    found = []
    rivals = [file for file in files if file.score > files[0].score - RIVAL]
    for file in files:
        forms = await _written_as(probe, wanted, file.path)
        made = next(
            (
                (piece, text)
                for piece in pieces(failure, site, wanted)
                for form in forms
                if (text := new_text(piece, form)) is not None
            ),
            None,
        )
        if made is None:
            continue
        guess = file is not files[0] or len(rivals) > 1 or file.score < SURE
        found.append(
            Candidate(
                title=f"Open `{file.path}`",
                rule=RULE.name,
                prior=round(0.93 * file.score, 3),
                edit=rewritten(*made),
                guesses=f"takes `{file.path}` to be the file that was meant" if guess else "",
                explanation=f"There is no `{wanted}` here; `{file.path}` exists.",
            )
        )
    return found


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose the existing files that are near the one that was not found."""
    site = site_of(failure)
    if site is None:
        return []
    wanted = wanted_path(failure.error, site)
    if not wanted or "://" in wanted:
        return []
    files = [file for file in await near_files(probe, wanted) if file.path != wanted]
    return await respelt(failure, site, probe, wanted, files) if files else []


RULE = Rule("file-path", frozenset({"OSError"}), propose)
