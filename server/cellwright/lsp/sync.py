"""Notebook synchronisation: from a snapshot and a change notification to the next snapshot.

pygls' own notebook workspace is not used: it loses cells whose URI is quoted, and lets stale
versions and impossible splices pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lsprotocol import types

from cellwright.lsp.abilities import Encoding
from cellwright.notebook.language import cell_language, kernel_name, notebook_language
from cellwright.notebook.model import Cell, CellId, CellKind, Notebook
from cellwright.notebook.positions import offset_of

TextChange = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


class OutOfSync(Exception):
    """A change does not fit the document as the server knows it. The message quotes no text."""


@dataclass(frozen=True)
class Synced:
    """The next snapshot. `changed` are cells whose text, kind or place is new."""

    notebook: Notebook
    changed: frozenset[CellId]
    removed: frozenset[CellId] = frozenset()


def opened(params: types.DidOpenNotebookDocumentParams) -> Notebook:
    """Return the first snapshot of a notebook. Raises `OutOfSync`."""
    document = params.notebook_document
    metadata = nbformat_metadata(document.metadata)
    empty = Notebook((), metadata, notebook_language(metadata), kernel_name(metadata))
    texts = {item.uri: item for item in params.cell_text_documents}
    cells = tuple(_cell(cell, texts, {}) for cell in document.cells)
    _refuse_doubles(cells)
    if metadata_is_silent(metadata):
        empty = replace(empty, language=_commonest_language(cells) or empty.language)
    return replace(empty, cells=cells, version=document.version)


def changed(
    notebook: Notebook, event: types.NotebookDocumentChangeEvent, encoding: Encoding
) -> Synced:
    """Apply a change event: structure first, then data, then text.

    Raises `OutOfSync`, and then nothing of the event is taken over.
    """
    following = notebook
    if event.metadata is not None:
        metadata = nbformat_metadata(event.metadata)
        following = replace(
            notebook,
            metadata=metadata,
            kernel_name=kernel_name(metadata),
            language=notebook.language
            if metadata_is_silent(metadata)
            else notebook_language(metadata),
        )
    cells = event.cells
    if cells is None:
        return Synced(following, frozenset())
    if cells.structure is not None:
        following = _with_structure(following, cells.structure)
    for data in cells.data or ():
        following = _with_data(following, data)
    for content in cells.text_content or ():
        following = _with_text(following, content, encoding)
    return _compared(notebook, following, cells)


def apply_changes(text: str, changes: Sequence[TextChange], encoding: Encoding) -> str:
    """Apply the content changes of one notification, each to the result of the one before."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = change.range.start, change.range.end
            first = offset_of(text, start.line, start.character, encoding)
            last = offset_of(text, end.line, end.character, encoding)
            if last < first:
                raise OutOfSync("a text change ends before it starts")
            text = text[:first] + change.text + text[last:]
        else:
            text = change.text
    return text


def nbformat_metadata(metadata: Any) -> Mapping[str, Any]:
    """Return the metadata that nbformat knows: VS Code wraps it once more."""
    if not isinstance(metadata, Mapping):
        return {}
    for path in (("metadata",), ("custom", "metadata")):
        inner: Any = metadata
        for key in path:
            inner = inner.get(key) if isinstance(inner, Mapping) else None
        if isinstance(inner, Mapping):
            return inner
    return metadata


def metadata_is_silent(metadata: Mapping[str, Any]) -> bool:
    """Return whether a notebook's metadata leaves its language open (a new notebook's does)."""
    return not ("language_info" in metadata or "kernelspec" in metadata)


def _with_structure(
    notebook: Notebook, structure: types.NotebookDocumentCellChangeStructure
) -> Notebook:
    """Splice the cells. A moved cell comes as a URI only: its text is what it had before."""
    array = structure.array
    end = array.start + array.delete_count
    if not 0 <= array.start <= end <= len(notebook):
        raise OutOfSync(f"no cells {array.start}..{end} among {len(notebook)}")
    texts = {item.uri: item for item in structure.did_open or ()}
    known = {cell.id: cell for cell in notebook.cells}
    inserted = tuple(_cell(cell, texts, known) for cell in array.cells or ())
    kept = [
        _reopened(cell, texts) for cell in (*notebook.cells[: array.start], *notebook.cells[end:])
    ]
    cells = (*kept[: array.start], *inserted, *kept[array.start :])
    _refuse_doubles(cells)
    return notebook.with_cells(cells)


def _reopened(cell: Cell, texts: Mapping[str, types.TextDocumentItem]) -> Cell:
    """Return a cell that stays where it is; a change of language closes and opens its text."""
    item = texts.get(cell.id)
    return cell if item is None else _with_item(cell, item)


def _with_data(notebook: Notebook, data: types.NotebookCell) -> Notebook:
    cell = notebook.get(data.document)
    if cell is None:
        return notebook  # it went with the structure of this very change
    count = cell.execution_count
    if data.execution_summary is not None:
        count = data.execution_summary.execution_order
    cell = replace(cell, kind=_kind(data, cell.language), execution_count=count)
    if data.metadata is not None:
        cell = replace(
            cell,
            metadata=nbformat_metadata(data.metadata),
            nbformat_id=_nbformat_id(data.metadata) or cell.nbformat_id,
        )
    return notebook.with_cell(cell)


def _with_text(
    notebook: Notebook, content: types.NotebookDocumentCellContentChanges, encoding: Encoding
) -> Notebook:
    document = content.document
    cell = notebook.get(document.uri)
    if cell is None:
        raise OutOfSync("the text of a cell that is not there changed")
    if document.version < cell.version:
        raise OutOfSync(f"version {document.version} of a cell came after {cell.version}")
    source = apply_changes(cell.source, content.changes, encoding)
    return notebook.with_cell(replace(cell, source=source, version=document.version))


def _compared(
    before: Notebook, after: Notebook, changes: types.NotebookDocumentCellChanges
) -> Synced:
    """Say which cells are new, different or elsewhere, looking only at those the event names."""
    named = {data.document for data in changes.data or ()}
    named |= {content.document.uri for content in changes.text_content or ()}
    placed: set[CellId] = set()
    removed: frozenset[CellId] = frozenset()
    if changes.structure is not None:
        placed = {cell.document for cell in changes.structure.array.cells or ()}
        named |= {item.uri for item in changes.structure.did_open or ()}
        removed = frozenset(cell.id for cell in before.cells if cell.id not in after)
    differing = {cell_id for cell_id in named if _differs(before.get(cell_id), after.get(cell_id))}
    return Synced(after, frozenset(differing | placed), removed)


def _differs(before: Cell | None, after: Cell | None) -> bool:
    if after is None or before is None:
        return after is not before
    return (before.kind, before.language, before.source, before.metadata) != (
        after.kind,
        after.language,
        after.source,
        after.metadata,
    )


def _cell(
    data: types.NotebookCell,
    texts: Mapping[str, types.TextDocumentItem],
    known: Mapping[str, Cell],
) -> Cell:
    item, old = texts.get(data.document), known.get(data.document)
    if item is not None:
        markup = data.kind is types.NotebookCellKind.Markup
        cell = _with_item(Cell(data.document, "markdown" if markup else "code", ""), item)
    elif old is not None:
        cell = replace(old, kind=_kind(data, old.language))
    else:
        raise OutOfSync("a new cell came without its text")
    summary = data.execution_summary
    return replace(
        cell,
        nbformat_id=_nbformat_id(data.metadata) or (old.nbformat_id if old else None),
        metadata=nbformat_metadata(data.metadata) if data.metadata is not None else cell.metadata,
        execution_count=summary.execution_order if summary else cell.execution_count,
    )


def _with_item(cell: Cell, item: types.TextDocumentItem) -> Cell:
    """Take text, version and language. An editor's raw cells are code in the language `raw`."""
    name = item.language_id
    language = name.value if isinstance(name, types.LanguageKind) else name
    kind: CellKind = cell.kind
    if kind != "markdown":
        kind = "raw" if language == "raw" else "code"
    language = cell_language(kind, {}, language)
    return replace(cell, source=item.text, version=item.version, kind=kind, language=language)


def _kind(data: types.NotebookCell, language: str) -> CellKind:
    if data.kind is types.NotebookCellKind.Markup:
        return "markdown"
    return "raw" if language == "raw" else "code"


def _nbformat_id(metadata: Any) -> str | None:
    value = metadata.get("id") if isinstance(metadata, Mapping) else None
    return value if isinstance(value, str) else None


def _commonest_language(cells: Sequence[Cell]) -> str | None:
    languages = [cell.language for cell in cells if cell.kind == "code"]
    return max(languages, key=languages.count, default=None)


def _refuse_doubles(cells: Sequence[Cell]) -> None:
    if len({cell.id for cell in cells}) < len(cells):
        raise OutOfSync("a cell stands in two places")
