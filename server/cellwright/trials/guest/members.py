"""Which modules of a package have a name: from memory where loaded, else from their text.

Nothing is imported: what is found is a proposal, and a trial is what tells.
"""

from __future__ import annotations

import ast
import os
import sys
import time
import warnings
from types import ModuleType
from typing import Dict, Iterator, List, Optional

from .modules import walk

FOUND_CAP = 20
FILE_CAP = 2_000_000
SECONDS = 6.0


def find_member(package: str, name: str) -> List[str]:
    """Return dotted modules at or below `package` that have `name`, the best one to name first.

    That is a public one, then one that the member is at home in: the module that defines it, or a
    package that takes it from a part of itself.
    """
    found: Dict[str, bool] = {}
    files: Dict[str, Optional[str]] = {}
    deadline = time.monotonic() + SECONDS
    for module, file in walk(package):
        if time.monotonic() > deadline:
            break
        files[module] = file
        loaded = sys.modules.get(module)
        home = _home_loaded(loaded, name) if loaded else _home_in_text(module, file, name)
        if home is not None:
            found[module] = home
            found.update(dict.fromkeys(_passing_on(module, files), home))
    ranked = sorted(found, key=lambda m: (_is_private(m), not found[m], m.count("."), m))
    return ranked[:FOUND_CAP]


def _is_private(module: str) -> bool:
    return any(part.startswith("_") for part in module.split("."))


def _home_loaded(module: ModuleType, name: str) -> Optional[bool]:
    """Return whether a loaded module is home to its member; None when it has none of that name."""
    lazy = "__getattr__" in vars(module) and name in dir(module)
    if not lazy and name not in vars(module):
        return None
    home = str(getattr(getattr(module, name, None), "__module__", None) or "")
    return (home + ".").startswith(module.__name__ + ".")


def _home_in_text(module: str, file: Optional[str], name: str) -> Optional[bool]:
    """Say the same of a module that is not loaded, or of the stub that stands for a lazy one."""
    home = None
    for statement in _top_level(file, name):
        if isinstance(statement, ast.ImportFrom):
            if any((alias.asname or alias.name) == name for alias in statement.names):
                home = home or (statement.level > 0 and _is_package(file))
                home = home or (statement.module or "").startswith(module + ".")
        elif name in _bound(statement):
            home = True
    return home


def _is_package(file: Optional[str]) -> bool:
    return file is not None and os.path.basename(file) == "__init__.py"


def _passing_on(module: str, files: Dict[str, Optional[str]]) -> Iterator[str]:
    """Yield the packages above a module that take all of it by `from .module import *`."""
    while True:
        package, _, last = module.rpartition(".")
        stars = [
            (statement.module or "").rpartition(".")[2]
            for statement in _top_level(files.get(package), "import *")
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"
        ]
        if last not in stars:
            return
        yield package
        module = package


def _top_level(file: Optional[str], wanted: str) -> Iterator[ast.stmt]:
    """Yield the statements that run when a file is imported, if it holds a text at all."""
    if file is None or not file.endswith(".py"):
        return
    for path in (file, file + "i"):
        try:
            with open(path, "rb") as handle:
                content = handle.read(FILE_CAP)
            if wanted.encode() not in content:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                body = ast.parse(content).body
        except (OSError, ValueError, SyntaxError, RecursionError):
            continue
        yield from _flat(body)


def _flat(body: List[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            for name in ("body", "orelse", "finalbody"):
                yield from _flat(getattr(statement, name, []))
            for handler in getattr(statement, "handlers", []):
                yield from _flat(handler.body)


def _bound(statement: ast.stmt) -> List[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []
