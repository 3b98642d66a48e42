"""Statements, expressions and scopes by position, in whatever state the cell is."""

import ast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cellwright.dataflow.tree import (
    expression_at,
    names_at,
    node_span,
    parse_tolerant,
    path_at,
    statement_at,
    statements,
)
from cellwright.notebook.edit import Span


def text(source, span):
    return source[span.start : span.end]


def spans(source):
    return [text(source, s.span) for s in statements(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1; y = 2", ["x = 1", "y = 2"]),
        ("if é:\n    ü(1)\nelse:\n    b", ["if é:\n    ü(1)\nelse:\n    b", "ü(1)", "b"]),
        ("@a\n@b(1)\ndef f():\n    pass", ["@a\n@b(1)\ndef f():\n    pass", "pass"]),
        ("%%time\nx = 1\n!ls", ["x = 1", "!ls"]),
        ("a = 1\n%time f(é)\n", ["a = 1", "f(é)"]),
        ("y = !ls \\\n -l\nz", ["y = !ls \\\n -l", "z"]),
        (">>> if a:\n...     b\n", ["if a:\n...     b", "b"]),
        ("try:\n  a\nexcept E:\n  b", ["try:\n  a\nexcept E:\n  b", "a", "b"]),
        ("x = (1 +\ny = 2\nz = 3", ["x = (1 +", "y = 2", "z = 3"]),
        (
            "def f():\n    x = = 1\n    return x",
            ["def f():\n    x = = 1\n    return x", "x = = 1", "return x"],
        ),
        ("", []),
        ("%%bash\necho", ["%%bash\necho"]),
    ],
)
def test_statements(source, expected):
    assert spans(source) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("x = 1\n|y = 2", "y = 2"),
        ("x = 1\ny = 2|", "y = 2"),
        ("if a:\n  |  b(1)\n", "b(1)"),
        ("if |a:\n    b(1)\n", "if a:\n    b(1)\n"),
        ("%%time\nfor i in x:\n    print(|i)", "print(i)"),
        ("@d|ec\ndef f(): pass", "@dec\ndef f(): pass"),
        ("x = = |1", "x = = 1"),
        ("x = 1\n|# note\ny", "# note"),
        ("f(a,\n  |b)", "f(a,\n  b)"),
        ("|", ""),
    ],
)
def test_statement_at(marked, expected):
    offset = marked.index("|")
    source = marked.replace("|", "")
    assert text(source, statement_at(source, offset)) == expected.rstrip("\n")


def test_expression_at_takes_the_exact_span_or_the_innermost_around_it():
    source = "%%time\nx = ñ.foo(1)[df['a']]\n"
    start = source.index("df")
    found = expression_at(source, Span(start, start + len("df['a']")))
    assert isinstance(found.node, ast.Subscript)
    inside = expression_at(source, Span(start, start + 1))
    assert isinstance(inside.node, ast.Name)
    assert inside.node.id == "df"
    assert expression_at(source, Span(0, 1)) is None
    kinds = [type(place.node).__name__ for place in path_at(source, inside.span)]
    assert kinds == ["Assign", "Subscript", "Subscript", "Name"]


def test_names_at():
    source = (
        "top = 1\n"
        "class A:\n"
        "    attr = 1\n"
        "    def f(self, a, *rest, k=0, **kw):\n"
        "        global g\n"
        "        g = local = [i for i in a]\n"
        "        return lambda z: z\n"
    )
    at = source.index("return")
    assert names_at(source, at) == {"self", "a", "rest", "k", "kw", "local"}
    assert names_at(source, source.index("z: z") + 3) >= {"z", "local"}
    assert names_at(source, source.index("i for")) >= {"i"}
    assert names_at(source, source.index("attr")) == {"attr", "f"}
    assert names_at(source, 0) == frozenset()


def test_the_tree_of_a_broken_cell_keeps_what_parses():
    tree = parse_tolerant("import os\nfor x in y\n    z = 1\nw = os.getcwd()")
    assert isinstance(tree.body[0], ast.Import)
    assert isinstance(tree.body[-1], ast.Assign)


CHARACTERS = st.text(alphabet="xyé\"'()[]:=+ \n\\%!?#{}0,.@", max_size=40)


@given(CHARACTERS)
@example(",x")
def test_anything_parses_and_every_name_is_where_it_says(source):
    tree = parse_tolerant(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id != "get_ipython":
            assert text(source, node_span(source, node)) == node.id
    for offset in range(len(source) + 1):
        span = statement_at(source, offset)
        assert 0 <= span.start <= span.end <= len(source)
