from __future__ import annotations

import ast
import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.trials.conftest import LIMITS, all_gone, below

from cellwright.trials.guest import wire
from cellwright.trials.model import Limits, Step
from cellwright.trials.process import Guest, GuestDied, TooSlow, TrialFault

ESCAPE = """
import os, subprocess, sys
subprocess.Popen(["sleep", "600"])
subprocess.Popen(["sleep", "600"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "600"])
    os._exit(0)
os.wait()
"""


async def sleepers(folder):
    """Wait until the three processes of `ESCAPE` run; False if they never do."""
    for _ in range(600):
        if below(folder).count("sleep") == 3:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_missing_interpreter_is_a_plain_fault(environment):
    with pytest.raises(TrialFault, match=r"no-such-python cannot be run"):
        await Guest.start(replace(environment, argv=("no-such-python",)), LIMITS)


async def test_a_missing_ipython_is_a_plain_fault(environment, tmp_path):
    bare = replace(environment, argv=(sys.executable, "-I", "-S"))
    with pytest.raises(TrialFault, match=r"IPython cannot be imported .* install it"):
        await Guest.start(bare, LIMITS)
    assert await all_gone(tmp_path)


async def test_a_program_that_is_no_interpreter_says_why(environment, tmp_path):
    false = tmp_path / "broken"
    false.write_text("#!/bin/sh\necho broken installation >&2\nexit 4\n")
    false.chmod(0o755)
    with pytest.raises(TrialFault, match="broken installation"):
        await Guest.start(replace(environment, argv=(str(false),)), LIMITS)


async def test_the_kernels_variables_and_folder_hold(environment, tmp_path):
    spec = replace(environment, env={"FROM_SPEC": "yes"})
    async with await Guest.start(spec, LIMITS) as guest:
        result = await guest.run(
            Step("c", "import os\nos.environ['FROM_SPEC'], os.getcwd()"), seconds=60
        )
    assert ast.literal_eval(result.result) == ("yes", str(tmp_path))


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("import os\nos._exit(3)", None),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", signal.SIGKILL),
        ("import ctypes\nctypes.string_at(0)", signal.SIGSEGV),
        ("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(600)", signal.SIGKILL),
    ],
)
async def test_a_death_is_noticed_with_its_cause(guest, source, number):
    with pytest.raises(GuestDied) as died:
        await guest.run(Step("c", source), seconds=60)
    assert died.value.signal == number


@pytest.mark.parametrize("source", ["while True: pass", "import os\nos.system('sleep 600')"])
async def test_a_hang_is_ended(guest, source):
    with pytest.raises(TooSlow, match="slower than the budget"):
        await guest.run(Step("c", source), seconds=0.5)
    with pytest.raises(TrialFault):
        await guest.run(Step("d", "1"), seconds=60)


async def test_leaving_ends_everything_that_was_started(environment, tmp_path):
    async with await Guest.start(environment, LIMITS) as guest:
        await guest.run(Step("c", ESCAPE), seconds=60)
        assert await sleepers(tmp_path)
    assert await all_gone(tmp_path)


async def test_a_death_ends_everything_that_was_started(environment, tmp_path):
    async with await Guest.start(environment, LIMITS) as guest:
        with pytest.raises(GuestDied):
            await guest.run(Step("c", ESCAPE + "os._exit(1)"), seconds=60)
        assert await all_gone(tmp_path)


async def test_cancelling_ends_everything(environment, tmp_path):
    async def trial():
        async with await Guest.start(environment, LIMITS) as guest:
            await guest.run(Step("c", ESCAPE + "while True: pass"), seconds=600)

    task = asyncio.ensure_future(trial())
    assert await sleepers(tmp_path)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await all_gone(tmp_path)


async def test_cancelling_a_start_leaves_nothing(environment, tmp_path):
    for delay in (0, 0.01, 0.05):
        task = asyncio.ensure_future(Guest.start(environment, LIMITS))
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await all_gone(tmp_path)


async def test_the_death_of_the_host_ends_everything(tmp_path):
    code = (
        "import asyncio, sys\n"
        "from cellwright.kernels.environment import Environment\n"
        "from cellwright.trials.process import Guest\n"
        "from cellwright.trials.model import Limits, Step\n"
        "async def main():\n"
        "    guest = await Guest.start(Environment((sys.executable,), sys.argv[1]), Limits())\n"
        "    await guest.run(Step('c', sys.argv[2]), seconds=600)\n"
        "asyncio.run(main())\n"
    )
    host = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", code, str(tmp_path), ESCAPE + "while True: pass"], cwd=os.sep
    )
    try:
        assert await sleepers(tmp_path)
    finally:
        host.kill()
        host.wait()
    assert await all_gone(tmp_path)


async def test_nothing_is_written_for_a_guest(environment, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    spec = replace(environment, env={"HOME": str(home), "IPYTHONDIR": str(home / "ipython")})
    async with await Guest.start(spec, Limits()) as guest:
        assert (await guest.run(Step("c", "%%time\nx = 1"), seconds=60)).ok
    assert list(home.iterdir()) == []


def test_the_guest_is_written_for_python_3_8():
    files = sorted(Path(wire.__file__).parent.glob("*.py"))
    assert len(files) > 5
    for file in files:
        ast.parse(file.read_text(), feature_version=(3, 8))
