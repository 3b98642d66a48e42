"""Positions of a cell's source in the JSON text of its file, and back."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from cellwright.lsp.json_document import JsonDocument, source_places
from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import Span
from cellwright.notebook.shapes.ipynb import parse

ODD = "x = \"a\\tb\\\\\"  # é 😀 \u2028\ny = 'q'\n"


def document(source, *, lines=True, ascii_only=True, indent=1):
    parts = source.splitlines(keepends=True) if lines else source
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "one",
        "metadata": {},
        "outputs": [],
        "source": parts,
    }
    whole = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(whole, ensure_ascii=ascii_only, indent=indent)
    return JsonDocument("file:///a.ipynb", 3, text, parse(text))


def offset(text, position):
    line, character = position.line, position.character
    return sum(len(row) + 1 for row in text.split("\n")[:line]) + character


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 1, 4])
def test_every_character_is_found_where_it_stands(lines, ascii_only, indent):
    doc = document(ODD, lines=lines, ascii_only=ascii_only, indent=indent)
    for at, char in enumerate(ODD):
        found = doc.location("one", Span(at, at + 1), "utf-32").range
        start = offset(doc.text, found.start)
        written = json.loads('"' + _token(doc.text, start) + '"')
        assert written == char
        back = doc.cell_at(doc.uri, types.Range(found.start, found.start), "utf-32")
        assert back == ("one", Span(at, at))


def _token(text, start):
    """The JSON spelling of the character that starts here."""
    for length in (12, 6, 2, 1):
        try:
            if len(json.loads('"' + text[start : start + length] + '"')) == 1:
                return text[start : start + length]
        except ValueError:
            continue
    raise AssertionError(text[start : start + 12])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.booleans())
def test_places_count_code_points(source, ascii_only):
    raw = json.dumps(source, ensure_ascii=ascii_only)
    places = source_places(raw, 100)
    assert len(places) == len(source) + 1
    assert places[-1] == 100 + len(raw) - 1
    assert list(places) == sorted(set(places))


@pytest.mark.parametrize("raw", ['""', "[]", '[""]', "[\n ]"])
def test_an_empty_source_has_one_place(raw):
    assert len(source_places(raw, 5)) == 1


def test_an_edit_becomes_a_versioned_edit_of_the_text():
    doc = document("x = vlaue\nprint(x)\n")
    edit = replace_text(doc.notebook.cell("one"), (Span(4, 9), "value"))
    (change,) = doc.text_edits(edit, "utf-16")
    assert (change.text_document.uri, change.text_document.version) == (doc.uri, 3)
    text = doc.text
    for each in reversed(change.edits):
        start, end = offset(text, each.range.start), offset(text, each.range.end)
        text = text[:start] + each.new_text + text[end:]
    assert parse(text).notebook.cell("one").source == "x = value\nprint(x)\n"


def test_a_text_that_is_ahead_of_what_was_read_has_no_places():
    doc = document("x = 1\n")
    ahead = JsonDocument(doc.uri, 4, doc.text + " ", doc.file)
    assert ahead.location("one", Span(0, 1), "utf-16") is None
    assert (
        ahead.cell_at(ahead.uri, types.Range(types.Position(0, 0), types.Position(0, 0)), "utf-16")
        is None
    )
    edit = replace_text(doc.notebook.cell("one"), (Span(0, 1), "y"))
    assert ahead.text_edits(edit, "utf-16") is None
