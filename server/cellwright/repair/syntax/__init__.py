"""Repair of cells that do not compile: a bounded search over small edits.

`search` applies the ideas of the `generators` to the place where Python stops, compiles what
comes of them, and goes on from there until the cell compiles; `scan` reads broken code as far as it
can be read, `check` says where and why a source does not compile.
"""
