"""The life of a guest: take requests from one socket and answer them, until it is closed."""

from __future__ import annotations

import os
import platform
import socket
import sys
import traceback
from typing import Any, Callable, Dict

from . import bounds, wire

Handlers = Dict[str, Callable[..., Any]]


def main(fd: int) -> None:
    """Be the guest of the host that holds the other end of the socket."""
    channel = socket.socket(fileno=fd)
    channel.set_inheritable(False)
    bounds.keep(channel)
    serve(channel, {"start": start})


def start(handlers: Handlers, memory: Any) -> Dict[str, Any]:
    """Bound the memory, load IPython, and from now on answer everything else too."""
    bounds.limit_memory(memory)
    try:
        import IPython

        from .probes import Probes
        from .steps import Replay, unless_same
    except ImportError as error:
        raise Refused(
            "IPython cannot be imported by %s (%s); install it there." % (sys.executable, error)
        ) from error
    replay = Replay()
    probes = Probes(replay)
    handlers.update(
        transform=lambda _, source: unless_same(replay.transform(source), source),
        run=lambda _, source, marks: replay.run(source, marks),
        probe=lambda _, question, arguments: probes.answer(question, arguments),
    )
    return {
        "python": platform.python_version(),
        "ipython": IPython.__version__,
        "pid": os.getpid(),
    }


class Refused(Exception):
    """A request cannot be met; the message says why and what to do."""


def serve(channel: socket.socket, handlers: Handlers) -> None:
    """Answer requests until the other side closes, then end the process."""
    while True:
        request = wire.receive(channel)
        if request is None:
            os._exit(0)
        try:
            answer = {"ok": handlers[request.pop("do")](handlers, **request)}
        except Refused as error:
            answer = {"fault": str(error)}
        except BaseException:
            answer = {"fault": traceback.format_exc(limit=-5)}
        wire.send(channel, answer)
