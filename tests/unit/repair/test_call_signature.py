"""Calls that do not fit their function."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.call_signature import RULE
from cellwright.repair.rules.method_self import RULE as SELF

SETUP = "def area(width, height=1, *, unit_name='cm'):\n    return width * height"
PLOT = "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt"


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        (SETUP, "area(1, heigth=2)", "area(1, height=2)"),
        (SETUP, "area(1, unit='m')", "area(1, unit_name='m')"),
        (SETUP, "area(w=1, height=2)", "area(width=1, height=2)"),
        (SETUP, "area(1, 2, 'm')", "area(1, 2, unit_name='m')"),
        (PLOT, "plt.plot([1], [2], colr='r')", "plt.plot([1], [2], color='r')"),
        (PLOT, "plt.pie([1, 2], startangel=90)", "plt.pie([1, 2], startangle=90)"),
        (
            PLOT,
            "plt.bar(left=[1, 2], height=[3, 4], tick_label=['a', 'b'])",
            "plt.bar(x=[1, 2], height=[3, 4], tick_label=['a', 'b'])",
        ),
        (
            "import pandas as pd",
            "pd.DataFrame({'a': [1]}).sort_values('a', acsending=False)",
            "pd.DataFrame({'a': [1]}).sort_values('a', ascending=False)",
        ),
        ("", "print('a', sepp='-')", "print('a', sep='-')"),
        ("from sklearn.svm import SVC", "SVC(kernal='rbf')", "SVC(kernel='rbf')"),
    ],
)
async def test_the_right_parameter(bench, setup, source, mended):
    result = await bench([setup, source], RULE)
    passing = [c for c in result.candidates if await result.passes(c)]
    assert result.mended(passing[0]) == mended


async def test_columns_that_must_be_named(bench):
    setup = PLOT + (
        "\nimport seaborn as sns, pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})"
    )
    result = await bench([setup, "sns.scatterplot('a', 'b', data=df)"], RULE)
    assert result.mended() == "sns.scatterplot(x='a', y='b', data=df)"
    assert await result.passes()


async def test_leaving_a_keyword_out_is_a_guess(bench):
    result = await bench([SETUP, "area(1, zzz=False)"], RULE)
    assert result.mended() == "area(1)"
    assert result.best.guesses


@pytest.mark.parametrize("source", ["area(1, 2, zzz=True)", "area(1, zzz='x')"])
async def test_a_keyword_that_says_something_is_not_left_out(bench, source):
    result = await bench([SETUP, source], RULE)
    assert result.candidates == []


async def test_a_keyword_for_the_only_missing_parameter_is_a_guess(bench):
    result = await bench([SETUP, "area(mode=2)"], RULE)
    assert result.mended() == "area(width=2)"
    assert result.best.guesses


async def test_a_keyword_that_kept_its_place(bench):
    result = await bench([PLOT, "plt.bar(left=[1], height=[2], color='r')"], RULE)
    assert result.mended() == "plt.bar(x=[1], height=[2], color='r')"
    assert not result.best.guesses
    result = await bench([PLOT, "plt.bar(height=[2], color=[1])"], RULE)
    assert result.best.guesses


@pytest.mark.parametrize(
    "source", ["area()", "area(1, 2, 3, 4)", "'a' + 1", "raise TypeError('missing required')"]
)
async def test_calls_that_tell_too_little(bench, source):
    result = await bench([SETUP, source], RULE, SELF)
    assert result.candidates == []


async def test_a_method_without_self(bench):
    setup = "class Dog:\n    def bark(loud):\n        return 'woof'\n\n    def sit(): return 1"
    result = await bench([setup, "Dog().sit()"], SELF)
    assert result.sources(result.best)[0] == setup.replace("sit()", "sit(self)")
    assert await result.passes()
    result = await bench([setup, "Dog().bark(3)"], SELF)
    assert result.sources(result.best)[0] == setup.replace("bark(loud)", "bark(self, loud)")
    assert await result.passes()


async def test_a_class_where_an_object_was_meant(bench):
    setup = "class Model:\n    def fit(self, x):\n        return x"
    result = await bench([setup, "model = Model", "model.fit(1)"], SELF)
    assert result.sources(result.best)[1] == "model = Model()"
    assert await result.passes()


async def test_a_method_that_has_self(bench):
    setup = "class Dog:\n    def sit(self):\n        return 1"
    result = await bench([setup, "Dog().sit(2)"], SELF)
    assert result.candidates == []
