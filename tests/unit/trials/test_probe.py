from __future__ import annotations

import pytest

from cellwright.trials.probe import GuestProbe


@pytest.fixture
def probe(guest) -> GuestProbe:
    return GuestProbe(guest)


async def test_frames_are_asked_from_the_failing_one_outwards(run, probe):
    await run("x = 'global'\ndef f(x):\n    y = [1, 'a']\n    return g(y)")
    await run("def g(z):\n    return z.no")
    await run("f({'k': 1})")
    assert (await probe.describe("z")).extra["item_types"] == ["int", "str"]
    assert (await probe.describe("x", frame=1)).keys == ("k",)
    assert (await probe.describe("x", frame=2)).repr == "'global'"
    assert (await probe.describe("x", frame=None)).repr == "'global'"
    assert await probe.describe("y") is None
    assert await probe.describe("x", frame=9) is None
    assert (await probe.describe("[w for w in z if z]")).length == 2
    names = await probe.names(frame=1)
    assert (names["x"], names["y"], names["f"]) == ("dict", "list", "function")
    assert "In" not in names
    assert "__builtins__" not in names


async def test_tables_and_arrays_are_described(run, probe):
    await run(
        "import numpy as np, pandas as pd\n"
        "df = pd.DataFrame({'a': [1, 2], ('b', 1): [3., 4.]}).rename_axis('i')\n"
        "nested = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([('b', 'sum')]))\n"
        "a = np.zeros((2, 3))",
        "df['c']",
    )
    table = await probe.describe("df")
    assert (table.type, table.shape, table.length) == ("DataFrame", (2, 2), 2)
    assert table.keys == ("a", ["b", 1])
    assert table.index_names == ("i",)
    assert table.extra["dtypes"] == ["int64", "float64"]
    column = await probe.describe("df['a']")
    assert (column.type, column.dtype, column.keys) == ("Series", "int64", (0, 1))
    array = await probe.describe("a")
    assert (array.shape, array.dtype, array.keys) == ((2, 3), "float64", ())
    assert (await probe.describe("nested")).keys == (["b", "sum"],)
    assert "fillna" in await probe.members("df")
    assert (await probe.members("df"))[-1].startswith("_")


async def test_plain_objects_are_described(run, probe):
    await run(
        "import json, pathlib, collections\n"
        "P = collections.namedtuple('P', 'u v')\n"
        "def f(a, *, b=1): pass\n"
        "p = pathlib.Path('.')",
    )
    assert (await probe.describe("None", frame=None)).type == "NoneType"
    assert (await probe.describe("P(1, 2)", frame=None)).keys == ("u", "v")
    module = await probe.describe("json", frame=None)
    assert (module.is_module, module.extra["name"]) == (True, "json")
    function = await probe.describe("f", frame=None)
    assert (function.callable, function.signature) == (True, "(a, *, b=1)")
    assert function.extra["parameters"] == [
        ["a", "positional_or_keyword", False],
        ["b", "keyword_only", True],
    ]
    assert (await probe.describe("p", frame=None)).extra["folder"] is True
    assert (await probe.describe("{(1, 2): 0}", frame=None)).keys == ([1, 2],)


async def test_hostile_questions_have_no_answer_and_do_no_harm(run, probe):
    await run(
        "class Evil:\n"
        "    def __getattr__(self, name): raise BaseException(name)\n"
        "    def __repr__(self): raise KeyboardInterrupt\n"
        "    def __len__(self): raise SystemExit\n"
        "    def __dir__(self): return ['a']\n"
        "e = Evil()\n"
    )
    assert await probe.members("e", frame=None) == ("a",)
    assert await probe.describe("e", frame=None) is None
    assert await probe.describe("1 +", frame=None) is None
    assert await probe.describe("exit()", frame=None) is None
    assert (await probe.describe("e.__class__", frame=None)).type == "type"
    assert (await run("print('still here')")).output == "still here\n"


async def test_a_slow_question_is_given_up(run, probe):
    await run("import time\ndef slow():\n    while True: time.sleep(1)")
    assert await probe.describe("slow()", frame=None) is None
    assert (await probe.describe("1 + 1", frame=None)).repr == "2"


async def test_long_answers_are_cut(run, probe):
    await run("big = {i: i for i in range(100_000)}\ntext = 'x' * 1_000_000")
    value = await probe.describe("big", frame=None)
    assert value.length == 100_000
    assert len(value.keys) == 2_000
    assert len((await probe.describe("text", frame=None)).repr) <= 200


async def test_modules_are_found_without_importing_them(run, probe):
    assert await probe.importable("xml.dom.minidom")
    assert await probe.importable("os.path")
    assert not await probe.importable("xml.dom.maximdom")
    assert not await probe.importable("no.such.module")
    assert "dom" in await probe.submodules("xml")
    assert {"json", "sys", "IPython"} <= set(await probe.submodules(""))
    assert await probe.submodules("no_such") == ()
    assert (await run("import sys\n'xml.dom.minidom' in sys.modules")).result == "False"


async def test_a_member_is_found_below_a_package(guest, run, probe, tmp_path):
    package = tmp_path / "pack"
    (package / "deep").mkdir(parents=True)
    (package / "tests").mkdir()
    files = {
        "__init__": "print('loaded')",
        "__main__": "wanted = 1",
        "tests/__init__": "",
        "tests/probe": "wanted = 1",
        "mentions": "# wanted\nx = 'wanted'\ndef f():\n    wanted = 1",
        "deep/__init__": "from ._hidden import *",
        "deep/_hidden": "if True:\n    class wanted: pass",
        "user": "from pack.deep import (\n    wanted,\n)",
    }
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    assert await probe.find_member("pack", "wanted") == (
        "pack.deep",
        "pack.user",
        "pack.deep._hidden",
    )
    assert await probe.find_member("no_such", "wanted") == ()
    assert (await run("1")).output == ""
    await run("import pack.deep")
    assert (await GuestProbe(guest).find_member("pack", "wanted"))[0] == "pack.deep"


async def test_a_member_of_a_large_package_is_found(probe):
    found = await probe.find_member("sklearn", "train_test_split")
    assert found[0] == "sklearn.model_selection"


async def test_distributions_and_folders(probe, tmp_path):
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "data").mkdir()
    assert "ipython" in {name.lower() for name in await probe.distributions()}
    assert await probe.folder("") == ("a.csv", "data/")
    assert await probe.folder(".") == ("a.csv", "data/")
    assert await probe.folder("a.csv") is None
    assert await probe.folder("gone") is None


async def test_syntax_errors_have_places_of_the_source(probe):
    assert await probe.syntax_error("%matplotlib inline\nawait f()\n!ls") is None
    error = await probe.syntax_error("%matplotlib inline\n\nx = (1,\ny = 2")
    assert error.ename == "SyntaxError"
    assert (error.attributes["lineno"], error.attributes["offset"]) == (3, 5)
    assert (await probe.syntax_error("if x:\nf()")).ename == "IndentationError"
    assert (await probe.syntax_error("x = 'abc")).attributes["text"] == "x = 'abc"
    assert (await probe.syntax_error("return 1")).bases[0] == "SyntaxError"


async def test_a_dead_guest_answers_nothing(guest, probe):
    guest.kill()
    assert await probe.describe("1", frame=None) is None
    assert await probe.members("1") == ()
    assert await probe.names() == {}
    assert await probe.folder(".") is None
    assert not await probe.importable("json")
