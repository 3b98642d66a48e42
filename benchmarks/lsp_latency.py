"""How fast the server answers, beside bare pygls and, for orientation, `ruff server`: one run.

    python benchmarks/lsp_latency.py [--rounds 5] [--edits 20]

Every server is a child process driven over stdio with VS Code's capabilities, in turn within each
round, so that noise of the machine falls on all alike. Figures are milliseconds, medians over all
rounds; CPU is what the server's process used.

- open: didOpen of 200 or 2,000 cells of eight lines, to the answer of the first code action.
- edit + action: a change in the middle cell, to the answer of a code action there.
- delay: the answer time of a code action while a cell floods its output (Cellwright), beside an
  idle bare pygls asked in the same way: p50 and p99.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peer import Peer, cell_uri, code_action, edit_cell, open_notebook

HERE = Path(__file__).parent
SIZES = (200, 2_000)
FLOOD = "for i in range(200_000):\n    print('line', i)"
SETTLE_SECONDS = 3.0

SERVERS: dict[str, list[str]] = {
    "bare pygls": [sys.executable, str(HERE / "bare_pygls.py")],
    "cellwright": [sys.executable, "-m", "cellwright", "lsp"],
    "ruff server": [str(Path(sys.executable).parent / "ruff"), "server"],
}


@dataclass
class Figures:
    """Milliseconds of one server at one size."""

    opened: list[float] = field(default_factory=list)
    edited: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def milliseconds(work: Callable[[], Any]) -> float:
    """Return how long a piece of work takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1_000


def measure(name: str, cells: int, edits: int, root: Path, figures: Figures) -> None:
    """Run one server through one notebook."""
    with Peer(name, SERVERS[name], root) as peer:
        peer.initialize()
        middle = cells // 2
        notebook = ""

        def opening() -> None:
            nonlocal notebook
            notebook = open_notebook(peer, cells, root)
            code_action(peer, cell_uri(0))

        figures.opened.append(milliseconds(opening))
        # What a server still does in the background after opening is not the cost of an edit.
        time.sleep(SETTLE_SECONDS)
        code_action(peer, cell_uri(middle))
        before = peer.cpu()
        for edit in range(edits):

            def editing(version: int = edit + 2) -> None:
                edit_cell(peer, notebook, middle, version, f"# edit {version}")
                code_action(peer, cell_uri(middle))

            figures.edited.append(milliseconds(editing))
        figures.cpu.append((peer.cpu() - before) * 1_000 / edits)


def answer_times(peer: Peer, index: int, seconds: float) -> list[float]:
    """Ask for code actions for a while, some 200 a second; return the answer times."""
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        times.append(milliseconds(lambda: code_action(peer, cell_uri(index))))
        time.sleep(0.005)
    return times


def delays(root: Path) -> tuple[list[float], list[float]]:
    """Return answer times of idle bare pygls, and of Cellwright while a cell floods output."""

    def source(index: int) -> str:
        return FLOOD if index == 0 else f"x_{index} = {index}"

    with Peer("bare pygls", SERVERS["bare pygls"], root) as peer:
        peer.initialize()
        open_notebook(peer, 200, root, source)
        code_action(peer, cell_uri(100))
        idle = answer_times(peer, 100, 3.0)
    with Peer("cellwright", SERVERS["cellwright"], root) as peer:
        peer.initialize()
        notebook = open_notebook(peer, 200, root, source)
        code_action(peer, cell_uri(100))
        time.sleep(SETTLE_SECONDS)
        run = {"notebook": notebook, "cells": [cell_uri(0)]}
        request = peer.start_request("cellwright/run", run)
        peer.read_until(lambda message: message.get("method") == "cellwright/output")
        flooded = answer_times(peer, 100, 3.0)
        peer.request("cellwright/interrupt", {"notebook": notebook})
        peer.wait(request)
        peer.request("shutdown", None)
        peer.notify("exit", None)
        peer.process.wait(10)
    return idle, flooded


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Run all and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--edits", type=int, default=20)
    arguments = parser.parse_args()
    table = {(name, size): Figures() for name in SERVERS for size in SIZES}
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for _ in range(arguments.rounds):
            for (name, size), figures in table.items():
                measure(name, size, arguments.edits, root, figures)
        idle, flooded = delays(root)
    print(f"Python {platform.python_version()}, {platform.platform()}, {arguments.rounds} rounds\n")
    print("| server | cells | open ms | × bare | edit + action ms | × bare | CPU ms an edit |")
    print("|---|---|---|---|---|---|---|")
    for (name, size), figures in table.items():
        bare = table["bare pygls", size]
        opened, edited = statistics.median(figures.opened), statistics.median(figures.edited)
        print(
            f"| {name} | {size} | {opened:.1f} | {opened / statistics.median(bare.opened):.2f} "
            f"| {edited:.2f} | {edited / statistics.median(bare.edited):.2f} "
            f"| {statistics.median(figures.cpu):.2f} |"
        )
    print("\n| server | answers | p50 ms | p99 ms |\n|---|---|---|---|")
    for name, times in (("bare pygls, idle", idle), ("cellwright, a cell floods output", flooded)):
        print(
            f"| {name} | {len(times)} | {statistics.median(times):.2f} "
            f"| {percentile(times, 0.99):.2f} |"
        )


if __name__ == "__main__":
    main()
