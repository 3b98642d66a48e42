"""Helpers of the tests that run real kernels."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from cellwright.kernels.own import OwnKernel
from cellwright.kernels.protocol import Started
from cellwright.kernels.runs import record

WAIT = 60
"""Seconds after which a test gives up: far more than anything takes."""


@contextlib.asynccontextmanager
async def started(**options):
    # Where this is set, ipykernel does not capture what other programs print.
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    kernel = OwnKernel(**{"cwd": ".", **options})
    await kernel.start()
    try:
        yield kernel
    finally:
        await kernel.shutdown()


async def run(kernel, source, cell="cell", on_event=None, **options):
    events = kernel.execute(source, cell=cell, **options)
    return await asyncio.wait_for(record(cell, source, events, on_event), WAIT)


async def begin(kernel, source, until=Started):
    """Start a run; return its task when the first event of that type has come."""
    reached = asyncio.Event()
    task = asyncio.create_task(
        run(kernel, source, on_event=lambda e: reached.set() if isinstance(e, until) else None)
    )
    await asyncio.wait_for(reached.wait(), WAIT)
    return task


def text_of(record, name="stdout"):
    return "".join(output.text for output in record.outputs if output.name == name)


def eventually(condition):
    """Wait until the condition holds; fail when it does not come to."""
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


SERVER = """
import asyncio, os, sys
sys.path.insert(0, sys.argv[1])
from kernel_running import begin
from cellwright.kernels.own import OwnKernel
from cellwright.kernels.protocol import OutputAdded

async def main():
    kernel = OwnKernel(cwd=os.getcwd(), notebook="/books/one.ipynb")
    await kernel.start()
    task = await begin(kernel, sys.argv[2], OutputAdded)
    print(kernel.info.pid, kernel.info.id, flush=True)
    print(await kernel.ended(), flush=True)
    print((await task).status, flush=True)

asyncio.run(main())
"""


@contextlib.contextmanager
def server(source):
    """Run a process that owns a kernel, in which the code has begun and printed something."""
    command = [sys.executable, "-c", SERVER, str(Path(__file__).parent), source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            pid, kernel_id = process.stdout.readline().split()
            yield process, int(pid), kernel_id
        finally:
            process.kill()
