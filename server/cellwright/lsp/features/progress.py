"""window/workDoneProgress/cancel."""

from __future__ import annotations

from lsprotocol import types

from cellwright.lsp.server import Server


def cancel(server: Server, params: types.WorkDoneProgressCancelParams) -> None:
    """Cancel the work shown on a token; one that is over is nothing to us."""
    work = server.works.get(params.token)
    if work is not None:
        work.cancel()
