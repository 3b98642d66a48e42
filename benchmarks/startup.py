"""How long a server takes from its start, beside its peers: one run.

    python benchmarks/startup.py [--rounds 5]

Wall-clock milliseconds from the start of the process to the `initialize` reply, and to the answer
of the first code action in a notebook of 20 cells (text document for servers without notebook
sync); medians after one warm-up round. The peers are interleaved within each round.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from peer import Peer, cell_source, cell_uri, code_action, open_notebook

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
SERVERS: dict[str, list[str]] = {
    "cellwright": [sys.executable, "-m", "cellwright", "lsp"],
    "bare pygls": [sys.executable, str(HERE / "bare_pygls.py")],
    "pylsp": [str(BIN / "pylsp")],
    "jedi-language-server": [str(BIN / "jedi-language-server")],
    "basedpyright": [str(BIN / "basedpyright-langserver"), "--stdio"],
    "ruff server": [str(BIN / "ruff"), "server"],
}
TEXT_ONLY = {"jedi-language-server", "basedpyright"}
"""They fail on VS Code's cell URIs, so they get one cell as a Python file."""


def measure(name: str, root: Path) -> tuple[float, float]:
    """Return milliseconds to the `initialize` reply and to the first code action's answer."""
    with Peer(name, SERVERS[name], root) as peer:
        initialized = peer.initialize()
        uri = cell_uri(0)
        if name in TEXT_ONLY:
            file = root / "cell.py"
            file.write_text(cell_source(0))
            uri = file.as_uri()
            document = {"uri": uri, "languageId": "python", "version": 1, "text": cell_source(0)}
            peer.notify("textDocument/didOpen", {"textDocument": document})
        else:
            open_notebook(peer, 20, root)
        code_action(peer, uri)
        return initialized * 1_000, (time.perf_counter() - peer.begun) * 1_000


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in SERVERS}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(rounds + 1):
            for name, measured in figures.items():
                figure = measure(name, Path(scratch))
                if turn:
                    measured.append(figure)
    print("| server | initialize ms | min | first code action ms | min |\n|---|---|---|---|---|")
    for name, measured in figures.items():
        first, second = zip(*measured, strict=True)
        print(
            f"| {name} | {statistics.median(first):.0f} | {min(first):.0f} "
            f"| {statistics.median(second):.0f} | {min(second):.0f} |"
        )


if __name__ == "__main__":
    main()
