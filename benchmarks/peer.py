"""A language server as a child process, driven the way an editor drives it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

TIMEOUT = 120.0

CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"applyEdit": True, "configuration": True, "workspaceFolders": True},
    "window": {"workDoneProgress": True},
    "textDocument": {
        "synchronization": {"dynamicRegistration": True},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}},
            "resolveSupport": {"properties": ["edit"]},
            "dataSupport": True,
        },
    },
    "notebookDocument": {
        "synchronization": {"dynamicRegistration": True, "executionSummarySupport": True}
    },
    "experimental": {"cellwright": {"output": True, "status": True}},
}
"""What VS Code announces, as far as it bears on notebooks and code actions, and our extension."""


class Peer:
    """A server process. Requests block; what the server asks for meanwhile is answered.

    `notified` holds the notifications since it was last cleared.
    """

    def __init__(self, name: str, argv: Sequence[str], cwd: Path) -> None:
        self.name = name
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            argv,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.notified: list[dict[str, Any]] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._cwd = cwd
        self._last_id = 0

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stdin = self.process.stdin
        assert stdin is not None
        stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        stdin.flush()

    def _read(self) -> dict[str, Any]:
        stdout = self.process.stdout
        assert stdout is not None
        length = 0
        while line := stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EOFError(f"{self.name} ended")
        message: dict[str, Any] = json.loads(stdout.read(length))
        return message

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def start_request(self, method: str, params: Any) -> int:
        """Send a request without waiting; return its id."""
        self._last_id += 1
        self._send({"id": self._last_id, "method": method, "params": params})
        return self._last_id

    def wait(self, request: int) -> Any:
        """Read until the answer to a request has come, and return its result."""
        if (answer := self._answers.pop(request, None)) is not None:
            return self._result(answer)
        return self.read_until(
            lambda message: message.get("id") == request and "method" not in message
        )

    def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result. Raises `RuntimeError` on an error answer."""
        return self.wait(self.start_request(method, params))

    def read_until(self, wanted: Callable[[dict[str, Any]], bool]) -> Any:
        """Handle messages until one is wanted; return its result or params."""
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": self._answer(message)})
            elif "method" in message:
                self.notified.append(message)
            if wanted(message):
                return self._result(message)
            if "method" not in message:
                self._answers[message["id"]] = message

    def _result(self, message: dict[str, Any]) -> Any:
        if "error" in message:
            raise RuntimeError(f"{self.name}: {message['error']}")
        return message.get("result", message.get("params"))

    def _answer(self, message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            return [{} for _ in message["params"]["items"]]
        return None

    def initialize(self) -> float:
        """Shake hands; return the seconds from the start of the process to the reply."""
        root = self._cwd.as_uri()
        params = {
            "processId": None,
            "rootUri": root,
            "workspaceFolders": [{"uri": root, "name": "bench"}],
            "capabilities": CAPABILITIES,
        }
        self.request("initialize", params)
        seconds = time.perf_counter() - self.begun
        self.notify("initialized", {})
        return seconds

    def cpu(self) -> float:
        """Return the CPU seconds that the process has used (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100


def cell_uri(index: int) -> str:
    """Return a cell URI of the kind VS Code makes: opaque, percent-encoded."""
    return f"vscode-notebook-cell:/bench/book.ipynb#W{index}sZmlsZQ%3D%3D"


def cell_source(index: int) -> str:
    """Return the text of a cell: eight plain lines with names of their own."""
    return "\n".join(
        [
            f"# Cell {index}",
            f"values_{index} = [number * {index} for number in range(10)]",
            f"def total_{index}(items):",
            "    result = 0",
            "    for item in items:",
            "        result += item",
            "    return result",
            f"total_{index}(values_{index})",
        ]
    )


def open_notebook(
    peer: Peer, cells: int, root: Path, source: Callable[[int], str] = cell_source
) -> str:
    """Open a notebook of that many code cells; return its URI."""
    uri = (root / "book.ipynb").as_uri()
    params = {
        "notebookDocument": {
            "uri": uri,
            "notebookType": "jupyter-notebook",
            "version": 1,
            "metadata": {"metadata": {"language_info": {"name": "python"}}},
            "cells": [
                {"kind": 2, "document": cell_uri(i), "metadata": {"id": f"cell{i}"}}
                for i in range(cells)
            ],
        },
        "cellTextDocuments": [
            {"uri": cell_uri(i), "languageId": "python", "version": 1, "text": source(i)}
            for i in range(cells)
        ],
    }
    peer.notify("notebookDocument/didOpen", params)
    return uri


def edit_cell(peer: Peer, notebook: str, index: int, version: int, line: str) -> None:
    """Replace the first line of a cell."""
    change = {
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}},
        "text": line + "\n",
    }
    params = {
        "notebookDocument": {"uri": notebook, "version": version},
        "change": {
            "cells": {
                "textContent": [
                    {"document": {"uri": cell_uri(index), "version": version}, "changes": [change]}
                ]
            }
        },
    }
    peer.notify("notebookDocument/didChange", params)


def code_action(peer: Peer, uri: str) -> Any:
    """Ask for the code actions of the first line of a cell or document."""
    start = {"line": 0, "character": 0}
    params = {
        "textDocument": {"uri": uri},
        "range": {"start": start, "end": start},
        "context": {"diagnostics": [], "triggerKind": 2},
    }
    return peer.request("textDocument/codeAction", params)
