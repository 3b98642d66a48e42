from __future__ import annotations

import textwrap

import pytest

from cellwright.dataflow.tree import statement_at
from cellwright.trials.guards import hides_error

FAILING = 'total = df["prize"].sum()'
CELL = f"""\
import pandas as pd
df = pd.read_csv("data.csv")
{FAILING}
print(total)
"""


def instead(text: str) -> str:
    return CELL.replace(FAILING, text)


def under(header: str) -> str:
    return instead(f"{header}\n    {FAILING}")


HIDING = {
    "caught": CELL.replace(
        'total = df["prize"].sum()',
        'try:\n    total = df["prize"].sum()\nexcept KeyError:\n    total = 0',
    ),
    "bare except": instead('try:\n    total = df["prize"].sum()\nexcept:\n    pass'),
    "suppressed": "from contextlib import suppress\n" + under("with suppress(KeyError):"),
    "suppressed under another name": "from contextlib import suppress as ok\n"
    + under("with ok(KeyError):"),
    "removed": CELL.replace('total = df["prize"].sum()\n', ""),
    "commented out": CELL.replace("total = df", "# total = df"),
    "passed over": instead("pass"),
    "quoted": instead('"""total = df["prize"].sum()"""'),
    "ellipsis": instead("..."),
    "removed, something else added": "import numpy as np\n"
    + CELL.replace('total = df["prize"].sum()\n', ""),
    "constant": CELL.replace('df["prize"].sum()', "0"),
    "none": CELL.replace('df["prize"].sum()', "None"),
    "switched off": under("if False:"),
    "switched off by zero": under("while 0:"),
    "short circuit": CELL.replace('df["prize"].sum()', 'False and df["prize"].sum()'),
    "conditional": CELL.replace('df["prize"].sum()', 'df["prize"].sum() if "prize" in df else 0'),
    "default": CELL.replace('df["prize"].sum()', 'df.get("prize", df).sum()'),
    "wrapped in a function": under("def later():"),
    "wrapped in a lambda": CELL.replace('df["prize"].sum()', 'lambda: df["prize"].sum()'),
    "exit": CELL.replace("total = df", "exit()\ntotal = df"),
    "sys.exit": "import sys\n" + CELL.replace("total = df", "sys.exit()\ntotal = df"),
    "SystemExit": CELL.replace("total = df", "raise SystemExit\ntotal = df"),
    "%%script": "%%script false\n" + CELL,
    "%%html": "%%html\n" + CELL,
    "%%capture": "%%capture\n" + CELL,
    "no-raise-error": "%%bash --no-raise-error\n" + CELL,
}


@pytest.mark.parametrize("after", HIDING.values(), ids=HIDING.keys())
def test_a_change_that_hides_the_error_is_told(after):
    statement = statement_at(CELL, CELL.index("total"))
    reason = hides_error(CELL, after, statement)
    assert reason
    assert hides_error(CELL, after, None)


HIDING_PAIRS = {
    "coerce": ("x = pd.to_numeric(s)", 'x = pd.to_numeric(s, errors="coerce")'),
    "coerce by position": ("x = pd.to_numeric(s)", 'x = pd.to_numeric(s, "coerce")'),
    "coerce by dict": ("x = pd.to_numeric(s)", 'x = pd.to_numeric(s, **{"errors": "coerce"})'),
    "ignored drop": ('df.drop("a", axis=1)', 'df.drop("a", axis=1, errors="ignore")'),
    "bad lines": ('pd.read_csv("a")', 'pd.read_csv("a", on_bad_lines="skip")'),
    "decoding": ('open("a").read()', 'open("a", errors="ignore").read()'),
    "unknown categories": ("e = OneHotEncoder()", 'e = OneHotEncoder(handle_unknown="ignore")'),
    "unchecked process": ("run(c, check=True)", "run(c, check=False)"),
    "seterr": ("y = np.log(x)", 'np.seterr(all="ignore")\ny = np.log(x)'),
    "filterwarnings": ("f(x)", 'import warnings\nwarnings.filterwarnings("ignore")\nf(x)'),
    "getattr": ("y = a.shape", 'y = getattr(a, "shape", None)'),
    "next": ("y = next(i)", "y = next(i, None)"),
    "pop": ('y = d.pop("a")', 'y = d.pop("a", None)'),
    "assert removed": ("assert f(x) == 3\ny = 1", "y = 1"),
    "assert emptied": ("assert f(x) == 3", "assert True"),
    "assert weakened": ("assert f(x) == 3", "assert f(x) >= 3"),
    "assert or": ("assert f(x)", "assert f(x) or x"),
    "assert moved goal": ("assert f(x) == 3", "assert f(x) == 4"),
    "assert negated": ("assert f(x)", "assert not f(x)"),
    "raise removed": ('if not x:\n    raise ValueError("x")', "if not x:\n    print(x)"),
    "call dropped": ("fit(model)", "model"),
    "unrelated constant": ("y = data", "y = None"),
    "loop left": ("for i in a:\n    f(i)", "for i in a:\n    break\n    f(i)"),
    "loop skipped": ("for i in a:\n    f(i)", "for i in a:\n    continue\n    f(i)"),
    "early return": (
        "def f(x):\n    y = g(x)\n    return y",
        "def f(x):\n    return None\n    y = g(x)\n    return y",
    ),
    "conditional return": (
        "def f(x):\n    y = g(x)\n    return y",
        "def f(x):\n    if not x:\n        return\n    y = g(x)\n    return y",
    ),
    "broader handler": (
        "try:\n    f()\nexcept KeyError:\n    g()",
        "try:\n    f()\nexcept Exception:\n    g()",
    ),
    "emptied loop": ("for i in rows(x):\n    f(i)", "for i in []:\n    f(i)"),
    "command replaced": ("model.fit(X, y)", "x = 1"),
    "failing argument constant": ("plot(model.score(X))", "plot(0)"),
}


@pytest.mark.parametrize(("before", "after"), HIDING_PAIRS.values(), ids=HIDING_PAIRS.keys())
def test_a_pair_that_hides_is_told(before, after):
    assert hides_error(before, after, None)


MENDING = {
    "misspelt name": ("print(totel)", "print(total)"),
    "misspelt, short": ("prnt(x)", "print(x)"),
    "misspelt alone": ("totl", "total"),
    "misspelt key": ('df["prize"].sum()', 'df["price"].sum()'),
    "other key": ('df["a"].sum()', 'df["column_b"].sum()'),
    "import added": ("np.zeros(3)", "import numpy as np\nnp.zeros(3)"),
    "import replaced": (
        "from sklearn.cross_validation import train_test_split",
        "from sklearn.model_selection import train_test_split",
    ),
    "import from elsewhere": (
        "from sklearn.externals.six import StringIO",
        "from io import StringIO",
    ),
    "renamed leniency": (
        "pd.read_csv(f, error_bad_lines=False)",
        'pd.read_csv(f, on_bad_lines="skip")',
    ),
    "join": ('string.join(a, "")', '"".join(a)'),
    "argument by name": ('sns.boxplot("b", data=df)', 'sns.boxplot(y="b", data=df, orient="v")'),
    "a callback": ("df.apply(f, axis=1)", "df.apply(lambda row: f(row), axis=1)"),
    "import respelt": ("import nunpy as np", "import numpy as np"),
    "module moved": ("import cPickle as pickle", "import pickle"),
    "argument added": ("x.mean()", "x.mean(numeric_only=True)"),
    "argument removed": ("f(x, normalize=True)", "f(x)"),
    "argument changed": ('plt.style.use("seaborn")', 'plt.style.use("seaborn-v0_8")'),
    "quoted": ("print(hello)", 'print("hello")'),
    "quoted path": ("pd.read_csv(data.csv)", 'pd.read_csv("data.csv")'),
    "quoted key": ("y = df[price]", 'y = df["price"]'),
    "constant respelt": ("x = true", "x = True"),
    "null": ("f(x, y=none)", "f(x, y=None)"),
    "int": ("range(n / 2)", "range(int(n / 2))"),
    "floor": ("a[n / 2]", "a[n // 2]"),
    "str": ('"a" + n', '"a" + str(n)'),
    "method replaced": ("x = df.append(row)", "x = pd.concat([df, row])"),
    "method respelt": ("x.apend(1)", "x.append(1)"),
    "call to attribute": ("x.shape()", "x.shape"),
    "attribute to call": ("x.mean", "x.mean()"),
    "subscript for call": ("y = row(0)", "y = row[0]"),
    "get is a request": ("r = urllib2.urlopen(url)", "r = requests.get(url)"),
    "dtype": ("x.astype(np.int)", "x.astype(int)"),
    "nan": ("x = np.NaN", "x = np.nan"),
    "ambiguous truth": ("if x == y:\n    f()", "if (x == y).all():\n    f()"),
    "and to &": ("df[(a > 1) and (b > 2)]", "df[(a > 1) & (b > 2)]"),
    "warnings respelt": ('warnings.filterwarning("ignore")', 'warnings.filterwarnings("ignore")'),
    "handler name respelt": (
        "try:\n    f()\nexcept Excption:\n    g()",
        "try:\n    f()\nexcept Exception:\n    g()",
    ),
    "return added at the end": (
        "def f(x):\n    y = x + 1",
        "def f(x):\n    y = x + 1\n    return y",
    ),
    "self added": (
        "class A:\n    def f():\n        return 1",
        "class A:\n    def f(self):\n        return 1",
    ),
    "moved": ("f(x)\nx = 1", "x = 1\nf(x)"),
    "await": ("y = get(url)", "y = await get(url)"),
    "global": ("def f():\n    n += 1", "def f():\n    global n\n    n += 1"),
    "exist_ok": ('os.makedirs("a")', 'os.makedirs("a", exist_ok=True)'),
    "print": ('print "hello", x', 'print("hello", x)'),
    "colon": ("for i in x\n    f(i)", "for i in x:\n    f(i)"),
    "indent": ("if x:\nf(x)", "if x:\n    f(x)"),
    "dedent": ("  x = 1\n y = x", "x = 1\ny = x"),
    "bracket": ("print(f(x)", "print(f(x))"),
    "extra bracket": ("print(f(x)))", "print(f(x))"),
    "curly quotes": ("print(“hello world”)", 'print("hello world")'),
    "unclosed string": ('x = "abc\nf(x)', 'x = "abc"\nf(x)'),
    "assignment in condition": ("if x = 3:\n    f()", "if x == 3:\n    f()"),
    "python 2 except": (
        "try:\n    f()\nexcept IOError, e:\n    print(e)",
        "try:\n    f()\nexcept IOError as e:\n    print(e)",
    ),
    "raise": ('raise ValueError, "no"', 'raise ValueError("no")'),
    "return kept": ("def f(x)\n    return x", "def f(x):\n    return x"),
    "prompt removed": (">>>> x = 1", "x = 1"),
    "merge marks removed": ("<<<<<<< HEAD\nx = 1\n=======\n", "x = 1\n"),
    "prose commented": (
        "Here we load the data\nx = load(",
        "# Here we load the data\nx = load()",
    ),
    "shell": ("pip install numpy", "%pip install numpy"),
    "cell magic respelt": ("%%tiem\nf(x)", "%%time\nf(x)"),
    "timed": ("%%time\nprnt(x)", "%%time\nprint(x)"),
    "line magic kept": ("%matplotlib inline\nplot(totl)", "%matplotlib inline\nplot(total)"),
}


@pytest.mark.parametrize(("before", "after"), MENDING.values(), ids=MENDING.keys())
def test_a_repair_is_not_taken_for_hiding(before, after):
    assert hides_error(before, after, None) is None
    assert hides_error(before, after, statement_at(before, 0)) is None


UNPARSABLE_HIDING = {
    "line dropped": ("x = 1\nprint(y z)\n", "x = 1\n"),
    "line commented out": ("x = 1\nprint(y z)\n", "x = 1\n# print(y z)\n"),
    "line quoted away": ("x = 1\nfor i in y print(i)\n", "x = 1\n'''\n'''\n"),
    "cell emptied": ("def f(:\n    return load(path)\n", "pass\n"),
    "try added": ("x = int(y\n", "try:\n    x = int(y)\nexcept Exception:\n    x = 0\n"),
    "large part dropped": (
        "result = compute(first, second, third, fourth fifth)\n",
        "result = compute(first)\n",
    ),
}


@pytest.mark.parametrize(
    ("before", "after"), UNPARSABLE_HIDING.values(), ids=UNPARSABLE_HIDING.keys()
)
def test_dropping_code_that_does_not_parse_is_hiding(before, after):
    assert hides_error(before, after, None)


def test_a_change_that_does_not_parse_is_left_to_its_trial():
    assert hides_error("f(x)", "f(x", None) is None


def test_a_constant_elsewhere_may_be_the_repair():
    before = textwrap.dedent(
        """\
        path = folder + name
        df = read(path)
        """
    )
    after = before.replace("folder + name", '"data/a.csv"')
    assert hides_error(before, after, statement_at(before, before.index("df"))) is None
    assert hides_error(before, after, statement_at(before, 0))


def test_the_reason_names_the_statement():
    reason = hides_error("x = 1\nmodel.fit(x)\n", "x = 1\n", None)
    assert reason == "it removes 'model.fit(x)'"
