"""`cellwright doctor`."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click

from cellwright import __version__
from cellwright.kernels.protocol import KernelFault
from cellwright.kernels.registry import state_folder
from cellwright.kernels.specs import DEFAULT, Spec, available, interpreter

State = Literal["ok", "note", "problem"]

LIBRARIES = (
    "pygls",
    "lsprotocol",
    "jupyter_client",
    "ipykernel",
    "ipython",
    "nbformat",
    "openai",
    "anthropic",
)
PROBE_SECONDS = 20
_PROBE = "import sys, ipykernel, IPython; print(sys.version.split()[0], ipykernel.__version__)"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. `advice` says what to do where it does not work."""

    topic: str
    state: State
    text: str
    advice: str = ""


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Say what works on this machine, what does not, and what to do.

    Exit code 0 when notebooks can be fixed and run here, 1 when not.
    """
    lines = []
    for line in examine():
        lines.append(line)
        if not as_json:
            _print(line)
    if as_json:
        click.echo(json.dumps([asdict(line) for line in lines], indent=2))
    sys.exit(1 if any(line.state == "problem" for line in lines) else 0)


def _print(line: Line) -> None:
    mark, color = {"ok": ("✓", "green"), "note": ("·", "yellow"), "problem": ("✗", "red")}[
        line.state
    ]
    click.secho(f"{mark} {line.topic}: ", fg=color, nl=False)
    click.echo(line.text)
    if line.advice:
        click.echo(f"    {line.advice}")


def examine() -> Iterator[Line]:
    """Look at everything that Cellwright needs, one line each."""
    yield Line("cellwright", "ok", f"{__version__} on Python {platform.python_version()}")
    yield Line("interpreter", "ok", sys.executable)
    yield Line("system", "ok", platform.platform())
    yield from _kernels()
    yield _sandbox()
    yield from _models()
    yield _state()
    yield Line("versions", "ok", ", ".join(_versions()))


def _kernels() -> Iterator[Line]:
    specs = available()
    if not specs:
        yield Line(
            "kernels",
            "problem",
            "none is installed",
            f"Run: {sys.executable} -m ipykernel install --user",
        )
        return
    for spec in specs:
        line = _kernel(spec)
        # Only the default kernel is needed by notebooks that name none.
        if line.state == "problem" and spec.name != DEFAULT:
            line = Line(line.topic, "note", line.text, line.advice)
        yield line


def _kernel(spec: Spec) -> Line:
    topic = f"kernel {spec.name}"
    if not spec.is_python:
        text = f"{spec.display_name} ({spec.language}): cells run; rules repair Python only"
        return Line(topic, "ok", text)
    try:
        argv = interpreter(spec)
    except KernelFault as fault:
        return Line(topic, "problem", str(fault))
    try:
        done = subprocess.run(
            [*argv, "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
            env={**os.environ, **spec.env},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Line(topic, "problem", f"{argv[0]} does not start: {error}")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it failed without a message"])[-1]
        advice = f"Run: {' '.join(argv)} -m pip install ipykernel"
        return Line(topic, "problem", f"{argv[0]}: {last}", advice)
    python, ipykernel = done.stdout.split()
    return Line(topic, "ok", f"Python {python}, ipykernel {ipykernel}, {argv[0]}")


def _sandbox() -> Line:
    return Line(
        "sandbox",
        "note",
        "none: trials run in a process of their own, with your rights",
        "You are asked once before a notebook's code is run in a trial.",
    )


def _models() -> Iterator[Line]:
    yield Line("models", "ok", "none is used: the rules work offline, and nothing is sent anywhere")


def _state() -> Line:
    folder = Path(state_folder())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".doctor-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        advice = "Set CELLWRIGHT_STATE_DIR to a folder that can be written."
        return Line("state folder", "problem", f"{folder}: {error.strerror}", advice)
    return Line("state folder", "ok", str(folder))


def _versions() -> Iterator[str]:
    for name in LIBRARIES:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"{name} missing"
