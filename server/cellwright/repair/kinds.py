"""What sort of thing a described value is, as far as operators tell sorts apart."""

from __future__ import annotations

import ast
import re
from typing import Literal

from cellwright.trials.model import Value

Kind = Literal["text", "bytes", "number", "list", "sequence", "set", "dict", "none", "code", ""]

_NUMBERS = frozenset({"int", "float", "complex", "bool", "Decimal", "Fraction"})
_SEQUENCES = frozenset(
    {"tuple", "range", "dict_keys", "dict_values", "dict_items", "map", "filter", "zip"}
    | {"generator", "set", "frozenset", "deque", "reversed", "enumerate"}
)
_CODE = frozenset({"function", "method", "builtin_function_or_method"})
_PLAIN: dict[str, Kind] = {
    "str": "text",
    "bytes": "bytes",
    "list": "list",
    "set": "set",
    "frozenset": "set",
    "dict": "dict",
    "NoneType": "none",
}
_WHOLE = re.compile(r"\s*[-+]?\d+(_\d+)*\s*\Z")


def is_series(value: Value) -> bool:
    """Return whether a value is a pandas Series."""
    return "Series" in (value.type, *value.bases)


def is_array(value: Value) -> bool:
    """Return whether a value is an array, a column or a table: operators work on each element."""
    return value.shape is not None and value.shape != ()


def kind(value: Value | None) -> Kind:
    """Return the sort of a value; '' for any other."""
    if value is None:
        return ""
    if value.type in _NUMBERS or (
        value.dtype.startswith(("int", "uint", "float")) and not is_array(value)
    ):
        return "number"
    if value.type in _CODE:
        return "code"
    if value.type in _PLAIN:
        return _PLAIN[value.type]
    if "str" in value.bases:
        return "text"
    return "sequence" if value.type in _SEQUENCES else ""


def plain_value(value: Value | None) -> object:
    """Return the value itself where its repr is a whole literal (numpy scalars too), else None."""
    if value is None:
        return None
    text = re.sub(r"^np\.\w+\((.*)\)$", r"\1", value.repr)
    try:
        found: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return None
    return found


def number_type(text: object) -> Literal["int", "float", ""]:
    """Return which type reads a string as a number, '' if none does."""
    if not isinstance(text, str):
        return ""
    if _WHOLE.match(text):
        return "int"
    try:
        value = float(text)
    except ValueError:
        return ""
    return "float" if value == value else ""
