"""Text edits of one source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright.notebook.edit import Span, TextEdit
from cellwright.notebook.text import apply_text, compose, invert_text, map_span, text_change

SOURCE = st.text(st.sampled_from("ab \n\r𝒳\ud800\x0b"), max_size=30)


@st.composite
def edits_of(draw, source):
    places = sorted(draw(st.lists(st.integers(0, len(source)), max_size=8)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return tuple(TextEdit(Span(*pair), draw(st.text("xyz\n", max_size=4))) for pair in pairs)


@given(st.data(), SOURCE)
def test_the_inverse_brings_the_source_back(data, source):
    edits = data.draw(edits_of(source))
    after = apply_text(source, edits)
    assert apply_text(after, invert_text(source, edits)) == source


@given(st.data(), SOURCE)
def test_composed_edits_do_what_both_do_in_turn(data, source):
    first = data.draw(edits_of(source))
    middle = apply_text(source, first)
    second = data.draw(edits_of(middle))
    assert apply_text(source, compose(source, first, second)) == apply_text(middle, second)


@given(SOURCE, SOURCE)
def test_a_change_leads_to_the_new_text_and_splits_no_line_end(old, new):
    edits = text_change(old, new)
    assert apply_text(old, edits) == new
    for edit in edits:
        assert old[edit.span.start : edit.span.end] != edit.text
        for place in (edit.span.start, edit.span.end):
            assert place == 0 or old[place - 1 : place + 1] != "\r\n"


def test_a_change_touches_only_what_differs():
    assert text_change("import np\nx = foo(1)\ny\n", "import np\nx = food(1)\ny\n") == (
        TextEdit(Span(17, 17), "d"),
    )
    assert text_change("a\nb\nc\n", "a\nc\n") == (TextEdit(Span(2, 4), ""),)
    assert len(text_change("one\ntwo\nsix\n", "ona\ntwo\nsit\n")) == 2
    assert text_change("same", "same") == ()


def test_a_change_of_many_lines_stays_quick():
    old = "".join(f"x{i}\n" for i in range(60_000))
    new = "".join(f"y{i}\n" for i in range(60_000))
    assert apply_text(old, text_change(old, new)) == new


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (TextEdit(Span(0, 0), "xx"), Span(6, 9)),
        (TextEdit(Span(4, 4), "xx"), Span(6, 9)),
        (TextEdit(Span(7, 7), "xx"), Span(4, 7)),
        (TextEdit(Span(8, 9), ""), Span(4, 7)),
        (TextEdit(Span(5, 6), "xxx"), Span(4, 9)),
        (TextEdit(Span(4, 7), "x"), Span(4, 5)),
        (TextEdit(Span(2, 4), ""), Span(2, 5)),
        (TextEdit(Span(3, 5), "x"), None),
        (TextEdit(Span(6, 8), "x"), None),
        (TextEdit(Span(3, 8), "x"), None),
    ],
)
def test_where_a_span_lies_after_an_edit(edit, expected):
    assert map_span(Span(4, 7), (edit,)) == expected


def test_a_span_moves_with_every_edit_before_it():
    edits = (TextEdit(Span(0, 1), "abc"), TextEdit(Span(2, 2), "d"), TextEdit(Span(9, 9), "e"))
    assert map_span(Span(4, 7), edits) == Span(7, 10)


@pytest.mark.parametrize(
    "edits",
    [
        (TextEdit(Span(0, 9), ""),),
        (TextEdit(Span(2, 1), ""),),
        (TextEdit(Span(-1, 1), ""),),
        (TextEdit(Span(1, 2), ""), TextEdit(Span(0, 1), "")),
        (TextEdit(Span(0, 2), ""), TextEdit(Span(1, 3), "")),
    ],
)
def test_edits_that_do_not_fit_are_refused(edits):
    with pytest.raises(ValueError, match="cannot be edited"):
        apply_text("abc", edits)
