"""KeyError: labels that exist in another spelling."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.key import RULE

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


async def test_stray_spaces_of_column_names(bench):
    frame = "import pandas as pd\ndf = pd.DataFrame({' Age ': [1], 'Name': ['a']})"
    result = await bench([frame, "df['Age'].mean()"], RULE)
    assert result.mended() == "df[' Age '].mean()"
    assert await result.passes()


async def test_several_slips_of_one_cell_are_mended_together(bench):
    cell = "a = df['total_price']\nb = df['City']\ndf['new'] = a\nc = df['new']"
    result = await bench([FRAME, cell], RULE)
    assert result.mended() == "a = df['Total Price']\nb = df['city']\ndf['new'] = a\nc = df['new']"
    assert await result.passes()


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        ("d = {'apple': 1}", "d['aple']", "d['apple']"),
        ("d = {'1': 'a'}", "d[1]", "d['1']"),
        ("d = {2020: 'a'}", "d['2020']", "d[2020]"),
        ("d = {'alpha': 1}", "d.pop('Alpha')", "d.pop('alpha')"),
        ("d = {'x': {'inner_key': 1}}", "d['x']['inner key']", "d['x']['inner_key']"),
        ("d = {'apple': 1}", "print(f\"{d['aple']}\")", "print(f\"{d['apple']}\")"),
    ],
)
async def test_keys_of_a_dict(bench, setup, source, mended):
    result = await bench([setup, source], RULE)
    assert result.mended() == mended
    assert await result.passes()


async def test_a_number_as_a_column(bench):
    frame = "import pandas as pd\ndf = pd.DataFrame({2020: [1], 2021: [2]})"
    result = await bench([frame, "df['2020']"], RULE)
    assert result.mended() == "df[2020]"
    assert await result.passes()


async def test_a_label_in_a_variable_is_mended_where_it_is_written(bench):
    result = await bench([FRAME, "target = 'total_price'", "df[target].sum()"], RULE)
    assert result.sources(result.best)[1] == "target = 'Total Price'"
    assert await result.passes()


async def test_labels_in_a_list_that_another_cell_binds(bench):
    result = await bench([FRAME, "columns = ['city', 'total']\nn = 1", "df[columns]"], RULE)
    assert result.sources(result.best)[1] == "columns = ['city', 'Total Price']\nn = 1"
    assert result.best.guesses
    assert await result.passes()


async def test_a_function_in_another_cell(bench):
    function = "def total(frame):\n    return frame['total_price'].sum()"
    result = await bench([FRAME, function, "total(df)"], RULE)
    assert result.sources(result.best)[1] == function.replace("total_price", "Total Price")
    assert await result.passes()


async def test_a_join_on_columns_of_two_spellings(bench):
    frames = (
        "import pandas as pd\na = pd.DataFrame({'ID': [1], 'x': [2]})\n"
        "b = pd.DataFrame({'id': [1], 'y': [3]})"
    )
    result = await bench([frames, "c = a.merge(b, on='ID', how='left')"], RULE)
    assert result.mended() == "c = a.merge(b, left_on='ID', right_on='id', how='left')"
    assert await result.passes()


async def test_columns_of_a_file_are_asked_of_the_file(bench):
    result = await bench(
        ["import pandas as pd", "df = pd.read_csv('x.csv', usecols=['name', 'price'])"],
        RULE,
        files={"x.csv": "Name,Price\na,1\n"},
    )
    assert result.mended() == "df = pd.read_csv('x.csv', usecols=['Name', 'Price'])"
    assert await result.passes()


async def test_a_column_named_to_a_plot(bench):
    setup = "import matplotlib\nmatplotlib.use('agg')\nimport seaborn as sns\n" + FRAME
    result = await bench([setup, "sns.barplot(x='City', y='Total Price', data=df)"], RULE)
    assert result.mended() == "sns.barplot(x='city', y='Total Price', data=df)"
    assert await result.passes()


async def test_a_setting_of_matplotlib(bench):
    source = "plt.rcParams['figure.figsiz'] = (4, 3)"
    result = await bench(["import matplotlib.pyplot as plt", source], RULE)
    assert result.mended() == "plt.rcParams['figure.figsize'] = (4, 3)"
    assert await result.passes()


async def test_a_label_misspelt_where_it_was_made(bench):
    made = "df['totl'] = df['Total Price'] * 2"
    cells = [FRAME, made, "df['total'].max()", "print(df['total'])"]
    result = await bench(cells, RULE)
    assert result.sources(result.best)[1] == made.replace("totl", "total")
    assert await result.passes()


async def test_equally_near_keys_are_guesses(bench):
    result = await bench(["d = {'prices': 1, 'pricey': 2}", "d['pricee']"], RULE)
    assert {result.mended(c) for c in result.candidates} == {"d['prices']", "d['pricey']"}
    assert all(candidate.guesses for candidate in result.candidates)


@pytest.mark.parametrize(
    ("setup", "source"),
    [
        ("import os", "os.environ['HOMEE']"),
        ("d = {'x1': 1, 'x2': 2}", "d['x3']"),
        ("d = {'a': 1, 'b': 2}", "d['c']"),
        ("d = {'name': 1, 'age': 2}", "d['address']"),
        ("d = {1: 'a', 2: 'b'}", "d[4]"),
        ("s = {1, 3}", "s.remove(2)"),
        ("d = {}", "d['salary']"),
        ("class E(KeyError): pass", "raise E('age')"),
        ("import pandas as pd\ndf = pd.DataFrame({'mean': [1]})", "df['mean'].astype('floot')"),
    ],
)
async def test_nothing_near_is_nothing_proposed(bench, setup, source):
    result = await bench([setup, source], RULE)
    assert result.candidates == []
