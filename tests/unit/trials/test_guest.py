from __future__ import annotations

import asyncio

import pytest

from cellwright.notebook.edit import Span
from cellwright.trials.model import Step


def spot(source: str, *parts: str) -> list[Span]:
    return [Span(source.index(part), source.index(part) + len(part)) for part in parts]


async def test_a_step_reports_result_output_and_names(run):
    result = await run("x = 1\nprint('out')\nx + 1")
    assert (result.ok, result.result, result.output) == (True, "2", "out\n")
    assert result.bound == {"x"}
    assert (await run("y = x")).bound == {"x", "y"}
    assert (await run("del x")).bound == {"y"}


async def test_output_of_subprocesses_and_c_code_is_captured_in_order(run):
    result = await run(
        "import os, subprocess, sys\n"
        "print('one')\n"
        "os.write(1, b'two\\n')\n"
        "subprocess.run(['echo', 'three'])\n"
        "print('four', file=sys.stderr)\n"
        "os.system('echo five')"
    )
    assert result.output.split() == ["one", "two", "three", "four", "five"]
    assert (await run("1")).output == ""


async def test_much_output_is_cut_and_blocks_nothing(run):
    result = await run("print('x' * 5_000_000)")
    assert result.ok
    assert len(result.output) < 110_000
    assert "4900001 more bytes" in result.output


async def test_a_guest_looks_like_a_kernel(run):
    result = await run(
        "import sys, os\n"
        "assert __name__ == '__main__' and sys.modules['__main__'].__dict__ is globals()\n"
        "assert '' in sys.path and not any('trials' in p for p in sys.path)\n"
        "assert 'ipykernel_launcher' in sys.argv[0] and sys.argv[1] == '-f'\n"
        "assert get_ipython().user_ns is globals()\n"
        "assert In[1].startswith('import sys') and sys.stdin.read() == ''\n"
        "assert not get_ipython().history_manager.enabled\n"
        "assert '_cellwright_guest' in sys.modules"
    )
    assert result.error is None
    assert (await run("import wire")).error.ename == "ModuleNotFoundError"
    assert (await run("2", "_ + Out[3]")).result == "4"
    assert (await run("1;")).result == ""


async def test_a_workspace_module_may_have_the_name_of_one_of_ours(run, tmp_path):
    (tmp_path / "steps.py").write_text("value = 7")
    assert (await run("import steps\nsteps.value")).result == "7"


async def test_the_guest_stays_single_threaded(run):
    await run("x = 1", "1/0", "%%time\nx = 2")
    assert (await run("import threading, os\nlen(os.listdir('/proc/self/task'))")).result == "1"


async def test_await_works_and_the_loop_runs_as_in_a_kernel(run):
    assert (await run("import asyncio\nawait asyncio.sleep(0, 5)")).result == "5"
    failed = await run("asyncio.run(asyncio.sleep(0))")
    assert failed.error.ename == "RuntimeError"
    assert (await run("t = asyncio.ensure_future(asyncio.sleep(0, 6))", "await t")).result == "6"


async def test_figures_are_displays_and_do_not_block(run):
    result = await run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()"
    )
    assert result.error is None
    assert result.displays == 1
    assert (await run("%matplotlib qt\nplt.plot([1])\nNone")).displays == 1
    assert (await run("display(1)\ndisplay('a', 'b')")).displays == 3


@pytest.mark.parametrize("ask", ["input('x')", "import getpass\ngetpass.getpass(prompt='x')"])
async def test_asking_for_input_is_noted_even_when_the_error_is_caught(run, ask):
    assert (await run(ask)).asked_input
    body = ask.replace("\n", "\n    ")
    assert (await run(f"try:\n    {body}\nexcept Exception:\n    y = 1")).asked_input
    assert not (await run("y")).asked_input


async def test_the_end_of_a_program_is_an_error_and_not_the_end_of_the_guest(run):
    assert (await run("import sys\nsys.exit(3)")).error.attributes["code"] == 3
    assert (await run("exit()")).error.ename == "SystemExit"
    assert (await run("1")).ok


@pytest.mark.parametrize(
    ("source", "ename", "attributes"),
    [
        ("nme", "NameError", {"name": "nme"}),
        ("def f():\n    a = b_\n    b_ = 1\nf()", "UnboundLocalError", {"name": "b_"}),
        ("'x'.foo", "AttributeError", {"name": "foo", "obj_type": "str", "module": "builtins"}),
        ("import json\njson.lod", "AttributeError", {"obj_type": "module", "module": "json"}),
        ("import no.such", "ModuleNotFoundError", {"name": "no"}),
        ("from json import lod", "ImportError", {"name": "json"}),
        ("{}['a']", "KeyError", {"key": "a", "key_type": "str"}),
        ("{}[1, 'a']", "KeyError", {"key": [1, "a"], "key_type": "tuple"}),
        ("open('gone.csv')", "FileNotFoundError", {"filename": "gone.csv", "errno": 2}),
        ("x = 1\ny = = 2", "SyntaxError", {"lineno": 2, "offset": 5, "text": "y = = 2"}),
    ],
)
async def test_an_error_tells_its_own_facts(run, source, ename, attributes):
    error = (await run(source)).error
    assert error.ename == ename
    assert attributes.items() <= error.attributes.items()
    assert error.frame_in_cell().cell == "c0"
    assert error.bases[0] == ename


async def test_frames_lead_to_the_cells_own_places(run):
    await run("def f(é, k):\n    return 'é' + é['ö'](k)\n")
    error = (await run("y = 1\nif y:\n    f({}, y)")).error
    assert [(frame.cell, frame.line, frame.function) for frame in error.frames] == [
        ("c1", 3, "<module>"),
        ("c0", 2, "f"),
    ]
    assert error.frames[1].text == "    return 'é' + é['ö'](k)"
    assert (error.frames[1].column, error.frames[1].end_column) == (17, 23)


async def test_frames_of_files_are_kept_and_ours_are_not(run):
    error = (await run("import json\njson.loads('x')")).error
    assert [frame.cell for frame in error.frames][:1] == ["c0"]
    assert error.frames[-1].file.endswith("decoder.py")
    assert not any("IPython" in frame.file or "trials" in frame.file for frame in error.frames)


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("\n\nx = 1\nnme", 4, 0),
        ("%matplotlib inline\n!true\nx = 1; nme", 3, 7),
        ("    x = 1\n    nme", 2, 4),
        (">>> x = 1\n>>> nme", 2, 4),
        ("%%time\nx = 1\nprint(nme)", 3, 6),
        ("\n%%timeit -n1 -r1\nx = 1\nprint(nme)", 4, 6),
        ("%%capture\nx = 1\nprint(nme)", 3, 6),
    ],
)
async def test_places_are_those_of_the_source_and_not_of_what_ipython_made(
    run, source, line, column
):
    frame = (await run(source)).error.frame_in_cell()
    assert (frame.line, frame.column) == (line, column)
    assert frame.text == source.split("\n")[line - 1]


async def test_a_function_of_a_timed_cell_leads_to_that_cell(run):
    await run("%%time\ndef f():\n    return nme", "%%time\nx = 1")
    frame = (await run("f()")).error.frame_in_cell()
    assert (frame.cell, frame.line) == ("c0", 3)


async def test_a_runaway_recursion_is_told_briefly(run):
    error = (await run("def f():\n    f()\nf()")).error
    assert error.ename == "RecursionError"
    assert 10 < len(error.frames) < 100


async def test_hostile_objects_do_no_harm(run):
    await run(
        "import time\n"
        "class Bad(Exception):\n"
        "    def __str__(self): raise ValueError\n"
        "class Slow:\n"
        "    def __repr__(self):\n"
        "        while True:\n"
        "            try: time.sleep(60)\n"
        "            except BaseException: pass\n"
        "class Broken:\n"
        "    def __repr__(self): raise OSError\n"
    )
    assert (await run("raise Bad")).error.evalue == "<Bad>"
    assert (await run("Broken()")).result == "<Broken>"
    assert (await run("1")).ok


async def test_a_slow_repr_is_given_up(run):
    result = await run("import time\nclass Slow:\n    def __repr__(self): time.sleep(600)\nSlow()")
    assert (result.ok, result.result) == (True, "<Slow>")


async def test_memory_is_bounded(guest):
    result = await guest.run(Step("c", "x = bytearray(10 << 30)"), seconds=60)
    assert result.error.ename == "MemoryError"
    assert (await guest.run(Step("d", "1"), seconds=60)).ok


MARKED = '''\
from __future__ import annotations
x = 0
class A:
    """Doc."""
    y = 1
    def m(self):
        """Doc."""
        return 2
for i in range(3):
    if i > 5:
        x = 9
    else:
        x += 1
async def g():
    return 7
try:
    1 / 0
except ZeroDivisionError:
    x += 10
@staticmethod
def unused():
    x = 1
A.__doc__, A().m.__doc__, A().m(), await g(), x
'''


async def test_marks_tell_which_statements_ran_and_change_nothing_else(run):
    wanted = {
        "from __future__": True,
        "class A": True,
        '"""Doc."""\n    y': True,
        "y = 1": True,
        "return 2": True,
        "if i > 5": True,
        "x = 9": False,
        "x += 1\n": True,
        "return 7": True,
        "x += 10": True,
        "@staticmethod": True,
        "def unused": True,
        "x = 1\nA": False,
        "A.__doc__": True,
    }
    result = await run(MARKED, marks=spot(MARKED, *wanted))
    assert result.result == "('Doc.', 'Doc.', 2, 7, 13)"
    assert {name for index, name in enumerate(wanted) if index in result.executed} == {
        name for name, ran in wanted.items() if ran
    }
    plain = await run("[name for name in globals() if 'cellwright' in name]")
    assert plain.result == "[]"


@pytest.mark.parametrize(
    "source",
    [
        "\n\n%matplotlib inline\nif 1:\n    x = 1\nx",
        "%%time\nif 1:\n    x = 1",
        "%%capture\nif 1:\n    x = 1",
        "  if 1:\n    x = 1",
        "é = 'é'; x = 1",
    ],
)
async def test_marks_are_found_in_what_ipython_makes_of_a_cell(run, source):
    result = await run(source, marks=spot(source, "x = 1"))
    assert result.error is None
    assert result.executed == {0}


async def test_compiled_functions_are_left_alone(run):
    source = (
        "def jit(function):\n"
        "    assert function.__code__.co_names == ()\n"
        "    return function\n"
        "@jit\n"
        "def f(x):\n"
        "    y = x\n"
        "    return y\n"
        "f(2)"
    )
    result = await run(source, marks=spot(source, "y = x", "return y", "f(2)"))
    assert (result.result, result.executed) == ("2", {0, 1, 2})


async def test_a_marked_failure_keeps_its_place(run):
    source = "x = 1\nx.foo"
    result = await run(source, marks=spot(source, "x.foo"))
    assert result.executed == {0}
    assert result.error.frame_in_cell().line == 2


async def test_steps_wait_for_each_other(guest):
    steps = [guest.run(Step(f"s{i}", f"x{i} = {i}"), seconds=60) for i in range(5)]
    assert all(result.ok for result in await asyncio.gather(*steps))
