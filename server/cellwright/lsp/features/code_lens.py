"""textDocument/codeLens: run · fix · explain above a cell. Off unless the user turns it on."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from cellwright.lsp import commands
from cellwright.lsp.look import Look, look_at
from cellwright.lsp.server import Server
from cellwright.notebook.edit import Span

START = Span(0, 0)


def code_lens(server: Server, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """Return the lenses of a cell, or of all cells of a text."""
    uri = params.text_document.uri
    opened = server.find(uri)
    if opened is None or not server.settings.code_lens:
        return None
    notebook = opened.document.notebook
    asked = [notebook.get(uri)] if opened.document.has_cells else notebook.code_cells
    cells = [cell for cell in asked if cell is not None and cell.kind == "code"]
    looks = (look_at(server, opened, cell.id, START) for cell in cells)
    return [lens for look in looks for lens in _lenses(look)]


def _lenses(look: Look) -> Iterator[types.CodeLens]:
    location = look.document.location(look.cell.id, START, look.abilities.encoding)
    if location is None:
        return
    named = {"notebook": look.document.uri, "cell": look.cell.id}
    run = {"notebook": look.document.uri, "cells": [look.cell.id]}
    yield types.CodeLens(location.range, commands.command("Run", commands.RUN, run))
    if look.repairs or look.state == "failed":
        yield types.CodeLens(
            location.range, commands.command(_fix_title(look), commands.FIX, named)
        )
        yield types.CodeLens(location.range, commands.command("Explain", commands.EXPLAIN, named))


def _fix_title(look: Look) -> str:
    count = sum(len(held.repair.offers) for held in look.repairs)
    return f"Fix ({count})" if count else "Fix"
