"""Tables that the rules read: facts about Python and its libraries, kept as data."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> Any:
    """Return the table `name` (a JSON file of this folder), read once.

    Raises `FileNotFoundError` when there is none.
    """
    return json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
