"""Notebook files of every layout: an edit changes what it says, and not one byte besides.

The files are written by a small writer of our own that lays JSON out in odd ways and remembers
where each part stands, so that nothing here rests on the scanner under test.
"""

import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellwright.notebook.apply import apply_edit, changed_cells, replace_text
from cellwright.notebook.edit import InsertCell, Span
from cellwright.notebook.run import CellError, Output, RunRecord
from cellwright.notebook.shapes import ipynb

TEXT = st.text('ab \n\r\t"\\/{}é𝒳\u2028\x0b\ud800\x00', max_size=12)
NUMBERS = ["NaN", "-Infinity", "1.0e5", "1E400", "123456789012345678901234567890", "-0.0", "null"]


class Raw(str):
    """JSON that is written as it stands."""


class Pairs(list):
    """An object's members in order, repeated names and all."""


class Writer:
    """Writes JSON in a layout drawn at random; `spans` says where the value of each path stands."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.newline = random.choice(["", "\n", "\r\n"])
        self.unit = random.choice(["", " ", "  ", "\t"])
        self.colon = random.choice([":", ": ", " : "])
        self.comma = random.choice([",", ", "]) if not self.newline else ","
        self.odd = random.random() < 0.3
        self.escapes = random.choice([0.0, 0.5, 1.0])
        self.parts: list[str] = []
        self.length = 0
        self.spans: dict[tuple, tuple[int, int]] = {}

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def space(self, depth: int) -> None:
        if self.odd:
            self.put(self.random.choice(["", " ", "\n", "\t\r\n  "]))
        else:
            self.put(self.newline and self.newline + self.unit * depth)

    def string(self, text: str) -> str:
        return '"' + "".join(map(self.char, text)) + '"'

    def char(self, char: str) -> str:
        if "\ud800" <= char <= "\udfff" or (char > "~" and self.random.random() < self.escapes):
            return json.dumps(char)[1:-1]
        if char == "/" and self.random.random() < self.escapes:
            return "\\/"
        return json.dumps(char, ensure_ascii=False)[1:-1]

    def write(self, value, path=(), depth=0) -> None:
        start = self.length
        if isinstance(value, Raw):
            self.put(value)
        elif isinstance(value, str):
            self.put(self.string(value))
        elif isinstance(value, (dict, Pairs)):
            pairs = list(value.items()) if isinstance(value, dict) else value
            self.series(
                "{}",
                [(self.string(name) + self.colon, name, each) for name, each in pairs],
                path,
                depth,
            )
        elif isinstance(value, list):
            self.series("[]", [("", index, each) for index, each in enumerate(value)], path, depth)
        else:
            self.put(json.dumps(value))
        self.spans[path] = (start, self.length)

    def series(self, brackets, items, path, depth) -> None:
        self.put(brackets[0])
        for index, (lead, name, value) in enumerate(items):
            if index:
                self.put(self.comma)
            self.space(depth + 1)
            self.put(lead)
            self.write(value, (*path, name), depth + 1)
        if items or self.odd:
            self.space(depth)
        self.put(brackets[1])


@st.composite
def sources(draw):
    text = draw(TEXT)
    if draw(st.booleans()):
        return text
    if draw(st.booleans()):
        return text.splitlines(keepends=True)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    return [text[low:high] for low, high in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def values():
    leaves = TEXT | st.sampled_from(NUMBERS).map(Raw) | st.booleans() | st.integers()
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
        max_leaves=4,
    )


@st.composite
def raw_cells(draw, index, ids):
    kind = draw(st.sampled_from(["code", "markdown", "raw"]))
    cell = {"cell_type": kind, "source": draw(sources())}
    cell["metadata"] = draw(st.dictionaries(TEXT, values(), max_size=2))
    if ids:
        cell["id"] = f"id-{index}"
    if kind == "code":
        cell["execution_count"] = draw(st.none() | st.integers(0, 9))
        output = {"output_type": "display_data", "data": draw(st.dictionaries(TEXT, values()))}
        cell["outputs"] = [output] * draw(st.integers(0, 2))
    elif draw(st.booleans()):
        cell["attachments"] = {"a.png": {"image/png": "eA=="}}
    if draw(st.integers(0, 5)) == 0:
        cell["unknown"] = draw(values())
    names = draw(st.permutations(sorted(cell))) if draw(st.booleans()) else sorted(cell)
    pairs = Pairs((name, cell[name]) for name in names)
    if draw(st.integers(0, 5)) == 0:
        pairs.insert(0, ("source", "an earlier one does not count"))
    return pairs


@st.composite
def documents(draw, least=0):
    """The text of a notebook, and the spans of its parts."""
    ids = draw(st.booleans())
    root = {
        "cells": [draw(raw_cells(index, ids)) for index in range(draw(st.integers(least, 4)))],
        "metadata": draw(st.dictionaries(TEXT, values(), max_size=2)),
        "nbformat": 4,
        "nbformat_minor": 5 if ids else draw(st.integers(0, 4)),
    }
    names = draw(st.permutations(sorted(root)))
    writer = Writer(Random(draw(st.integers(0, 2**32))))
    writer.put(draw(st.sampled_from(["", "\ufeff"])))
    writer.write({name: root[name] for name in names})
    writer.put(draw(st.sampled_from(["", "\n", "\r\n\r\n"])))
    return "".join(writer.parts), writer.spans


def facts(cell):
    """What a cell is, comparable even with NaN in it."""
    held = json.dumps([cell.saved_outputs, cell.extra, cell.metadata], sort_keys=True)
    return cell.id, cell.kind, cell.source, cell.language, cell.execution_count, held


@settings(max_examples=100, deadline=None)
@given(data=st.data(), document=documents(least=1))
def test_an_edit_of_a_cell_changes_the_value_of_its_source_and_nothing_else(data, document):
    text, spans = document
    file = ipynb.parse(text)
    index = data.draw(st.integers(0, len(file.notebook) - 1))
    cell = file.notebook.cells[index]
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(cell.source))] * 2)))
    edit = replace_text(cell, (Span(low, high), data.draw(TEXT)))
    after = ipynb.render(file, edit)
    start, end = spans["cells", index, "source"]
    assert after[:start] == text[:start]
    assert after[len(after) - (len(text) - end) :] == text[end:]
    again = ipynb.parse(after)
    expected = apply_edit(file.notebook, edit).notebook
    assert list(map(facts, again.notebook)) == list(map(facts, expected))
    changed = after[start : len(after) - (len(text) - end)]
    assert changed[0] == text[start]  # a text stays a text, a list of lines a list
    changed.encode()  # a file can hold it


@settings(max_examples=120, deadline=None)
@given(data=st.data(), document=documents())
def test_any_edit_says_what_it_should_and_leaves_other_cells_byte_for_byte(
    any_edit, data, document
):
    text, spans = document
    file = ipynb.parse(text)
    edit = data.draw(any_edit(file.notebook))
    expected = apply_edit(file.notebook, edit)
    after = ipynb.update(file, edit)
    assert list(map(facts, after.notebook)) == list(map(facts, expected.notebook))
    touched = set(changed_cells(edit))
    inserted = {each.cell.id for each in edit.operations if isinstance(each, InsertCell)}
    for index, cell in enumerate(file.notebook):
        if (
            cell.id in after.notebook
            and cell == expected.notebook.cell(cell.id)
            and cell.id not in inserted
        ):
            low, high = spans["cells", index]
            span = after.layout.each[after.notebook.position(cell.id)].span
            assert after.text[span.start : span.end] == text[low:high]
    low, high = spans["cells",]
    assert after.text.startswith(text[: low + 1])
    assert after.text.endswith(text[high - 1 :])
    if not touched:
        assert after.text == text
    own = [cell.nbformat_id for cell in after.notebook if cell.nbformat_id]
    assert len(own) == (len(after.notebook) if file.has_ids else 0)
    back = ipynb.update(after, expected.inverse)
    assert list(map(facts, back.notebook)) == list(map(facts, file.notebook))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), document=documents())
def test_runs_change_outputs_and_execution_counts_and_nothing_else(data, document):
    text, spans = document
    file = ipynb.parse(text)
    records = {
        cell.id: RunRecord(
            cell.id,
            cell.source,
            "completed",
            data.draw(st.none() | st.integers(1, 99)),
            outputs=(
                Output("stream", name="stdout", text=data.draw(TEXT)),
                Output("display_data", data={"application/json": {"é": [1, {"b": None}]}}),
            ),
        )
        for cell in file.notebook
        if data.draw(st.booleans())
    }
    after = ipynb.with_runs(file, records.values())
    again = ipynb.parse(after)
    changed = []
    for index, (old, new) in enumerate(zip(file.notebook, again.notebook, strict=True)):
        record = records.get(old.id)
        if record is None or old.kind != "code":
            assert facts(new) == facts(old)
            continue
        changed += [spans["cells", index, "outputs"], spans["cells", index, "execution_count"]]
        assert new.execution_count == record.execution_count
        stream, display = new.saved_outputs
        assert "".join(stream["text"]) == record.outputs[0].text
        assert display["data"] == record.outputs[1].data
        assert facts(replace(new, saved_outputs=(), execution_count=None)) == facts(
            replace(old, saved_outputs=(), execution_count=None)
        )
    kept, done = [], 0
    for start, end in sorted(changed):
        kept.append(text[done:start])
        done = end
    place = 0
    for piece in (*kept, text[done:]):
        place = after.index(piece, place) + len(piece)
    assert place == len(after)


def file_of(*cells, minor=5, **layout):
    root = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": minor}
    return json.dumps(root, **{"indent": 1, "ensure_ascii": False, **layout}) + "\n"


def code(source, **members):
    base = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {**base, **members, "source": source}


def edited(text, old, new, index=0):
    file = ipynb.parse(text)
    cell = file.notebook.cells[index]
    start = cell.source.index(old)
    return ipynb.render(file, replace_text(cell, (Span(start, start + len(old)), new)))


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_characters_are_escaped_as_the_file_escapes_them(ensure_ascii):
    text = file_of(code(["# café\n", "x = 1"]), ensure_ascii=ensure_ascii)
    after = edited(text, "x = 1", "x = 'naïve 𝒳'")
    assert after == file_of(code(["# café\n", "x = 'naïve 𝒳'"]), ensure_ascii=ensure_ascii)


def test_escapes_elsewhere_in_the_file_count_when_the_source_has_none():
    text = file_of(code("x", outputs=[{"text": "é"}]), ensure_ascii=True)
    assert '"x\\u00e9"' in edited(text, "x", "xé")
    windows_path = file_of(code("x", outputs=[{"text": "C:\\u00e9 \x1b[0m"}]), ensure_ascii=True)
    assert '"xé"' in edited(windows_path, "x", "xé")


def test_lines_that_stay_keep_their_escapes():
    text = file_of(code(["SLASH\n", "b"])).replace("SLASH", "\\u00e9 é \\/")
    assert '"\\u00e9 é \\/\\n"' in edited(text, "b", "c")


def test_a_source_keeps_its_form_and_layout():
    assert '"source": "a = 2\\nb"' in edited(file_of(code("a = 1\nb")), "1", "2")
    compact = file_of(code(["a\n", "b"]), indent=None, separators=(",", ":"))
    assert '"source":["a\\n","bc\\n","d"]' in edited(compact, "b", "bc\nd")
    one_line = file_of(code([])).replace('"source": []', '"source": [ "a\\n", "b" ]')
    assert '"source": [ "a\\n", "b\\n", "c" ]' in edited(one_line, "b", "b\nc")
    assert edited(file_of(code(["a"])), "a", "") == file_of(code([]))
    assert edited(file_of(code([])), "", "a\nb") == file_of(code(["a\n", "b"]))


def test_an_edit_and_its_inverse_give_the_file_back_byte_for_byte():
    text = file_of(code(["# é\n", "x = 1\n", "y"]), indent=4).replace("\n", "\r\n")
    file = ipynb.parse(text)
    edit = replace_text(file.notebook.cells[0], (Span(4, 10), "z\nw\n"))
    after = ipynb.update(file, edit)
    inverse = apply_edit(file.notebook, edit).inverse
    assert after.text != text
    assert ipynb.render(after, inverse) == text


def test_a_source_that_was_missing_is_added():
    cell = code("", id="a")
    del cell["source"]
    file = ipynb.parse(file_of(cell))
    assert file.warnings == ("Cell 1 is without a source, and read as empty.",)
    edit = replace_text(file.notebook.cells[0], (Span(0, 0), "x"))
    assert ipynb.render(file, edit) == file_of(code(["x"], id="a"))


def test_text_edits_are_small_and_in_order():
    text = file_of(code(["a = 1\n", "b = 2"]))
    file = ipynb.parse(text)
    cell = file.notebook.cells[0]
    (edit,) = ipynb.text_edits(file, replace_text(cell, (Span(4, 5), "3")))
    assert text[edit.span.start : edit.span.end] == "1"
    assert edit.text == "3"


def test_an_error_is_written_once_and_as_nbformat_has_it():
    file = ipynb.parse(file_of(code("1/0", id="a")))
    error = CellError("ZeroDivisionError", "division by zero", traceback=("line 1", "line 2"))
    saved = {
        "output_type": "error",
        "ename": "ZeroDivisionError",
        "evalue": "division by zero",
        "traceback": ["line 1", "line 2"],
    }
    for outputs in ((), (Output("error"),)):
        record = RunRecord("a", "1/0", "failed", 3, outputs=outputs, error=error)
        after = ipynb.parse(ipynb.with_runs(file, [record]))
        assert after.notebook.cells[0].saved_outputs == (saved,)


def test_outputs_that_were_missing_are_added_and_unknown_cells_left_out():
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": ["x"]}
    file = ipynb.parse(file_of(cell))
    records = [RunRecord("a", "x", "completed", 2), RunRecord("gone", "x", "completed", 3)]
    expected = code(["x"], id="a", execution_count=2)
    assert ipynb.with_runs(file, records) == file_of(dict(sorted(expected.items())))
