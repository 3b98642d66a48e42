"""Read the notebooks and find the kernels that a command names, or say why not and end."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from cellwright.kernels.environment import Environment
from cellwright.kernels.protocol import KernelFault
from cellwright.notebook.model import Cell, CellId
from cellwright.session.files import FileFault, OpenedNotebook, read_notebook
from cellwright.session.fixing import kernel_environment, stand_in_notice
from cellwright.session.settings import Settings

USAGE = 2
"""Exit code for wrong usage and unreadable input."""


@dataclass(frozen=True)
class Target:
    """A notebook file, and the kernel to run it in. `notice` is something the user should know."""

    path: Path
    opened: OpenedNotebook
    environment: Environment
    notice: str = ""


def fail(message: str, code: int = USAGE) -> NoReturn:
    """Say what is wrong on stderr and end."""
    click.echo(f"cellwright: {message}", err=True)
    sys.exit(code)


def open_target(path: Path, kernel_name: str | None) -> Target:
    """Read a notebook and find its kernel; `kernel_name` overrides what the file names.

    A Python notebook whose kernel is not installed gets the default one, with a notice. Raises
    `FileFault` and `KernelFault`.
    """
    opened = read_notebook(path)
    settings = Settings(kernel_name=kernel_name)
    found = kernel_environment(opened.notebook, path.resolve().parent, settings)
    return Target(path, opened, found, stand_in_notice(found))


def open_or_fail(path: Path, kernel_name: str | None) -> Target:
    """Like `open_target`, but end with a message when it cannot be done."""
    try:
        return open_target(path, kernel_name)
    except (FileFault, KernelFault) as fault:
        fail(f"{path}: {fault}")


def cells_in(target: Target, numbers: str | None, option: str) -> tuple[Cell, ...]:
    """Return the code cells that a list such as `2-5,7` names (all for None), in document order.

    Cells are counted from 1 among the code cells. Ends with a message that names the `option` when
    the list is wrong.
    """
    cells = target.opened.notebook.code_cells
    if numbers is None:
        return cells
    wanted: set[int] = set()
    for part in numbers.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            start = int(first or 1)
            end = int(last or len(cells)) if dash else start
        except ValueError:
            fail(f"{option}: {part!r} is not a number or a range like 2-5")
        if not cells:
            fail(f"{option}: {target.path} has no code cells")
        if not 1 <= start <= end <= len(cells):
            fail(f"{option}: {target.path} has code cells 1 to {len(cells)}, not {part.strip()}")
        wanted.update(range(start, end + 1))
    return tuple(cell for number, cell in enumerate(cells, 1) if number in wanted)


def ids(cells: tuple[Cell, ...]) -> frozenset[CellId]:
    """Return the ids of cells."""
    return frozenset(cell.id for cell in cells)
