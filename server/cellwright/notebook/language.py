"""Which language a cell and a notebook are written in, from nbformat metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellwright.notebook.model import CellKind

_ALIASES = {"ipython": "python", "ipython2": "python", "ipython3": "python", "python3": "python"}


def cell_language(kind: CellKind, metadata: Mapping[str, Any], notebook_language: str) -> str:
    """Return a cell's language: its own (VS Code's `vscode.languageId`), else the notebook's.

    A `%%lang` magic changes nothing: to the kernel such a cell is Python.
    """
    if kind != "code":
        return kind
    return _text(metadata, "vscode", "languageId") or notebook_language


def notebook_language(metadata: Mapping[str, Any]) -> str:
    """Return the language that `language_info` or `kernelspec` names; Python when neither does."""
    name = _text(metadata, "language_info", "name") or _text(metadata, "kernelspec", "language")
    name = name.lower()
    return _ALIASES.get(name, name) or "python"


def kernel_name(metadata: Mapping[str, Any]) -> str | None:
    """Return the name of the kernelspec, if the metadata has one."""
    return _text(metadata, "kernelspec", "name") or None


def _text(metadata: Mapping[str, Any], *path: str) -> str:
    value: Any = metadata
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""
