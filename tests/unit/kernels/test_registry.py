import json
import os
import subprocess
import sys

import pytest
from kernel_running import eventually, gone, run, server, started

from cellwright.kernels import registry
from cellwright.kernels.protocol import KernelFault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def elsewhere(code):
    """Run code in another process, with the same state folder."""
    command = [sys.executable, "-c", "from cellwright.kernels.registry import *\n" + code]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


async def test_another_process_lists_and_stops_a_kernel():
    async with started(notebook="/books/one.ipynb") as kernel:
        listed = elsewhere(
            "for k in list_kernels(): print(k.id, k.process.pid, k.notebook, k.orphaned)"
        )
        assert listed.split() == [kernel.info.id, str(kernel.info.pid), "/books/one.ipynb", "False"]
        assert elsewhere(f"print(stop_kernel('{kernel.info.id}').kernel_name)").strip() == "python3"
        assert "SIGTERM" in await kernel.ended()
        assert not await kernel.alive()
        assert registry.list_kernels() == []


async def test_a_busy_kernel_is_stopped():
    with server("print('here', flush=True)\nwhile True: pass") as (process, pid, kernel_id):
        registry.stop_kernel(kernel_id)
        assert gone(pid)
        how, status = process.communicate(timeout=60)[0].splitlines()
        assert "SIGTERM" in how
        assert status == "died"


def test_a_kernel_does_not_outlive_its_server():
    with server("import time; print('here', flush=True); time.sleep(600)") as (process, pid, _):
        assert [entry.process.pid for entry in registry.list_kernels()] == [pid]
        process.kill()
        process.wait()
        eventually(lambda: gone(pid))
    assert registry.list_kernels() == []
    assert list(registry.state_folder().iterdir()) == []


async def test_an_orphan_that_cannot_notice_is_ended_by_the_next_start():
    holds_the_interpreter = (
        "import re, time; print('here', flush=True); time.sleep(1); "
        "re.match('(a+)+$', 'a' * 60 + 'b')"
    )
    with server(holds_the_interpreter) as (process, pid, kernel_id):
        process.kill()
        process.wait()
        assert [(e.id, e.orphaned) for e in registry.list_kernels()] == [(kernel_id, True)]
        async with started() as kernel:
            assert gone(pid)
            assert [entry.id for entry in registry.list_kernels()] == [kernel.info.id]


def test_an_unknown_kernel_cannot_be_stopped():
    with pytest.raises(KernelFault, match="No kernel 'nosuch' is running"):
        registry.stop_kernel("nosuch")


async def test_a_process_that_only_has_the_id_of_a_kernel_is_let_be(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLWRIGHT_STATE_DIR", str(tmp_path))
    entry, folder = registry.open_entry("python3", "")
    registry.launched(entry, os.getpid())
    raw = json.loads((folder / "kernel.json").read_text())
    raw["process"]["started"] -= 1000
    (folder / "kernel.json").write_text(json.dumps(raw))
    with pytest.raises(KernelFault):
        registry.stop_kernel(entry.id)
    assert not folder.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"id": "other"}', '{"owner": 1}'])
def test_an_entry_that_cannot_be_read_is_removed(tmp_path, monkeypatch, content):
    monkeypatch.setenv("CELLWRIGHT_STATE_DIR", str(tmp_path))
    entry, folder = registry.open_entry("python3", "")
    assert registry.list_kernels() == [entry]
    (folder / "kernel.json").write_text(content)
    assert registry.list_kernels() == []
    assert not folder.exists()


def test_a_folder_open_to_others_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLWRIGHT_STATE_DIR", str(tmp_path))
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels").chmod(0o755)
    with pytest.raises(KernelFault, match="open to other users"):
        registry.list_kernels()


def test_importing_the_room_imports_nothing_heavy():
    code = "import sys, cellwright.kernels.own, cellwright.kernels.specs; print(*sys.modules)"
    loaded = elsewhere(code).split()
    assert not {"jupyter_client", "zmq", "IPython", "psutil", "traitlets"} & set(loaded)


async def test_a_kernel_shut_down_while_the_list_is_read(monkeypatch, tmp_path):
    monkeypatch.setenv("CELLWRIGHT_STATE_DIR", str(tmp_path))
    async with started() as kernel:
        await run(kernel, "1")
        registry.forget(kernel.info.id)
        assert (await run(kernel, "2")).status == "completed"
    assert registry.list_kernels() == []
