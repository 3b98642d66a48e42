"""The names of the commands that a client can execute. `table.py` says what each does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

APPLY = "cellwright.apply"
UNDO = "cellwright.undo"
FIX = "cellwright.fix"
FIX_ALL = "cellwright.fixAll"
FIX_NOTEBOOK = "cellwright.fixNotebook"
RUN = "cellwright.run"
EXPLAIN = "cellwright.explain"

ALL = (APPLY, UNDO, FIX, FIX_ALL, FIX_NOTEBOOK, RUN, EXPLAIN)


def command(title: str, name: str, argument: Mapping[str, Any]) -> types.Command:
    """Return a command with its one argument."""
    return types.Command(title=title, command=name, arguments=[dict(argument)])
