"""Functions over elements, truth values of arrays, ends of ranges."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.elements import RULE as ELEMENTS
from cellwright.repair.rules.index_range import RULE as RANGE
from cellwright.repair.rules.truth_value import RULE as TRUTH

SETUP = (
    "import numpy as np, pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3], 'b': [3, 2, 1]})\n"
    "a = np.array([1, 2, 3])\nitems = [1, 2, 3]\nn = 3"
)


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("', '.join([1, 2])", "', '.join(map(str, [1, 2]))"),
        ("','.join(x for x in items)", "','.join(str(x) for x in items)"),
        ("','.join({1: 'a'})", "','.join(map(str, {1: 'a'}))"),
        ("sum(['1', '2'])", "sum(map(int, ['1', '2']))"),
        ("sorted([3, '1'])", "sorted([3, '1'], key=float)"),
        ("for i in 3:\n    pass", "for i in range(3):\n    pass"),
        ("for i in len(items):\n    pass", "for i in range(len(items)):\n    pass"),
        ("[i for i in len(items)]", "[i for i in range(len(items))]"),
    ],
)
async def test_elements_of_the_right_kind(bench, source, mended):
    result = await bench([SETUP, source], ELEMENTS)
    assert result.mended() == mended
    assert not result.best.guesses
    assert await result.passes()


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("for i in n:\n    pass", "for i in range(n):\n    pass"),
        ("max(['a', 1])", "max(['a', 1], key=str)"),
        ("mixed = ['a', 1]\nmixed.sort()", "mixed = ['a', 1]\nmixed.sort(key=str)"),
    ],
)
async def test_elements_with_a_guess(bench, source, mended):
    result = await bench([SETUP, source], ELEMENTS)
    assert result.mended() == mended
    assert result.best.guesses
    assert await result.passes()


@pytest.mark.parametrize(
    "source", ["for i in None: pass", "sum([1, None])", "max([1, None])", "list(2.5)"]
)
async def test_elements_that_tell_nothing(bench, source):
    result = await bench([SETUP, source], ELEMENTS)
    assert result.candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("df[df.a > 1 & df.b < 3]", "df[(df.a > 1) & (df.b < 3)]"),
        ("df[df['a'] == 1 | df['b'] == 1]", "df[(df['a'] == 1) | (df['b'] == 1)]"),
        ("df[df.a > 1 and df.b < 3]", "df[(df.a > 1) & (df.b < 3)]"),
        ("df[(df.a > 1) or (df.b < 3)]", "df[(df.a > 1) | (df.b < 3)]"),
        ("df[not df.a > 1]", "df[~(df.a > 1)]"),
        ("df[not df.a.isna() and df.b < 3]", "df[~df.a.isna() & (df.b < 3)]"),
        ("c = (a > 1) and (a < 3)", "c = (a > 1) & (a < 3)"),
    ],
)
async def test_conditions_on_each_element(bench, source, mended):
    result = await bench([SETUP, source], TRUTH)
    assert result.mended() == mended
    assert not result.best.guesses
    assert await result.passes()


async def test_one_truth_of_many_is_a_guess(bench):
    result = await bench([SETUP, "if a > 1:\n    print('yes')"], TRUTH)
    assert {result.mended(c) for c in result.candidates} == {
        "if (a > 1).any():\n    print('yes')",
        "if (a > 1).all():\n    print('yes')",
    }
    assert all(candidate.guesses for candidate in result.candidates)


@pytest.mark.parametrize(
    "source", ["int('a')", "bool(a)", "5 & 'a'", "raise ValueError('truth value')"]
)
async def test_other_values(bench, source):
    result = await bench([SETUP, source], TRUTH)
    assert result.candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("items[len(items)]", "items[len(items) - 1]"),
        (
            "for i in range(len(items) + 1):\n    items[i]",
            "for i in range(len(items)):\n    items[i]",
        ),
        (
            "for i in range(1, len(items) + 1):\n    print(items[i])",
            "for i in range(len(items)):\n    print(items[i])",
        ),
        (
            "for i in range(len(items)):\n    d = items[i + 1] - items[i]",
            "for i in range(len(items) - 1):\n    d = items[i + 1] - items[i]",
        ),
        (
            "i = 0\nwhile i <= len(items):\n    items[i]\n    i += 1",
            "i = 0\nwhile i < len(items):\n    items[i]\n    i += 1",
        ),
        ("[items[i] for i in range(len(items) + 1)]", "[items[i] for i in range(len(items))]"),
        ("for i in range(len(a)+1):\n    a[i]", "for i in range(len(a)):\n    a[i]"),
    ],
)
async def test_one_past_the_end(bench, source, mended):
    result = await bench([SETUP, source], RANGE)
    assert result.mended() == mended
    assert await result.passes()


@pytest.mark.parametrize(
    "source",
    [
        "items[7]",
        "for i in range(10): items[i]",
        "for i in range(len(df) + 1): items[i]",
        "i = 3\nitems[i]",
        "[][0]",
    ],
)
async def test_an_end_that_nothing_proves(bench, source):
    result = await bench([SETUP, source], RANGE)
    assert result.candidates == []
