import asyncio
import os
import signal
import sys

import pytest
from kernel_running import WAIT, begin, eventually, gone, run, started, text_of

from cellwright.kernels import registry
from cellwright.kernels.own import OwnKernel
from cellwright.kernels.protocol import KernelDied, KernelFault, OutputAdded

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def nothing_left():
    return not list(registry.state_folder().iterdir())


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os; os._exit(7)", "exited with code 7"),
        pytest.param("import os; os.kill(os.getpid(), 9)", "SIGKILL", marks=posix),
        pytest.param("import ctypes; ctypes.string_at(0)", "SIGSEGV", marks=posix),
    ],
)
async def test_a_death_ends_the_run_with_what_was_printed(source, how):
    async with started() as kernel:
        died = await run(
            kernel, "import time\nprint('before', flush=True); time.sleep(0.5)\n" + source
        )
        assert (died.status, text_of(died)) == ("died", "before\n")
        assert how in died.error.evalue
        assert not await kernel.alive()
        assert how in await kernel.ended()
        with pytest.raises(KernelDied, match=how):
            await run(kernel, "1")
        await kernel.restart()
        assert (await run(kernel, "1")).execution_count == 1
    assert nothing_left()


async def test_a_kernel_that_quits_has_ended():
    async with started() as kernel:
        assert (await run(kernel, "quit()")).status == "completed"
        assert not await kernel.alive()
        assert "ended by itself" in await kernel.ended()


@posix
async def test_a_death_between_runs_is_noticed():
    async with started() as kernel:
        os.kill(kernel.info.pid, signal.SIGKILL)
        assert "SIGKILL" in await asyncio.wait_for(kernel.ended(), WAIT)
        assert nothing_left()


async def test_code_that_ignores_an_interrupt_can_be_killed():
    stubborn = (
        "import time\nwhile True:\n    try: print('here', flush=True); time.sleep(600)\n"
        "    except KeyboardInterrupt: pass"
    )
    async with started() as kernel:
        task = await begin(kernel, stubborn, OutputAdded)
        await kernel.interrupt(kill_after=0.5)
        died = await task
        assert died.status == "died"
        assert "ignored an interrupt" in died.error.evalue


async def test_an_interrupt_that_is_taken_kills_nothing():
    async with started() as kernel:
        task = await begin(kernel, "import time; time.sleep(600)")
        await kernel.interrupt(kill_after=WAIT)
        assert (await task).status == "interrupted"
        assert await kernel.alive()


async def test_a_restart_ends_the_run_and_empties_the_namespace():
    async with started() as kernel:
        await run(kernel, "kept = 1")
        first = kernel.info.pid
        task = await begin(kernel, "import time; time.sleep(600)")
        queued = asyncio.create_task(run(kernel, "kept"))
        await asyncio.sleep(0)
        await kernel.restart()
        assert (await task).status in {"died", "interrupted"}
        with pytest.raises(KernelDied, match="restarted"):
            await queued
        assert (await run(kernel, "kept")).error.ename == "NameError"
        assert kernel.info.pid != first
        eventually(lambda: gone(first))


async def test_shutdown_twice_leaves_nothing():
    async with started() as kernel:
        pid = kernel.info.pid
        assert not nothing_left()
        await kernel.shutdown()
        await kernel.shutdown()
        assert not await kernel.alive()
        assert gone(pid)
        assert nothing_left()


async def test_exit_handlers_run_at_shutdown(tmp_path):
    async with started(cwd=str(tmp_path)) as kernel:
        await run(kernel, "import atexit, pathlib\natexit.register(pathlib.Path('bye').touch)")
    assert (tmp_path / "bye").exists()


async def test_the_kernel_runs_in_its_folder_and_knows_its_notebook(tmp_path):
    async with started(cwd=str(tmp_path), notebook="/books/one.ipynb") as kernel:
        where = await run(kernel, "import os; print(os.getcwd()); print(__session__)")
        assert text_of(where).split() == [str(tmp_path.resolve()), "/books/one.ipynb"]


async def test_history_is_off():
    async with started() as kernel:
        assert (await run(kernel, "get_ipython().history_manager.enabled")).outputs[
            0
        ].text == "False"


@posix
async def test_sockets_and_key_are_private():
    async with started() as kernel:
        folder = registry.state_folder() / kernel.info.id
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
        assert folder.stat().st_mode & 0o777 == 0o700
        assert modes["connection.json"] == 0o600
        assert modes["kernel.json"] == 0o600
        assert len([name for name in modes if name.startswith("s-")]) == 5


async def test_a_folder_too_deep_for_sockets_means_signed_tcp(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLWRIGHT_STATE_DIR", str(tmp_path / ("deep" * 30)))
    async with started() as kernel:
        connection = (registry.state_folder() / kernel.info.id / "connection.json").read_text()
        assert '"transport": "tcp"' in connection
        assert '"ip": "127.0.0.1"' in connection
        assert '"key": ""' not in connection
        assert (await run(kernel, "1")).status == "completed"


async def fails_to_start(name, **options):
    kernel = OwnKernel(name, cwd=".", **options)
    with pytest.raises(KernelFault) as fault:
        await asyncio.wait_for(kernel.start(), WAIT)
    assert not await kernel.alive()
    assert nothing_left()
    return str(fault.value)


async def test_no_ipykernel_is_told_with_what_to_do(kernelspec):
    kernelspec(
        "bare", [sys.executable, "-I", "-S", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    )
    reason = await fails_to_start("bare")
    assert "No module named ipykernel_launcher" in reason
    assert f"{sys.executable} -I -S -m pip install ipykernel" in reason


async def test_a_crash_at_the_start_is_told_with_its_last_words(python_kernel):
    python_kernel("crash", "import sys; sys.exit('the configuration is wrong')")
    reason = await fails_to_start("crash")
    assert "'crash' did not start" in reason
    assert "exited with code 1" in reason
    assert "the configuration is wrong" in reason


async def test_a_hang_at_the_start_ends(python_kernel):
    python_kernel(
        "hang", "import time; print('waiting for a licence', flush=True); time.sleep(600)"
    )
    reason = await fails_to_start("hang", start_timeout=2)
    assert "did not answer within 2 s" in reason
    assert "waiting for a licence" in reason


async def test_a_program_that_is_not_there_is_told(kernelspec):
    kernelspec("absent", ["/nowhere/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    assert "/nowhere/python" in await fails_to_start("absent")


async def test_a_folder_that_is_not_there_is_told(tmp_path):
    kernel = OwnKernel(cwd=str(tmp_path / "absent"))
    with pytest.raises(KernelFault, match="absent"):
        await kernel.start()
    assert nothing_left()


async def test_a_kernel_that_is_not_installed_is_told():
    assert "'nosuch' is not installed" in await fails_to_start("nosuch")


async def test_a_start_that_is_given_up_leaves_nothing(python_kernel):
    python_kernel("slow", "import time; time.sleep(600)")
    kernel = OwnKernel("slow", cwd=".")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(kernel.start(), 1)
    assert nothing_left()
