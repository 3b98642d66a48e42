"""Run `cellwright fix --apply --yes` on real failing cells, and print what became of each.

    python benchmarks/failures.py FAILURES.jsonl [--rows 45] [--uid UID …] [--out FOLDER]

Each line of the file is a JSON object: `uid`, `earlier` (the code cells before, in run order),
`source` (the failing cell), `later` (the code cells after), `ename`, `intended_error`. Every row
becomes a notebook in a folder of its own, which is what the command gets to see. Rows that were
meant as a lesson are left out. With `--out`, each row's notebook before and after and the
command's JSON are kept there, to be read: whether a repair is right is a person's judgement.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

TARGET = "target"
ROW_SECONDS = 600


@dataclass(frozen=True)
class Outcome:
    """What the command made of one row. `failed` is the target's report, None if it ran clean."""

    uid: str
    ename: str
    failed: dict[str, Any] | None
    fixed: bool
    seconds: float
    trouble: str = ""


def notebook_of(row: dict[str, Any]) -> nbformat.NotebookNode:
    """Return the notebook of a row; the failing cell has the id `target`."""
    cells = [
        nbformat.v4.new_code_cell(text, id=f"before-{i}")
        for i, text in enumerate(row["earlier"] or [])
    ]
    cells.append(nbformat.v4.new_code_cell(row["source"], id=TARGET))
    later = row["later"] or []
    cells += [nbformat.v4.new_code_cell(text, id=f"after-{i}") for i, text in enumerate(later)]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})


def fix(row: dict[str, Any], folder: Path) -> Outcome:
    """Run the command on a row's notebook and return the outcome for the failing cell."""
    path = folder / "notebook.ipynb"
    nbformat.write(notebook_of(row), path)
    (folder / "before.ipynb").write_bytes(path.read_bytes())
    number = len(row["earlier"] or []) + 1
    argv = [sys.executable, "-m", "cellwright", "fix", "--apply", "--yes", "--json", str(path)]
    begun = time.monotonic()
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=ROW_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(row["uid"], row["ename"], None, False, ROW_SECONDS, "slower than the bound")
    seconds = time.monotonic() - begun
    (folder / "stderr.txt").write_text(done.stderr)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        trouble = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return Outcome(row["uid"], row["ename"], None, False, seconds, trouble)
    (folder / "report.json").write_text(json.dumps(report, indent=1))
    mine = [failure for failure in report["failures"] if failure["cell"] == number]
    fixed = bool(mine) and mine[-1]["taken"] is not None
    trouble = report["stopped"] or ""
    return Outcome(row["uid"], row["ename"], mine[-1] if mine else None, fixed, seconds, trouble)


def line_of(outcome: Outcome) -> str:
    """Return the table row of an outcome."""
    failed = outcome.failed
    if failed is None:
        what, taken = outcome.trouble or "ran clean", ""
    else:
        what = failed["diagnosis"]["code"]
        taken = failed["taken"] or failed["unverifiable"] or "no offer"
        if failed["offers"] and not failed["taken"]:
            taken = f"not applied, a guess: {failed['offers'][0]['title']}"
    return f"| {outcome.uid} | {outcome.ename} | {what} | {taken} | {outcome.seconds:.1f} |"


def main() -> None:
    """Read the arguments, run the rows, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("failures", type=Path)
    parser.add_argument("--rows", type=int, default=None, help="only the first N rows")
    parser.add_argument("--uid", nargs="*", default=None, help="only these rows")
    parser.add_argument("--out", type=Path, default=None, help="keep notebooks and reports here")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.failures.read_text().splitlines()]
    rows = [row for row in rows if not row["intended_error"]]
    if arguments.uid:
        rows = [row for row in rows if row["uid"] in arguments.uid]
    rows = rows[: arguments.rows]
    print("| row | error | diagnosis | fix that was applied | s |\n|---|---|---|---|---|")
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        for row in rows:
            folder = (arguments.out or Path(scratch)) / row["uid"]
            folder.mkdir(parents=True, exist_ok=True)
            outcomes.append(fix(row, folder))
            print(line_of(outcomes[-1]), flush=True)
    failed = [outcome for outcome in outcomes if outcome.failed]
    fixed = [outcome for outcome in outcomes if outcome.fixed]
    print(
        f"\n{len(rows)} rows, {len(failed)} failed here and were diagnosed, {len(fixed)} repaired."
    )


if __name__ == "__main__":
    main()
