"""What could be imported, found out without importing as far as that goes."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pkgutil
import sys
import warnings
from types import ModuleType
from typing import Any, Dict, Iterator, List, Optional, Tuple

SKIPPED = {"__main__", "tests", "test", "conftest", "_vendor", "setup", "examples", "benchmarks"}
MODULES_CAP = 4_000


def importable(module: str) -> bool:
    """Return whether a dotted module could be imported."""
    if module in sys.modules:
        return sys.modules[module] is not None
    return _spec(module) is not None or _lazy(module) is not None


def submodules(package: str) -> List[str]:
    """Return the names of a package's submodules; all top-level modules for ''."""
    if package:
        return sorted({info.name for info in pkgutil.iter_modules(_folders(package))})
    names = {info.name for info in pkgutil.iter_modules()}
    names.update(sys.builtin_module_names, getattr(sys, "stdlib_module_names", ()))
    return sorted(names)


def distributions() -> Dict[str, str]:
    """Return the installed distributions and their versions."""
    from importlib import metadata

    found: Dict[str, str] = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(name, distribution.version)
    return found


def walk(package: str) -> Iterator[Tuple[str, Optional[str]]]:
    """Yield modules at and below a package, breadth first, each with its file."""
    spec = _spec(package)
    if spec is None:
        return
    yield package, spec.origin
    queue = [(package, list(spec.submodule_search_locations or ()))]
    count = 0
    while queue:
        parent, folders = queue.pop(0)
        for info in pkgutil.iter_modules(folders):
            count += 1
            if info.name in SKIPPED or info.name.startswith("test_") or count > MODULES_CAP:
                continue
            module = parent + "." + info.name
            found = info.module_finder.find_spec(module, None)
            if found is None:
                continue
            yield module, found.origin
            if info.ispkg:
                queue.append((module, list(found.submodule_search_locations or ())))


def _folders(package: str) -> List[str]:
    loaded = sys.modules.get(package)
    if loaded is not None:
        return list(getattr(loaded, "__path__", ()))
    spec = _spec(package)
    return [] if spec is None else list(spec.submodule_search_locations or ())


def _spec(module: str) -> Optional[Any]:
    """Find a module's spec, walking down from the top without importing its parents."""
    path: Optional[List[str]] = None
    spec = None
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        loaded = sys.modules.get(name)
        spec = getattr(loaded, "__spec__", None) or _ask_finders(name, path)
        if spec is None:
            return None
        folders = getattr(loaded, "__path__", None) or spec.submodule_search_locations
        if folders is None and depth < len(parts):
            return None
        path = None if folders is None else list(folders)
    return spec


def _ask_finders(name: str, path: Optional[List[str]]) -> Optional[Any]:
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        try:
            spec = None if find is None else find(name, path, None)
        except Exception:
            spec = None
        if spec is not None:
            return spec
    return None


def _lazy(module: str) -> Optional[ModuleType]:
    """Import a submodule that has no file of its own, if its package is loaded already."""
    top = module.partition(".")[0]
    return _import(module) if top != module and top in sys.modules else None


def _import(module: str) -> Optional[ModuleType]:
    """Import a module quietly; None when that fails in any way."""
    quiet = io.StringIO()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(quiet):
            warnings.simplefilter("ignore")
            with contextlib.redirect_stderr(quiet):
                return importlib.import_module(module)
    except (Exception, SystemExit):
        return None


def folder(path: str) -> Optional[List[str]]:
    """Return the entries of a folder, folders with a '/' at the end; None if it is not one."""
    try:
        with os.scandir(os.path.expanduser(path) or ".") as entries:
            names = [entry.name + ("/" if entry.is_dir() else "") for entry in entries]
    except (OSError, ValueError):
        return None
    return sorted(names)[:MODULES_CAP]
