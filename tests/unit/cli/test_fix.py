"""`cellwright fix`, as a user calls it: a process, a file, an exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from command import TIMEOUT, cellwright, sources, write


def test_a_clean_notebook_gives_0_and_is_not_written(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["x = 1", "print(x)"])
    before = path.read_bytes()
    done = cellwright("fix", "--yes", "--apply", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Runs clean" in done.stdout
    assert path.read_bytes() == before


def test_diff_shows_the_fix_and_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["total = 3", "print(totl)"])
    before = path.read_bytes()
    done = cellwright("fix", "--yes", "--diff", path, cwd=tmp_path)
    assert done.returncode == 1
    assert "-print(totl)" in done.stdout
    assert "+print(total)" in done.stdout
    assert "sandbox: none" in done.stdout
    assert path.read_bytes() == before


def test_apply_goes_on_to_the_next_failure_until_all_runs(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.ipynb",
        [
            "numbers = [3, 1, 2]",
            "print(sorted(numbers)",
            "print(math.sqrt(numbers[0]))",
            "print('sum: ' + sum(numbers))",
        ],
    )
    done = cellwright("fix", "--yes", "--apply", path, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    fixed = sources(path)
    assert fixed[1] == "print(sorted(numbers))"
    assert "import math" in "\n".join(fixed)
    assert "str(sum(numbers))" in fixed[3]
    assert cellwright("run", path, cwd=tmp_path).returncode == 0


def test_what_cannot_be_fixed_is_diagnosed_and_left(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["assert 1 + 1 == 3, 'no such sum'", "print('on')"])
    before = path.read_bytes()
    done = cellwright("fix", "--yes", "--apply", path, cwd=tmp_path)
    assert done.returncode == 1
    assert "no such sum" in done.stdout
    assert "No fix" in done.stdout
    assert path.read_bytes() == before


def test_json_tells_all(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["values = [1]", "values.apend(2)"])
    done = cellwright("fix", "--yes", "--json", path, cwd=tmp_path)
    report = json.loads(done.stdout)
    (failure,) = report["failures"]
    assert failure["cell"] == 2
    assert failure["diagnosis"]["ename"] == "AttributeError"
    assert failure["diagnosis"]["line"] == 1
    offer = failure["offers"][0]
    assert offer["evidence"]["verdict"] == "passed"
    assert offer["evidence"]["sandbox"] == "none"
    assert "+values.append(2)" in offer["diff"]
    assert report["written"] is False


CELLS = ["total = 1", "print(totl)", "count = 1", "print(cuont)"]


def test_cell_limits_what_is_repaired(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", CELLS)
    done = cellwright("fix", "--yes", "--apply", "--cell", "2", path, cwd=tmp_path)
    assert done.returncode == 1
    assert sources(path) == [CELLS[0], "print(total)", *CELLS[2:]]


def test_an_error_that_is_meant_is_let_be(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["1 / 0", "print('after')"], tags={1: "raises-exception"})
    assert cellwright("fix", "--yes", path, cwd=tmp_path).returncode == 0


def test_without_consent_no_code_runs(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["open('ran.txt', 'w').close()"])
    done = cellwright("fix", path, cwd=tmp_path)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert not (tmp_path / "ran.txt").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"{", "line 1, column 2"),
        (b"[1, 2]", "notebook"),
        (b'{"cells": 5, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "cells"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_unreadable_input_gives_2_and_a_message(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    done = cellwright("fix", "--yes", "--apply", path, cwd=tmp_path)
    assert done.returncode == 2
    assert words.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == content


def test_a_missing_file_gives_2(tmp_path: Path) -> None:
    done = cellwright("fix", "--yes", tmp_path / "none.ipynb", cwd=tmp_path)
    assert done.returncode == 2
    assert "none.ipynb" in done.stderr


def test_a_kernel_that_is_not_installed_is_replaced_with_a_notice(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["print(1)"], kernel="conda-env-gone-py")
    done = cellwright("fix", "--yes", path, cwd=tmp_path)
    assert done.returncode == 0
    assert "conda-env-gone-py" in done.stdout
    assert cellwright("fix", "--yes", "--kernel", "nope", path, cwd=tmp_path).returncode == 2


def test_a_file_without_write_permission_is_left_with_a_message(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["total = 3", "print(totl)"])
    before = path.read_bytes()
    path.chmod(0o444)
    done = cellwright("fix", "--yes", "--apply", path, cwd=tmp_path)
    assert done.returncode == 2
    assert "a.ipynb" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == before


def test_control_codes_in_a_notebook_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["x = '\x1b]0;owned\x07\x1b[31m' + nope"])
    done = cellwright("fix", "--yes", "--diff", path, cwd=tmp_path)
    assert "nope" in done.stdout
    assert "\x1b]0" not in done.stdout
    assert "\x07" not in done.stdout


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.ipynb", ["open('started', 'w').close()", "import time; time.sleep(600)"]
    )
    before = path.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-m", "cellwright", "fix", "--yes", "--apply", str(path)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background of a shell has SIGINT ignored, and would hand that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + TIMEOUT
    while not (tmp_path / "started").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=TIMEOUT - 20)
    assert process.returncode == 130
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    psutil.wait_procs(family, timeout=15)
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ipynb", "started"]


def test_one_bad_notebook_does_not_keep_the_others_from_being_fixed(tmp_path: Path) -> None:
    good = write(tmp_path / "good.ipynb", ["total = 1", "print(totl)"])
    (tmp_path / "folder").mkdir()
    done = cellwright("fix", "--yes", "--apply", "folder", "none.ipynb", good, cwd=tmp_path)
    assert done.returncode == 2
    assert "folder: This is a folder" in done.stderr
    assert "none.ipynb" in done.stderr
    assert sources(good) == ["total = 1", "print(total)"]


def test_json_of_many_notebooks_is_a_line_for_each(tmp_path: Path) -> None:
    first = write(tmp_path / "a.ipynb", ["x = 1"])
    second = write(tmp_path / "b.ipynb", ["1 / 0"])
    done = cellwright("fix", "--yes", "--json", first, second, cwd=tmp_path)
    assert done.returncode == 1
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report["remaining"] for report in reports] == [0, 1]


def test_long_lines_and_huge_outputs_are_cut(tmp_path: Path) -> None:
    long = "y = '" + "a" * 200_000 + "' + nope"
    path = write(tmp_path / "a.ipynb", ["print('x' * 3_000_000)", long])
    done = cellwright("fix", "--yes", path, cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stdout) < 3_000
    line, mark = next(
        (line, mark)
        for line, mark in zip(done.stdout.splitlines(), done.stdout.splitlines()[1:], strict=False)
        if "│" in line
    )
    assert line[mark.index("^") : mark.rindex("^") + 1] == "nope"


def test_the_mark_stands_below_the_expression_whatever_comes_before_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["if True:\n\tx = '\x1b[31m\u202e' + nope"])
    shown = cellwright("fix", "--yes", path, cwd=tmp_path).stdout.splitlines()
    index = next(i for i, line in enumerate(shown) if "│" in line)
    line, mark = shown[index : index + 2]
    assert line[mark.index("^") : mark.rindex("^") + 1] == "nope"
    assert "\u202e" not in line


def test_windows_line_ends_stay_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["total = 1\r\nif total:\r\n    print(totl)\r\n"])
    assert cellwright("fix", "--yes", "--apply", path, cwd=tmp_path).returncode == 0
    assert sources(path) == ["total = 1\r\nif total:\r\n    print(total)\r\n"]


def test_wrong_cells_name_the_option(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["x = 1"])
    done = cellwright("fix", "--yes", "--cell", "9", path, cwd=tmp_path)
    assert done.returncode == 2
    assert "--cell: " in done.stderr


def test_what_stops_the_run_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["x = 1", "input('name?')"])
    done = cellwright("fix", "--yes", path, cwd=tmp_path)
    assert done.returncode == 1
    assert "cell 2 did not come to its end: needs input" in done.stdout
    assert "failures fixed" not in done.stdout
