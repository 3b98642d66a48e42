"""One file per error family; `MODULES` lists them all, `load` gives their rules.

A rule is a mechanism: it reads the failure and asks the trial's guest, and proposes candidates. It
does not decide: a trial does.
"""

from __future__ import annotations

import importlib
from functools import cache

from cellwright.repair.model import Rule

MODULES = (
    "advice",
    "attribute",
    "attribute_bridge",
    "bare_word",
    "call_signature",
    "elements",
    "file_path",
    "hashing",
    "import_member",
    "index_range",
    "key",
    "key_history",
    "key_position",
    "label_in_text",
    "legacy_name",
    "method_self",
    "missing_import",
    "missing_module",
    "misspelt_init",
    "module_member",
    "not_callable",
    "number_text",
    "numeric_only",
    "operands",
    "output_folder",
    "percent_format",
    "removed_member",
    "run_order",
    "shadowed",
    "syntax",
    "truth_value",
    "unbound_local",
    "undefined_name",
    "whole_number",
)


@cache
def load() -> tuple[Rule, ...]:
    """Return every rule. They are imported at the first failure, not when the server starts."""
    modules = (importlib.import_module(f"{__name__}.{name}") for name in MODULES)
    return tuple(module.RULE for module in modules)
