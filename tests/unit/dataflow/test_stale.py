"""Which cells are stale, from what ran and what is there now."""

import pytest

from cellwright.dataflow.stale import Stale, stale_cells
from cellwright.notebook.run import RunRecord


def ran(cell, source, status="completed"):
    return RunRecord(cell, source, status)


ABC = [("A", "x = 1"), ("B", "y = x"), ("C", "print(y)")]
IN_ORDER = [ran(cell, source) for cell, source in ABC]


def changed(cells, **sources):
    return [(cell, sources.get(cell, source)) for cell, source in cells]


@pytest.mark.parametrize(
    ("cells", "records", "expected"),
    [
        (ABC, IN_ORDER, {}),
        (ABC, [], {}),
        (ABC, IN_ORDER[:2], {}),
        (
            changed(ABC, A="x = 2"),
            IN_ORDER,
            {"A": Stale("edited"), "B": Stale("upstream", "A"), "C": Stale("upstream", "B")},
        ),
        (
            changed(ABC, B="y = x + 1"),
            IN_ORDER,
            {"B": Stale("edited"), "C": Stale("upstream", "B")},
        ),
        (
            changed(ABC, A="x = 2"),
            [*IN_ORDER, ran("A", "x = 2")],
            {"B": Stale("ran-again", "A"), "C": Stale("upstream", "B")},
        ),
        (
            changed(ABC, A="x = 2"),
            [*IN_ORDER, ran("A", "x = 2"), ran("B", "y = x")],
            {"C": Stale("ran-again", "B")},
        ),
        (ABC, [*IN_ORDER, *IN_ORDER], {}),
        (ABC[1:], IN_ORDER, {"B": Stale("removed", "A"), "C": Stale("upstream", "B")}),
        # A later cell that binds the name again changes nothing above it …
        ([*ABC, ("D", "x = 9")], [*IN_ORDER, ran("D", "x = 9")], {}),
        # … but one that was put in between and ran does.
        (
            [ABC[0], ("N", "x = 9"), *ABC[1:]],
            [*IN_ORDER, ran("N", "x = 9")],
            {"B": Stale("ran-again", "N"), "C": Stale("upstream", "B")},
        ),
        # A change in place counts as much as a binding.
        (
            [("A", "x = []"), ("M", "x.append(1)"), ("P", "print(x)")],
            [
                ran("A", "x = []"),
                ran("M", "x.append(1)"),
                ran("P", "print(x)"),
                ran("M", "x.append(1)"),
            ],
            {"P": Stale("ran-again", "M")},
        ),
        # Run again by itself, a cell reads what it left behind.
        ([("A", "x = 0"), ("I", "x += 1")], [ran("A", "x = 0"), *[ran("I", "x += 1")] * 3], {}),
        # A function's late names are read by who calls it.
        (
            [("F", "def f(): return k"), ("K", "k = 1"), ("P", "f()")],
            [ran("F", "def f(): return k"), ran("K", "k = 1"), ran("P", "f()"), ran("K", "k = 1")],
            {"P": Stale("ran-again", "K")},
        ),
    ],
)
def test_stale_cells(cells, records, expected):
    assert stale_cells(cells, records) == expected
