"""`cellwright fix`."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from cellwright.cli.opening import USAGE, Target, cells_in, fail, ids, open_target
from cellwright.cli.show import Screen, check_as_json
from cellwright.cli.terminal import StatusLine, ask, interactive
from cellwright.kernels.protocol import KernelFault
from cellwright.repair.model import Offer
from cellwright.session.check import (
    CellFailed,
    CellRan,
    Check,
    check,
    first_offer,
    sure_offer,
)
from cellwright.session.files import FileFault, save_edit
from cellwright.session.fixing import CONSENT_QUESTION
from cellwright.session.settings import Settings

FAILURES_REMAIN = 1


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    apply: bool
    guess: bool
    as_json: bool
    choose: bool
    cells: str | None
    kernel: str | None
    settings: Settings


@click.command(name="fix")
@click.argument(
    "notebooks", nargs=-1, required=True, metavar="NOTEBOOK…", type=click.Path(path_type=Path)
)
@click.option("--cell", "cells", metavar="N", help="Repair only code cell N (or 2-5, or 2,7).")
@click.option("--apply", "mode", flag_value="apply", help="Write the fixes into the notebook.")
@click.option("--guess", is_flag=True, help="Also take fixes that guess what was meant.")
@click.option("--diff", "mode", flag_value="diff", help="Only show the fixes; never ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one line for each notebook.")
@click.option("--yes", is_flag=True, help="Agree to run the notebook's code without a sandbox.")
@click.option("--kernel", metavar="NAME", help="Use this kernel instead of the notebook's own.")
@click.option(
    "--budget",
    type=click.FloatRange(min=1),
    default=Settings.fix_seconds,
    show_default=True,
    metavar="SECONDS",
    help="Time for trying the fixes of one failure.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Time for one run of the notebook.",
)
def command(
    notebooks: tuple[Path, ...],
    cells: str | None,
    mode: str | None,
    guess: bool,
    as_json: bool,
    yes: bool,
    kernel: str | None,
    budget: float,
    timeout: float,
) -> None:
    """Run each NOTEBOOK in a trial, diagnose what fails, and offer fixes that have been run.

    The notebook runs in a process of its own, never in anyone's kernel. Without --apply nothing is
    written unless you say so when asked.

    Exit code 0: every notebook runs clean as it now stands in its file. 1: failures remain. 2:
    wrong usage, or a notebook that cannot be read, run or written; the others are still fixed.
    """
    if not yes and not ask(f"{CONSENT_QUESTION[: -len('Try fixes in this workspace?')]}Go on?"):
        fail("the notebook's code was not run: pass --yes to agree to running it without a sandbox")
    options = Options(
        apply=mode == "apply",
        guess=guess,
        as_json=as_json,
        choose=mode is None and not as_json and interactive(),
        cells=cells,
        kernel=kernel,
        settings=Settings(fix_seconds=budget, replay_seconds=timeout),
    )
    sys.exit(max([_fixed(path, options) for path in notebooks]))


def _fixed(path: Path, options: Options) -> int:
    """Fix one notebook and return the exit code for it."""
    try:
        target = open_target(path, options.kernel)
        clean = asyncio.run(_fix_one(target, options))
    except (FileFault, KernelFault) as fault:
        click.echo(f"cellwright: {path}: {fault}", err=True)
        return USAGE
    except KeyboardInterrupt:
        fail("interrupted: nothing of this notebook was written", 130)
    return 0 if clean else FAILURES_REMAIN


async def _fix_one(target: Target, options: Options) -> bool:
    """Fix one notebook; return whether the file now runs clean. Raises `FileFault`."""
    screen = Screen(target, quiet=options.as_json)
    only = ids(cells_in(target, options.cells, "--cell")) if options.cells else None
    screen.start()
    with StatusLine("Running the notebook in a trial") as status:

        def ran(event: CellRan) -> None:
            screen.ran(event)

        async def choose(failed: CellFailed) -> Offer | None:
            screen.failed(failed)
            if not options.choose:
                return await (first_offer if options.guess else sure_offer)(failed)
            status.paused()
            offer = await asyncio.to_thread(screen.ask_offer, failed)
            status.resumed()
            return offer

        outcome = await check(
            target.opened.notebook,
            target.environment,
            options.settings,
            choose=choose,
            only=only,
            on_ran=ran,
            report=status.report,
        )
    written = _write(target, outcome) if options.apply or options.choose else False
    if options.as_json:
        click.echo(json.dumps(check_as_json(target, outcome, written=written)))
    else:
        screen.finish(outcome, written=written)
    clean_file = not outcome.failures or written
    return clean_file and not outcome.remaining and outcome.stopped is None


def _write(target: Target, outcome: Check) -> bool:
    """Write the fixes that were taken; return whether the file holds them. Raises `FileFault`."""
    if outcome.edit is None:
        return False
    save_edit(target.opened, outcome.edit)
    return True
