"""Put the pieces together and serve until the client goes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import BinaryIO

from pygls.protocol import default_converter
from pygls.server import JsonRPCServer

from cellwright.lsp import logs
from cellwright.lsp.protocol import Protocol
from cellwright.lsp.server import Server
from cellwright.lsp.table import HANDLERS
from cellwright.lsp.transport import Outbox, read_in_thread


def run(stdin: BinaryIO, stdout: BinaryIO, *, log_level: str, log_file: Path | None) -> int:
    """Serve one client and return the exit code: 0 after `shutdown`, else 1."""
    logs.configure(log_level, log_file)
    return asyncio.run(_serve(stdin, stdout))


async def _serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()

    def over() -> None:
        loop.call_soon_threadsafe(gone.set)

    outbox = Outbox(stdout, broken=over)
    protocol = JsonRPCServer(Protocol, default_converter).protocol
    assert isinstance(protocol, Protocol)
    protocol.set_writer(outbox)
    server = Server(protocol, leave=gone.set)
    protocol.serve(server, HANDLERS)

    def deliver(body: bytes) -> None:
        # Decoding happens in the reader's thread: a big notebook must not hold up the loop.
        loop.call_soon_threadsafe(protocol.receive(body))

    read_in_thread(stdin, deliver, over)
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
        loop.add_signal_handler(signal.SIGTERM, gone.set)
    try:
        await gone.wait()
        return 0 if protocol.shut_down else 1
    finally:
        protocol.stop()
        await server.close()
        outbox.close()
