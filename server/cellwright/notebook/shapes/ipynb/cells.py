"""One cell as JSON text, in the style of the file it stands in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from cellwright.notebook.language import cell_language
from cellwright.notebook.model import Cell, CellKind
from cellwright.notebook.shapes.ipynb.scan import ObjectLayout
from cellwright.notebook.shapes.ipynb.source import source_text
from cellwright.notebook.shapes.ipynb.style import Style

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CODE_ONLY = {"execution_count", "outputs"}


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


def turned_cell(
    text: str,
    layout: ObjectLayout,
    style: Style,
    kind: CellKind | None,
    changes: Mapping[str, str],
) -> str:
    """Return a cell of the file with some members replaced by other JSON text.

    With a `kind` it becomes of that kind, and has the members which that must and may have.
    """
    members = {key: text[each.start : each.end] for key, each in layout.members.items()}
    members |= changes
    if kind is not None:
        members["cell_type"] = style.dump(kind)
    if kind == "code":
        members.pop("attachments", None)
        members = {"execution_count": "null", "outputs": "[]", **members}
    elif kind is not None:
        members = {key: value for key, value in members.items() if key not in _CODE_ONLY}
    return style.dump_object(members)
