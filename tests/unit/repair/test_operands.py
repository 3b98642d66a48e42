"""TypeError of operators: conversions of the side that does not fit."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.operands import RULE

SETUP = "import numpy as np, pandas as pd\nx = 5\nage = '7'\nname = 'Bo'\nitems = [1, 2]"


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("'a' + x", "'a' + str(x)"),
        ("x + 'a'", "str(x) + 'a'"),
        ("print('a' + x + 'b' + x * 2)", "print('a' + str(x) + 'b' + str(x * 2))"),
        ("print(x + x + ' apples')", "print(str(x + x) + ' apples')"),
        ("name += x", "name += str(x)"),
        ("print('Mean: ' + np.float64(2.5))", "print('Mean: ' + str(np.float64(2.5)))"),
        ("'a' + (\n    x\n)", "'a' + (\n    str(x)\n)"),
        ("b'a' + name", "b'a'.decode() + name"),
        ("name + b'a'", "name + b'a'.decode()"),
        ("age - 1", "int(age) - 1"),
        ("age < 3", "int(age) < 3"),
        ("x >= '5'", "x >= int('5')"),
        ("1 < '2.5'", "1 < float('2.5')"),
        ("age / age", "int(age) / int(age)"),
        ("'2.5' * 2.0", "float('2.5') * 2.0"),
        ("np.array([1, 2]) - age", "np.array([1, 2]) - int(age)"),
        ("pd.Series(['1', '2']) > 1", "pd.Series(['1', '2']).astype(float) > 1"),
        ("{1} + {2}", "{1} | {2}"),
        ("{'a': 1} + {'b': 2}", "{**{'a': 1}, **{'b': 2}}"),
        ("items + (3, 4)", "items + list((3, 4))"),
        ("range(3) + items", "list(range(3)) + items"),
        ("{1, 2} - [2]", "{1, 2} - set([2])"),
        ("name.upper + 'a'", "name.upper() + 'a'"),
        ("print('%s!') % name", "print('%s!' % name)"),
        ("print('Hi ') + name", "print('Hi ' + name)"),
    ],
)
async def test_a_sure_conversion(bench, source, mended):
    result = await bench([SETUP, source], RULE)
    assert result.mended() == mended
    assert not result.best.guesses
    assert await result.passes()


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("age + 1", {"age + str(1)", "int(age) + 1"}),
        ("'5' + 3", {"'5' + str(3)", "int('5') + 3"}),
        ("items + 5", {"items + [5]", "np.array(items) + 5"}),
        ("items - items", {"np.array(items) - items"}),
        ("items + name", {"items + [name]", "str(items) + name"}),
        ("(1, 2) + 3", {"(1, 2) + (3,)"}),
        ("name + items", {"name + str(items)", "[name] + items"}),
    ],
)
async def test_a_meaning_that_has_to_be_guessed(bench, source, mended):
    result = await bench([SETUP, source], RULE)
    assert {result.mended(candidate) for candidate in result.candidates} == mended
    for candidate in result.candidates:
        assert candidate.guesses
        assert await result.passes(candidate)


async def test_a_sum_in_a_function_of_another_cell(bench):
    function = "def greet(name, times):\n    return 'Hi ' + name + times"
    result = await bench([function, "greet('Bo', 3)"], RULE)
    assert result.sources(result.best)[0] == function.replace("times", "str(times)")[:10] + (
        function[10:].replace("+ times", "+ str(times)")
    )
    assert await result.passes()


@pytest.mark.parametrize(
    ("binding", "mended"),
    [
        ("items = items.sort()", "items.sort()"),
        ("df = df.drop('a', axis=1, inplace=True)", "df = df.drop('a', axis=1)"),
        ("ordered = items.sort()", "ordered = sorted(items)"),
    ],
)
async def test_none_from_a_call_that_changes_in_place(bench, binding, mended):
    setup = "import pandas as pd\nitems = [2, 1]\ndf = pd.DataFrame({'a': [1], 'b': [2]})"
    name = binding.split(" ")[0]
    result = await bench([setup, binding, f"{name} + {name}"], RULE)
    assert result.sources(result.best)[1] == mended
    assert await result.passes()


@pytest.mark.parametrize(
    "source",
    [
        "name - 1",
        "name < 3",
        "None + 1",
        "object() + 1",
        "items < 3",
        "'a' * 'b'",
        "len(5)",
        "-name",
    ],
)
async def test_look_alikes(bench, source):
    result = await bench([SETUP.replace("import numpy as np, pandas as pd\n", ""), source], RULE)
    assert result.candidates == []
