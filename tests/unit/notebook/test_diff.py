"""Differences as a person reads them."""

from dataclasses import replace

from cellwright.notebook.diff import unified_diff
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.order import in_place

BEFORE = Notebook(
    (
        Cell("m", "markdown", "# Title", "markdown"),
        Cell("a", "code", "x = 1\ny = 2\nz = 3"),
        Cell("b", "code", "print(x)"),
        Cell("c", "code", "print(y)"),
    )
)


def texts(before, after, context=3):
    return [line.text for line in unified_diff(before, after, context)]


def test_nothing_differs():
    assert texts(BEFORE, replace(BEFORE, version=2)) == []


def test_a_changed_cell_shows_its_lines_in_context():
    cell = replace(BEFORE.cell("a"), source="x = 1\ny = 5\nz = 3")
    assert texts(BEFORE, BEFORE.with_cell(cell), 1) == [
        "@@ cell 1, line 1 @@",
        " x = 1",
        "-y = 2",
        "+y = 5",
        " z = 3",
    ]


def test_a_line_end_at_the_end_shows():
    cell = replace(BEFORE.cell("b"), source="print(x)\n")
    assert texts(BEFORE, BEFORE.with_cell(cell)) == ["@@ cell 2, line 1 @@", " print(x)", "+"]


def test_cells_that_come_go_move_and_turn():
    m, a, _, c = BEFORE.cells
    new = Cell("n", "code", "import os\n")
    turned = replace(m, kind="raw")
    assert texts(BEFORE, BEFORE.with_cells((turned, new, c, a))) == [
        "@@ cell 2, deleted @@",
        "-print(x)",
        "@@ markdown at the top, now raw @@",
        "@@ cell 1, new @@",
        "+import os",
        "+",
        "@@ cell 3, moved below cell 1 @@",
    ]


def test_the_fewest_cells_count_as_moved():
    assert in_place([1, 2, 3, 0]) == [0, 1, 2]
    assert in_place([3, 0, None, 1, 2]) == [1, 3, 4]
    assert in_place([None, None]) == []
