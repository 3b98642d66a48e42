"""The guest's entry: run by path, with the number of the inherited socket as its only argument.

The files beside this one are loaded as the package `_cellwright_guest`, so that none of our module
names can stand in the way of a notebook's own `import`.
"""

from __future__ import annotations

import importlib.util
import os
import sys

PACKAGE = "_cellwright_guest"


def load() -> None:
    """Make the folder of this file importable under the private name, and only under that."""
    folder = os.path.dirname(os.path.abspath(__file__))
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    sys.path[:] = [entry for entry in sys.path if entry != folder]


if __name__ == "__main__":
    load()
    importlib.import_module(PACKAGE + ".serve").main(int(sys.argv[1]))
