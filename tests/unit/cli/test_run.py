"""`cellwright run`, `kernels` and `doctor`, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from command import cellwright, write


def test_run_prints_outputs_and_status(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["print('hello')", "6 * 7"])
    before = path.read_bytes()
    done = cellwright("run", path, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "hello" in done.stdout
    assert "42" in done.stdout
    assert path.read_bytes() == before


def test_run_stops_at_a_failure_with_1(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["1 / 0", "print('never')"])
    done = cellwright("run", path, cwd=tmp_path)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout
    assert "never" not in done.stdout


def test_run_some_cells_as_json(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["x = 1", "y = 2\ny", "raise SystemError"])
    report = json.loads(cellwright("run", "--cells", "1-2", "--json", path, cwd=tmp_path).stdout)
    assert [cell["cell"] for cell in report["cells"]] == [1, 2]
    assert [cell["status"] for cell in report["cells"]] == ["completed", "completed"]
    assert report["cells"][1]["outputs"][0]["text"] == "2"
    assert all(cell["seconds"] >= 0 for cell in report["cells"])


def test_save_writes_the_outputs(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["print('kept')", "2 + 2"])
    assert cellwright("run", "--save", path, cwd=tmp_path).returncode == 0
    saved = nbformat.read(path, as_version=4)
    nbformat.validate(saved)
    assert saved.cells[0].outputs[0].text == "kept\n"
    assert saved.cells[1].outputs[0].data["text/plain"] == "4"
    assert [cell.execution_count for cell in saved.cells] == [1, 2]


def test_wrong_cell_lists_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["x = 1"])
    for wrong in ("2", "0", "x", "3-1"):
        done = cellwright("run", "--cells", wrong, path, cwd=tmp_path)
        assert done.returncode == 2
        assert "--cells" in done.stderr


def test_kernels_lists_none_when_none_runs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CELLWRIGHT_STATE_DIR", str(tmp_path / "state"))
    done = cellwright("kernels", "list", cwd=tmp_path)
    assert done.returncode == 0
    assert "No kernel" in done.stdout
    assert cellwright("kernels", "stop", "abc", cwd=tmp_path).returncode == 2


def test_doctor_says_what_works(tmp_path: Path) -> None:
    done = cellwright("doctor", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    lines = {line["topic"]: line for line in json.loads(done.stdout)}
    assert lines["kernel python3"]["state"] == "ok"
    assert lines["sandbox"]["state"] == "note"
    assert "ipykernel" in lines["versions"]["text"]


def test_help_helps(tmp_path: Path) -> None:
    for command in ("fix", "run", "kernels", "doctor", "lsp"):
        done = cellwright(command, "--help", cwd=tmp_path)
        assert done.returncode == 0
        assert "Usage:" in done.stdout


def test_an_error_that_is_meant_does_not_stop_the_run(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ipynb", ["1 / 0", "print('after')"], tags={1: "raises-exception"})
    done = cellwright("run", path, cwd=tmp_path)
    assert done.returncode == 0
    assert "after" in done.stdout
