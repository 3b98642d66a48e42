"""What can be told of an object without importing anything it does not come from."""

from __future__ import annotations

import inspect
import os
from pathlib import PurePath
from types import ModuleType
from typing import Any, Dict, List, Mapping, Tuple

from .plain import plain, text

KEYS_CAP = 2_000
ITEMS_CAP = 8
PARAMETERS_CAP = 200


def describe(value: Any) -> Dict[str, Any]:
    """Return the fields of a `Value`. What cannot be asked without an exception is left out."""
    kind = type(value)
    facts: Dict[str, Any] = {
        "type": kind.__qualname__,
        "module": kind.__module__,
        "bases": [base.__name__ for base in kind.__mro__ if base is not object],
        "repr": text(value),
        "callable": callable(value),
        "is_module": isinstance(value, ModuleType),
        "extra": {},
    }
    for add in (_size, _table, _mapping, _record, _sequence, _module, _callable, _path):
        try:
            add(value, facts)
        except Exception:  # an object's own code may raise anything
            continue
    return facts


def _size(value: Any, facts: Dict[str, Any]) -> None:
    if isinstance(value, (type, ModuleType)):
        return
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape):
        facts["shape"] = list(shape)
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        facts["dtype"] = str(dtype)[:100]
    if hasattr(type(value), "__len__"):
        facts["length"] = len(value)


def _table(value: Any, facts: Dict[str, Any]) -> None:
    """Add what a table of any library tells: it has a shape, and columns or an index."""
    if isinstance(value, (type, ModuleType)) or "shape" not in facts:
        return
    columns, index = getattr(value, "columns", None), getattr(value, "index", None)
    if columns is not None and not callable(columns):
        facts["keys"] = _capped(columns)
        kinds = getattr(value, "dtypes", None)
        if kinds is not None:
            facts["extra"]["dtypes"] = [str(kind) for kind in list(kinds)[:KEYS_CAP]]
    if index is None or callable(index):
        return
    if columns is None:
        facts["keys"] = _capped(index)
    facts["index_names"] = [plain(name) for name in getattr(index, "names", ())]
    facts["extra"].update(index_type=type(index).__name__, index=_capped(index, ITEMS_CAP))
    if columns is not None:
        facts["extra"]["columns_type"] = type(columns).__name__


def _mapping(value: Any, facts: Dict[str, Any]) -> None:
    if isinstance(value, Mapping) or (
        "keys" not in facts
        and not isinstance(value, type)
        and callable(getattr(value, "keys", None))
        and hasattr(type(value), "__getitem__")
    ):
        facts["keys"] = _capped(value.keys())
        kinds = {type(key).__name__ for key in list(_first(value.keys(), KEYS_CAP))}
        facts["extra"]["key_types"] = sorted(kinds)


def _record(value: Any, facts: Dict[str, Any]) -> None:
    fields = getattr(type(value), "_fields", None) or getattr(
        type(value), "__dataclass_fields__", None
    )
    if fields and "keys" not in facts:
        facts["keys"] = [str(name) for name in fields]


def _sequence(value: Any, facts: Dict[str, Any]) -> None:
    if isinstance(value, (list, tuple, set, frozenset)):
        items = _first(value, 100)
        kinds: List[str] = []
        for item in items:
            if type(item).__name__ not in kinds:
                kinds.append(type(item).__name__)
        facts["extra"]["item_types"] = kinds[:ITEMS_CAP]
        facts["extra"]["items"] = [text(item, 80) for item in items[:ITEMS_CAP]]


def _module(value: Any, facts: Dict[str, Any]) -> None:
    if isinstance(value, ModuleType):
        facts["extra"]["name"] = value.__name__
        for name in ("__file__", "__version__"):
            told = vars(value).get(name)
            if isinstance(told, str):
                facts["extra"][name.strip("_")] = told


def _callable(value: Any, facts: Dict[str, Any]) -> None:
    if not callable(value):
        return
    if isinstance(getattr(value, "__qualname__", None), str):
        facts["extra"]["qualname"] = value.__qualname__
        facts["extra"]["defined_in"] = getattr(value, "__module__", None)
    if isinstance(value, type):
        facts["extra"]["mro"] = [base.__name__ for base in value.__mro__ if base is not object]
    signature = inspect.signature(value)
    facts["signature"] = str(signature)[:1_000]
    facts["extra"]["parameters"] = [
        [name, parameter.kind.name.lower(), parameter.default is not inspect.Parameter.empty]
        for name, parameter in _first(signature.parameters.items(), PARAMETERS_CAP)
    ]


def _path(value: Any, facts: Dict[str, Any]) -> None:
    if isinstance(value, PurePath):
        facts["extra"].update(exists=os.path.exists(str(value)), folder=os.path.isdir(str(value)))


def _capped(values: Any, cap: int = KEYS_CAP) -> List[Any]:
    return [plain(value) for value in _first(values, cap)]


def _first(values: Any, cap: int) -> Tuple[Any, ...]:
    found: List[Any] = []
    for value in values:
        if len(found) == cap:
            break
        found.append(value)
    return tuple(found)
