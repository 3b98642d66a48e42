"""Cellwright: a language server for notebooks whose fixes have already been run."""

__version__ = "0.1.0"
