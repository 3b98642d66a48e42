"""The list of our own kernels, kept in files so that another process can see and stop them.

Each kernel has one private folder: its entry, its connection file and its sockets. A process is
known by its id together with its start time, since ids are used again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import stat
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cellwright.kernels.protocol import KernelFault

_ENTRY = "kernel.json"
_SAME_START = 2.0
"""Seconds by which two readings of one start time may differ: the clock it rests on is adjusted."""


@dataclass(frozen=True)
class Process:
    """A process: its id, and its start in seconds since the epoch."""

    pid: int
    started: float

    def alive(self) -> bool:
        """Return whether this very process still runs."""
        import psutil

        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _SAME_START
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.Error:
            return False


def process(pid: int) -> Process:
    """Return the running process of that id. Raises `KernelFault` when there is none."""
    import psutil

    try:
        return Process(pid, psutil.Process(pid).create_time())
    except psutil.Error as error:
        raise KernelFault(f"There is no process {pid}.") from error


@dataclass(frozen=True)
class KernelEntry:
    """One kernel of ours. `process` is None while it is being launched."""

    id: str
    kernel_name: str
    notebook: str
    owner: Process
    process: Process | None = None

    @property
    def orphaned(self) -> bool:
        """Whether the server that started it has gone."""
        return not self.owner.alive()


def state_folder() -> Path:
    """Return the private folder of this user's kernels, made if need be.

    `CELLWRIGHT_STATE_DIR` overrides it. Raises `KernelFault` when it is open to other users.
    """
    folder = Path(os.environ.get("CELLWRIGHT_STATE_DIR") or _default_folder()) / "kernels"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(folder)
    except OSError as error:
        raise KernelFault(
            f"The folder for running kernels cannot be used: {error}. Set CELLWRIGHT_STATE_DIR to"
            " another folder."
        ) from error
    return folder


def open_entry(kernel_name: str, notebook: str) -> tuple[KernelEntry, Path]:
    """Make an entry for a kernel that is about to start; return it and its folder (mode 0700)."""
    entry = KernelEntry(secrets.token_hex(4), kernel_name, notebook, owner=process(os.getpid()))
    parent = state_folder()
    # Made under another name first: a folder that is listed always has its entry.
    made = Path(tempfile.mkdtemp(prefix=".", dir=parent))
    _write(made, entry)
    folder = made.rename(parent / entry.id)
    return entry, folder


def launched(entry: KernelEntry, pid: int) -> KernelEntry:
    """Write down the process of a kernel, and return the entry that says so."""
    entry = replace(entry, process=process(pid))
    _write(state_folder() / entry.id, entry)
    return entry


def forget(kernel_id: str) -> None:
    """Remove a kernel's entry, and its folder with all that is in it."""
    shutil.rmtree(state_folder() / kernel_id, ignore_errors=True)


def list_kernels() -> list[KernelEntry]:
    """Return our running kernels, by their start. Entries of dead ones are removed."""
    entries = []
    for folder in state_folder().iterdir():
        if folder.name.startswith("."):
            continue
        entry = _read(folder)
        if entry is not None and (entry.process or entry.owner).alive():
            entries.append(entry)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return sorted(entries, key=lambda entry: entry.process.started if entry.process else 0.0)


def stop_kernel(kernel_id: str) -> KernelEntry:
    """End one of our kernels, with the processes it started, and return its entry.

    Its owner, if there is one, sees it die. Raises `KernelFault` when no such kernel runs.
    """
    entry = next((entry for entry in list_kernels() if entry.id == kernel_id), None)
    if entry is None:
        raise KernelFault(
            f"No kernel {kernel_id!r} is running; `cellwright kernels list` shows all."
        )
    if entry.process is not None:
        _end(entry.process)
    forget(entry.id)
    return entry


def stop_orphans() -> None:
    """End kernels whose server was killed and which could not notice, busy in one long call."""
    for entry in list_kernels():
        if entry.process is not None and entry.orphaned:
            _end(entry.process)
            forget(entry.id)


def _end(ended: Process) -> None:
    import psutil

    try:
        kernel = psutil.Process(ended.pid)
        if not ended.alive():
            return
        _signal(kernel.pid, signal.SIGTERM)
        try:
            kernel.wait(2)
        except psutil.TimeoutExpired:
            _signal(kernel.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            kernel.wait(5)
    except (psutil.Error, ProcessLookupError):
        return
    except PermissionError as error:
        raise KernelFault(f"The kernel's process {ended.pid} cannot be ended: {error}") from error


def _signal(pid: int, signum: int) -> None:
    # A kernel leads its own session, so its group is what it started and nothing else.
    if hasattr(os, "killpg") and os.getpgid(pid) == pid:
        os.killpg(pid, signum)
    else:
        os.kill(pid, signum)


def _default_folder() -> Path:
    import platformdirs

    # Without XDG_RUNTIME_DIR, platformdirs warns and falls back to a folder under /tmp.
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        try:
            _check_private(Path(runtime))
            return Path(runtime) / "cellwright"
        except OSError:
            pass
    return platformdirs.user_state_path("cellwright", appauthor=False)


def _check_private(folder: Path) -> None:
    """Raise `OSError` unless the folder is this user's and closed to others."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(f"{folder} is not a folder")
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
        raise PermissionError(f"{folder} is open to other users")


def _write(folder: Path, entry: KernelEntry) -> None:
    descriptor, name = tempfile.mkstemp(dir=folder)  # mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(entry), file)
    Path(name).replace(folder / _ENTRY)


def _read(folder: Path) -> KernelEntry | None:
    try:
        raw = json.loads((folder / _ENTRY).read_text(encoding="utf-8"))
        owner, kernel = Process(**raw.pop("owner")), raw.pop("process")
        entry = KernelEntry(**raw, owner=owner, process=Process(**kernel) if kernel else None)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return entry if entry.id == folder.name else None
