"""A notebook that the client has open as the JSON text of its file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lsprotocol import types

from cellwright.lsp.abilities import Encoding
from cellwright.lsp.documents import document_edit, range_of, span_of
from cellwright.notebook.edit import EditRejected, NotebookEdit, Span
from cellwright.notebook.model import CellId, Notebook
from cellwright.notebook.shapes.ipynb import IpynbFile, NotebookFormatError, text_edits

LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
SURROGATES = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
CHARACTER = re.compile(rf"{SURROGATES}|\\u[0-9a-fA-F]{{4}}|\\.|[^\\]")

START = Span(0, 0)


@dataclass(frozen=True)
class JsonDocument:
    """The text as it is now, and the notebook that was last read from it.

    While the text is ahead of what was read (the user types) nothing can be placed in it.
    """

    uri: str
    version: int
    text: str
    file: IpynbFile

    @property
    def notebook(self) -> Notebook:
        """What the text said when it could last be read."""
        return self.file.notebook

    @property
    def has_cells(self) -> bool:
        """The client knows nothing of cells."""
        return False

    @property
    def cell_uris(self) -> tuple[str, ...]:
        """The cells have no documents of their own."""
        return ()

    def version_of(self, uri: str) -> int | None:
        """Return the version of the text."""
        return self.version if uri == self.uri else None

    def location(self, cell_id: CellId, span: Span, encoding: Encoding) -> types.Location | None:
        """Return where a span of a cell's source stands in the JSON text."""
        if self.file.text != self.text or cell_id not in self.notebook:
            return None
        if self.file.body != self.text:  # an old format: what was read is not what is shown
            return types.Location(self.uri, range_of(self.text, START, encoding))
        places = self._places(cell_id)
        inner = Span(places[span.start], places[span.end])
        return types.Location(self.uri, range_of(self.text, inner, encoding))

    def cell_at(
        self, uri: str, range_: types.Range, encoding: Encoding
    ) -> tuple[CellId, Span] | None:
        """Return the cell in whose part of the text a range starts."""
        if self.file.body != self.text or uri != self.uri:
            return None
        asked = span_of(self.text, range_, encoding)
        for cell, layout in zip(self.notebook.cells, self.file.layout.each, strict=True):
            if layout.span.start <= asked.start <= layout.span.end:
                places = self._places(cell.id)
                start, end = (max(bisect_right(places, x) - 1, 0) for x in (asked.start, asked.end))
                return cell.id, Span(start, end)
        return None

    def text_edits(
        self, edit: NotebookEdit, encoding: Encoding
    ) -> list[types.TextDocumentEdit] | None:
        """Return any edit as edits of the JSON text, which holds structure as well."""
        if self.file.text != self.text:
            return None
        try:
            edits = text_edits(self.file, edit)
        except (EditRejected, NotebookFormatError):
            return None
        return [document_edit(self.uri, self.version, self.text, edits, encoding)]

    def _places(self, cell_id: CellId) -> Sequence[int]:
        layout = self.file.layout.each[self.notebook.position(cell_id)]
        source = layout.members.get("source")
        if source is None:
            return (layout.span.start,)
        return source_places(self.text[source.start : source.end], source.start)


@lru_cache(maxsize=64)
def source_places(raw: str, start: int) -> tuple[int, ...]:
    """Return where each code point of a source stands in the text, and last where it ends.

    `raw` is the source as JSON, a text or a list of texts, which begins at the offset `start`.
    """
    places = [
        start + literal.start(1) + character.start()
        for literal in LITERAL.finditer(raw)
        for character in CHARACTER.finditer(literal[1])
    ]
    last = [literal.end(1) for literal in LITERAL.finditer(raw)][-1:] or [0]
    return (*places, start + last[0])
