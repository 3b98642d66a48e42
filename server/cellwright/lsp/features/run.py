"""cellwright/run and its command: run cells in the notebook's own kernel."""

from __future__ import annotations

from collections.abc import Sequence

from pygls.exceptions import JsonRpcInvalidParams

from cellwright.lsp import messages, wire
from cellwright.lsp.open import Open
from cellwright.lsp.server import Server
from cellwright.notebook.model import CellId


async def run(server: Server, params: messages.RunParams) -> messages.RunResult:
    """Run the chosen cells in order until one fails. Cancelling interrupts the running one."""
    opened = server.get(params.notebook)
    cells = _chosen(opened, params)
    progress = opened.client.progress("Running a cell" if len(cells) == 1 else "Running cells")
    try:
        records = await opened.session.run(cells)
    finally:
        progress.end()
    return messages.RunResult([wire.run(record) for record in records])


def _chosen(opened: Open, params: messages.RunParams) -> Sequence[CellId]:
    notebook, named = opened.document.notebook, params.cells
    code = [cell.id for cell in notebook.code_cells]
    if params.select == "cells":
        return [notebook.cell(cell_id).id for cell_id in named]
    if params.select == "all":
        return code
    if params.select == "stale":
        return [cell_id for cell_id in code if opened.session.state(cell_id) == "stale"]
    if params.select == "dependents":
        return opened.session.rerun_plan(named)
    if params.select == "upTo":
        last = max((notebook.position(cell_id) for cell_id in named), default=-1)
        return [cell.id for cell in notebook.cells[: last + 1] if cell.kind == "code"]
    raise JsonRpcInvalidParams("`select` is none of cells, all, stale, upTo, dependents")
