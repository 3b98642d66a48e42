import pytest

from cellwright.repair.rules.not_callable import RULE as CALLABLE
from cellwright.repair.rules.shadowed import RULE


async def test_a_variable_that_hides_a_builtin_is_renamed_everywhere(bench):
    cells = [
        "list = [3, 1]",
        "print(list[0])\nassert isinstance(list, (tuple,)) or True",
        "list(range(2))",
    ]
    tried = await bench(cells, RULE)
    assert tried.sources(tried.best) == [
        "list_value = [3, 1]",
        "print(list_value[0])\nassert isinstance(list_value, (tuple,)) or True",
        "list(range(2))",
    ]
    assert await tried.passes()


async def test_uses_before_the_binding_and_as_a_type_stay(bench):
    cells = ["a = list('ab')", "list = a\nb = isinstance(a, list) if False else 1", "c = list('c')"]
    tried = await bench(cells, RULE)
    assert tried.sources(tried.best)[0] == cells[0]
    assert tried.sources(tried.best)[1].startswith("list_value = a\nb = isinstance(a, list)")
    assert await tried.passes()


async def test_a_function_of_the_notebook_hidden_by_its_result(bench):
    cells = ["def area(r):\n    return 3 * r", "area = area(2)\nprint(area)", "x = area(3)"]
    tried = await bench(cells, RULE)
    assert tried.sources(tried.best)[1] == "area_value = area(2)\nprint(area_value)"
    assert await tried.passes()


async def test_a_local_variable_is_renamed_in_its_function_only(bench):
    cells = ["str = 'a'", "def f(x):\n    max = 1\n    return max(x, max)\nf(2)"]
    tried = await bench(cells, RULE)
    assert tried.sources(tried.best) == [
        "str = 'a'",
        "def f(x):\n    max_value = 1\n    return max(x, max_value)\nf(2)",
    ]
    assert await tried.passes()


async def test_a_variable_that_hides_a_module_is_renamed(bench):
    cells = ["import time", "time = 5\nprint(time + 1)", "time.sleep(0)"]
    tried = await bench(cells, RULE)
    assert tried.sources(tried.best)[1:] == [
        "time_value = 5\nprint(time_value + 1)",
        "time.sleep(0)",
    ]
    assert await tried.passes()


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        ("import pprint", "pprint([1])", "pprint.pprint([1])"),
        ("import glob", "x = glob('*')\ny = glob('?')", "x = glob.glob('*')\ny = glob.glob('?')"),
        ("import numpy as np\na = np.ones(2)", "n = a.shape()", "n = a.shape"),
        ("d = {'k': 1}", "x = d('k')", "x = d['k']"),
        ("v = [1, 2]", "x = v(0)", "x = v[0]"),
        ("import pandas as pd\ndf = pd.DataFrame({'a': [1]})", "x = df('a')", "x = df['a']"),
        ("import matplotlib.pyplot as plt\nax = plt.gca()", "ax.title('a')", "ax.set_title('a')"),
        ("pass", "x = [(1, 2)\n     (3, 4)]", "x = [(1, 2),\n     (3, 4)]"),
    ],
)
async def test_what_was_called_by_mistake(bench, setup, source, mended):
    tried = await bench([setup, source], CALLABLE)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_a_function_of_a_module_that_was_assigned_to(bench):
    cells = ["import matplotlib.pyplot as plt", "plt.title = 'a'", "plt.title('b')"]
    tried = await bench(cells, CALLABLE)
    assert tried.sources(tried.best) == [cells[0], "plt.title('a')", "plt.title('b')"]
    assert await tried.passes()


@pytest.mark.parametrize(
    ("setup", "source"),
    [
        ("d = {'k': 1}", "x = d('missing')"),
        ("class Foo:\n    pass", "Foo()()"),
        ("import math", "math(2)"),
        ("n = 3", "n(2)"),
    ],
)
async def test_nothing_is_offered_for_other_calls(bench, setup, source):
    assert (await bench([setup, source], CALLABLE, RULE)).candidates == []
