import json
from pathlib import Path

import pytest

from cellwright.kernels.tracebacks import cell_error, frames, strip_ansi

# What the named IPython versions made of the same cells.
RECORDED = json.loads(Path(__file__).with_name("tracebacks.json").read_text())
VERSIONS = sorted(RECORDED)


def read(version, case):
    recorded = RECORDED[version][case]
    found = frames(recorded["traceback"], "cell{}".format, evalue=recorded["evalue"])
    return [(f.file.rsplit("/")[-1], f.line, f.function.rsplit(".")[-1], f.cell) for f in found]


@pytest.mark.parametrize("version", VERSIONS)
class TestEveryVersion:
    def test_frames_run_from_the_calling_cell_to_the_function_of_another(self, version):
        assert read(version, "call") == [
            ("In[2]", 2, "<module>", "cell2"),
            ("In[1]", 3, "f", "cell1"),
        ]

    def test_the_text_is_the_failing_line(self, version):
        found = frames(RECORDED[version]["call"]["traceback"], "cell{}".format)
        assert [frame.text for frame in found] == ["f(0)", "return 1 / y"]

    def test_a_library_frame_has_its_file_and_no_cell(self, version):
        assert read(version, "library") == [
            ("In[4]", 2, "<module>", "cell4"),
            ("helper_mod.py", 3, "g", None),
        ]

    @pytest.mark.parametrize(("case", "cell"), [("during", 5), ("direct", 6)])
    def test_of_chained_exceptions_the_last_counts(self, version, case, cell):
        assert read(version, case) == [(f"In[{cell}]", 4, "<module>", f"cell{cell}")]

    @pytest.mark.parametrize(("case", "cell", "line"), [("syntax", 7, 1), ("indent", 8, 3)])
    def test_a_syntax_error_is_at_its_line(self, version, case, cell, line):
        assert read(version, case) == [(f"In[{cell}]", line, "<module>", f"cell{cell}")]

    def test_repeated_frames_do_not_confuse(self, version):
        found = read(version, "recursion")
        assert found[0] == ("In[11]", 3, "<module>", "cell11")
        assert set(found[1:]) == {("In[11]", 2, "r", "cell11")}

    def test_code_without_a_file_does_not_hide_the_cell(self, version):
        assert read(version, "eval")[0] == ("In[10]", 1, "<module>", "cell10")


@pytest.mark.parametrize("version", [v for v in VERSIONS if v not in {"8.0", "8.4"}])
def test_the_plain_mode_is_read(version):
    assert read(version, "plain") == [
        ("In[16]", 1, "<module>", "cell16"),
        ("In[1]", 3, "f", "cell1"),
    ]


@pytest.mark.parametrize(
    ("header", "line", "cell"),
    [
        ("Input In [3], in <cell line: 2>()\n      1 a\n----> 2 b\n", 2, "cell3"),
        ("Input In [3], in <cell line: 2>()\n", 2, "cell3"),
        ("<ipython-input-3-0123abcdef01> in <module>()\n      1 a\n----> 2 b\n", 2, "cell3"),
        ("<ipython-input-3-0123abcdef01> in <module>\n----> 2 b\n", 2, "cell3"),
        ("Cell In [3], line 2\n      1 a\n----> 2 b", 2, "cell3"),
        ('  File "<ipython-input-3-0123abcdef01>", line 2\n    b b\n      ^\n', 2, "cell3"),
    ],
)
def test_forms_of_a_cells_frame(header, line, cell):
    (frame,) = frames(["-----", "NameError: Traceback", header, "NameError: b"], "cell{}".format)
    assert (frame.line, frame.function, frame.cell) == (line, "<module>", cell)


def test_pythons_own_form():
    text = (
        "Traceback (most recent call last):\n"
        '  File "<stdin>", line 2, in <module>\n'
        '  File "/home/ada/my module.py", line 7, in run\n    go()\n    ^^^^\nKeyError: 1\n'
    )
    assert [(f.file, f.line, f.function, f.text) for f in frames([text], lambda _: None)] == [
        ("<stdin>", 2, "<module>", ""),
        ("/home/ada/my module.py", 7, "run", "go()"),
    ]


def test_a_file_of_an_old_ipykernel_is_the_cell_that_ran():
    found = frames(
        [
            "/tmp/ipykernel_71/123.py in <module>\n      1 x\n----> 2 f()\n",
            "/tmp/ipykernel_71/456.py in g(a)\n----> 9 1/0\n",
            "ZeroDivisionError: division by zero",
        ],
        lambda _: None,
        current="cell",
    )
    assert [(f.line, f.function, f.cell) for f in found] == [
        (2, "<module>", "cell"),
        (9, "g", None),
    ]


def test_a_traceback_quoted_in_the_message_is_not_a_frame():
    message = (
        'RemoteError: \nTraceback (most recent call last):\n  File "worker.py", line 5, in w\n'
    )
    found = frames(["Cell In[1], line 1\n----> 1 go()\n", message], "cell{}".format)
    assert [frame.file for frame in found] == ["In[1]"]


def test_a_windows_path_keeps_its_drive():
    (frame,) = frames(["File C:\\work\\a b.py:12, in f(x)\n---> 12 y\n"], lambda _: None)
    assert (frame.file, frame.line, frame.function) == ("C:\\work\\a b.py", 12, "f")


def test_an_unknown_execution_count_leaves_the_frame_without_a_cell():
    (frame,) = frames(["Cell In[9], line 1\n----> 1 f()\n"], lambda _: None)
    assert frame.cell is None


def test_an_error_keeps_its_traceback_and_is_bounded():
    content = {
        "ename": "E",
        "evalue": "x" * 10**6,
        "traceback": ["\x1b[31mE\x1b[0m", "y" * 10**6, "z"],
    }
    error = cell_error(content, lambda _: None)
    assert error.traceback[0] == "\x1b[31mE\x1b[0m"
    assert len(error.evalue) == 500_000
    assert sum(map(len, error.traceback)) == 500_000


def test_ansi_sequences_are_stripped():
    assert strip_ansi("\x1b[0;31ma\x1b[38;5;241;43mb\x1b[39;49m\x1b[K") == "ab"
