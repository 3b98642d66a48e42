import pytest

from cellwright.repair.rules.advice import RULE as ADVICE
from cellwright.repair.rules.attribute import RULE
from cellwright.repair.rules.attribute_bridge import RULE as BRIDGE
from cellwright.repair.rules.misspelt_init import RULE as INIT
from cellwright.repair.rules.module_member import RULE as MODULE
from cellwright.repair.rules.removed_member import RULE as REMOVED

FRAME = "import numpy as np\nimport pandas as pd\ndf = pd.DataFrame({'a': ['x', 'y'], 'n': [1, 2]})"


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        ("x = 'a b'", "y = x.spilt()", "y = x.split()"),
        ("x = [1]", "x.appned(2)\nx.appned(3)", "x.append(2)\nx.append(3)"),
        ("import numpy as np", "y = np.arrange(3)", "y = np.arange(3)"),
        (FRAME, "y = df.colums", "y = df.columns"),
        (FRAME, "y = pd.dataframe({'a': [1]})", "y = pd.DataFrame({'a': [1]})"),
        (FRAME, "y = df['n'].meen()", "y = df['n'].mean()"),
        ("import matplotlib.pyplot as plt\nax = plt.gca()", "ax.xlabel('a')", "ax.set_xlabel('a')"),
        ("import matplotlib.pyplot as plt", "plt.set_title('a')", "plt.title('a')"),
        (FRAME, "y = df.head.columns", "y = df.head().columns"),
        (
            "class A:\n    def __init__(self):\n        self.name = 1",
            "y = A().nmae",
            "y = A().name",
        ),
    ],
)
async def test_a_misspelt_member_is_renamed(bench, setup, source, mended):
    tried = await bench([setup, source], RULE)
    assert tried.mended() == mended
    assert not tried.best.guesses
    assert await tried.passes()


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        ("d = {1: 2}", "x = d.has_key(1)", "x = 1 in d"),
        ("d = {1: 2}", "if not d.has_key(3):\n    x = 1", "if 3 not in d:\n    x = 1"),
        (
            "d = {1: 2}",
            "for k, v in d.iteritems():\n    x = k",
            "for k, v in d.items():\n    x = k",
        ),
        ("x = [1]", "x.push(2)", "x.append(2)"),
        ("x = {1}", "x.append(2)", "x.add(2)"),
        ("x = (1,)", "x.append(2)", "x += (2,)"),
        ("x = 'a'", "n = x.length", "n = len(x)"),
        ("x = 'a'", "n = x.length()", "n = len(x)"),
        ("g = iter([1])", "x = g.next()", "x = next(g)"),
        ("x = 'a'", "y = x.decode('utf-8')", "y = x"),
        ("import numpy as np\na = np.array([1])", "a.append(2)", "a = np.append(a, 2)"),
    ],
)
async def test_a_method_of_another_language_or_type(bench, setup, source, mended):
    tried = await bench([setup, source], RULE)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_none_from_a_method_that_works_in_place(bench):
    tried = await bench(["x = [2, 1]", "x = x.sort()", "x.append(3)"], RULE)
    assert tried.sources(tried.best) == ["x = [2, 1]", "x.sort()", "x.append(3)"]
    assert await tried.passes()


@pytest.mark.parametrize(
    ("setup", "source"),
    [
        ("x = 3 + 4j", "x.wrong"),
        ("x = 5", "x.upper()"),
        ("x = frozenset([1])", "x.add(2)"),
        ("class P:\n    def __init__(self):\n        self.x, self.y = 1, 2", "P().z"),
        ("import numpy as np\na = np.ones((2, 2))", "a.append(2)"),
    ],
)
async def test_nothing_near_is_nothing_to_offer(bench, setup, source):
    assert (await bench([setup, source], RULE)).candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("y = df['a'].upper()", "y = df['a'].str.upper()"),
        ("y = df['a'].capitalize()", "y = df['a'].str.capitalize()"),
        ("y = df['n'].reshape(-1, 1)", "y = df['n'].values.reshape(-1, 1)"),
        ("y = [1, 2].reshape(2, 1)", "y = np.array([1, 2]).reshape(2, 1)"),
        ("y = np.ones((3, 2)).head()", "y = pd.DataFrame(np.ones((3, 2))).head()"),
    ],
)
async def test_the_form_of_the_value_that_has_the_member(bench, source, mended):
    tried = await bench([FRAME, source], BRIDGE)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_a_change_is_made_where_it_is_kept(bench):
    tried = await bench(["x = map(str, [1, 2])", "x.append('3')\nprint(x)"], BRIDGE)
    assert tried.sources(tried.best)[0] == "x = list(map(str, [1, 2]))"
    assert await tried.passes()


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        ("import datetime", "d = datetime.now()", "d = datetime.datetime.now()"),
        ("from datetime import datetime", "d = datetime.datetime.now()", "d = datetime.now()"),
        ("import numpy as np", "x = np.randint(3)", "x = np.random.randint(3)"),
        ("import numpy as np", "x = np.random.arange(3)", "x = np.arange(3)"),
        ("import string", "x = string.letters", "x = string.ascii_letters"),
        ("import matplotlib.pyplot as plt", "plt.pyplot.figure()", "plt.figure()"),
    ],
)
async def test_a_member_one_level_up_or_down(bench, setup, source, mended):
    tried = await bench([setup, source], MODULE)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_a_submodule_that_is_not_loaded_is_imported(bench):
    tried = await bench(["import xml", "t = xml.dom.minidom.parseString('<a/>')"], MODULE)
    assert tried.sources(tried.best)[0] == "import xml\nimport xml.dom"


async def test_a_class_of_the_same_module_is_imported_too(bench):
    tried = await bench(["from datetime import datetime", "d = datetime.timedelta(1)"], MODULE)
    assert tried.sources(tried.best) == [
        "from datetime import datetime\nfrom datetime import timedelta",
        "d = timedelta(1)",
    ]
    assert await tried.passes()


@pytest.mark.parametrize("source", ["math.nothing_like_it()", "x = math.foo"])
async def test_a_member_that_is_nowhere(bench, source):
    assert (await bench(["import math", source], MODULE)).candidates == []


@pytest.mark.parametrize("name", ["_init_", "__int__", "init", "__inti__"])
async def test_a_misspelt_init(bench, name):
    cells = [f"class A:\n    def {name}(self, x):\n        self.x = x", "a = A(1)"]
    tried = await bench(cells, INIT)
    assert "def __init__(self, x)" in tried.sources(tried.best)[0]
    assert await tried.passes()


async def test_a_class_with_an_init_is_left_alone(bench):
    source = (
        "class A:\n    def __init__(self):\n        pass\n    def init(self):\n        self.x = 1"
    )
    assert (await bench([source, "A().x"], INIT)).candidates == []


async def test_a_word_that_another_type_has_is_no_sure_misspelling(bench):
    tried = await bench([FRAME, "y = df.unique()"], RULE)
    assert all(candidate.guesses for candidate in tried.candidates)


async def test_what_a_module_only_used_is_imported_itself(bench):
    tried = await bench(["import pandas as pd", "x = pd.np.array([1])"], MODULE)
    assert tried.sources(tried.best) == [
        "import pandas as pd\nimport numpy as np",
        "x = np.array([1])",
    ]
    assert await tried.passes()


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("x = np.Inf", "x = np.inf"),
        ("x = np.zeros(2, dtype=np.int)", "x = np.zeros(2, dtype=int)"),
        ("x = np.alltrue([1])", "x = np.all([1])"),
    ],
)
async def test_the_advice_in_the_error_is_taken(bench, source, mended):
    tried = await bench(["import numpy as np", source], ADVICE, RULE, MODULE)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_advice_that_names_nothing_there_is_not_taken(bench):
    source = "x = 1\nraise ValueError('x is old. Use `no_such_thing` instead.')"
    assert (await bench([source], ADVICE)).candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("x = df.append({'a': 'z', 'n': 3}, ignore_index=True)",
         "x = pd.concat([df, pd.DataFrame([{'a': 'z', 'n': 3}])], ignore_index=True)"),
        ("x = df.append(df)", "x = pd.concat([df, df])"),
        ("x = df.append([df, df])", "x = pd.concat([df, *[df, df]])"),
        ("x = df.append(df.iloc[0])", "x = pd.concat([df, df.iloc[0].to_frame().T])"),
        ("x = df['n'].append(df['n'])", "x = pd.concat([df['n'], df['n']])"),
        ("x = df.ix[0, 'a']", "x = df.loc[0, 'a']"),
        ("x = df.set_index('a').ix[0]", "x = df.set_index('a').iloc[0]"),
    ],
)  # fmt: skip
async def test_members_that_pandas_removed(bench, source, mended):
    tried = await bench([FRAME, source], REMOVED)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_what_cannot_be_told_to_be_a_row_is_not_appended(bench):
    assert (await bench([FRAME, "x = df.append(3)"], REMOVED)).candidates == []
