"""What bounds a guest: its keeper, the death of the host, memory, and time for one question.

A guest is two processes. The keeper does nothing but wait: when the host closes the socket, or when
the guest ends, it kills all that the guest has started (its own session or not) and ends the way
the guest ended. It can, because on Linux it is the reaper of every orphan below it (prctl(2),
PR_SET_CHILD_SUBREAPER). Elsewhere only the guest's process group is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import sys
from types import FrameType, TracebackType
from typing import Any, List, Optional, Type

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LINUX = sys.platform.startswith("linux")


def keep(channel: socket.socket) -> None:
    """Fork. The child returns, to be the guest; this process becomes its keeper and never does."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the keeper dies of what killed the guest
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    keeper = os.getpid()
    guest = os.fork()
    if guest:
        status = _watch(channel, guest)
        _end_like(status)
    os.setsid()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(1)


def limit_memory(limit: Optional[int]) -> None:
    """Bound private data to `limit` bytes, and be the first that the system kills for memory.

    RLIMIT_DATA counts what is written to, unlike RLIMIT_AS, which also counts address space that
    libraries only reserve.
    """
    if limit is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
    if LINUX:
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")


class OutOfTime(BaseException):
    """A question took too long. Not an Exception, so that few except clauses swallow it."""


class AtMost:
    """A block that may take `seconds`; then `OutOfTime` is raised in it, again and again.

    A signal and no thread, so that the guest stays single-threaded; a long call in C is not
    interrupted, which is what the host's own bound is for.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        self._handler = signal.signal(signal.SIGALRM, self._ring)
        self._timer = signal.setitimer(signal.ITIMER_REAL, self.seconds, 0.05)

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, *self._timer)
        signal.signal(signal.SIGALRM, self._handler)

    def _ring(self, _: int, frame: Optional[FrameType]) -> None:
        # Raised inside __exit__, it would leave the alarm on for ever.
        if frame is None or frame.f_code.co_filename != __file__:
            raise OutOfTime


def _prctl(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _watch(channel: socket.socket, guest: int) -> int:
    """Wait until the guest ends or the host has gone; leave nothing below; return the status."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, _ignore)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    poll = select.poll()
    poll.register(channel, 0)  # hang-up is always reported
    poll.register(awake, select.POLLIN)
    status = None
    while status is None:
        status = _reap(guest)
        if status is None:
            for fd, _ in poll.poll():
                if fd == awake:
                    os.read(awake, 512)
                else:
                    status = 0
    _kill_below(guest)
    return status


def _ignore(signum: int, frame: Optional[FrameType]) -> None:
    """Let the wake-up pipe do the work."""


def _reap(guest: int) -> Optional[int]:
    """Collect the dead; return the guest's status when it is among them."""
    status = None
    try:
        while True:
            pid, ended = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return status
            if pid == guest:
                status = ended
    except ChildProcessError:
        return status


def _kill_below(guest: int) -> None:
    """Kill round by round: when a process dies, its children become ours."""
    _kill(guest, os.killpg)
    _kill(guest, os.kill)
    try:
        while True:
            for pid in _children():
                _kill(pid, os.kill)
            os.waitpid(-1, 0)
    except ChildProcessError:
        return


def _kill(pid: int, by: Any) -> None:
    with contextlib.suppress(OSError):
        by(pid, signal.SIGKILL)


def _children() -> List[int]:
    found = []
    for name in os.listdir("/proc") if LINUX else ():
        try:
            with open("/proc/" + name + "/stat", "rb") as file:
                # The command, in parentheses, may itself hold any byte.
                parent = file.read().rpartition(b")")[2].split()[1]
        except (OSError, IndexError):
            continue
        if int(parent) == os.getpid():
            found.append(int(name))
    return found


def _end_like(status: int) -> None:
    """End this process the way another one ended."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with contextlib.suppress(OSError, ValueError):  # SIGKILL cannot be set
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))
