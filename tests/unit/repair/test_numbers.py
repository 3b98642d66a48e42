"""Whole numbers, numbers in text, keys that have to be hashable."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.hashing import RULE as HASHING
from cellwright.repair.rules.number_text import RULE as TEXT
from cellwright.repair.rules.whole_number import RULE as WHOLE

SETUP = "import numpy as np\nn = 10\nitems = list('abcdef')\nhalf = 5.0"


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("range(n / 2)", "range(n // 2)"),
        ("items[n / 5]", "items[n // 5]"),
        ("items[: n/2]", "items[: n//2]"),
        ("items[4.0]", "items[4]"),
        ("np.zeros(half)", "np.zeros(int(half))"),
        ("np.zeros((n / 2, 2))", "np.zeros((n // 2, 2))"),
        ("np.arange(6)[half]", "np.arange(6)[int(half)]"),
        ("items['2']", "items[int('2')]"),
        ("'ab' * half", "'ab' * int(half)"),
        ("[0] * (n / 2)", "[0] * (n // 2)"),
        ("list(range(0, 1, 0.1))", "list(np.arange(0, 1, 0.1))"),
        ("np.linspace(0.5, 1.5, half)", "np.linspace(0.5, 1.5, int(half))"),
    ],
)
async def test_a_float_where_a_whole_number_is_needed(bench, source, mended):
    result = await bench([SETUP, source], WHOLE)
    passing = [c for c in result.candidates if await result.passes(c)]
    assert result.mended(passing[0]) == mended
    assert not passing[0].guesses


async def test_cutting_a_fraction_is_a_guess(bench):
    result = await bench(["k = 2.5", "range(k)"], WHOLE)
    assert result.mended() == "range(int(k))"
    assert result.best.guesses


@pytest.mark.parametrize("source", ["items[1.5]", "items['a']", "range('a')", "n[0]", "n.x"])
async def test_no_whole_number_at_hand(bench, source):
    result = await bench([SETUP, source], WHOLE)
    assert result.candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("int('3.0')", "int(float('3.0'))"),
        ("x = '1,234'\nint(x)", 'x = \'1,234\'\nint(x.replace(",", ""))'),
        ("float('$1,234.5')", 'float(\'$1,234.5\'.replace("$", "").replace(",", ""))'),
        (
            "import pandas as pd\npd.Series(['1,234', '5']).astype(float)",
            "import pandas as pd\npd.Series(['1,234', '5']).str.replace(\",\", \"\", regex=False)"
            ".astype(float)",
        ),
        (
            "import pandas as pd\npd.to_numeric(pd.Series(['$1,234']))",
            "import pandas as pd\npd.to_numeric(pd.Series(['$1,234'])"
            '.str.replace(r"[\\$,]", "", regex=True))',
        ),
    ],
)
async def test_text_around_a_number(bench, source, mended):
    result = await bench([source], TEXT)
    assert result.mended() == mended
    assert not result.best.guesses
    assert await result.passes()


@pytest.mark.parametrize("source", ["int('3.5')", "float('3,5')", "float('12%')"])
async def test_a_number_that_may_mean_two_things(bench, source):
    result = await bench([source], TEXT)
    assert result.candidates
    assert all(candidate.guesses for candidate in result.candidates)
    assert await result.passes()


@pytest.mark.parametrize("source", ["int('')", "float('abc')", "int('five')", "float('1.2.3')"])
async def test_text_that_is_no_number(bench, source):
    result = await bench([source], TEXT)
    assert result.candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("d = {[1, 2]: 3}", "d = {(1, 2): 3}"),
        ("d = {['a', 'b']: 1, ['c']: 2}", "d = {('a', 'b'): 1, ('c',): 2}"),
        ("s = {1, 2, [3, 4]}", "s = {1, 2, (3, 4)}"),
        ("key = [1]\nd = {}\nd[key] = 1", "key = [1]\nd = {}\nd[tuple(key)] = 1"),
        ("s = set()\ns.add([1])", "s = set()\ns.add((1,))"),
        ("set([[1], [2]])", "set(map(tuple, [[1], [2]]))"),
        ("{{1}: 2}", "{frozenset({1}): 2}"),
    ],
)
async def test_keys_that_cannot_change(bench, source, mended):
    result = await bench([source], HASHING)
    assert result.mended() == mended
    assert await result.passes()


@pytest.mark.parametrize("source", ["{{'a': 1}}", "hash([1])", "{}['a', []]"])
async def test_what_no_tuple_can_stand_for(bench, source):
    result = await bench([source], HASHING)
    assert result.candidates == []
