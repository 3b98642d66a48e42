"""Which names a cell binds, reads, defers, deletes and changes, construct by construct."""

import sys

import pytest

from cellwright.dataflow.cell import analyse

BUILTIN_READS = {"print", "range", "len", "open", "list", "property", "super", "globals"}


def reads(source):
    return set(analyse(source).read) - BUILTIN_READS


@pytest.mark.parametrize(
    ("source", "bound", "read"),
    [
        ("x = a", "x", "a"),
        ("x, (y, *z) = a", "x y z", "a"),
        ("x = y = a", "x y", "a"),
        ("x += a", "x", "x a"),
        ("x: int = a", "x", "int a"),
        ("x: T", "", "T"),
        ("x[i] = a", "", "x i a"),
        ("x.y = a", "", "x a"),
        ("a.b.c += 1", "", "a"),
        ("x = a\nx", "x", "a"),
        ("x\nx = a", "x", "x a"),
        ("import a.b", "a", ""),
        ("import a.b as c, d", "c d", ""),
        ("from a import b as c, d", "c d", ""),
        ("def f(p, q=d, *r, s=e): return p + g", "f", "d e"),
        ("def f(p: T) -> R: pass", "f", "T R"),
        ("from __future__ import annotations\ndef f(p: T): pass", "annotations f", ""),
        ("def f(p: 'T'): pass", "f", ""),
        ("@deco(a)\nclass C(B, metaclass=M): pass", "C", "deco a B M"),
        ("class C:\n  x = a\n  y = x", "C", "a"),
        ("class C:\n  x = 1\n  z = [x for _ in y]", "C", "y"),
        ("x = lambda a, b=c: a + d", "x", "c"),
        ("[a for a in b if c]", "", "b c"),
        ("{k: v for k, v in b for w in k}", "", "b"),
        ("[(w := a) for a in b]", "w", "b"),
        ("(x := a) + x", "x", "a"),
        ("for i, j in a: b", "i j", "a b"),
        ("for i in a: pass\nelse: k = i", "i k", "a i"),
        ("while a: b = 1", "b", "a"),
        ("with a as (b, c), d: e", "b c", "a d e"),
        ("try: import a\nexcept ImportError: a = None\na", "a", "ImportError"),
        ("try: a\nexcept E as e: e", "", "a E"),
        ("match a:\n  case [b, *c]: pass\n  case {'k': d, **e}: pass", "b c d e", "a"),
        ("match a:\n  case P(x=q) if g: pass\n  case M.v | 1 as z: pass", "q z", "a P g M"),
        ("f'{a} {b!r:>{c}}'", "", "a b c"),
        ("del a, b[c]", "", "a b c"),
        ("await a(b)", "", "a b"),
        ("async for a in b: pass\nasync with c as d: pass", "a d", "b c"),
        ("if TYPE_CHECKING:\n  import a\nelse:\n  b = 1", "b", "TYPE_CHECKING"),
        ("print(*a, **b)", "", "a b"),
        ("try:\n  pass\nfinally:\n  x = a", "x", "a"),
        ("assert a, b", "", "a b"),
        ("raise A from b", "", "A b"),
        ("a if b else c", "", "a b c"),
    ],
)
def test_bound_and_read(source, bound, read):
    assert set(analyse(source).bound) == set(bound.split())
    assert reads(source) == set(read.split())


@pytest.mark.parametrize(
    ("source", "deferred"),
    [
        ("def f():\n  return a + b", "a b"),
        ("def f():\n  a = 1\n  def g():\n    nonlocal a\n    a = b\n  return g", "b"),
        ("def f():\n  global a\n  a += 1", "a"),
        ("def f():\n  x\n  x = 1", ""),
        ("class C:\n  x = 1\n  def f(self): return x", "x"),
        ("class C:\n  def f(self):\n    return super().f() + C.y", "super C"),
        ("f = lambda: a", "a"),
        ("def f():\n  return [a for b in c for d in b]", "a c"),
        ("def f():\n  import a\n  with b as c: return a, c", "b"),
        ("def f(x=a): return x", ""),
        ("g = (a for b in c)", "a c"),
        ("def f():\n  try: pass\n  except E as e: return e", "E"),
    ],
)
def test_deferred(source, deferred):
    assert set(analyse(source).deferred) == set(deferred.split())


@pytest.mark.parametrize(
    ("source", "bound", "read"),
    [
        ("!ls {a} $b", "", "a b"),
        ("x = !ls {a.b}", "x", "a"),
        ("%time x = f(a)", "x", "f a"),
        ("%timeit x = f(a)", "", "f a"),
        ("%%time\nx = f(a)\n!ls $x", "x", "f a"),
        ("%%capture out\nx = a", "x out", "a"),
        ("%%capture --no-stderr out\nx = a", "x out", "a"),
        ("%%timeit y = a\nx = y + b", "", "a b"),
        ("%%bash --out o --err e\necho $HOME", "o e", ""),
        ("t = %timeit -o f(a)", "t", "f a"),
        ("a.b?", "", "a"),
        ("%store -r a b", "a b", ""),
        ("%cd {a}/data", "", "a"),
        ("%%writefile $a\nb = c", "", "a"),
        ("%%html\n<b>{{ x }}</b>", "", ""),
        (">>> x = a\n>>> x\n", "x", "a"),
        ("In [3]: x = a", "x", "a"),
        ("%%sql\nselect {a}", "", "a"),
        ("cd data", "", ""),
        ("if a:\n    ,f b c\n    x = 1", "x", "a f"),
        ("%env A=$b", "", "b"),
        ("x = await a\n%matplotlib inline", "x", "a"),
    ],
)
def test_ipython_syntax(source, bound, read):
    flow = analyse(source)
    assert set(flow.bound) == set(bound.split())
    assert set(flow.read) == set(read.split())
    assert flow.complete


@pytest.mark.parametrize("source", ["%run a.py", "%pylab", "%store -r", "from a import *"])
def test_what_may_bind_anything(source):
    assert analyse(source).opens


@pytest.mark.parametrize(
    "source", ["exec(x)", "globals()['a']", "_ + 1", "Out[2]", "%whos", "dir()"]
)
def test_what_may_read_anything(source):
    assert analyse(source).reads_all


@pytest.mark.parametrize(
    ("source", "certain", "required"),
    [
        ("if a: x = 1", "", "a"),
        ("if a: x = 1\nelse: x = 2\nx", "x", "a"),
        ("if a: x = 1\nelse: raise E\nx", "x", "a E"),
        ("if a: x = 1\nx", "", "a"),
        ("for i in a:\n  if i: p\n  p = i", "", "a"),
        ("try: x\nexcept NameError: x = 1\nx", "", "NameError"),
        ("try: x = f()\nexcept KeyError: pass\nx", "", "f KeyError"),
        ("with suppress(E): x = 1", "", "suppress E"),
        ("with a: x = 1", "x", "a"),
        ("x = 1\ndel x", "", ""),
        ("try: pass\nfinally: x = 1", "x", ""),
        ("if __name__ == '__main__': x = 1", "x", "__name__"),
        ("match a:\n  case 1: x = 1\n  case _: x = 2", "x", "a"),
        ("[x := i for i in a]", "", "a"),
        ("a and (x := 1)", "", "a"),
        ("def f(): return y\nf()", "f", ""),
    ],
)
def test_certain_and_required(source, certain, required):
    flow = analyse(source)
    assert set(flow.certain) == set(certain.split())
    assert set(flow.required) - BUILTIN_READS == set(required.split())


def test_functions_called_in_the_cell_need_their_names_now():
    assert "y" in analyse("def f(): return y\nf()").read
    assert "y" not in analyse("def f(): return y").read
    assert "y" in analyse("class C:\n  def m(self): return y\nc = C()\nc.m()").read
    assert "y" in analyse("xs.sort(key=lambda v: v + y)").read
    assert "g" in analyse("def f():\n  global g\n  g = 1\nf()").bound


@pytest.mark.parametrize(
    ("source", "mutated"),
    [
        ("a[0] = 1", "a"),
        ("a.b.c = 1", "a"),
        ("a += [1]", "a"),
        ("del a[0], b.c", "a b"),
        ("a.append(1)\nb.b.update(c)", "a b"),
        ("df.drop(columns='x', inplace=True)", "df"),
        ("df.drop(columns='x', inplace=False)", ""),
        ("df.loc[0, 'a'] = 1", "df"),
        ("a = b.upper()", ""),
        ("import os\nos.remove('a')", ""),
    ],
)
def test_mutated(source, mutated):
    assert set(analyse(source).mutated) == set(mutated.split())


@pytest.mark.parametrize(
    ("source", "effect"),
    [
        ("import numpy as np\nnp.random.seed(0)", "seed"),
        ("random.seed(1)", "seed"),
        ("np.random.rand(3)", "draw"),
        ("plt.plot(x)", "figure"),
        ("df.plot()", "figure"),
        ("plt.rcParams['a'] = 1", "options"),
        ("pd.set_option('a', 1)", "options"),
        ("import warnings as w\nw.filterwarnings('ignore')", "options"),
        ("os.chdir('a')", "cwd"),
        ("os.environ['A'] = 'b'", "environ"),
        ("sys.path.append('a')", "path"),
        ("open('a', 'w')", "files"),
        ("df.to_csv('a')", "files"),
        ("Path('a').write_text('b')", "files"),
        ("json.dumps = f", "patch"),
        ("%load_ext a", "magic"),
        ("!pip install a", "shell"),
        ("input()", "input"),
    ],
)
def test_effects(source, effect):
    assert effect in analyse(source).effects


@pytest.mark.parametrize(
    "source",
    ["open('a')", "open('a', 'rb')", "rng = np.random.default_rng(0)", "df.head()", "x.y = 1",
     "def f(): plt.plot(x)", "sqlite3.connect(':memory:')", "df.sample(3, random_state=1)",
     "%time f()", "os.path.join(a)"],
)  # fmt: skip
def test_no_effects(source):
    assert not analyse(source).effects


@pytest.mark.parametrize(
    "source",
    [
        "é = ü\ndef ñ(x): return x\nfrom a import ö as ä, b",
        "%%time\ntry: é\nexcept E as e: e\nclass ß(B): pass",
        ">>> match p:\n...     case [x, *y] as z: pass\n...     case {'k': 1, **rest}: pass\n",
        "    import a.b as c\n    async def g(): pass\n    x = %time f(é)\n    !ls {q} $w",
    ],
)
def test_bindings_and_uses_are_where_they_say(source):
    flow = analyse(source)
    assert flow.bindings
    for places in (flow.bindings, flow.uses):
        for name, spans in places.items():
            assert {source[span.start : span.end] for span in spans} == {name}


def test_imports():
    flow = analyse("import a.b, c.d as e\nfrom f.g import h as i\nfrom . import j\nfrom k import *")
    assert flow.imports == {"a": "a", "e": "c.d", "i": "f.g.h", "j": "..j"}
    assert flow.star_imports == ("k",)


def test_what_does_not_parse_gives_what_is_left():
    flow = analyse("x = 1\ny = (x +\nz = = w\ndef f(: pass\nq = x")
    assert not flow.complete
    assert {"x", "q"} <= flow.bound
    assert "w" in flow.read


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695")
def test_type_parameters():
    flow = analyse(
        "def f[T: A](x: T) -> T: return y\ntype X[K] = dict[K, V]\nclass C[Q](B[Q]): pass"
    )
    assert flow.bound == {"f", "X", "C"}
    assert "T" not in flow.read
    assert {"B"} <= flow.read
    assert {"y", "V"} <= flow.deferred


@pytest.mark.parametrize(
    "source", ["\x00", "(" * 500, "x = '\ud800'", "%", "?", "!", "%%", "\\", "\t"]
)
def test_nothing_raises(source):
    analyse(source)
