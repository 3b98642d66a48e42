"""One file per error family; `RULES` lists them all."""

from __future__ import annotations

from cellwright.repair.model import Rule

RULES: tuple[Rule, ...] = ()
