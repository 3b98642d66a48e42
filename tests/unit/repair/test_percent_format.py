"""`%` formatting, and statistics over tables with text."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.numeric_only import RULE as NUMERIC
from cellwright.repair.rules.percent_format import RULE

FRAME = "import pandas as pd\ndf = pd.DataFrame({'k': ['x', 'y'], 'n': [1, 2], 't': ['a', 'b']})"


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("print('%s %s' % 1, 2)", "print('%s %s' % (1, 2))"),
        ("a = '5'\nprint('%d of %s' % (a, 'x'))", "a = '5'\nprint('%d of %s' % (int(a), 'x'))"),
        ("'%.2f' % '2.5'", "'%.2f' % float('2.5')"),
    ],
)
async def test_arguments_that_fit(bench, source, mended):
    result = await bench([source], RULE)
    assert result.mended() == mended
    assert await result.passes()


@pytest.mark.parametrize("source", ["'%d' % 'a'", "'%s %s' % 1", "print('%s %s' % (1,), 2)"])
async def test_arguments_that_tell_nothing(bench, source):
    result = await bench([source], RULE)
    assert result.candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("df.mean()", "df.mean(numeric_only=True)"),
        ("df.corr(method='pearson')", "df.corr(method='pearson', numeric_only=True)"),
        ("df.groupby('k').mean()", "df.groupby('k').mean(numeric_only=True)"),
    ],
)
async def test_statistics_of_the_numbers_only(bench, source, mended):
    result = await bench([FRAME, source], NUMERIC)
    assert result.mended() == mended
    assert await result.passes()


@pytest.mark.parametrize("source", ["df[['k']].mean()", "sum(['a', 1])", "df.n + 'x'"])
async def test_other_statistics(bench, source):
    result = await bench([FRAME, source], NUMERIC)
    assert result.candidates == []
