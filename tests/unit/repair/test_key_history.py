"""KeyError: what other cells did to the table."""

from __future__ import annotations

from cellwright.notebook.edit import MoveCell
from cellwright.repair.rules.key_history import RULE

FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'old': [3, 4]})"


async def test_a_label_that_was_renamed(bench):
    rename = "df = df.rename(columns={'old': 'fresh'})"
    result = await bench([FRAME, rename, "df['old'].sum() + df['old'].max()"], RULE)
    assert result.mended() == "df['fresh'].sum() + df['fresh'].max()"
    assert await result.passes()


async def test_a_result_that_nobody_kept(bench):
    result = await bench([FRAME, "df.rename(columns={'old': 'fresh'})", "df['fresh']"], RULE)
    assert result.sources(result.best)[1] == "df = df.rename(columns={'old': 'fresh'})"
    assert await result.passes()


async def test_an_index_that_was_reset_in_vain(bench):
    setup = FRAME + "\ndf = df.set_index('a')"
    result = await bench([setup, "df.reset_index()", "df['a']"], RULE)
    assert result.sources(result.best)[1] == "df = df.reset_index()"
    assert await result.passes()


async def test_a_cell_that_makes_the_column_has_not_run(bench):
    cells = [FRAME, "df['new'] = df['a'] * 2", "df['new'].sum()"]
    result = await bench(cells, RULE, run=[0, 2])
    assert result.best.run_first == ("c1",)
    assert await result.passes()


async def test_a_cell_further_down_makes_the_column(bench):
    cells = [FRAME, "df['new'].sum()", "df['new'] = df['a'] * 2"]
    result = await bench(cells, RULE)
    moves = [c for c in result.candidates if c.edit]
    assert isinstance(moves[0].edit.operations[0], MoveCell)
    assert await result.passes(moves[0])
    assert await result.passes(next(c for c in result.candidates if c.run_first))


async def test_a_cell_that_ran_twice(bench):
    cells = [FRAME, "df = df.drop(columns=['old'])"]
    result = await bench(cells, RULE, run=[0, 1, 1])
    assert result.best.run_first == ("c0",)
    assert await result.passes()


async def test_a_call_that_changes_in_place_is_left_alone(bench):
    change = "df.rename(columns={'old': 'fresh'}, inplace=True)"
    result = await bench([FRAME, change, "df['gone']"], RULE)
    assert result.candidates == []
