"""Open documents as the client knows them: where a cell's text stands there, and how to edit it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lsprotocol import types

from cellwright.lsp.abilities import Encoding
from cellwright.notebook.edit import NotebookEdit, ReplaceText, Span, TextEdit
from cellwright.notebook.model import CellId, Notebook
from cellwright.notebook.positions import offset_of, position_of


class Document(Protocol):
    """One moment of an open document."""

    @property
    def uri(self) -> str:
        """The URI of the whole."""
        ...

    @property
    def notebook(self) -> Notebook:
        """What the document says."""
        ...

    @property
    def has_cells(self) -> bool:
        """Whether the client knows the cells as such; else they are parts of one text."""
        ...

    @property
    def cell_uris(self) -> tuple[str, ...]:
        """The URIs of the cells' own documents, if they have any."""
        ...

    def version_of(self, uri: str) -> int | None:
        """Return the version of the text that has this URI, None when there is none."""
        ...

    def location(self, cell_id: CellId, span: Span, encoding: Encoding) -> types.Location | None:
        """Return where a span of a cell shows, or None when the cell is gone."""
        ...

    def cell_at(
        self, uri: str, range_: types.Range, encoding: Encoding
    ) -> tuple[CellId, Span] | None:
        """Return the cell that a range starts in, and the part of its source it covers."""
        ...

    def text_edits(
        self, edit: NotebookEdit, encoding: Encoding
    ) -> list[types.TextDocumentEdit] | None:
        """Return an edit as versioned text edits, or None when text edits cannot express it."""
        ...


def range_of(text: str, span: Span, encoding: Encoding) -> types.Range:
    """Return a span of a text as the client counts."""
    start = position_of(text, span.start, encoding)
    end = position_of(text, span.end, encoding)
    return types.Range(types.Position(*start), types.Position(*end))


def span_of(text: str, range_: types.Range, encoding: Encoding) -> Span:
    """Return a range of the client's as a span of the text, clamped to it."""
    start = offset_of(text, range_.start.line, range_.start.character, encoding)
    end = offset_of(text, range_.end.line, range_.end.character, encoding)
    return Span(min(start, end), max(start, end))


def document_edit(
    uri: str, version: int | None, text: str, edits: tuple[TextEdit, ...], encoding: Encoding
) -> types.TextDocumentEdit:
    """Return edits of one text, stamped with the version they were made for."""
    return types.TextDocumentEdit(
        types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version),
        [types.TextEdit(range_of(text, e.span, encoding), e.text) for e in edits],
    )


@dataclass(frozen=True)
class CellsDocument:
    """A notebook that the client synchronises cell by cell: each cell is a document of its own."""

    uri: str
    notebook: Notebook

    @property
    def has_cells(self) -> bool:
        """The client knows the cells."""
        return True

    @property
    def cell_uris(self) -> tuple[str, ...]:
        """The ids of the cells: here they are URIs."""
        return tuple(cell.id for cell in self.notebook.cells)

    def version_of(self, uri: str) -> int | None:
        """Return the version of a cell's text."""
        cell = self.notebook.get(uri)
        return None if cell is None else cell.version

    def location(self, cell_id: CellId, span: Span, encoding: Encoding) -> types.Location | None:
        """Return the range in the cell's own document."""
        cell = self.notebook.get(cell_id)
        if cell is None:
            return None
        return types.Location(cell_id, range_of(cell.source, span, encoding))

    def cell_at(
        self, uri: str, range_: types.Range, encoding: Encoding
    ) -> tuple[CellId, Span] | None:
        """Return the cell whose document has that URI."""
        cell = self.notebook.get(uri)
        return None if cell is None else (uri, span_of(cell.source, range_, encoding))

    def text_edits(
        self, edit: NotebookEdit, encoding: Encoding
    ) -> list[types.TextDocumentEdit] | None:
        """Return edits of the cells' documents; LSP cannot insert, delete or move a cell."""
        found = []
        for operation in edit.operations:
            if not isinstance(operation, ReplaceText):
                return None
            cell = self.notebook.cell(operation.cell)
            found.append(
                document_edit(cell.id, cell.version, cell.source, operation.edits, encoding)
            )
        return found
