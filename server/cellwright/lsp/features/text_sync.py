"""textDocument/didOpen, didChange, didClose: notebooks that are open as the text of their file.

The shape is recognised by the content: an editor may show an `.ipynb` as something else.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from lsprotocol import types

from cellwright.lsp.json_document import JsonDocument
from cellwright.lsp.server import Server, TextBuffer
from cellwright.lsp.sync import OutOfSync, apply_changes
from cellwright.notebook.model import Notebook
from cellwright.notebook.shapes.ipynb import IpynbFile, NotebookFormatError, parse

logger = logging.getLogger(__name__)

QUIET_SECONDS = 0.15
"""How long a person must not have typed before the text is read again."""


def opened(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Take note of a text, and read it if it looks like a notebook."""
    item = params.text_document
    if server.find(item.uri) is not None:
        return  # a cell, which the notebook's own synchronisation has brought already
    buffer = TextBuffer(item.text, item.version)
    server.texts[item.uri] = buffer
    buffer.reading = asyncio.ensure_future(_read(server, item.uri, buffer, 0))


def changed(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Take over a change; the notebook in the text is read when the typing pauses."""
    uri, version = params.text_document.uri, params.text_document.version
    buffer = server.texts.get(uri)
    if buffer is None:
        return
    try:
        buffer.text = apply_changes(buffer.text, params.content_changes, server.abilities.encoding)
    except OutOfSync as error:
        logger.warning("out of sync: %s", error)
        return
    buffer.version = version
    opened = server.find(uri)
    if opened is not None and isinstance(opened.document, JsonDocument):
        opened.document = replace(opened.document, text=buffer.text, version=version)
    if buffer.reading is not None:
        buffer.reading.cancel()
    buffer.reading = asyncio.ensure_future(_read(server, uri, buffer, QUIET_SECONDS))


def closed(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Forget a text. One that was never opened, such as a removed cell's, is nothing to us."""
    uri = params.text_document.uri
    buffer = server.texts.pop(uri, None)
    if buffer is None:
        return
    if buffer.reading is not None:
        buffer.reading.cancel()
    server.close_document(uri)


async def _read(server: Server, uri: str, buffer: TextBuffer, wait: float) -> None:
    """Read the notebook in a text; a text that is none (now) leaves what was read before."""
    await asyncio.sleep(wait)
    text = buffer.text
    if not text.lstrip().startswith("{"):
        return
    try:
        file = await asyncio.to_thread(parse, text)
    except NotebookFormatError:
        return
    _take(server, JsonDocument(uri, buffer.version, text, file))


def _take(server: Server, document: JsonDocument) -> None:
    opened = server.find(document.uri)
    if opened is None:
        server.open(document)
        return
    before, after = opened.document.notebook, document.notebook
    changed = [cell.id for cell in after if _differs(before, document.file, cell.id)]
    removed = [cell.id for cell in before if cell.id not in after]
    opened.take(document, changed, removed)
    opened.client.redraw()


def _differs(before: Notebook, file: IpynbFile, cell_id: str) -> bool:
    old, new = before.get(cell_id), file.notebook.cell(cell_id)
    return old is None or (old.kind, old.language, old.source) != (
        new.kind,
        new.language,
        new.source,
    )
