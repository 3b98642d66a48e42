"""Files on disk: read with a hash, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cellwright.notebook.edit import NotebookEdit
from cellwright.notebook.model import Notebook
from cellwright.notebook.run import RunRecord
from cellwright.notebook.shapes.ipynb import (
    IpynbFile,
    NotebookFormatError,
    parse,
    update,
    with_runs,
)


class FileFault(Exception):
    """A file could not be read or written, and is as it was.

    The message says why and what to do; who shows it puts the file's name before it.
    """


class FileChanged(FileFault):
    """The file on disk is not the one that was read: writing would lose what it holds now."""


@dataclass(frozen=True)
class TextFile:
    """A text file as read. `hash` is of its bytes; a byte order mark stays part of the text."""

    path: Path
    text: str
    hash: str


@dataclass(frozen=True)
class OpenedNotebook:
    """A notebook file as read; `hash` is of its bytes."""

    path: Path
    file: IpynbFile
    hash: str

    @property
    def notebook(self) -> Notebook:
        """The notebook that the file holds."""
        return self.file.notebook

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know of the file, as sentences."""
        return self.file.warnings


def read_notebook(path: Path) -> OpenedNotebook:
    """Read an `.ipynb` file. Raises `FileFault`, also when it holds no notebook."""
    file = read_text(path)
    try:
        return OpenedNotebook(path, parse(file.text), file.hash)
    except NotebookFormatError as error:
        raise FileFault(str(error)) from None


def save_edit(opened: OpenedNotebook, edit: NotebookEdit) -> OpenedNotebook:
    """Write an edit into the file it was made for, and return the file as it is then.

    Raises `FileFault` (nothing was written), and `EditRejected` as `apply_edit` does.
    """
    try:
        file = update(opened.file, edit)
    except NotebookFormatError as error:
        raise FileFault(str(error)) from None
    return replace(opened, file=file, hash=write_text(opened.path, file.text, opened.hash))


def save_runs(opened: OpenedNotebook, records: Iterable[RunRecord]) -> OpenedNotebook:
    """Write what cells gave when they ran into the file, and return the file as it is then.

    Raises `FileFault`; then nothing was written.
    """
    try:
        text = with_runs(opened.file, records)
        file = parse(text, ids=[cell.id for cell in opened.notebook])
    except NotebookFormatError as error:
        raise FileFault(str(error)) from None
    return replace(opened, file=file, hash=write_text(opened.path, text, opened.hash))


def read_text(path: Path) -> TextFile:
    """Read a UTF-8 file, line ends and all as they are. Raises `FileFault`."""
    data = _bytes(path)
    try:
        return TextFile(path, data.decode("utf-8"), _hash(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileFault(
            f"The file is not UTF-8 text (byte {error.start}, line {line}). "
            "Save it as UTF-8 in the editor that wrote it, and try again."
        ) from None


def write_text(path: Path, text: str, expected_hash: str | None) -> str:
    """Replace a file's text at once, and return the hash of the bytes written.

    `expected_hash` is that of the file as it was read, None for a file that must not exist yet. The
    text goes to a temporary file beside the target and takes its place by a rename, so that a
    reader sees the old text or the new. A symlink stays one; mode, owner, extended attributes and
    access control lists are kept.

    Raises `FileChanged` when the file is not the expected one, and `FileFault` when it cannot be
    written; either way the file is as it was and nothing is left beside it.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FileFault(
            f"The file was not written: character {error.start} of the text is half of a surrogate "
            "pair, which UTF-8 cannot hold. Remove it, and try again."
        ) from None
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".cellwright-{secrets.token_hex(8)}.tmp")
    try:
        before = _writable(target, expected_hash)
        _write(temporary, data, target, before)
        _check(target, expected_hash)
        if before is None:
            _create(temporary, target)
        else:
            temporary.replace(target)
        _sync_folder(target.parent)
    except FileExistsError:
        raise FileChanged(
            "Another program created the file meanwhile; it was not replaced. Choose another name."
        ) from None
    except OSError as error:
        raise FileFault(_explain(target.parent, error)) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return _hash(data)


def _bytes(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise FileFault(f"This is {kind}. Name a notebook file.")
        return path.read_bytes()
    except OSError as error:
        reason = {
            errno.ENOENT: "there is no such file. Check the name and the folder",
            errno.EACCES: "you may not read it. Check its permissions",
            errno.ELOOP: "its symbolic links lead in a circle. Mend the link",
        }.get(error.errno or 0, f"{_reason(error)}. Check the disk it is on")
        raise FileFault(f"The file could not be read: {reason}.") from None


def _writable(target: Path, expected_hash: str | None) -> os.stat_result | None:
    """Return what to keep of the file, None for a new one. Raises `FileFault`."""
    if expected_hash is None:
        return None
    _check(target, expected_hash)
    before = target.stat()
    # A rename would replace a read-only file, and root may write everything: ask the mode itself.
    if not before.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise FileFault(
            "The file is read-only and was not changed. Make it writable, and try again."
        )
    return before


def _check(target: Path, expected_hash: str | None) -> None:
    if expected_hash is None:
        if os.path.lexists(target):
            raise FileChanged("The file exists already and was not replaced. Choose another name.")
        return
    try:
        current = _hash(target.read_bytes())
    except FileNotFoundError:
        raise FileChanged(
            "The file was removed or renamed meanwhile, and was not written. Save it anew."
        ) from None
    if current != expected_hash:
        raise FileChanged(
            "The file was changed by another program since it was read, and was not written. "
            "Read it again, and repeat the change."
        )


def _write(temporary: Path, data: bytes, target: Path, before: os.stat_result | None) -> None:
    mode = 0o666 if before is None else before.st_mode & 0o777
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(temporary, flags, mode), "wb") as file:  # noqa: PTH123 (a descriptor)
        file.write(data)
        file.flush()
        if before is not None:
            _keep(temporary, target, before)
        os.fsync(file.fileno())


def _keep(temporary: Path, target: Path, before: os.stat_result) -> None:
    """Give the new file the owner, mode, attributes and access control list of the old one."""
    made = temporary.stat()
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        try:
            os.chown(temporary, before.st_uid, before.st_gid)
        except PermissionError:
            raise FileFault(
                "The file belongs to another user or group, which a safe write would change. "
                "It was not changed. Let its owner make the change, or work on a copy."
            ) from None
    shutil.copystat(target, temporary)
    os.utime(temporary)


def _create(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)  # unlike a rename, it never replaces a file
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        temporary.replace(target)


def _sync_folder(folder: Path) -> None:
    """Make the rename last over a power cut, where the system lets a folder be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _explain(folder: Path, error: OSError) -> str:
    reason = {
        errno.ENOSPC: "the disk is full. Free some space",
        errno.EDQUOT: "your quota on that disk is used up. Free some space",
        errno.EFBIG: "it would be larger than a file may be here. Clear some outputs",
        errno.EROFS: f"the disk of {folder} is read-only. Copy the notebook elsewhere",
        errno.EACCES: f"the folder {folder} is read-only for you. Make it writable",
        errno.EPERM: f"the folder {folder} is protected. Change its attributes",
        errno.ENOENT: f"the folder {folder} does not exist. Create it",
    }.get(error.errno or 0, f"{_reason(error)}. Check the disk it is on")
    return f"The file was not written: {reason}, and try again."


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).rstrip(".")


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
