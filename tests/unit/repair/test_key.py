"""KeyError: labels that exist in another spelling."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.key import RULE, choices

FRAME = "import pandas as pd\ndf = pd.DataFrame({'Total Price': [1, 2], 'city': ['a', 'b']})"


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("df['total_price'].sum()", "df['Total Price'].sum()"),
        ('df["Citty"]', 'df["city"]'),
        ("df[['City', 'total price']]", "df[['city', 'Total Price']]"),
        ("df.groupby('City').sum()", "df.groupby('city').sum()"),
        ("df.groupby('city')['Total price'].sum()", "df.groupby('city')['Total Price'].sum()"),
        ("df.drop(columns=['TotalPrice'])", "df.drop(columns=['Total Price'])"),
        ("df.sort_values('totalprice')", "df.sort_values('Total Price')"),
        ("df.loc[:, 'City']", "df.loc[:, 'city']"),
        ("df.loc[df['city'] == 'a', 'Total_Price']", "df.loc[df['city'] == 'a', 'Total Price']"),
        ("df.set_index('City')", "df.set_index('city')"),
        ("x = df['City']\ny = df['City'] + 'z'", "x = df['city']\ny = df['city'] + 'z'"),
        (
            "df.groupby('city').agg({'total_price': 'sum'})",
            "df.groupby('city').agg({'Total Price': 'sum'})",
        ),
    ],
)
async def test_a_column_in_another_spelling(bench, source, mended):
    result = await bench([FRAME, source], RULE)
    assert result.mended() == mended
    assert not result.best.guesses
    assert await result.passes()
