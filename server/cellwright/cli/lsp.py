"""`cellwright lsp`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

LEVELS = ("error", "warning", "info", "debug")


@click.command(name="lsp")
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", show_default=True)
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the log there instead of to stderr.",
)
@click.option(
    "--stdio", is_flag=True, help="Accepted because editors pass it: stdio is all there is."
)
def command(log_level: str, log_file: Path | None, stdio: bool) -> None:  # noqa: ARG001
    """Serve the Language Server Protocol over stdio, for an editor."""
    from cellwright.lsp import serve

    sys.exit(serve(log_level, log_file))
