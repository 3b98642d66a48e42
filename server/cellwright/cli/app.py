"""The `cellwright` command and its subcommands. Each is imported only when it is called."""

from __future__ import annotations

import importlib

import click

from cellwright import __version__

COMMANDS = {
    "fix": "Run a notebook in a trial, find what fails, and fix it.",
    "run": "Run a notebook for real in a kernel of its own.",
    "kernels": "List or stop the kernels that Cellwright started.",
    "doctor": "Say what works here, what does not, and what to do.",
    "lsp": "Serve the Language Server Protocol over stdio.",
}
"""Name → what it does; the command is `command` in the module of that name in this package."""


class _Lazy(click.Group):
    """A group whose commands are imported when called: `cellwright lsp` has to start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"cellwright.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cellwright")
def main() -> None:
    """Repair and run notebooks. Every fix has run before you see it.

    Exit codes: 0 when all is well, 1 when failures remain, 2 for wrong usage or unreadable input.
    """
