"""Editors as far as a server can tell: they hold the text, and apply what they are asked to."""

from __future__ import annotations

import json
from typing import Any

from lsp_client import LspClient

VSCODE = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "workspaceFolders": True,
        "codeLens": {"refreshSupport": True},
    },
    "window": {"workDoneProgress": True, "showMessage": {}},
    "textDocument": {
        "synchronization": {"dynamicRegistration": True, "didSave": True},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {
                "codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}
            },
            "isPreferredSupport": True,
            "disabledSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
    "notebookDocument": {
        "synchronization": {"dynamicRegistration": True, "executionSummarySupport": True}
    },
}
"""VS Code 1.100 with vscode-languageclient 11, as far as it bears on us."""

EXTENSION = {"cellwright": {"applyNotebookEdit": True, "output": True, "status": True}}
"""What our own VS Code extension adds under `experimental`."""

NEOVIM = {
    "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"resourceOperations": ["rename", "create", "delete"]},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": False},
        "workspaceFolders": True,
    },
    "window": {"workDoneProgress": True, "showMessage": {}},
    "textDocument": {
        "synchronization": {"dynamicRegistration": False, "didSave": True},
        "publishDiagnostics": {"relatedInformation": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {
                "codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}
            },
            "isPreferredSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
}
"""Neovim 0.11: no notebooks, UTF-8 first."""


def units(text: str, encoding: str) -> int:
    """Return the length of a text in the units of a position encoding."""
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(text.encode(encoding + ("" if width == 1 else "-le"))) // width


def place(text: str, offset: int, encoding: str = "utf-16") -> dict[str, int]:
    """Return an offset as a position."""
    before = text[:offset]
    start = before.rfind("\n") + 1
    return {"line": before.count("\n"), "character": units(before[start:], encoding)}


def around(text: str, part: str, encoding: str = "utf-16") -> dict[str, Any]:
    """Return the range of a part of a text that occurs once."""
    assert text.count(part) == 1, part
    at = text.index(part)
    return {"start": place(text, at, encoding), "end": place(text, at + len(part), encoding)}


def offset(text: str, position: dict[str, int], encoding: str) -> int:
    """Return a position as an offset."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: position["line"]])
    line = lines[position["line"]]
    for at in range(len(line) + 1):
        if units(line[:at], encoding) == position["character"]:
            return start + at
    raise AssertionError(f"no such position {position}")


def covered(text: str, range_: dict[str, Any], encoding: str = "utf-16") -> str:
    """Return what a range covers."""
    return text[offset(text, range_["start"], encoding) : offset(text, range_["end"], encoding)]


def edited(text: str, edits: list[dict[str, Any]], encoding: str) -> str:
    """Return a text with LSP text edits applied."""
    spans = [
        (offset(text, e["range"]["start"], encoding), offset(text, e["range"]["end"], encoding), e)
        for e in edits
    ]
    for start, end, edit in sorted(spans, key=lambda span: span[:2], reverse=True):
        text = text[:start] + edit["newText"] + text[end:]
    return text


class NotebookEditor:
    """VS Code with one notebook open."""

    encoding = "utf-16"

    def __init__(self, client: LspClient, uri: str, sources: list[str]) -> None:
        self.client, self.uri = client, uri
        self.order: list[str] = []
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.version = 1
        self.applied: list[dict[str, Any]] = []
        for source in sources:
            self._make(source)
        client.answers["workspace/applyEdit"] = self.apply_edit
        client.answers["cellwright/applyNotebookEdit"] = self.apply_notebook_edit

    def _make(self, source: str) -> str:
        name = f"vscode-notebook-cell:/w/a.ipynb#W{len(self.texts)}sZmlsZQ%3D%3D"
        self.texts[name], self.versions[name] = source, 1
        self.order.append(name)
        return name

    def item(self, name: str, language: str = "python") -> dict[str, Any]:
        text, version = self.texts[name], self.versions[name]
        return {"uri": name, "languageId": language, "version": version, "text": text}

    def open(self) -> None:
        metadata = {"metadata": {"kernelspec": {"name": "python3", "language": "python"}}}
        self.client.notify(
            "notebookDocument/didOpen",
            {
                "notebookDocument": {
                    "uri": self.uri,
                    "notebookType": "jupyter-notebook",
                    "version": self.version,
                    "metadata": metadata,
                    "cells": [{"kind": 2, "document": name} for name in self.order],
                },
                "cellTextDocuments": [self.item(name) for name in self.order],
            },
        )

    def close(self) -> None:
        self.client.notify(
            "notebookDocument/didClose",
            {
                "notebookDocument": {"uri": self.uri},
                "cellTextDocuments": [{"uri": name} for name in self.order],
            },
        )

    def changed(self, cells: dict[str, Any]) -> None:
        self.version += 1
        self.client.notify(
            "notebookDocument/didChange",
            {
                "notebookDocument": {"uri": self.uri, "version": self.version},
                "change": {"cells": cells},
            },
        )

    def type(self, name: str, old: str, new: str) -> None:
        """Replace a part of a cell's text, as typing does."""
        range_ = around(self.texts[name], old, self.encoding)
        self.texts[name] = self.texts[name].replace(old, new)
        self._typed(name, [{"range": range_, "text": new}])

    def _typed(self, name: str, changes: list[dict[str, Any]]) -> None:
        self.versions[name] += 1
        document = {"uri": name, "version": self.versions[name]}
        self.changed({"textContent": [{"document": document, "changes": changes}]})

    def insert(self, at: int, source: str) -> str:
        name = self._make(source)
        self.order.insert(at, self.order.pop())
        array = {"start": at, "deleteCount": 0, "cells": [{"kind": 2, "document": name}]}
        self.changed({"structure": {"array": array, "didOpen": [self.item(name)]}})
        return name

    def delete(self, name: str) -> None:
        at = self.order.index(name)
        self.order.remove(name)
        array = {"start": at, "deleteCount": 1}
        self.changed({"structure": {"array": array, "didClose": [{"uri": name}]}})

    # What the server may ask for

    def apply_edit(self, params: Any) -> dict[str, Any]:
        """Apply text edits if every version is right, else none of them, as VS Code does."""
        self.applied.append(params)
        changes = params["edit"]["documentChanges"]
        for change in changes:
            document = change["textDocument"]
            if document["version"] and document["version"] != self.versions[document["uri"]]:
                return {"applied": False}
        for change in changes:
            self._take(change["textDocument"]["uri"], change["edits"])
        return {"applied": True}

    def _take(self, name: str, edits: list[Any]) -> None:
        self.texts[name] = edited(self.texts[name], edits, self.encoding)
        self._typed(name, [{"text": self.texts[name]}])

    def apply_notebook_edit(self, params: Any) -> dict[str, Any]:
        """Apply a whole edit, as our extension does: compare the versions, then all or nothing."""
        self.applied.append(params)
        for step in params["operations"]:
            if step.get("version") not in {None, self.versions.get(step.get("cell"))}:
                landing = {"landed": False, "reason": "the cell has changed"}
                return {"applied": False, "landings": [landing]}
        landings = []
        for step in params["operations"]:
            name = step.get("cell")
            if step["kind"] == "replaceText":
                self._take(name, step["edits"])
            elif step["kind"] == "insert":
                after = step.get("after")
                name = self.insert(
                    self.order.index(after) + 1 if after else 0, step["insert"]["source"]
                )
            elif step["kind"] == "delete":
                self.delete(name)
            landings.append({"landed": True, "cell": name})
        return {"applied": True, "landings": landings}


class TextEditor:
    """Neovim with a notebook's JSON open as text."""

    encoding = "utf-8"

    def __init__(self, client: LspClient, uri: str, sources: list[str]) -> None:
        self.client, self.uri, self.version = client, uri, 1
        self.applied: list[dict[str, Any]] = []
        cells = [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{at}",
                "metadata": {},
                "outputs": [],
                "source": source.splitlines(keepends=True),
            }
            for at, source in enumerate(sources)
        ]
        kernelspec = {"display_name": "Python", "language": "python", "name": "python3"}
        whole = {
            "cells": cells,
            "metadata": {"kernelspec": kernelspec},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        self.text = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
        client.answers["workspace/applyEdit"] = self.apply_edit

    @property
    def sources(self) -> list[str]:
        return ["".join(cell["source"]) for cell in json.loads(self.text)["cells"]]

    def open(self, language: str = "json") -> None:
        item = {"uri": self.uri, "languageId": language, "version": 1, "text": self.text}
        self.client.notify("textDocument/didOpen", {"textDocument": item})

    def close(self) -> None:
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def type(self, old: str, new: str) -> None:
        range_ = around(self.text, old, self.encoding)
        self.text = self.text.replace(old, new)
        self._changed([{"range": range_, "text": new}])

    def _changed(self, changes: list[dict[str, Any]]) -> None:
        self.version += 1
        self.client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": changes,
            },
        )

    def apply_edit(self, params: Any) -> dict[str, Any]:
        self.applied.append(params)
        (edits,) = params["edit"]["changes"].values()
        before, self.text = self.text, edited(self.text, edits, self.encoding)
        # Bottom up, each change a range of what the ones before it left, as Neovim sends them.
        changes = sorted(edits, key=lambda e: offset(before, e["range"]["start"], "utf-8"))
        self._changed([{"range": e["range"], "text": e["newText"]} for e in reversed(changes)])
        return {"applied": True}
