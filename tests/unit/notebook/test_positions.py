"""Positions in every encoding a client may speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright.notebook.positions import line_starts, offset_of, position_of

PIECES = ["a", "é", "€", "𝒳", "\ud800", "\udc00", "\r", "\n", "\r\n", "\t"]
TEXT = st.lists(st.sampled_from(PIECES)).map("".join)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


@given(TEXT, st.data())
def test_an_offset_comes_back_unless_it_splits_a_line_end(text, data):
    offset = data.draw(st.integers(0, len(text)))
    encoding = data.draw(st.sampled_from(ENCODINGS))
    line, character = position_of(text, offset, encoding)
    split = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
    assert offset_of(text, line, character, encoding) == (offset - 1 if split else offset)


@given(TEXT, st.integers(-3, 30), st.integers(-3, 60), st.sampled_from(ENCODINGS))
def test_any_position_is_clamped_to_a_place_in_the_text(text, line, character, encoding):
    offset = offset_of(text, line, character, encoding)
    assert 0 <= offset <= len(text)
    back = position_of(text, offset, encoding)
    assert offset_of(text, *back, encoding) == offset
    if 0 <= line < len(line_starts(text)):
        assert back[0] == line
        assert back[1] <= max(character, 0)


@given(TEXT.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)))
def test_characters_count_what_the_encoding_counts(text):
    """Against Python's own codecs."""
    for line, start in enumerate(line_starts(text)):
        content = text[start : offset_of(text, line, 10**9, "utf-32")]
        end = start + len(content)
        assert position_of(text, end, "utf-8") == (line, len(content.encode()))
        assert position_of(text, end, "utf-16") == (line, len(content.encode("utf-16-le")) // 2)


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [("utf-16", 2, 1), ("utf-16", 3, 2), ("utf-8", 2, 1), ("utf-8", 4, 1), ("utf-8", 5, 2)],
)
def test_a_position_inside_a_code_point_is_its_start(encoding, character, offset):
    assert offset_of("a𝒳b", 0, character, encoding) == offset


def test_the_three_line_ends_of_the_protocol_and_no_others():
    assert line_starts("a\nb\r\nc\rd\x0be\u2028f") == (0, 2, 5, 7)
    assert line_starts("") == (0,)
    assert line_starts("a\n") == (0, 2)


def test_past_the_end():
    assert offset_of("ab\r\ncd", 0, 99, "utf-16") == 2
    assert offset_of("ab\r\ncd", 9, 0, "utf-16") == 6
    assert offset_of("ab\r\n", 1, 5, "utf-16") == 4
    assert position_of("ab", 99, "utf-16") == (0, 2)


def test_a_text_as_long_as_a_file():
    text = "é\n" * 50_000
    assert position_of(text, 99_999, "utf-8") == (49_999, 2)
    assert offset_of(text, 49_999, 2, "utf-8") == 99_999
