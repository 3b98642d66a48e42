"""What a guest, and whatever it starts, writes to its stdout and stderr."""

from __future__ import annotations

import asyncio
import os

_CHUNK = 1 << 16


class CapturedOutput:
    """The reading end of a guest's output pipe, drained always and kept up to a cap.

    `write_end` is for the guest to inherit; close it here once the guest has started.
    """

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._kept = bytearray()
        self._cut = 0
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_end, self._drain)

    def take(self) -> str:
        """Return what was written since the last call, and say how much of it was left out."""
        for _ in range(4):  # more than a pipe holds: what was written before this call is read
            self._drain()
        text = self._kept.decode("utf-8", "replace")
        if self._cut:
            text += f"\n… {self._cut} more bytes of output"
        self._kept.clear()
        self._cut = 0
        return text

    def close(self) -> None:
        """Stop reading. Safe to call twice."""
        if self._read_end >= 0:
            self._loop.remove_reader(self._read_end)
            os.close(self._read_end)
            self._read_end = -1

    def _drain(self) -> None:
        if self._read_end < 0:
            return
        try:
            chunk = os.read(self._read_end, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            self._loop.remove_reader(self._read_end)
        room = max(self._cap - len(self._kept), 0)
        self._kept += chunk[:room]
        self._cut += len(chunk[room:])
