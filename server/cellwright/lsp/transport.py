"""Framed messages over stdio, read and written in threads: the loop never waits for a pipe."""

from __future__ import annotations

import os
import queue
import re
import sys
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

CONTENT_LENGTH = re.compile(rb"content-length:\s*(\d+)\s*", re.IGNORECASE)
MAX_HEADER = 64 * 1024
"""Bytes of one header line; a client that sends more is not speaking the protocol."""

FLUSH_SECONDS = 2.0


def claim_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the protocol alone and return them.

    What else reads fd 0 or writes fd 1 (a stray print, a child process) gets an empty stdin and
    stderr, so that it can neither steal nor corrupt a message.
    """
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return stdin, stdout


def frames(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the body of each message until the stream ends. Bytes that are no frame are skipped."""
    length: int | None = None
    while header := stream.readline(MAX_HEADER):
        if match := CONTENT_LENGTH.fullmatch(header.strip()):
            length = int(match.group(1))
        elif not header.strip() and length is not None:
            body = stream.read(length)
            if len(body) < length:
                return
            yield body
            length = None


def read_in_thread(
    stream: BinaryIO, deliver: Callable[[bytes], None], ended: Callable[[], None]
) -> threading.Thread:
    """Call `deliver` with each message, in a daemon thread, and `ended` when no more can come."""

    def work() -> None:
        try:
            for body in frames(stream):
                deliver(body)
        except (OSError, ValueError):
            pass  # the pipe broke, which is the end as well
        finally:
            ended()

    thread = threading.Thread(target=work, name="cellwright-stdin", daemon=True)
    thread.start()
    return thread


class Outbox:
    """Writes what it is given, in order, in a thread of its own: pygls' `Writer`.

    A client that is slow to read must not stop the server from reading it.
    """

    def __init__(self, stream: BinaryIO, broken: Callable[[], None]) -> None:
        self._stream = stream
        self._broken = broken
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="cellwright-stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send the bytes after all those given before."""
        self._waiting.put(data)

    def close(self) -> None:
        """Send what is left, waiting a bounded time for the client to read it."""
        self._waiting.put(None)
        self._thread.join(FLUSH_SECONDS)

    def _work(self) -> None:
        try:
            while (data := self._waiting.get()) is not None:
                self._stream.write(data)
                self._stream.flush()
        except (OSError, ValueError):
            self._broken()
