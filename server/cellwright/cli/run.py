"""`cellwright run`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cellwright.cli.opening import Target, cells_in, fail, open_or_fail
from cellwright.cli.show import plain
from cellwright.cli.terminal import StatusLine, TerminalClient
from cellwright.kernels.protocol import KernelFault
from cellwright.notebook.model import Cell
from cellwright.notebook.run import Output, RunRecord
from cellwright.session.client import CellOutput, Event
from cellwright.session.files import FileFault, save_runs
from cellwright.session.session import Session
from cellwright.session.settings import Settings
from cellwright.session.steps import expects_error


@click.command(name="run")
@click.argument("notebook", metavar="NOTEBOOK", type=click.Path(path_type=Path))
@click.option("--cells", metavar="LIST", help="Run only these code cells, such as 2-5 or 1,3.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the outputs.")
@click.option("--save", is_flag=True, help="Write the outputs into the notebook.")
@click.option("--kernel", metavar="NAME", help="Use this kernel instead of the notebook's own.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    help="Stop a cell that runs longer than this. Default: no limit.",
)
def command(
    notebook: Path,
    cells: str | None,
    as_json: bool,
    save: bool,
    kernel: str | None,
    timeout: float | None,
) -> None:
    """Run NOTEBOOK for real, in a kernel of its own, cell by cell until one fails.

    Exit code 0: every cell ran. 1: a cell failed. 2: wrong usage or unreadable input.
    """
    target = open_or_fail(notebook, kernel)
    chosen = cells_in(target, cells, "--cells")
    if not as_json and target.notice:
        click.echo(f"cellwright: {target.notice}", err=True)
    settings = Settings(kernel_name=target.environment.kernel_name, cell_seconds=timeout)
    try:
        records = asyncio.run(_run(target, chosen, settings, quiet=as_json))
    except KernelFault as fault:
        fail(str(fault), 1)
    except KeyboardInterrupt:
        fail("interrupted: the kernel was shut down, nothing was written", 130)
    if save:
        try:
            save_runs(target.opened, records)
        except FileFault as fault:
            fail(f"{notebook}: {fault}")
    if as_json:
        rows = [_as_json(target, record) for record in records]
        click.echo(json.dumps({"notebook": str(notebook), "cells": rows}, indent=2))
    sys.exit(0 if all(_as_it_should(target, record) for record in records) else 1)


def _as_it_should(target: Target, record: RunRecord) -> bool:
    """Return whether a cell completed, or failed as its tag says."""
    cell = target.opened.notebook.cell(record.cell)
    return record.status == "completed" or (record.status == "failed" and expects_error(cell))


async def _run(
    target: Target, cells: Sequence[Cell], settings: Settings, *, quiet: bool
) -> Sequence[RunRecord]:
    printer = _Printer(quiet=quiet)
    session = Session(
        target.opened.notebook,
        TerminalClient(printer.show),
        folder=target.path.resolve().parent,
        settings=settings,
        automatic=False,
        label=str(target.path),
    )
    records: list[RunRecord] = []
    try:
        with StatusLine("Starting the kernel") as status:
            for cell in cells:
                status.report(f"cell {target.opened.notebook.number(cell.id)}")
                ran = await session.run([cell.id])
                records.extend(ran)
                for record in ran:
                    printer.done(target, record)
                if not all(_as_it_should(target, record) for record in ran):
                    break
    finally:
        await session.close()
    return records


class _Printer:
    """Prints outputs as they come, and a line for each cell that ended."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(quiet=quiet, highlight=False)

    def show(self, event: Event) -> None:
        if isinstance(event, CellOutput) and event.output is not None:
            text = output_text(event.output)
            if text:
                self._console.print(Text(plain(text)), end="", soft_wrap=True)

    def done(self, target: Target, record: RunRecord) -> None:
        ok = record.status == "completed"
        mark, style = ("✓", "green") if ok else ("✗", "bold red")
        number = target.opened.notebook.number(record.cell)
        seconds = record.duration or 0.0
        line = f"{mark} cell {number}   {record.status}   {seconds:.2f} s"
        if record.error is not None:
            line += f"   {record.error.ename}: {plain(record.error.evalue)[:200]}"
        self._console.print(Text(line, style), soft_wrap=True)


def output_text(output: Output) -> str:
    """Return an output as a terminal shows it; what is no text is named in brackets."""
    if output.kind == "error":
        return ""
    if output.kind == "stream" or output.text:
        return output.text if output.text.endswith("\n") else output.text + "\n"
    return f"[{', '.join(sorted(output.data))}]\n" if output.data else ""


def _as_json(target: Target, record: RunRecord) -> Mapping[str, Any]:
    error = record.error
    return {
        "cell": target.opened.notebook.number(record.cell),
        "id": record.cell,
        "status": record.status,
        "executionCount": record.execution_count,
        "seconds": record.duration,
        "outputs": [
            {"kind": o.kind, "name": o.name, "text": o.text, "data": dict(o.data), "cut": o.cut}
            for o in record.outputs
        ],
        "error": {"ename": error.ename, "evalue": error.evalue} if error else None,
    }
