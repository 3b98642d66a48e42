"""cellwright/ran: an editor ran a cell, in whatever kernel it has."""

from __future__ import annotations

from typing import get_args

import attrs

from cellwright.kernels.tracebacks import cell_error
from cellwright.lsp import messages
from cellwright.lsp.outputs import from_nbformat
from cellwright.lsp.server import Server
from cellwright.notebook.run import RunRecord, RunStatus
from cellwright.session.running import located


def ran(server: Server, params: messages.RanParams) -> None:
    """Take note of a run; a failure starts the work on a fix, inside the workspace folders."""
    opened = server.find(params.notebook)
    cell = opened.document.notebook.get(params.cell) if opened else None
    if opened is None or cell is None or params.status not in get_args(RunStatus):
        return
    source = cell.source if params.source is None else params.source
    error = None
    if params.error is not None:
        counts = {r.execution_count: r.cell for r in opened.session.records}
        counts[params.execution_count] = cell.id
        error = located(
            cell_error(attrs.asdict(params.error), counts.get, cell.id),
            {r.cell: r.source for r in opened.session.records} | {cell.id: source},
        )
    record = RunRecord(
        cell=cell.id,
        source=source,
        status=params.status,  # type: ignore[arg-type]  # checked above
        execution_count=params.execution_count,
        started=params.started,
        duration=params.duration,
        outputs=tuple(out for raw in params.outputs if (out := from_nbformat(raw)) is not None),
        error=error,
    )
    opened.session.ran(record)
