"""Turning objects into what JSON can carry: bounded, and never raising."""

from __future__ import annotations

from typing import Any

TEXT_CAP = 200


def text(value: Any, cap: int = TEXT_CAP) -> str:
    """Return a capped repr, or the type's name where `repr` fails."""
    try:
        shown = repr(value)
    except Exception:
        shown = "<" + type(value).__name__ + ">"
    return shown if len(shown) <= cap else shown[: cap - 1] + "…"


def message_of(error: BaseException, cap: int = 5_000) -> str:
    """Return the capped text of an exception, whose `__str__` may itself fail."""
    try:
        shown = str(error)
    except Exception:
        shown = "<" + type(error).__name__ + ">"
    return shown if len(shown) <= cap else shown[: cap - 1] + "…"


def plain(value: Any, depth: int = 3) -> Any:
    """Return a JSON-like value: tuples become lists, numpy scalars numbers, the rest its repr."""
    if value is None or type(value) in (bool, str):
        return value if not isinstance(value, str) else value[:1_000]
    if type(value) is float:
        return value if value - value == 0 else repr(value)
    if type(value) is int:
        return value if -(2**53) < value < 2**53 else str(value)
    if isinstance(value, (tuple, list)) and depth:
        return [plain(item, depth - 1) for item in value[:100]]
    item = getattr(type(value), "item", None)
    if item is not None and getattr(value, "shape", None) == ():
        return plain(value.item(), depth - 1) if depth else text(value)
    if isinstance(value, str):
        return str.__str__(value)[:1_000]
    return text(value)
