"""IPython's syntax as Python, and the way back to the cell."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellwright.dataflow.source import align, split_lines, to_python


@pytest.mark.parametrize(
    "source",
    ["x = 1\n", "await f()", "a = 7 %b\n", "'''\n%time\n!ls\n'''", "x = '?'", "", "# %%time\nx"],
)
def test_plain_python_is_its_own_transformation(source):
    python = to_python(source)
    assert python.text == source
    assert python.lines.original(2, 3) == (2, 3)


@pytest.mark.parametrize(
    ("source", "marker", "place"),
    [
        ("!ls\nx = BAD", "BAD", (2, 4)),
        ("!ls \\\n  -l\nx = BAD", "BAD", (3, 4)),
        (">>> a = 1\n>>> BAD", "BAD", (2, 4)),
        (">>> for i in a:\n...     BAD", "BAD", (2, 8)),
        ("In [1]: x = 1\n   ...: BAD", "BAD", (2, 8)),
        ("\n\n    y = 1\n    BAD\n    !ls", "BAD", (4, 4)),
        ("f?\nBAD", "BAD", (2, 0)),
        ("ls = !ls\nx = %env\nif x:\n    !pwd\n    BAD", "BAD", (5, 4)),
        ("x = !ls ñ\né = BAD", "BAD", (2, 4)),
        ("%matplotlib inline\r\nBAD", "BAD", (2, 0)),
    ],
)
def test_copied_code_maps_to_where_it_was(source, marker, place):
    python = to_python(source)
    ast.parse(python.text)
    for number, line in enumerate(split_lines(python.text), 1):
        if marker in line:
            assert python.lines.original(number, line.index(marker)) == place
            break
    else:
        pytest.fail("the marker is gone")


@pytest.mark.parametrize(
    ("source", "line", "place"),
    [
        ("x = 1\n  %time y", 2, (2, 2)),
        ("x = 1\ny = !ls -l", 2, (2, 4)),
        ("%%time\nx\ny", 1, (1, 0)),
        (">>> x\n>>> !ls", 2, (2, 4)),
    ],
)
def test_rewritten_code_maps_to_its_start(source, line, place):
    python = to_python(source)
    text = split_lines(python.text)[line - 1]
    assert python.lines.original(line, text.index("get_ipython") + 20) == place


def test_align_needs_only_the_two_texts():
    # As a future IPython might write it: the line structure is what counts.
    old = "x = 1\n!ls \\\n -l\nfoo?\nBAD\n"
    new = "x = 1\nget_ipython().other('ls  -l')\nget_ipython().help('foo')\nBAD\n"
    lines = align(old, new)
    assert lines.original(2, 4) == (2, 0)
    assert lines.original(3, 4) == (4, 0)
    assert lines.original(4, 1) == (5, 1)


PIECES = st.sampled_from(
    [
        "x = 1",
        "y = f(x)",
        "%time y = 2",
        "!echo {x}",
        "z = !ls",
        "z = %pwd",
        "x?",
        "%cd ..",
        "!ls \\\n  -l",
        "if x:\n    y = 3\n    !pwd",
        "def f(a):\n    return a",
        "",
        "s = '''\n%no\n'''",
        "t = (1,\n     2)",
    ]
)


@given(st.lists(PIECES, max_size=8), st.sampled_from(["", "    ", ">>> "]))
def test_every_copied_line_maps_back_to_itself(pieces, prefix):
    lines = "\n".join(pieces).split("\n")
    # Prompts continue with dots inside blocks; indented lines of strings would be changed.
    if prefix and any("'''" in piece for piece in pieces):
        prefix = ""
    if prefix == ">>> ":
        lines = [("... " if line.startswith(" ") else ">>> ") + line for line in lines]
    elif prefix:
        lines = [prefix + line if line.strip() else line for line in lines]
    source = "\n".join(lines)
    python = to_python(source)
    original = split_lines(source)
    for number, text in enumerate(split_lines(python.text), 1):
        if not text.strip():
            continue
        line, column = python.lines.original(number, 0)
        if "get_ipython()" in text:
            kept = text.index("get_ipython()")
            line, column = python.lines.original(number, kept)
            assert original[line - 1][column] in "!%?x", (source, python)
        else:
            assert original[line - 1][column:] == text, (source, python)
