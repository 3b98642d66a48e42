"""One cell as JSON text, in the style of the file it stands in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from cellwright.notebook.language import cell_language
from cellwright.notebook.model import Cell
from cellwright.notebook.shapes.ipynb.scan import ObjectLayout
from cellwright.notebook.shapes.ipynb.source import source_text
from cellwright.notebook.shapes.ipynb.style import Style

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def nbformat_id(cell: Cell, taken: Collection[str]) -> str:
    """Return the id that a new cell gets in a file: its own where nbformat allows it."""
    name = cell.nbformat_id or cell.id
    while name in taken or not _ID.fullmatch(name):
        name = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return name


def cell_text(cell: Cell, notebook_language: str, name: str | None, style: Style) -> str:
    """Return the text of a cell that the file did not have; `name` is its id there, if any."""
    metadata = dict(cell.metadata)
    if cell.language != cell_language(cell.kind, metadata, notebook_language):
        metadata["vscode"] = {"languageId": cell.language}
    members: dict[str, Any] = {**cell.extra, "cell_type": cell.kind, "metadata": metadata}
    if name is not None:
        members["id"] = name
    if cell.kind == "code":
        members |= {"execution_count": cell.execution_count, "outputs": [*cell.saved_outputs]}
    texts = {key: style.dump(value) for key, value in members.items()}
    return style.dump_object({**texts, "source": source_text(cell.source, style)})


def changed_cell(
    text: str, layout: ObjectLayout, style: Style, changes: Mapping[str, str | None]
) -> str:
    """Return a cell of the file with some members replaced by other JSON text, or gone (None)."""
    members: dict[str, str | None] = {
        key: text[each.start : each.end] for key, each in layout.members.items()
    }
    kept = {key: value for key, value in {**members, **changes}.items() if value is not None}
    return style.dump_object(kept)


def kind_changes(cell: Cell, style: Style) -> dict[str, str | None]:
    """Return the members that a cell of the file must change to be of the kind it now has."""
    changes: dict[str, str | None] = {
        "cell_type": style.dump(cell.kind),
        "execution_count": None,
        "outputs": None,
    }
    if cell.kind == "code":
        changes["execution_count"] = style.dump(cell.execution_count)
        changes["outputs"] = style.dump(list(cell.saved_outputs))
    if "attachments" not in cell.extra:
        changes["attachments"] = None
    return changes
