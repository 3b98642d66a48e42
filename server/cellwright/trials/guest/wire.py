"""The protocol between host and guest: frames of JSON on one stream socket.

A frame is four bytes, the big-endian length, and that many bytes of JSON. The host asks, the guest
answers, one at a time. A request is `{"do": NAME, ...arguments}`; the answer is `{"ok": VALUE}` or
`{"fault": SENTENCE}`. Since a server of requests needs nothing but its socket, any process that
holds one end can serve: the guest that was started, or one that is forked from it.

| do | arguments | value |
|---|---|---|
| start | memory (bytes or null) | python, ipython, pid |
| transform | source | the Python that IPython makes of it, null when that is the source |
| run | cell, source, marks | see `steps.run` |
| probe | question, arguments | see `probes` |
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any, Dict, Optional

HEADER = struct.Struct(">I")


def pack(message: Dict[str, Any]) -> bytes:
    """Return the frame of a message."""
    body = json.dumps(message).encode("ascii")
    return HEADER.pack(len(body)) + body


def send(channel: socket.socket, message: Dict[str, Any]) -> None:
    """Send a message. Raises OSError when the other side has gone."""
    channel.sendall(pack(message))


def receive(channel: socket.socket) -> Optional[Dict[str, Any]]:
    """Wait for a message; None when the other side has closed."""
    header = _exactly(channel, HEADER.size)
    body = None if header is None else _exactly(channel, HEADER.unpack(header)[0])
    message: Optional[Dict[str, Any]] = None if body is None else json.loads(body.decode("ascii"))
    return message


def _exactly(channel: socket.socket, count: int) -> Optional[bytes]:
    parts = []
    while count:
        part = channel.recv(min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
