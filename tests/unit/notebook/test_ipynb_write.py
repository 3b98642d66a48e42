"""What edits of structure and new notebooks look like: as the nbformat library would write them."""

import json

import nbformat
import pytest
from nbformat import v4

from cellwright.notebook.apply import apply_edit
from cellwright.notebook.edit import (
    ChangeKind,
    DeleteCell,
    InsertCell,
    MoveCell,
    NotebookEdit,
)
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import CellError, Output, RunRecord
from cellwright.notebook.shapes import ipynb


def library_text(minor):
    """A notebook as nbformat writes it."""
    outputs = [v4.new_output("stream", text="1\n2\n"), v4.new_output("display_data", {"a/b": "é"})]
    cells = [
        v4.new_markdown_cell("# é", attachments={"a.png": {"image/png": "eA=="}}),
        v4.new_code_cell("x = 1\nx", outputs=outputs, execution_count=2, metadata={"tags": ["a"]}),
        v4.new_raw_cell("raw"),
        v4.new_code_cell(""),
    ]
    for index, cell in enumerate(cells):
        cell.id = f"id{index}"
        if minor < 5:
            del cell["id"]
    notebook = v4.new_notebook(cells=cells, nbformat_minor=minor)
    return nbformat.writes(notebook) + "\n"


def operations(notebook):
    first, second, third, fourth = notebook.cells
    new = Cell("brand-new", "code", "import os\nos", execution_count=None)
    return {
        "insert first": [InsertCell(new, None)],
        "insert last": [InsertCell(new, fourth.id)],
        "insert two": [
            InsertCell(new, first.id),
            InsertCell(Cell("m2", "markdown", "é", "markdown"), "brand-new"),
        ],
        "delete first": [DeleteCell(first.id, first.hash)],
        "delete last": [DeleteCell(fourth.id, fourth.hash)],
        "delete all": [DeleteCell(cell.id, cell.hash) for cell in notebook],
        "replace all": [
            *(DeleteCell(cell.id, cell.hash) for cell in notebook),
            InsertCell(new, None),
        ],
        "move up": [MoveCell(third.id, third.hash, None)],
        "move down": [MoveCell(first.id, first.hash, fourth.id)],
        "to markdown": [ChangeKind(second.id, second.hash, "markdown")],
        "to code": [ChangeKind(first.id, first.hash, "code")],
        "raw to code": [ChangeKind(third.id, third.hash, "code")],
        "there and back": [
            ChangeKind(second.id, second.hash, "raw"),
            ChangeKind(second.id, second.hash, "code"),
        ],
        "move and turn": [
            MoveCell(second.id, second.hash, None),
            ChangeKind(second.id, second.hash, "raw"),
        ],
    }


@pytest.mark.parametrize("minor", [2, 4, 5])
@pytest.mark.parametrize("name", operations(ipynb.parse(library_text(5)).notebook))
def test_an_edit_of_structure_is_laid_out_as_nbformat_lays_it_out(name, minor):
    text = library_text(minor)
    file = ipynb.parse(text)
    edit = NotebookEdit(tuple(operations(file.notebook)[name]))
    after = ipynb.update(file, edit)
    read = nbformat.reads(after.text, 4)
    nbformat.validate(read)
    assert nbformat.writes(read) + "\n" == after.text
    expected = apply_edit(file.notebook, edit)
    assert [cell.source for cell in read.cells] == [cell.source for cell in expected.notebook]
    assert ("id" in after.text.split('"source"')[0]) == (minor == 5) or not read.cells
    assert ipynb.render(after, expected.inverse) == text


@pytest.mark.parametrize(
    "layout",
    [
        {"indent": None},
        {"indent": None, "separators": (",", ":")},
        {"indent": 4},
        {"indent": "\t", "ensure_ascii": True},
    ],
)
@pytest.mark.parametrize("name", operations(ipynb.parse(library_text(5)).notebook))
def test_an_edit_of_structure_follows_the_layout_of_the_file(name, layout):
    layout = {"ensure_ascii": False, "sort_keys": True, **layout}
    text = json.dumps(json.loads(library_text(5)), **layout)
    file = ipynb.parse(text)
    edit = NotebookEdit(tuple(operations(file.notebook)[name]))
    after = ipynb.update(file, edit)
    assert json.dumps(json.loads(after.text), **layout) == after.text
    back = ipynb.render(after, apply_edit(file.notebook, edit).inverse)
    if "all" in name:  # with no cell left, nothing tells any more how the file wrote é
        assert json.loads(back) == json.loads(text)
    else:
        assert back == text


def test_a_new_cell_has_the_form_of_its_neighbour():
    """Colab and others: members unsorted, sources as one text."""
    cell = {
        "cell_type": "code",
        "source": "a",
        "metadata": {"id": "q"},
        "execution_count": 1,
        "outputs": [],
    }
    text = json.dumps(
        {"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": [cell]}, indent=2
    )
    file = ipynb.parse(text)
    edit = NotebookEdit((InsertCell(Cell("n", "code", "b\nc"), file.notebook.cells[0].id),))
    new = {**cell, "source": "b\nc", "metadata": {}, "execution_count": None}
    expected = {"nbformat": 4, "nbformat_minor": 0, "metadata": {}, "cells": [cell, new]}
    assert ipynb.render(file, edit) == json.dumps(expected, indent=2)


def test_ids_that_nbformat_does_not_allow_or_that_are_taken_are_replaced():
    text = library_text(5)
    file = ipynb.parse(text)
    long = "vscode-notebook-cell:/a/b.ipynb#W0sZmlsZQ%3D%3D"
    cells = [
        Cell(long, "code", "1"),
        Cell("x" * 65, "code", "2"),
        Cell("n", "code", "3", nbformat_id="id1"),
    ]
    edit = NotebookEdit(tuple(InsertCell(cell, None) for cell in cells))
    after = ipynb.update(file, edit)
    read = nbformat.reads(after.text, 4)
    nbformat.validate(read)
    assert len({cell.id for cell in read.cells}) == 7
    assert {long, "x" * 65, "n"} < {cell.id for cell in after.notebook}
    assert ipynb.render(file, edit) == after.text


def test_the_language_of_a_new_cell_is_written_where_it_differs():
    file = ipynb.parse(library_text(5))
    edit = NotebookEdit((InsertCell(Cell("q", "code", "select 1", "sql"), None),))
    after = ipynb.update(file, edit)
    assert after.notebook.cells[0].language == "sql"
    assert after.notebook.cells[0].metadata == {"vscode": {"languageId": "sql"}}


def test_a_cell_comes_into_an_empty_notebook():
    for text in (library_text(5), nbformat.writes(v4.new_notebook()), ipynb.new(Notebook(()))):
        file = ipynb.parse(text)
        gone = tuple(DeleteCell(cell.id, cell.hash) for cell in file.notebook)
        edit = NotebookEdit((*gone, InsertCell(Cell("n", "code", "x"), None)))
        after = ipynb.render(file, edit)
        nbformat.validate(nbformat.reads(after, 4))
        assert nbformat.writes(nbformat.reads(after, 4)).rstrip() == after.rstrip()


def test_a_new_notebook_is_what_nbformat_would_write():
    cells = (
        Cell("a", "code", "x = 1\ny = 'é\ud800'"),
        Cell("uri:1", "markdown", "# Title", "markdown"),
        Cell(
            "a b",
            "code",
            "",
            execution_count=3,
            saved_outputs=({"output_type": "stream", "name": "stdout", "text": ["1"]},),
        ),
    )
    text = ipynb.new(Notebook(cells, kernel_name="python3"))
    read = nbformat.reads(text, 4)
    nbformat.validate(read)
    assert read.metadata.kernelspec.name == "python3"
    assert read.cells[0].id == "a"
    text.encode()
    plain = ipynb.new(Notebook(cells[1:], {"kernelspec": {"name": "k", "display_name": "K"}}))
    assert nbformat.writes(nbformat.reads(plain, 4)) + "\n" == plain
    again = ipynb.parse(text).notebook
    assert [(c.kind, c.source, c.execution_count) for c in again] == [
        (c.kind, c.source, c.execution_count) for c in cells
    ]


def test_runs_are_laid_out_as_nbformat_lays_them_out():
    file = ipynb.parse(library_text(5))
    outputs = (
        Output("stream", name="stderr", text="a\nb"),
        Output("execute_result", text="<p>", data={"text/plain": "<p>", "text/html": "<p>\n</p>"}),
        Output("display_data", data={"image/png": "eA==\n"}, metadata={"image/png": {"width": 1}}),
    )
    error = CellError("KeyError", "'a'", traceback=("t1", "t2"))
    record = RunRecord("id1", "x", "failed", 9, outputs=outputs, error=error)
    after = ipynb.with_runs(file, [record])
    read = nbformat.reads(after, 4)
    nbformat.validate(read)
    assert nbformat.writes(read) + "\n" == after
    kinds = [output.output_type for output in read.cells[1].outputs]
    assert kinds == ["stream", "execute_result", "display_data", "error"]
    assert read.cells[1].outputs[1].execution_count == read.cells[1].execution_count == 9
    assert read.cells[1].outputs[1].data["text/html"] == "<p>\n</p>"
