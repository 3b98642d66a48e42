"""KeyError: labels asked for in the wrong way."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.key_position import RULE

SERIES = "import pandas as pd\ns = pd.Series([1, 2, 3], index=['CA', 'OR', 'NV'])"
FRAME = (
    "import numpy as np, pandas as pd\n"
    "df = pd.DataFrame({'a': [1, 2, 3], 'b': [4, 5, 6]}, index=['x', 'y', 'z'])\n"
    "rows = np.array([0, 2])"
)


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        (SERIES, "s[0]", "s.iloc[0]"),
        (SERIES, "print(s['CA'], s[0])\ns[-1]", "print(s['CA'], s.iloc[0])\ns.iloc[-1]"),
        (SERIES, "i = 2\ns[i] + s[0]", "i = 2\ns.iloc[i] + s.iloc[0]"),
        (FRAME, "df['a', 'b']", "df[['a', 'b']]"),
        (FRAME, "df[('a', 'b')]", "df[['a', 'b']]"),
        (FRAME, "df[rows]", "df.iloc[rows]"),
        (FRAME, "df[:, 0]", "df.iloc[:, 0]"),
        (FRAME, "df[0:2, 1]", "df.iloc[0:2, 1]"),
        (FRAME, "df[:, 'a']", "df.loc[:, 'a']"),
        (FRAME, "df.loc[0]", "df.iloc[0]"),
        (FRAME, "df.loc['a']", "df['a']"),
        (FRAME, "df['x']", "df.loc['x']"),
        (FRAME, "df.rename_axis('key')['key']", "df.rename_axis('key').index"),
        (FRAME, "df.groupby('a')['a', 'b'].sum()", "df.groupby('a')[['a', 'b']].sum()"),
    ],
)
async def test_the_way_that_finds_the_label(bench, setup, source, mended):
    result = await bench([setup, source], RULE)
    assert result.mended() == mended
    assert not result.best.guesses
    assert await result.passes()


async def test_folds_of_a_split(bench):
    setup = (
        "import pandas as pd\nfrom sklearn.model_selection import KFold\n"
        "X = pd.DataFrame({'a': range(6)}, index=range(10, 16))\n"
        "y = pd.Series(range(6), index=range(10, 16))"
    )
    cell = (
        "for train, test in KFold(2).split(X):\n"
        "    X_train, X_test = X[train], X[test]\n    y_train, y_test = y[train], y[test]"
    )
    result = await bench([setup, cell], RULE)
    assert "X.iloc[train], X.iloc[test]" in result.mended()
    assert "y.iloc[train], y.iloc[test]" in result.mended()
    assert await result.passes()


async def test_a_number_among_numbers_is_a_guess(bench):
    setup = "import pandas as pd\ns = pd.Series([1, 2, 3]).iloc[1:]"
    result = await bench([setup, "s[0]"], RULE)
    assert result.mended() == "s.iloc[0]"
    assert result.best.guesses


@pytest.mark.parametrize(
    ("setup", "source"),
    [
        ("d = {'a': 1}", "d[0]"),
        (FRAME, "df['c']"),
        (FRAME, "df.loc['q']"),
        (FRAME, "df['a', 'q']"),
        ("x = 5", "x['a']"),
        ("x = [1, 2]", "x[:, 0]"),
    ],
)
async def test_look_alikes(bench, setup, source):
    result = await bench([setup, source], RULE)
    assert result.candidates == []
