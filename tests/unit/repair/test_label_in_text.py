"""Columns named inside strings of code."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.label_in_text import RULE

FRAME = "import pandas as pd\ndf = pd.DataFrame({'Total Price': [1, 2], 'city': ['a', 'b']})"


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("df.query('City == \"a\"')", "df.query('city == \"a\"')"),
        ("df.query('total_price > 1')", "df.query('`Total Price` > 1')"),
        ("df.eval('twice = total_price * 2')", "df.eval('twice = `Total Price` * 2')"),
    ],
)
async def test_a_column_in_a_query(bench, source, mended):
    result = await bench([FRAME, source], RULE)
    assert result.mended() == mended
    assert await result.passes()


async def test_no_such_column(bench):
    result = await bench([FRAME, "df.query('weather > 1')"], RULE)
    assert result.candidates == []
