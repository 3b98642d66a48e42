"""cellwright/kernels, interrupt, restart, shutdown."""

from __future__ import annotations

from cellwright.lsp import messages
from cellwright.lsp.server import Server


async def kernels(server: Server, params: object) -> messages.KernelsResult:
    """List the kernels that this server runs."""
    del params
    running = [(opened.document.uri, opened.session.kernel) for opened in server.documents]
    return messages.KernelsResult(
        [
            messages.WireKernel(
                notebook=uri,
                id=info.id,
                kind=info.kind,
                name=info.name,
                language=info.language,
                pid=info.pid,
            )
            for uri, info in running
            if info is not None
        ]
    )


async def interrupt(server: Server, params: messages.NotebookParams) -> None:
    """Interrupt what runs in a notebook's kernel."""
    await server.get(params.notebook).session.interrupt()


async def restart(server: Server, params: messages.NotebookParams) -> None:
    """Restart a notebook's kernel."""
    await server.get(params.notebook).session.restart()


async def shutdown(server: Server, params: messages.NotebookParams) -> None:
    """End a notebook's kernel; the next run starts another."""
    await server.get(params.notebook).session.shutdown()
