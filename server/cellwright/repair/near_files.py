"""Find the files and folders that a path which does not exist may have meant."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cellwright.repair.spelling import near
from cellwright.trials.model import Probe

CONTROL = {"\t": "/t", "\n": "/n", "\r": "/r", "\b": "/b", "\f": "/f", "\a": "/a", "\v": "/v"}
"""What an escape such as `\\t` made of a backslash that was meant to part folders."""
SKIPPED = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build", "dist"}
)
FOLDERS = 120
"""Folders listed for one question, at most."""
DEPTH = 3
"""How deep below the notebook's folder files are looked for."""
COMPRESSED = (".gz", ".bz2", ".xz", ".zip", ".zst")
_EXTENSION = re.compile(r"(?<=.)\.\w{1,8}\s*\Z")
DATA_FOLDERS = frozenset(
    {"data", "dataset", "datasets", "input", "inputs", "raw", "files", "resources", "assets", "csv"}
)
"""Names that a project gives the folder of its data: files there are likelier than elsewhere."""


@dataclass(frozen=True)
class NearFile:
    """An existing path (relative where it is near the cwd), how near it is (0..1), and how."""

    path: str
    score: float
    why: str


@dataclass
class _Lister:
    """Lists folders of the guest, each once, up to a number."""

    probe: Probe
    known: dict[str, tuple[str, ...] | None] = field(default_factory=dict)

    async def entries(self, folder: str) -> tuple[str, ...]:
        if folder not in self.known:
            if len(self.known) >= FOLDERS:
                return ()
            self.known[folder] = await self.probe.folder(folder or ".")
        return self.known[folder] or ()


def normal(path: str) -> str:
    """Return a path with `/` where a backslash, or an escape made with one, was meant to part."""
    for control, meant in CONTROL.items():
        path = path.replace(control, meant)
    path = path.replace("\\", "/")
    return path if "://" in path else posixpath.normpath(path) if path.strip() else ""


def _bare(name: str) -> str:
    return name.strip().casefold()


def stem(name: str) -> str:
    """Return a file's name without its extensions (`data.csv.gz` → `data`)."""
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return _EXTENSION.sub("", name)


def name_score(wanted: str, name: str) -> tuple[float, str]:
    """Return how near an existing name is to the wanted one (0: not at all), and how it differs."""
    if name == wanted:
        return 1.0, ""
    if _bare(name) == _bare(wanted):
        return 0.97, "spelling"
    if _bare(stem(name)) == _bare(stem(wanted)):
        kin = name.startswith(wanted + ".") or wanted.startswith(name + ".")
        return (0.93 if kin else 0.85), "extension"
    endings = name[len(stem(name)) :], wanted[len(stem(wanted)) :]
    if _bare(endings[0]) == _bare(endings[1]) and (best := near(stem(wanted), [stem(name)])):
        return best[0].score, "spelling"
    return 0.0, ""


async def near_files(probe: Probe, wanted: str, *, limit: int = 3) -> list[NearFile]:
    """Return the existing paths that `wanted` may have meant, nearest first."""
    path = normal(wanted)
    if not path or path == "." or "://" in path:
        return []
    lister = _Lister(probe)
    found: dict[str, NearFile] = {}
    for file in (*await _spelt(lister, path), *await _moved(lister, path)):
        known = found.get(file.path)
        if known is None or known.score < file.score:
            found[file.path] = file
    return sorted(found.values(), key=lambda file: -file.score)[:limit]


async def _spelt(lister: _Lister, path: str) -> list[NearFile]:
    """Follow the path from its root, taking the near spelling of each part that is not there."""
    root = "/" if path.startswith("/") else ""
    parts = [part for part in path.split("/") if part]
    ways = [(root, 1.0, "")]
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        onward: list[tuple[str, float, str]] = []
        for way, score, why in ways:
            if part == "..":
                onward.append((posixpath.join(way, part), score, why))
                continue
            for name, nearness, how in _near_names(part, await lister.entries(way), last=last):
                onward.append((posixpath.join(way, name), score * nearness, how or why))
        ways = sorted(onward, key=lambda way: -way[1])[:4]
    return [NearFile(way, score, why) for way, score, why in ways if way]


def _near_names(part: str, entries: Iterable[str], *, last: bool) -> list[tuple[str, float, str]]:
    names = [entry for entry in entries if last or entry.endswith("/")]
    bare = [name.rstrip("/") for name in names]
    if part in bare:
        return [(part, 1.0, "")]
    scored = [(name, *name_score(part, name)) for name in bare]
    return [found for found in scored if found[1] > 0]


async def _moved(lister: _Lister, path: str) -> list[NearFile]:
    """Look for the last part of the path in the folders around the notebook."""
    *folders, name = [part for part in path.split("/") if part not in {"", "..", "."}] or [""]
    found = []
    for folder in await _around(lister):
        for entry in await lister.entries(folder):
            bare = entry.rstrip("/")
            score, why = name_score(name, bare)
            if not score:
                continue
            there = posixpath.normpath(posixpath.join(folder, bare))
            found.append(NearFile(there, score * _nearness(folder, folders), why or "folder"))
    return found


def _nearness(folder: str, wanted: list[str]) -> float:
    """Return how likely a folder near the cwd is the one that was meant (0..1).

    A folder beside the notebook's is another project's unless its name says that it holds data.
    """
    parts = [part.casefold() for part in folder.split("/") if part]
    told = {part.casefold() for part in wanted} | DATA_FOLDERS
    strange = [part for part in parts if part != ".." and part not in told]
    return 0.94 - 0.02 * len(parts) - (0.12 if ".." in parts and strange else 0.0)


async def _around(lister: _Lister) -> list[str]:
    """Return the folders to look in: the cwd, those below it, those above and just below these."""
    found = [""]
    level = [""]
    for _ in range(DEPTH):
        level = [inner for folder in level for inner in await _folders(lister, folder)]
        found += level
    above = ["..", "../.."]
    here = await lister.entries("")
    for folder in above:
        beside = await _folders(lister, folder)
        # The way back down to the cwd is no other folder: it lists what the cwd lists.
        found += [folder, *[f for f in beside if await lister.entries(f) != here]]
    return list(dict.fromkeys(found))


async def _folders(lister: _Lister, folder: str) -> list[str]:
    names = [entry[:-1] for entry in await lister.entries(folder) if entry.endswith("/")]
    return [
        posixpath.join(folder, name)
        for name in names
        if not name.startswith(".") and name not in SKIPPED
    ]
