"""The sockets of a kernel and the messages on them.

Every message is signed (HMAC) and checked; IOPub is read all the time, so that the kernel never
has to drop what it publishes. Made by the protocol's description,
https://jupyter-client.readthedocs.io/en/stable/messaging.html.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_log = logging.getLogger(__name__)

_LARGE = 4_000_000
"""Bytes of content from which a message is handled off the event loop, and cut if it is output."""

_DELIMITER = b"<IDS|MSG>"
_STREAM = re.compile(rb'\s*\{\s*"name"\s*:\s*"(\w+)"\s*,\s*"text"\s*:\s*"')
_DISPLAYS = {"display_data", "execute_result", "update_display_data"}


@dataclass(frozen=True)
class Message:
    """One message. `parent` is the id of the request it belongs to, `size` its content's bytes.

    `cut` is how many bytes of a large output's content were never read.
    """

    kind: str
    parent: str
    content: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0
    cut: int = 0


class Wire:
    """The connected channels of one kernel.

    `on_output` gets every IOPub message, in order; replies go to whoever made the request.
    `heard` is set when IOPub has brought anything, that is, when the subscription stands.
    """

    def __init__(self, manager: Any, on_output: Callable[[Message], None]) -> None:
        self._session = manager.session
        self._sockets = {
            "iopub": manager.connect_iopub(),
            "shell": manager.connect_shell(),
            "control": manager.connect_control(),
        }
        self._on_output = on_output
        self._replies: dict[str, Callable[[Message], None]] = {}
        self._received = 0
        self.heard = asyncio.Event()
        handlers = {"iopub": self._published, "shell": self._answered, "control": self._answered}
        self._readers = [
            asyncio.create_task(self._read(socket, handlers[name]))
            for name, socket in self._sockets.items()
        ]

    def send(
        self,
        channel: Literal["shell", "control"],
        kind: str,
        content: Mapping[str, Any],
        on_reply: Callable[[Message], None] | None = None,
    ) -> str:
        """Send a request and return its id; `on_reply` is called once, with its reply."""
        message = self._session.msg(kind, content=dict(content))
        if on_reply is not None:
            self._replies[message["msg_id"]] = on_reply
        self._session.send(self._sockets[channel], message)
        return str(message["msg_id"])

    async def settled(self, quiet: float = 0.1, at_most: float = 2.0) -> None:
        """Wait until nothing more comes: what a kernel wrote before it died is still on its way."""
        deadline = asyncio.get_running_loop().time() + at_most
        seen = -1
        while seen != self._received and asyncio.get_running_loop().time() < deadline:
            seen = self._received
            await asyncio.sleep(quiet)

    async def close(self) -> None:
        """Stop reading and close the sockets; unanswered requests stay so."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        for socket in self._sockets.values():
            socket.close(linger=0)

    async def _read(self, socket: Any, handle: Callable[[Message], None]) -> None:
        while True:
            frames = await socket.recv_multipart(copy=False)
            self._received += 1
            try:
                large = sum(map(len, frames)) > _LARGE
                message = (
                    await asyncio.to_thread(decode, self._session, frames)
                    if large
                    else decode(self._session, frames)
                )
            except (ValueError, LookupError, TypeError) as error:
                _log.warning("a message from the kernel is not valid: %s", error)
                continue
            handle(message)

    def _published(self, message: Message) -> None:
        self.heard.set()
        self._on_output(message)

    def _answered(self, message: Message) -> None:
        on_reply = self._replies.pop(message.parent, None)
        if on_reply is not None:
            on_reply(message)


def decode(session: Any, frames: list[Any]) -> Message:
    """Check a message's signature and unpack it. Raises `ValueError` when it is not genuine.

    Of output larger than `_LARGE` only the beginning is unpacked: a cell that prints 100 MB must
    cost neither the memory nor the time of reading it.
    """
    buffers = [frame.buffer for frame in frames]
    start = buffers.index(_DELIMITER) + 1
    signature, *parts = buffers[start : start + 5]
    if session.auth is not None and not hmac.compare_digest(session.sign(parts), bytes(signature)):
        raise ValueError("invalid signature")
    header, parent = (session.unpack(bytes(part)) for part in parts[:2])
    kind, parent_id, raw = header["msg_type"], parent.get("msg_id", ""), parts[3]
    if len(raw) > _LARGE and kind == "stream":
        beginning = stream_beginning(raw)
        if beginning is not None:
            return Message(kind, parent_id, beginning, len(raw), len(raw) - _LARGE)
    if len(raw) > 16 * _LARGE and kind in _DISPLAYS:
        return Message(kind, parent_id, {"data": {}}, len(raw), len(raw))
    return Message(kind, parent_id, session.unpack(bytes(raw)), len(raw))


def stream_beginning(raw: memoryview) -> dict[str, str] | None:
    """Return a stream message's content with the text cut at `_LARGE` bytes, None if it is odd."""
    head = bytes(raw[:_LARGE])
    match = _STREAM.match(head)
    if match is None:
        return None
    # The cut may fall within a character or an escape; the longest, a surrogate pair, is 12 bytes.
    for spare in range(13):
        try:
            text = json.loads(b'"' + head[match.end() : len(head) - spare] + b'"')
        except ValueError:
            continue
        return {"name": match[1].decode(), "text": text.encode("utf-8", "ignore").decode()}
    return None
