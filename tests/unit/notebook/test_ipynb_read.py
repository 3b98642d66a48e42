"""What is read from a notebook file, and what is said of a file that cannot be read."""

import json
import subprocess
import sys

import nbformat
import pytest
from nbformat import v1, v2, v3

from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import Span
from cellwright.notebook.shapes import ipynb
from cellwright.notebook.shapes.ipynb import NotebookFormatError


def file_of(*cells, minor=5, **root):
    root = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": minor, **root}
    return json.dumps(root, indent=1) + "\n"


def code(source="", **members):
    base = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {**base, **members, "source": source}


def old_notebooks():
    one = v1.new_notebook(
        cells=[v1.new_code_cell(code="1/0", prompt_number=3), v1.new_text_cell(text="hi")]
    )
    one["nbformat"] = 1
    sheet = v2.new_worksheet(
        cells=[
            v2.new_code_cell(input="1/0", prompt_number=3),
            v2.new_text_cell("markdown", source="hi"),
        ]
    )
    two = v2.new_notebook(worksheets=[sheet])
    out = v3.new_output("pyout", output_text="4", prompt_number=3)
    cells = [
        v3.new_code_cell(input="1/0", prompt_number=3, outputs=[out]),
        v3.new_text_cell("markdown", source="hi"),
        v3.new_heading_cell(source="Title", level=2),
    ]
    three = v3.new_notebook(
        worksheets=[v3.new_worksheet(cells=cells)], metadata=v3.new_metadata(name="x")
    )
    return {"1": one, "2": two, "3": three}


@pytest.mark.parametrize("major", ["1", "2", "3"])
def test_an_old_notebook_is_upgraded_and_the_first_edit_writes_it_anew(major):
    text = json.dumps(old_notebooks()[major])
    file = ipynb.parse(text)
    assert file.text == text
    assert [cell.source for cell in file.notebook][:2] == ["1/0", "hi"]
    assert [cell.kind for cell in file.notebook][:2] == ["code", "markdown"]
    assert file.notebook.cells[0].execution_count == 3
    assert f"old nbformat {major}" in file.warnings[0]
    assert ipynb.parse(text) == file  # the ids among it
    cell = file.notebook.cells[0]
    edit = replace_text(cell, (Span(2, 3), "2"))
    after = ipynb.render(file, edit)
    upgraded = nbformat.reads(after, 4)
    nbformat.validate(upgraded)
    assert upgraded.cells[0].source == "1/2"
    assert [cell.id for cell in upgraded.cells] == [cell.id for cell in file.notebook]
    (only,) = ipynb.text_edits(file, edit)
    assert only.span == Span(0, len(text))


def test_a_heading_of_nbformat_3_becomes_markdown():
    file = ipynb.parse(json.dumps(old_notebooks()["3"]))
    assert file.notebook.cells[2].source == "## Title"
    assert file.notebook.cells[0].saved_outputs[0]["output_type"] == "execute_result"


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4, 5, 6])
def test_every_minor_of_nbformat_4(minor):
    members = {"id": "a"} if minor >= 5 else {}
    cell = ipynb.parse(file_of(code(["a\n", "b"], **members), minor=minor)).notebook.cells[0]
    assert cell.source == "a\nb"
    assert cell.nbformat_id == members.get("id")


def test_missing_and_repeated_ids_are_repaired_the_same_each_time():
    cells = [code(), code(id="x"), code(id="x"), code(id=""), code(id=7), code(id="cell-1")]
    text = file_of(*cells)
    file = ipynb.parse(text)
    names = [cell.id for cell in file.notebook]
    assert names == ["cell-1-", "x", "cell-3", "cell-4", "cell-5", "cell-1"]
    assert [cell.nbformat_id for cell in file.notebook] == [None, "x", None, None, None, "cell-1"]
    assert [cell.id for cell in ipynb.parse(text).notebook] == names
    assert file.warnings == ("Cells without an id of their own: 4. They are named by their place.",)
    assert ipynb.render(file, replace_text(file.notebook.cells[2], (Span(0, 0), ""))) == text


def test_a_file_without_ids_keeps_none_and_gets_names_by_place():
    file = ipynb.parse(file_of(code(), code(), minor=4))
    assert [cell.id for cell in file.notebook] == ["cell-1", "cell-2"]
    assert file.warnings == ()


@pytest.mark.parametrize(
    ("metadata", "language", "kernel"),
    [
        ({}, "python", None),
        ({"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}, "r", "ir"),
        ({"language_info": {"name": "julia"}, "kernelspec": {"name": "j"}}, "julia", "j"),
        ({"language_info": {"name": "ipython"}}, "python", None),
        ({"kernelspec": "odd", "language_info": []}, "python", None),
    ],
)
def test_kernel_and_language(metadata, language, kernel):
    notebook = ipynb.parse(file_of(code(id="a"), metadata=metadata)).notebook
    assert (notebook.language, notebook.kernel_name) == (language, kernel)
    assert notebook.cells[0].language == language


def test_the_language_of_a_cell_is_its_own_where_it_says_so():
    cells = [
        code("select 1", metadata={"vscode": {"languageId": "sql"}}),
        code("%%bash\nls"),
        {"cell_type": "markdown", "metadata": {}, "source": ""},
    ]
    notebook = ipynb.parse(file_of(*cells, minor=4)).notebook
    assert [cell.language for cell in notebook] == ["sql", "python", "markdown"]
    assert [cell.is_python for cell in notebook] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \r\n\ufeff"[:3], "is empty"),
        ("\ufeff", "is empty"),
        ("not json", r"not valid JSON: Expecting value \(line 1, column 1\)"),
        ("[1, 2]", "JSON, but not a notebook"),
        ('"text"', "JSON, but not a notebook"),
        ("{}", 'no list of "cells"'),
        ('{"a": 1}', 'no list of "cells"'),
        ('{"nbformat": 4, "cells": {}}', 'no list of "cells"'),
        ('{"nbformat": 4, "cells": null}', 'no list of "cells"'),
        ('{"nbformat": 5, "cells": []}', "nbformat 5.*reads up to 4"),
        ('{"nbformat": "4", "cells": []}', "'4', which is no version"),
        ('{"nbformat": true, "cells": []}', "True, which is no version"),
        ('{"nbformat": 3, "cells": []}', "has no worksheets"),
        ('{"nbformat": 3, "worksheets": [{"cells": [{}]}]}', "format 3 could not be upgraded"),
        ('{"nbformat": 2, "worksheets": 7}', "format 2 could not be upgraded"),
        ('{"nbformat": 1, "cells": 7}', "format 1 could not be upgraded"),
        ('{"cells": [1]}', r"Cell 1 \(line 1, column 12\) is not an object"),
        ('{"cells": [{}, []]}', r"Cell 2 \(line 1, column 16\) is not an object"),
        ('{"cells": [{"source": 1}]}', "neither a text nor a list"),
        ('{"cells":\n [{"source": ["a", 1]}]}', r"line 2, column 3.*neither a text nor a list"),
        ('{"cells": [{"source": "a\\', r"ends in the middle.*line 1"),
        ('{"cells": [{"source": "a"', "ends in the middle"),
        ('{"cells": [', "ends in the middle"),
        ('{"cells": []', "ends in the middle"),
        ('{"cells": [{}', "ends in the middle"),
        ('{"cells": [],}', "Expecting a name in double quotes .*line 1, column 14"),
        ('{"cells": [{},]}', "Expecting value .*column 15"),
        ('{"cells": [}]}', "Expecting value"),
        ('{"cells": [{]}', "Expecting a name"),
        ('{"cells" []}', "Expecting ':' delimiter"),
        ('{"cells": [{"a": 1 "b": 2}]}', "Expecting ',' delimiter .*column 20"),
        ('{"cells": [{} {}]}', "Expecting ',' delimiter"),
        ('{"cells": []} x', "Extra data .*column 15"),
        ('{"cells": []}\x00', "Extra data"),
        ('{"cells": [{"source": "a\x00b"}]}', "Invalid control character"),
        ('{"cells": [{"source": "\\x"}]}', "Invalid \\\\escape"),
        ('{"cells": [\n<<<<<<< HEAD\n{},\n=======\n]}', r"merge conflict \(line 2, column 1\)"),
        ('{"cells": [], "a": ' + "[" * 100_000, "nests .* too deeply"),
        ('{"cells": [{"metadata": ' + '{"a":' * 100_000, "nests .* too deeply"),
        ('{"cells": [], "a": ' + "9" * 5000 + "}", "number that cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_where_and_what_to_do(text, reason):
    with pytest.raises(NotebookFormatError, match=reason) as refused:
        ipynb.parse(text)
    message = str(refused.value)
    assert message.endswith(".")
    assert len(message) < 500
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize("length", range(0, 300, 7))
def test_a_file_cut_off_anywhere_is_refused(length):
    text = file_of(code(["é = 1\n", "x"], id="a", outputs=[{"output_type": "stream", "text": "1"}]))
    with pytest.raises(NotebookFormatError):
        ipynb.parse(text[: min(length, len(text.rstrip()) - 1)])


def test_wrong_types_that_do_no_harm_are_read_around_and_kept():
    odd = {
        "cell_type": "code",
        "metadata": [],
        "outputs": {},
        "execution_count": "3",
        "source": "x",
    }
    text = file_of(odd, {"cell_type": "heading", "source": "t"}, {}, minor=4, metadata=7)
    file = ipynb.parse(text)
    first, second, third = file.notebook
    assert (first.metadata, first.saved_outputs, first.execution_count) == ({}, (), None)
    assert (second.kind, third.kind, third.source) == ("raw", "raw", "")
    assert file.warnings == (
        "2 cells are of a type that nbformat does not know, and read as raw text.",
        "Cell 3 is without a source, and read as empty.",
    )
    after = ipynb.render(file, replace_text(first, (Span(0, 1), "y")))
    assert after == text.replace('"x"', '"y"')


def test_a_notebook_without_nbformat_or_metadata_is_read():
    notebook = ipynb.parse('{"cells": [{"cell_type": "code", "source": "x"}]}').notebook
    assert notebook.cells[0].source == "x"


def test_lone_surrogates_and_nul_come_through():
    text = file_of(code("a\ud800\x00b", id="a"))
    file = ipynb.parse(text)
    assert file.notebook.cells[0].source == "a\ud800\x00b"
    after = ipynb.render(file, replace_text(file.notebook.cells[0], (Span(3, 4), "\udfffc")))
    after.encode()
    assert ipynb.parse(after).notebook.cells[0].source == "a\ud800\x00\udfffc"


def test_huge_outputs_are_read_and_edited():
    """Tens of megabytes, most of them in strings, without a copy per cell."""
    big = "iVBORw0KGgo\\n" * 400_000
    cells = [code("x", id=str(i), outputs=[{"data": {"image/png": "BIG"}}]) for i in range(10)]
    text = file_of(*cells).replace("BIG", big)
    file = ipynb.parse(text)
    after = ipynb.render(file, replace_text(file.notebook.cells[5], (Span(0, 1), "y")))
    assert len(after) == len(text)
    assert ipynb.parse(after).notebook.cells[5].source == "y"


def test_many_cells():
    file = ipynb.parse(file_of(*(code(f"x{i}", id=f"c{i}") for i in range(10_000))))
    assert len(file.notebook) == 10_000
    cell = file.notebook.cells[5_432]
    after = ipynb.update(file, replace_text(cell, (Span(0, 1), "y")))
    assert after.notebook.cell("c5432").source == "y5432"


def test_reading_does_not_load_nbformat():
    script = (
        "import sys; from cellwright.notebook.shapes import ipynb; ipynb.parse('{\"cells\": []}')"
    )
    script += "; sys.exit('nbformat' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
