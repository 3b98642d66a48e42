"""`cellwright kernels`."""

from __future__ import annotations

import json
import sys
import time

import click

from cellwright.kernels.protocol import KernelFault
from cellwright.kernels.registry import KernelEntry, list_kernels, stop_kernel


@click.group(name="kernels")
def command() -> None:
    """List or stop the kernels that Cellwright started."""


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """List the kernels that Cellwright started and that still run."""
    entries = list_kernels()
    if as_json:
        click.echo(json.dumps([_as_json(entry) for entry in entries], indent=2))
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
        table.add_row(entry.id, entry.kernel_name, *_process_columns(entry), entry.notebook)
    Console().print(table)


def _process_columns(entry: KernelEntry) -> tuple[str, str]:
    if entry.process is None:
        return "starting", ""
    return str(entry.process.pid), f"{(time.time() - entry.process.started) / 60:.1f}"


def _as_json(entry: KernelEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "kernel": entry.kernel_name,
        "pid": entry.process.pid if entry.process else None,
        "started": entry.process.started if entry.process else None,
        "notebook": entry.notebook,
        "orphaned": entry.orphaned,
    }


@command.command(name="stop")
@click.argument("kernel_id", metavar="ID")
def stop_command(kernel_id: str) -> None:
    """End the kernel ID, as `cellwright kernels list` shows it."""
    try:
        stop_kernel(kernel_id)
    except KernelFault as fault:
        click.echo(f"cellwright: {fault}", err=True)
        sys.exit(2)
    click.echo(f"Stopped {kernel_id}.")
