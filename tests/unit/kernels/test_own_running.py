import asyncio
import resource
import sys
from base64 import b64decode

import pytest
import pytest_asyncio
from kernel_running import WAIT, begin, run, started, text_of

from cellwright.kernels.own import OwnKernel
from cellwright.kernels.protocol import Finished, KernelDied, OutputAdded, Started

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kernel():
    async with started() as kernel:
        yield kernel


def result_of(run):
    return next(output.text for output in run.outputs if output.kind == "execute_result")


async def test_a_run_has_a_count_a_result_and_an_end(kernel):
    events = [event async for event in kernel.execute("6 * 7")]
    begun, added, finished = events
    assert isinstance(begun, Started)
    assert isinstance(added, OutputAdded)
    assert (added.output.kind, added.output.text) == ("execute_result", "42")
    assert finished == Finished("completed", begun.execution_count)


async def test_outputs_come_in_order_and_streams_apart(kernel):
    source = (
        "import sys\n"
        "for i in range(3):\n"
        "    print('out', i, flush=True); print('err', i, file=sys.stderr, flush=True)\n"
        "display('shown')\n"
        "'result'"
    )
    outputs = (await run(kernel, source)).outputs
    assert [(o.kind, o.name, o.text) for o in outputs] == [
        *(("stream", n, f"{n[3:]} {i}\n") for i in range(3) for n in ("stdout", "stderr")),
        ("display_data", "", "'shown'"),
        ("execute_result", "", "'result'"),
    ]


async def test_the_namespace_lasts_from_run_to_run(kernel):
    await run(kernel, "kept = 'ünïcödé 🐍 ' + chr(0x1D11E)")
    assert text_of(await run(kernel, "print(kept)")) == "ünïcödé 🐍 𝄞\n"


async def test_a_silent_run_counts_for_nothing(kernel):
    before = (await run(kernel, "pass")).execution_count
    silent = await run(kernel, "print('said')", silent=True)
    assert (silent.status, text_of(silent)) == ("completed", "said\n")
    assert (await run(kernel, "pass")).execution_count == before + 1


async def test_an_error_has_its_frames_in_the_cells_that_defined_them(kernel):
    await run(kernel, "# first\ndef ratio(a):\n    return 1 / a", cell="define")
    failed = await run(kernel, "x = 0\nratio(x)", cell="call")
    assert (failed.status, failed.error.ename) == ("failed", "ZeroDivisionError")
    assert failed.error.evalue == "division by zero"
    assert [(f.cell, f.line, f.function) for f in failed.error.frames] == [
        ("call", 2, "<module>"),
        ("define", 3, "ratio"),
    ]
    assert failed.error.frame_in_cell().text == "return 1 / a"
    assert "ZeroDivisionError" in failed.error.traceback[-1]


async def test_a_syntax_error_is_at_its_line(kernel):
    failed = await run(kernel, "ok = 1\nx = = 2")
    assert failed.error.ename == "SyntaxError"
    assert [(f.cell, f.line) for f in failed.error.frames] == [("cell", 2)]


async def test_the_kernel_is_of_use_after_an_error(kernel):
    await run(kernel, "raise ValueError")
    assert (await run(kernel, "1")).status == "completed"


@pytest.mark.parametrize("ask", ["input('name? ')", "import getpass; getpass.getpass()"])
async def test_asking_for_input_is_a_clear_error(kernel, ask):
    failed = await run(kernel, ask)
    assert failed.error.ename == "StdinNotImplementedError"
    assert "does not support input requests" in failed.error.evalue


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell")
@pytest.mark.parametrize("source", ["!echo heard", "%%bash\necho heard"])
async def test_output_of_shell_commands_is_captured(kernel, source):
    assert "heard" in text_of(await run(kernel, source))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell")
@pytest.mark.parametrize(
    "source",
    [
        "import subprocess; subprocess.run(['echo', 'heard']);",
        "import os; os.write(1, b'heard\\n');",
        "import threading; threading.Timer(0.5, print, ['heard']).start()",
    ],
)
async def test_output_that_comes_late_is_told(source):
    heard = asyncio.Queue()
    async with started(on_late=lambda cell, event: heard.put_nowait((cell, event))) as kernel:
        said = text_of(await run(kernel, source))
        while "heard" not in said:
            cell, event = await asyncio.wait_for(heard.get(), WAIT)
            assert cell == "cell"
            said += event.output.text


async def test_an_image_of_an_inline_plot_is_kept(kernel):
    plot = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    images = [
        o.data["image/png"] for o in (await run(kernel, plot)).outputs if "image/png" in o.data
    ]
    assert [b64decode(image)[:8] for image in images] == [b"\x89PNG\r\n\x1a\n"]


async def test_cleared_outputs_are_gone(kernel):
    source = (
        "from IPython.display import clear_output\n"
        "print('a'); clear_output(); print('b'); clear_output(wait=True); print('c')"
    )
    assert text_of(await run(kernel, source)) == "c\n"


async def test_a_display_is_updated_where_it_stands(kernel):
    source = "handle = display('before', display_id=True)\nprint('x')\nhandle.update('after')"
    outputs = (await run(kernel, source)).outputs
    assert [output.text for output in outputs] == ["'after'", "x\n"]


async def test_runs_asked_for_together_go_one_after_another(kernel):
    sources = ["n = 1", "raise ValueError", "n += 1", "print(n)"]
    runs = await asyncio.gather(*(run(kernel, source) for source in sources))
    assert [r.status for r in runs] == ["completed", "failed", "completed", "completed"]
    assert text_of(runs[3]) == "2\n"


async def test_a_print_of_100_mb_is_cut_and_costs_little_memory(kernel):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    flooded = await run(kernel, "print('x' * 100_000_000)")
    (output,) = flooded.outputs
    assert flooded.status == "completed"
    assert output.text.startswith("x" * 1_000_000 + "\n[output beyond 1,000,000 characters")
    assert output.cut == pytest.approx(99_000_000, rel=0.001)
    assert f"{output.cut:,} characters were left out" in output.text
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown / (1024 if sys.platform == "linux" else 1024**2) < 300


async def test_many_prints_are_cut(kernel):
    flooded = await run(kernel, "for i in range(200_000): print('line', i)")
    assert len(text_of(flooded)) < 1_001_000
    assert flooded.outputs[-1].cut > 1_000_000


async def test_a_large_display_is_left_out_and_the_next_is_shown(kernel):
    source = "display({'text/html': 'x' * 80_000_000}, raw=True)\ndisplay('small')"
    large, small = (await run(kernel, source)).outputs
    assert large.cut > 80_000_000
    assert "is left out" in large.text
    assert small.text == "'small'"


async def test_a_thread_that_floods_between_runs_hurts_nothing(kernel):
    flood = (
        "import threading, time\n"
        "stop = threading.Event()\n"
        "def flood():\n"
        "    while not stop.is_set():\n"
        "        print('x' * 10_000); time.sleep(0.001)\n"
        "thread = threading.Thread(target=flood, daemon=True); thread.start()"
    )
    await run(kernel, flood)
    for number in range(5):
        await asyncio.sleep(0.2)
        assert result_of(await run(kernel, f"{number}")) == str(number)
    assert result_of(await run(kernel, "stop.set(); thread.join(); 'quiet'")) == "'quiet'"


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time; time.sleep(600)",
        "import asyncio; await asyncio.sleep(600)",
    ],
)
async def test_an_interrupt_reaches_what_runs(kernel, source):
    task = await begin(kernel, source)
    await kernel.interrupt()
    assert (await task).status == "interrupted"
    assert (await run(kernel, "'again'")).status == "completed"


async def test_an_interrupt_while_nothing_runs_does_nothing(kernel):
    await kernel.interrupt()
    assert (await run(kernel, "1")).status == "completed"


async def test_a_run_nobody_listens_to_goes_on(kernel):
    events = kernel.execute("import time; time.sleep(0.2); left = 'done'")
    await anext(events)
    await events.aclose()
    assert (await run(kernel, "left")).outputs[0].text == "'done'"


async def test_two_kernels_are_apart(kernel):
    async with started() as other:
        await asyncio.gather(run(kernel, "who = 1"), run(other, "who = 2"))
        first, second = await asyncio.gather(run(kernel, "who"), run(other, "who"))
        assert (first.outputs[0].text, second.outputs[0].text) == ("1", "2")


async def test_nothing_runs_before_the_start():
    with pytest.raises(KernelDied, match="not been started"):
        await run(OwnKernel(cwd="."), "1")
