"""`cellwright kernels`."""

from __future__ import annotations

import json
import sys
import time

import click

from cellwright.kernels.protocol import KernelFault
from cellwright.kernels.registry import list_kernels, stop_kernel


@click.group(name="kernels")
def command() -> None:
    """List or stop the kernels that Cellwright started."""


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """List the kernels that Cellwright started and that still run."""
    entries = list_kernels()
    if as_json:
        rows = [
            {
                "id": entry.id,
                "kernel": entry.kernel_name,
                "pid": entry.pid,
                "started": entry.started,
                "notebook": entry.notebook,
            }
            for entry in entries
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    if not entries:
        click.echo("No kernel of Cellwright's is running.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("id", "kernel", "pid", "minutes", "notebook"):
        table.add_column(title)
    for entry in entries:
        minutes = f"{(time.time() - entry.started) / 60:.1f}"
        table.add_row(entry.id, entry.kernel_name, str(entry.pid), minutes, entry.notebook)
    Console().print(table)


@command.command(name="stop")
@click.argument("kernel_id", metavar="ID")
def stop_command(kernel_id: str) -> None:
    """End the kernel ID, as `cellwright kernels list` shows it (a unique start is enough)."""
    try:
        stop_kernel(kernel_id)
    except KernelFault as fault:
        click.echo(f"cellwright: {fault}", err=True)
        sys.exit(2)
    click.echo(f"Stopped {kernel_id}.")
