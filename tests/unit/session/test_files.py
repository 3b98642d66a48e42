"""Files are written whole or not at all, and keep what they are."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cellwright.notebook.apply import apply_edit, replace_text
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import Output, RunRecord
from cellwright.notebook.shapes import ipynb
from cellwright.session import files
from cellwright.session.files import (
    FileChanged,
    FileFault,
    read_notebook,
    read_text,
    save_edit,
    save_runs,
    write_text,
)

posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners are POSIX")


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "a notebook é.ipynb"
    path.write_text(ipynb.new(Notebook((Cell("a", "code", "1/0"),))), encoding="utf-8")
    return path


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_a_notebook_is_read_and_written_byte_for_byte(notebook):
    raw = b"\xef\xbb\xbf" + notebook.read_bytes().replace(b"\n", b"\r\n")
    notebook.write_bytes(raw)
    file = read_notebook(notebook)
    assert file.notebook.cells[0].source == "1/0"
    written = write_text(notebook, file.file.text, file.hash)
    assert notebook.read_bytes() == raw
    assert written == file.hash == read_text(notebook).hash
    assert names(notebook.parent) == [notebook.name]


def test_the_hash_that_is_returned_serves_the_next_write(notebook):
    first = write_text(notebook, "one", read_text(notebook).hash)
    write_text(notebook, "two", first)
    assert notebook.read_text() == "two"


def test_a_file_that_changed_meanwhile_is_not_overwritten(notebook):
    file = read_text(notebook)
    notebook.write_text("typed by a person")
    with pytest.raises(FileChanged, match="changed by another program"):
        write_text(notebook, file.text, file.hash)
    assert notebook.read_text() == "typed by a person"
    assert names(notebook.parent) == [notebook.name]


def test_the_file_is_checked_again_right_before_the_rename(notebook, monkeypatch):
    """Another program saves while our bytes go to the disk."""
    file = read_text(notebook)
    sync = os.fsync

    def save_meanwhile(descriptor):
        sync(descriptor)
        notebook.write_text("saved meanwhile")

    monkeypatch.setattr(files.os, "fsync", save_meanwhile)
    with pytest.raises(FileChanged):
        write_text(notebook, "ours", file.hash)
    assert notebook.read_text() == "saved meanwhile"
    assert names(notebook.parent) == [notebook.name]


def test_a_file_that_was_removed_meanwhile_is_not_brought_back(notebook):
    file = read_text(notebook)
    notebook.unlink()
    with pytest.raises(FileChanged, match="removed or renamed"):
        write_text(notebook, file.text, file.hash)
    assert names(notebook.parent) == []


def test_a_new_file_never_replaces_one_that_is_there(notebook, monkeypatch):
    new = notebook.with_name("new.ipynb")
    write_text(new, "new", None)
    assert new.read_text() == "new"
    with pytest.raises(FileChanged, match="exists already"):
        write_text(notebook, "new", None)
    late = notebook.with_name("late.ipynb")
    monkeypatch.setattr(files, "_check", lambda *_: late.write_text("theirs"))
    with pytest.raises(FileChanged, match="created the file meanwhile"):
        write_text(late, "ours", None)
    assert late.read_text() == "theirs"
    assert names(notebook.parent) == sorted([notebook.name, "new.ipynb", "late.ipynb"])


@posix
def test_mode_and_symlink_are_kept_and_time_is_new(notebook):
    notebook.chmod(0o640)
    os.utime(notebook, (1, 1))
    link = notebook.with_name("link.ipynb")
    link.symlink_to(notebook.name)
    write_text(link, "new", read_text(link).hash)
    assert link.is_symlink()
    assert notebook.read_text() == "new"
    assert stat.S_IMODE(notebook.stat().st_mode) == 0o640
    assert notebook.stat().st_mtime > 1000


@posix
def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    write_text(tmp_path / "new.ipynb", "x", None)
    assert (tmp_path / "new.ipynb").stat().st_mode == plain.stat().st_mode


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_the_owner_is_kept(notebook):
    os.chown(notebook, 12345, 23456)
    write_text(notebook, "new", read_text(notebook).hash)
    after = notebook.stat()
    assert (after.st_uid, after.st_gid) == (12345, 23456)


@posix
def test_a_read_only_file_is_refused(notebook):
    before = notebook.read_bytes()
    notebook.chmod(0o444)
    with pytest.raises(FileFault, match="is read-only"):
        write_text(notebook, "new", read_text(notebook).hash)
    assert notebook.read_bytes() == before
    assert names(notebook.parent) == [notebook.name]


ATTEMPT = """
import os, resource, signal, sys
from pathlib import Path
from cellwright.session.files import FileFault, read_text, write_text
path, user, limit = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
file = read_text(path)
if user and os.geteuid() == 0:
    os.setgroups([]); os.setgid(user); os.setuid(user)
if limit:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    write_text(path, "x" * 1_000_000, file.hash)
except FileFault as fault:
    print(fault)
"""


def attempt(path, *, user=0, limit=0):
    """Write in another process: as an ordinary user, or with files bounded in size."""
    command = [sys.executable, "-c", ATTEMPT, str(path), str(user), str(limit)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert result.stderr == ""
    return result.stdout


@pytest.fixture
def public():
    """A folder that any user can reach, with a notebook that any user may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = folder / "nb.ipynb"
        path.write_text("before")
        path.chmod(0o666)
        yield path
        folder.chmod(0o755)


@posix
def test_a_read_only_folder_is_refused(public):
    public.parent.chmod(0o555)
    assert f"the folder {public.parent} is read-only for you" in attempt(public, user=65534)
    assert public.read_text() == "before"
    assert names(public.parent) == [public.name]


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_file_of_another_user_does_not_change_hands(public):
    public.parent.chmod(0o777)
    assert "belongs to another user" in attempt(public, user=65534)
    assert public.read_text() == "before"
    assert public.stat().st_uid == 0
    assert names(public.parent) == [public.name]


@posix
def test_a_write_that_fails_half_way_leaves_the_notebook_and_nothing_else(public):
    assert "larger than a file may be" in attempt(public, limit=4096)
    assert public.read_text() == "before"
    assert names(public.parent) == [public.name]


@pytest.fixture
def small_disk(tmp_path):
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this system does not let root mount a disk")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_leaves_the_notebook_and_nothing_else(small_disk):
    path = small_disk / "nb.ipynb"
    path.write_text("before")
    with pytest.raises(FileFault, match="the disk is full"):
        write_text(path, "x" * 200_000, read_text(path).hash)
    assert path.read_text() == "before"
    assert names(small_disk) == [path.name]


def test_what_cannot_be_read_says_why(tmp_path):
    with pytest.raises(FileFault, match="no such file"):
        read_text(tmp_path / "missing.ipynb")
    with pytest.raises(FileFault, match="is a folder"):
        read_text(tmp_path)
    bad = tmp_path / "utf16.ipynb"
    bad.write_bytes(b"{}\n\xff\xfe")
    with pytest.raises(FileFault, match=r"not UTF-8 text \(byte 3, line 2\)"):
        read_text(bad)
    with pytest.raises(FileFault, match="does not exist"):
        write_text(tmp_path / "no" / "new.ipynb", "x", None)


@posix
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    with pytest.raises(FileFault, match="not a regular file"):
        read_text(tmp_path / "pipe.ipynb")


def test_a_file_that_is_no_notebook_is_a_fault(tmp_path):
    path = tmp_path / "nb.ipynb"
    path.write_text('{"cells": [')
    with pytest.raises(FileFault, match="ends in the middle"):
        read_notebook(path)


def test_an_edit_is_saved_and_the_next_one_goes_on_from_it(notebook):
    opened = read_notebook(notebook)
    edit = replace_text(opened.notebook.cells[0], (Span(2, 3), "2"))
    saved = save_edit(opened, edit)
    assert read_notebook(notebook) == saved
    again = save_edit(saved, apply_edit(opened.notebook, edit).inverse)
    assert again.notebook.cells[0].source == "1/0"
    assert again.hash == opened.hash
    with pytest.raises(FileChanged):
        save_edit(saved, replace_text(saved.notebook.cells[0], (Span(0, 1), "3")))


def test_runs_are_saved(notebook):
    opened = read_notebook(notebook)
    record = RunRecord("a", "1/0", "completed", 7, outputs=(Output("stream", "stdout", "hi"),))
    saved = save_runs(opened, [record])
    assert read_notebook(notebook) == saved
    assert saved.notebook.cells[0].execution_count == 7
    assert saved.notebook.cells[0].saved_outputs[0]["text"] == ["hi"]


def test_half_a_surrogate_pair_is_not_written(notebook):
    before = notebook.read_bytes()
    with pytest.raises(FileFault, match="surrogate"):
        write_text(notebook, "a\ud800", read_text(notebook).hash)
    assert notebook.read_bytes() == before
