"""Where a cell failed: spans of the failing expression and statement."""

from __future__ import annotations

from failing import failure, notebook_of

from cellwright.notebook.run import Frame
from cellwright.repair.model import Failure
from cellwright.trials.model import Step


def text(found: Failure) -> tuple[str, str]:
    """Return the failing expression and the failing statement."""
    source = found.notebook.cell(found.diagnosis.cell).source
    span, statement = found.diagnosis.span, found.statement
    return source[span.start : span.end], source[statement.start : statement.end]


def at(line: int, column: int | None = None, end: int | None = None, cell: str = "c1") -> Frame:
    return Frame("<cell>", line, cell=cell, column=column, end_line=line, end_column=end)


SOURCE = "# é\nx = 1\nif x:\n    y = f(x) + nope\nz = 3"


def test_columns_tell_the_expression() -> None:
    found = failure(notebook_of(SOURCE), "c1", frames=[at(4, 15, 19)])
    assert text(found) == ("nope", "y = f(x) + nope")


def test_without_columns_it_is_the_statement() -> None:
    found = failure(notebook_of(SOURCE), "c1", frames=[at(4)])
    assert text(found) == ("y = f(x) + nope", "y = f(x) + nope")


def test_a_statement_of_several_lines_is_found_from_any_of_them() -> None:
    source = "a = 1\nvalue = call(\n    first,\n    nope,\n)\nb = 2"
    found = failure(notebook_of(source), "c1", frames=[at(4)])
    assert text(found)[1] == "value = call(\n    first,\n    nope,\n)"


def test_line_ends_of_windows_and_old_macs() -> None:
    for end in ("\r\n", "\r"):
        found = failure(notebook_of(SOURCE.replace("\n", end)), "c1", frames=[at(4, 15, 19)])
        assert text(found) == ("nope", "y = f(x) + nope")


def test_the_place_is_the_innermost_frame_in_a_cell() -> None:
    notebook = notebook_of("def half(n):\n    return n / nope", "half(4)")
    frames = [at(1, 0, 7, "c2"), at(2, 15, 19), Frame("/lib/x.py", 9)]
    found = failure(notebook, "c2", frames=frames, ran=["c1"])
    assert found.diagnosis.cell == "c1"
    assert text(found) == ("nope", "return n / nope")


def test_a_cell_that_changed_since_it_ran_is_no_place_to_point_at() -> None:
    notebook = notebook_of("def half(n):\n    # why\n    return n / 2", "half(4)")
    ran = [Step("c1", "def half(n):\n    return n / nope")]
    frames = [at(1, 0, 7, "c2"), at(2, 15, 19)]
    found = failure(notebook, "c2", frames=frames, ran=ran)
    assert found.diagnosis.cell == "c2"
    assert text(found) == ("half(4)", "half(4)")


def test_a_cell_that_is_gone_is_no_place_either() -> None:
    frames = [at(1, 0, 7, "c2"), at(2, 15, 19, "gone")]
    found = failure(notebook_of("x = 1", "half(4)"), "c2", frames=frames)
    assert text(found) == ("half(4)", "half(4)")


def test_without_a_frame_it_is_the_cell() -> None:
    found = failure(notebook_of("\n  x = 1\ny = 2\n"), "c1", frames=[])
    assert text(found) == ("x = 1\ny = 2", "x = 1\ny = 2")


def test_places_outside_the_text_are_clamped() -> None:
    found = failure(notebook_of("x"), "c1", frames=[at(99, 50, 80)])
    assert 0 <= found.diagnosis.span.start <= found.diagnosis.span.end <= 1
    found = failure(notebook_of(""), "c1", frames=[at(1, 0, 5)])
    assert (found.diagnosis.span.start, found.diagnosis.span.end) == (0, 0)


def test_what_does_not_parse_is_pointed_at_by_its_line() -> None:
    found = failure(
        notebook_of("x = 1\ny = = 2\nz = 3"), "c1", ename="SyntaxError", frames=[at(2, 4, 5)]
    )
    assert text(found) == ("=", "y = = 2")
