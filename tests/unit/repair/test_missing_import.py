import pytest

from cellwright.repair.rules.missing_import import RULE
from cellwright.repair.rules.run_order import RULE as RUN_ORDER


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        ("a = np.arange(3)", "import numpy as np"),
        ("x = math.sin(1.6)", "import math"),
        ("print(sqrt(2))", "from math import sqrt"),
        ("c = Counter('abba')", "from collections import Counter"),
        ("day = datetime.now()", "from datetime import datetime"),
        ("day = datetime.datetime.now()", "import datetime"),
        ("def f(x: List[int]) -> int:\n    return len(x)", "from typing import List"),
        ("p = Path('.') / 'a'", "from pathlib import Path"),
        ("m = Mock()", "from unittest.mock import Mock"),
        ("n = random.randint(1, 2)", "import random"),
    ],
)
async def test_a_customary_import_goes_on_top(bench, source, statement):
    tried = await bench([source], RULE)
    assert tried.mended() == f"{statement}\n{source}"
    assert await tried.passes()


async def test_the_import_joins_the_imports_of_the_notebook(bench):
    tried = await bench(["# Set-up\nimport os\n\nroot = os.sep", "json.dumps([1])"], RULE)
    assert tried.sources(tried.best)[0] == "# Set-up\nimport os\nimport json\n\nroot = os.sep"
    assert tried.best.title == "Import json in cell 1"
    assert await tried.passes()


async def test_the_import_stays_below_magics_comments_and_docstrings(bench):
    source = '%matplotlib inline\n# Plot\n"""Why"""\nfrom __future__ import annotations\nx = re.I'
    tried = await bench([source], RULE)
    assert tried.mended() == source.replace("\nx =", "\nimport re\nx =")
    assert await tried.passes()


async def test_a_cell_magic_stays_first(bench):
    tried = await bench(["%%time\nx = math.pi"], RULE)
    assert tried.mended() == "%%time\nimport math\nx = math.pi"
    assert await tried.passes()


async def test_the_notebooks_own_import_is_copied(bench):
    cells = ["x = mm.sqrt(4)", "import json, math as mm"]
    tried = await bench(cells, RULE)
    assert tried.mended() == "import math as mm\nx = mm.sqrt(4)"
    assert await tried.passes()


async def test_a_member_of_an_imported_module_is_qualified(bench):
    tried = await bench(["import math", "x = sqrt(4) + sqrt(9)"], RULE)
    assert tried.mended() == "x = math.sqrt(4) + math.sqrt(9)"
    assert await tried.passes()


async def test_the_package_at_hand_comes_first(bench):
    tried = await bench(["from scipy import optimize", "r = stats.norm.cdf(0)"], RULE)
    assert tried.sources(tried.best)[0] == "from scipy import optimize\nfrom scipy import stats"
    assert await tried.passes()


async def test_a_class_is_found_in_a_package_that_the_notebook_imports(bench):
    tried = await bench(["from sklearn.svm import SVC", "m = OPTICS()\nm = NuSVR()"], RULE)
    assert tried.best.title == "Import OPTICS from sklearn.cluster in cell 1"


@pytest.mark.parametrize(
    "source",
    [
        "print(date)",  # a word, not a call: it may be any variable
        "print(sample)",
        "x = random.no_such_member()",
        "x = time + 1",
        "print(loc_var)",
        "x = tqdn_missing_name.foo",
    ],
)
async def test_nothing_is_imported_for_a_plain_variable(bench, source):
    assert (await bench([source], RULE)).candidates == []


async def test_a_name_that_the_notebook_binds_is_not_imported(bench):
    tried = await bench(["def f():\n    pass", "choice(3)", "def choice(n): return n"], RULE)
    assert tried.candidates == []


async def test_an_import_that_was_deleted_is_not_brought_back(bench):
    assert (await bench(["import math\ndel math\nmath.pi"], RULE)).candidates == []


async def test_an_import_cell_above_is_better_run_than_copied(bench):
    tried = await bench(["import math as mm", "x = mm.pi"], RULE, RUN_ORDER, run=[1])
    assert tried.best.title == "Run cell 1 first"
    rivals = [candidate for candidate in tried.candidates if candidate is not tried.best]
    assert all(tried.best.prior - candidate.prior > 0.05 for candidate in rivals)
    assert await tried.passes()
