"""Slices, dependents and undefined names; what a change of one cell costs."""

import pytest

from cellwright.dataflow.cell import analyse
from cellwright.dataflow.graph import Graph


def graph(*sources, halfway=()):
    return Graph(enumerate(analyse(source) for source in sources), halfway)


def slice_of_last(*sources, halfway=()):
    return graph(*sources, halfway=halfway).backward_slice(len(sources) - 1)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        # values
        (["a = 1", "b = 2", "a"], (0,)),
        (["a = 1", "a = 2", "a"], (1,)),
        (["a = 1", "if x: a = 2", "a"], (0, 1)),
        (["a = 1", "del a", "a"], (0, 1)),
        (["a = 1", "a = a + 1", "a"], (0, 1)),
        (["a = [1]", "for i in a: b = i", "b"], (0, 1)),
        # changes in place, also through other names
        (["a = []", "a.append(1)", "a"], (0, 1)),
        (["a = []", "b = a", "b.append(1)", "a"], (0, 1, 2)),
        (["a = []", "b = {'k': a}", "b['k'].append(1)", "a"], (0, 1, 2)),
        (["a = []", "b = a.copy()", "b.append(1)", "a"], (0, 1, 2)),
        (["a = 'x'", "b = a", "b = b.upper()", "a"], (0,)),
        (["df = load()", "df = df[df.x > 1]", "df['y'] = 1", "df"], (0, 1, 2)),
        (["a = []", "b = a", "a = 3", "b.append(1)", "a"], (2,)),
        (["d = {}", "x = d.mystery()", "d"], (0, 1)),
        (["d = {}", "x = len(d)", "print(d)", "d"], (0,)),
        (["g = (i for i in range(3))", "next(g)", "list(g)"], (0, 1)),
        (["g = [1, 2]", "sum(g)", "g"], (0,)),
        (["class C: pass\nc = C()", "c.x = 1", "c.x"], (0, 1)),
        (["def inc(v): v[0] += 1", "a = [0]", "inc(a)", "a"], (0, 1, 2)),
        (["def area(r): return 3 * r", "a = [0]", "area(a)", "a"], (1,)),
        (["import heapq\nh = []", "heapq.heappush(h, 1)", "h"], (0, 1)),
        (["import random\nx = [1, 2]", "y = 1", "random.shuffle(x)", "x"], (0, 2)),
        # functions and what they need when they are called
        (["def f(): return k", "k = 1", "z = 1", "f()"], (0, 1)),
        (["def f(): return g()", "def g(): return k", "k = 1", "f()"], (0, 1, 2)),
        (["def f(): return k", "k = 1", "f"], (0, 1)),
        (["def f():\n  global s\n  s = 1", "f()", "s"], (0, 1)),
        (["s = []\ndef f(): s.append(1)", "f()", "s"], (0, 1)),
        (["class C:\n  def m(self): return k", "c = C()", "k = 1", "c.m()"], (0, 1, 2)),
        (["R = {}\ndef reg(f): R[f.__name__] = f", "@reg\ndef g(): return k", "k = 1", "R['g']()"],
         (0, 1, 2)),
        (["fs = [lambda: k]", "k = 1", "fs[0]()"], (0, 1)),
        (["def f(p): p.append(1)", "a = [[], []]", "list(map(f, a))", "a"], (0, 1, 2)),
        (["a = []\ndef f(): return a", "b = f()", "b.append(1)", "a"], (0, 1, 2)),
        # effects that have no name
        (["import matplotlib.pyplot as plt", "plt.rcParams['x'] = 1", "a = 1", "a"], (0, 1, 2)),
        (["import random", "random.seed(1)", "random.random()", "random.random()"], (0, 1, 2)),
        (["import random", "random.random()", "a = 1", "a"], (2,)),
        (["import os", "os.chdir('x')", "open('y')"], (0, 1)),
        (["%load_ext x", "a = 1", "a"], (0, 1)),
        (["import json", "json.dumps = 1", "a = 1", "a"], (0, 1, 2)),
        (["import numpy as xp", "xp.random.seed(1)", "a = 1", "a"], (0, 1, 2)),
        (["def f(): plt.plot(1)", "f()", "a = 1", "a"], (0, 1, 2)),
        (["from math import *", "a = 1", "sqrt(a)"], (0, 1)),
        # IPython and history
        (["a = 1", "b = 2", "!echo {a}"], (0,)),
        (["a = 1", "%%time\nb = a", "c = 1", "b"], (0, 1)),
        (["a = 1", "b = 2", "_ + 1"], (0, 1)),
        (["a = 1", "b = 2", "exec('a')"], (0, 1)),
        (["d = collections.defaultdict(list)", "d['x']", "d"], (0, 1)),
    ],
)  # fmt: skip
def test_backward_slice(sources, expected):
    assert slice_of_last(*sources) == expected


def test_a_cell_that_failed_may_not_have_bound_its_names():
    assert slice_of_last("a = 1", "a = 1 / 0", "a") == (1,)
    assert slice_of_last("a = 1", "a = 1 / 0", "a", halfway=[1]) == (0, 1)


def test_dependents():
    g = graph("a = [1]", "b = a", "c = 5", "b.append(2)", "a", "c", "def f(): return a", "f()")
    assert g.dependents(0) == (1, 3, 4, 7)
    assert g.dependents(2) == (5,)
    assert g.dependents(3) == (4, 7)
    assert g.dependents(6) == (7,)
    assert g.dependents(7) == ()


def test_definers():
    g = graph("a = 1", "if x: a = 2", "def f():\n  global a\n  a = 3", "f()", "a")
    assert g.definers("a", 1) == (0,)
    assert g.definers("a", 2) == (0, 1)
    assert g.definers("a", 4) == (0, 1, 3)
    assert g.definers("zz", 4) == ()


@pytest.mark.parametrize(
    ("sources", "halfway", "expected"),
    [
        (["x", "x = 1"], [], {"x": ("later", (1,))}),
        (["x = 1", "del x", "x"], [], {"x": ("deleted", (1,))}),
        (["x = 1 / 0", "x"], [0], {"x": ("failed", (0,))}),
        (["x"], [], {"x": ("nowhere", ())}),
        (["x = 1", "x = 1 / 0", "x"], [1], {}),
        (["try: pass\nexcept E as e: pass", "e"], [], {"e": ("deleted", (0,))}),
        (["print(len([]), In, Out, _, get_ipython(), display, exit, __name__)"], [], {}),
        (["from a import *", "x"], [], {}),
        (["%run a.py", "x"], [], {}),
        (["try:\n  x\nexcept NameError:\n  x = 1"], [], {}),
        (["def f(): return x", "f()"], [], {}),
        (["def f():\n  global x\n  x = 1", "f()\nx"], [], {}),
        (["def f():\n  global x\n  x = 1", "f()", "x"], [], {}),
        (["for i in []:\n  p\n  p = i"], [], {}),
        (["x = 1", "%time x", "!ls {y}"], [], {}),
    ],
)
def test_undefined(sources, halfway, expected):
    found = graph(*sources, halfway=halfway).undefined(len(sources) - 1 if "later" not in
                                                      str(expected) else 0)  # fmt: skip
    assert {name: (u.why, u.cells) for name, u in found.items()} == expected


def test_undefined_tells_where_and_who_waits():
    g = graph("y = x + x")
    waiting = ("cell-7", analyse("x = 1"))
    found = g.undefined(0, pending=[("cell-6", analyse("z = 1")), waiting])["x"]
    assert (found.why, found.cells) == ("not-run", ("cell-7",))
    assert [(span.start, span.end) for span in found.spans] == [(4, 5), (8, 9)]


def test_replacing_a_cell_changes_the_answers():
    g = graph("a = 1", "b = a", "b")
    g.replace(1, analyse("b = 2"))
    assert g.backward_slice(2) == (1,)
    g.replace(1, analyse("b = a"))
    assert g.backward_slice(2) == (0, 1)
    g.append("last", analyse("a"))
    assert g.backward_slice(3) == (0,)
    assert g.key(3) == "last"


def long_notebook(count):
    first = "import pandas as pd\ndf = pd.DataFrame()\ndef scale(x, k=2):\n    return x * k"
    step = "a{i} = scale({i})\nb{i} = df[df['c'] > a{i}].mean()\nprint(a{i})"
    return [first, *(step.format(i=i) for i in range(1, count))]


def test_editing_one_cell_of_many_analyses_one():
    sources = long_notebook(10_000)
    # Analysing them all is not what this test is about: two real texts stand in for the rest.
    few = long_notebook(4)
    g = Graph((i, analyse(few[min(i, 3)])) for i in range(len(sources)))
    analysed = analyse.cache_info().misses
    edited = "a5000 = 'edited in this test'"
    g.replace(5000, analyse(edited))
    assert analyse.cache_info().misses == analysed + 1
    g.replace(5000, analyse(edited))
    assert analyse.cache_info().misses == analysed + 1


class Watched(list):
    """A list that tells which of its items were looked at."""

    def __init__(self, items):
        super().__init__(items)
        self.seen = set()

    def __getitem__(self, index):
        self.seen.add(index)
        return super().__getitem__(index)

    def __iter__(self):
        raise AssertionError("all cells were walked")


def test_a_question_looks_only_at_the_cells_it_concerns():
    g = graph(*long_notebook(400), "print(a300, b300)")
    g._board.flows = Watched(g._board.flows)
    assert g.backward_slice(400) == (0, 300)
    assert g.undefined(400) == {}
    assert g.dependents(300) == (400,)
    assert g._board.flows.seen <= {0, 300, 400}
