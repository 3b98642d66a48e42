"""Why a cell failed, in words: one message for each kind of error."""

from __future__ import annotations

from typing import Any

import pytest
from failing import failure, notebook_of

from cellwright.repair.model import Diagnosis
from cellwright.trials.model import Step


def missing(*sources: str, cell: str, ran: Any = (), name: str = "x") -> Diagnosis:
    notebook = notebook_of(*sources)
    return failure(
        notebook, cell, ran=ran, evalue=f"name '{name}' is not defined", name=name
    ).diagnosis


def test_a_name_bound_nowhere() -> None:
    found = missing("print(x)", cell="c1")
    assert found.code == "undefined-name"
    assert "no cell of this notebook binds it" in found.message
    assert found.related == ()


def test_a_name_bound_further_down() -> None:
    found = missing("print(x)", "y = 1\nx = 1", cell="c1")
    assert found.code == "name-bound-later"
    assert "cell 2, further down, binds it" in found.message
    (related,) = found.related
    assert (related.cell, related.span.start) == ("c2", 6)


def test_a_name_bound_above_in_a_cell_that_has_not_run() -> None:
    found = missing("x = 1", "print(x)", cell="c2")
    assert found.code == "name-bound-later"
    assert "cell 1, which binds it, has not run" in found.message


def test_a_name_bound_in_a_cell_that_failed_first() -> None:
    half = Step("c1", "1 / 0\nx = 1", may_fail=True)
    found = missing("1 / 0\nx = 1", "print(x)", cell="c2", ran=[half])
    assert found.code == "name-bound-in-failed-cell"
    assert "cell 1, which binds it, failed before it did" in found.message


def test_a_name_bound_by_a_text_that_has_not_run_yet() -> None:
    found = missing("x = 1", "print(x)", cell="c2", ran=[Step("c1", "y = 1")])
    assert found.code == "name-bound-in-edited-cell"
    assert "edited since it ran" in found.message


@pytest.mark.parametrize(
    ("sources", "ran"),
    [(["x = 1", "del x", "print(x)"], ["c1", "c2"]), (["x = 1", "", "del x\nprint(x)"], ["c1"])],
)
def test_a_name_that_was_deleted(sources: list[str], ran: list[str]) -> None:
    found = missing(*sources, cell="c3", ran=ran)
    assert found.code == "name-deleted"
    assert "cell 1 bound it: it was deleted" in found.message


def test_a_name_bound_only_in_some_cases() -> None:
    found = missing("if False:\n    x = 1", "print(x)", cell="c2", ran=["c1"])
    assert found.code == "name-not-bound"
    assert "deleted" not in found.message


def test_a_name_used_above_its_binding_in_the_same_cell() -> None:
    found = missing("print(x)\nx = 1", cell="c1")
    assert found.code == "name-used-before-binding"
    assert "at this point of the cell" in found.message


@pytest.mark.parametrize(
    ("ename", "evalue", "attributes", "code", "words"),
    [
        (
            "UnboundLocalError",
            "cannot access local variable 'n' where it is not associated with a value",
            {"name": "n"},
            "unbound-local",
            "`n` is a local variable here",
        ),
        (
            "AttributeError",
            "'list' object has no attribute 'add'",
            {"name": "add", "obj_type": "list"},
            "missing-attribute",
            "This value, of type `list`, has no attribute `add`.",
        ),
        (
            "AttributeError",
            "module 'math' has no attribute 'sqr'",
            {"name": "sqr", "obj_type": "module", "module": "math"},
            "missing-attribute",
            "The module `math` has no attribute `sqr`.",
        ),
        (
            "AttributeError",
            "'NoneType' object has no attribute 'x'",
            {"name": "x", "obj_type": "NoneType"},
            "missing-attribute",
            "The value is None here, so it has no attribute `x`.",
        ),
        (
            "ModuleNotFoundError",
            "No module named 'nope'",
            {"name": "nope"},
            "missing-module",
            "no module `nope`",
        ),
        (
            "ImportError",
            "cannot import name 'a' from 'b'",
            {"name": "b"},
            "missing-member",
            "An import failed: cannot import name 'a' from 'b'.",
        ),
        ("KeyError", "'price'", {}, "missing-key", "no key or column 'price' in `fail()`"),
        (
            "FileNotFoundError",
            "[Errno 2] No such file or directory: 'a.csv'",
            {"filename": "a.csv"},
            "missing-file",
            "no file or folder `a.csv`",
        ),
        ("SyntaxError", "'(' was never closed", {}, "syntax", "Python cannot read this cell"),
        ("IndentationError", "unexpected indent", {}, "indentation", "indentation is wrong"),
        ("AssertionError", "", {}, "assertion", "A check written in the code does not hold."),
        ("AssertionError", "no rows", {}, "assertion", "It says: no rows."),
        ("RecursionError", "maximum depth", {}, "recursion", "calls itself without end"),
        ("IndexError", "list index out of range", {}, "index", "list index out of range"),
        ("TypeError", "unsupported operand", {}, "type", "unsupported operand"),
        ("ZeroDivisionError", "division by zero", {}, "zero-division", "division by zero"),
        ("MemoryError", "", {}, "memory", "MemoryError"),
        ("CustomError", "odd", {}, "error", "CustomError: odd"),
    ],
)
def test_each_kind_of_error_has_its_words(
    ename: str, evalue: str, attributes: dict[str, Any], code: str, words: str
) -> None:
    found = failure(notebook_of("fail()"), "c1", ename=ename, evalue=evalue, **attributes).diagnosis
    assert found.code == code
    assert words in found.message


def test_a_class_without_words_of_its_own_is_explained_as_its_base_is() -> None:
    notebook = notebook_of("fail()")
    found = failure(notebook, "c1", ename="JSONDecodeError", evalue="Expecting value").diagnosis
    assert found.code == "error"
    error = failure(notebook, "c1").error
    from dataclasses import replace

    from cellwright.repair.diagnose import diagnose

    error = replace(error, ename="JSONDecodeError", bases=("JSONDecodeError", "ValueError"))
    assert diagnose(notebook, notebook.cell("c1"), error)[0].code == "value"


def test_long_and_many_lined_errors_are_cut_to_a_line() -> None:
    found = failure(notebook_of("fail()"), "c1", ename="ValueError", evalue="a\nb " * 9_999)
    assert len(found.diagnosis.message) < 400
    assert "\n" not in found.diagnosis.message


def test_where_the_names_of_the_failing_expression_were_bound_is_told() -> None:
    notebook = notebook_of("table = {}", "other = 1", "table['price']")
    found = failure(notebook, "c3", ename="KeyError", evalue="'price'", ran=["c1", "c2"])
    assert [(r.cell, r.message) for r in found.diagnosis.related] == [
        ("c1", "`table` was last bound here")
    ]


def test_a_name_that_the_cell_itself_deleted_before_using_it() -> None:
    found = missing("x = [1]\ndel x\nprint(x)", "x = 2", cell="c1")
    assert found.code == "name-deleted"
    assert "this cell deletes it before it uses it" in found.message
