import pytest

from cellwright.repair.rules.bare_word import RULE as BARE_WORD
from cellwright.repair.rules.legacy_name import RULE as LEGACY
from cellwright.repair.rules.undefined_name import RULE


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        ("color_map = {'a': 1}", "print(colour_map['a'])", "print(color_map['a'])"),
        ("total = 3", "prnit(total)", "print(total)"),
        (
            "my_list = [1]",
            "for item in myList:\n    x = item",
            "for item in my_list:\n    x = item",
        ),
        ("y_train = [1]", "len(ytrain)\nmax(ytrain)", "len(y_train)\nmax(y_train)"),
        ("temperature = 3", "x = f'{temprature:.1f} K'", "x = f'{temperature:.1f} K'"),
        ("def compute_mean(x):\n    return x", "comput_mean(1)", "compute_mean(1)"),
        ("df_train = [1]", "len(train_df)", "len(df_train)"),
        ("pass", "for i in rnage(3):\n    x = i", "for i in range(3):\n    x = i"),
    ],
)
async def test_a_misspelt_use_is_renamed(bench, setup, source, mended):
    tried = await bench([setup, source], RULE)
    assert tried.mended() == mended
    assert not tried.best.guesses
    assert await tried.passes()


async def test_a_misspelt_binding_is_renamed_where_it_is_bound(bench):
    cells = ["pallete = ['r', 'g']", "print(palette)", "print(palette[0])"]
    tried = await bench(cells, RULE)
    assert tried.sources(tried.best) == ["palette = ['r', 'g']", *cells[1:]]
    assert await tried.passes()


async def test_a_name_that_suits_the_use_comes_first(bench):
    tried = await bench(["totals = 5\ndef total_(x):\n    return x", "totall(3)"], RULE)
    assert tried.mended() == "total_(3)"


async def test_two_names_as_near_are_both_guesses(bench):
    tried = await bench(["data_x = 1\ndata_y = 2", "print(data_z)"], RULE)
    assert tried.candidates
    assert all(candidate.guesses for candidate in tried.candidates)


@pytest.mark.parametrize(
    "cells",
    [
        ["x = 1", "print(z)"],
        ["x1 = 1", "print(x2)"],
        ["my_list = [1]\ndel my_list\nprint(my_list)\nmy_lists = 1"],
        ["def f():\n    local_value = 1\nf()", "print(loc_var)"],
        ["df = 1", "dff + 1", "dff = 2"],  # bound elsewhere: run order, not spelling
    ],
)
async def test_other_names_are_left_alone(bench, cells):
    assert (await bench(cells, RULE)).candidates == []


async def test_an_attribute_is_read_through_self(bench):
    source = "class A:\n    def __init__(self):\n        self.size = 2\n    def twice(self):\n"
    tried = await bench([source + "        return 2 * size", "A().twice()"], RULE)
    assert tried.sources(tried.best)[0] == source + "        return 2 * self.size"
    assert await tried.passes()


async def test_a_definition_below_its_use_is_moved_up(bench):
    tried = await bench(["print(twice(2))\n\ndef twice(x):\n    return 2 * x"], RULE)
    assert tried.mended().startswith("def twice(x):\n    return 2 * x\n\n\nprint(twice(2))")
    assert await tried.passes()


async def test_a_total_without_a_start_is_a_guess(bench):
    tried = await bench(["for i in range(3):\n    total += i"], RULE)
    assert tried.mended() == "total = 0\nfor i in range(3):\n    total += i"
    assert tried.best.guesses
    assert await tried.passes()


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("for i in xrange(3):\n    x = i", "for i in range(3):\n    x = i"),
        ("x = isinstance('a', basestring)", "x = isinstance('a', str)"),
        ("x = unichr(65)", "x = chr(65)"),
        ("x = reduce(max, [1, 2])", "from functools import reduce\nx = reduce(max, [1, 2])"),
        ('x = {"a": true, "b": null}', 'x = {"a": True, "b": null}'),
        ("x = [1, NaN]", 'x = [1, float("nan")]'),
        ("x = length([1])", "x = len([1])"),
    ],
)
async def test_names_of_other_languages_are_translated(bench, source, mended):
    tried = await bench([source], LEGACY)
    assert tried.mended() == mended
    if "null" not in mended:
        assert await tried.passes()


async def test_a_variable_of_such_a_name_is_left_alone(bench):
    assert (await bench(["x = length + 1"], LEGACY)).candidates == []
    assert (await bench(["string.upper()"], LEGACY)).candidates == []


async def test_a_column_without_quotes(bench):
    tried = await bench(["ages = {'age': 3}", "x = ages[age]"], BARE_WORD)
    assert tried.mended() == "x = ages['age']" or tried.mended() == 'x = ages["age"]'
    assert tried.best.guesses
    assert await tried.passes()


async def test_a_path_without_quotes(bench):
    files = {"data/train.csv": "a"}
    tried = await bench(["x = open(data/train.csv).read()"], BARE_WORD, files=files)
    assert tried.mended() == 'x = open("data/train.csv").read()'
    assert await tried.passes()


async def test_words_that_name_nothing_stay(bench):
    assert (await bench(["ages = {'age': 3}", "x = ages[size]"], BARE_WORD)).candidates == []
    assert (await bench(["x = open(data.csv)"], BARE_WORD)).candidates == []
