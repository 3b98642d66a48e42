"""The front for the terminal."""

from __future__ import annotations

from cellwright.cli.app import main

__all__ = ["main"]
