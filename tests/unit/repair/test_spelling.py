import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright.repair.spelling import distance, fold, near, similarity

NAMES = st.text(alphabet="abcd_XY1", max_size=9)


@pytest.mark.parametrize(
    ("first", "second", "slips"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("ca", "abc", 3), ("", "ab", 2)],
)
def test_distance_counts_slips(first, second, slips):
    assert distance(first, second, 5) == slips


@given(NAMES, NAMES, st.integers(0, 4))
def test_a_bound_only_hides_what_is_above_it(first, second, bound):
    exact = distance(first, second, 20)
    assert exact is not None
    assert distance(first, second, bound) == (exact if exact <= bound else None)


@given(NAMES, NAMES)
def test_distance_is_symmetric_and_bounded(first, second):
    exact = distance(first, second, 20)
    assert exact == distance(second, first, 20)
    assert abs(len(first) - len(second)) <= exact <= max(len(first), len(second))
    assert (exact == 0) == (first == second)


@given(NAMES, NAMES)
def test_scores_are_bounded_and_nothing_resembles_itself(first, second):
    assert 0.0 <= similarity(first, second) < 1.0
    assert similarity(first, first) == 0.0


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("prnit", "print"),
        ("colour_map", "color_map"),
        ("DataFarme", "DataFrame"),
        ("my_var", "myVar"),
        ("Sepal Length", "sepal_length"),
        (" Age", "Age"),
        ("item", "items"),
        ("category", "categories"),
        ("df_train", "train_df"),
        ("lenght", "length"),
        ("dff", "df"),
        ("X", "x"),
    ],
)
def test_slips_are_recognised(wrong, right):
    assert [match.text for match in near(wrong, ["unrelated", right, "zzz"])] == [right]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("x1", "x2"),
        ("df1", "df2"),
        ("train_2019", "train_2020"),
        ("a", "b"),
        ("np", "pd"),
        ("cat", "dog"),
        ("mean", "median"),
        ("sum", "sin"),
        ("model", "modal_window"),
        ("", "a"),
        ("_", "__"),
    ],
)
def test_other_names_are_not(wrong, right):
    assert near(wrong, [right], floor=0.7) == []


def test_a_change_of_case_is_nearer_than_a_slip():
    found = near("Total", ["totals", "total", "totel"])
    assert [match.text for match in found] == ["total", "totals", "totel"]


def test_fold_forgets_case_and_separators():
    assert fold("Sepal-Length (cm)") == fold("sepal_length(CM)")
