"""The `cellwright` command as a user calls it, and notebook files to call it on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

TIMEOUT = 120


def write(
    path: Path,
    sources: Sequence[str],
    *,
    kernel: str = "python3",
    tags: dict[int, str] | None = None,
) -> Path:
    cells = [nbformat.v4.new_code_cell(text, id=f"c{i}") for i, text in enumerate(sources, 1)]
    for number, tag in (tags or {}).items():
        cells[number - 1].metadata["tags"] = [tag]
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    return path


def cellwright(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cellwright", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
    )


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]
