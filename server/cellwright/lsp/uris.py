"""Document URIs. They are opaque: only a `file:` URI is ever taken apart, and only for its path."""

from __future__ import annotations

from pathlib import Path

from pygls.uris import to_fs_path


def path_of(uri: str) -> Path | None:
    """Return the path of a `file:` URI; None of any other."""
    if not uri.startswith("file:"):
        return None
    path = to_fs_path(uri)
    return Path(path) if path else None


def lies_within(path: Path, folder: Path) -> bool:
    """Return whether a path is in a folder, links resolved."""
    return path.resolve().is_relative_to(folder.resolve())
