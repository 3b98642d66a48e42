import pytest

from cellwright.repair.rules.import_member import RULE as MEMBER
from cellwright.repair.rules.missing_module import RULE as MODULE
from cellwright.repair.rules.missing_module import distribution_of


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("from collections import Mapping", "from collections.abc import Mapping"),
        ("from math import sqr", "from math import sqrt"),
        ("from collections import OrderdDict as OD", "from collections import OrderedDict as OD"),
        ("from collections import defaultDict\nd = defaultDict(int)",
         "from collections import defaultdict\nd = defaultdict(int)"),
        (
            "from collections import Counter, Mapping",
            "from collections import Counter\nfrom collections.abc import Mapping",
        ),
        ("from sklearn.metrics import train_test_split",
         "from sklearn.model_selection import train_test_split"),
        ("from xml import json", "import json"),
    ],
)  # fmt: skip
async def test_a_member_is_imported_from_where_it_is(bench, source, mended):
    tried = await bench([source], MEMBER)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_a_member_that_is_nowhere(bench):
    assert (await bench(["from math import quaternion"], MEMBER)).candidates == []


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("import urllib2\nq = urllib2.Request('http://a')",
         "import urllib.request as urllib2\nq = urllib2.Request('http://a')"),
        ("import ConfigParser\nc = ConfigParser.ConfigParser()",
         "import configparser as ConfigParser\nc = ConfigParser.ConfigParser()"),
        ("import cPickle as pickle", "import pickle"),
        ("from StringIO import StringIO", "from io import StringIO"),
        ("from mock import Mock", "from unittest.mock import Mock"),
        ("from urlparse import urljoin", "from urllib.parse import urljoin"),
        ("import numppy as np", "import numpy as np"),
        ("import matplotlib.pylot as plt", "import matplotlib.pyplot as plt"),
        ("import colections\nc = colections.Counter()",
         "import collections\nc = collections.Counter()"),
        ("import maths\nx = math.pi", "import math\nx = math.pi"),
        ("from sklearn.cross_validation import train_test_split, KFold",
         "from sklearn.model_selection import train_test_split, KFold"),
        ("from sklearn.linearmodel import Ridge", "from sklearn.linear_model import Ridge"),
    ],
)  # fmt: skip
async def test_a_module_is_imported_by_the_name_it_has(bench, source, mended):
    tried = await bench([source], MODULE)
    assert tried.mended() == mended
    assert await tried.passes()


@pytest.mark.parametrize(
    ("module", "distribution"),
    [("cv3_missing", "cv3-missing"), ("plotnine", "plotnine")],
)
async def test_an_install_is_listed_but_never_tried(bench, module, distribution):
    tried = await bench([f"import {module}"], MODULE)
    (candidate,) = tried.candidates
    assert candidate.untried == f"installs a package: {distribution}"
    assert f"%pip install {distribution}" in tried.sources(candidate)
    assert bool(candidate.guesses) == (module == "cv3_missing")


@pytest.mark.parametrize(
    ("module", "distribution", "known"),
    [
        ("cv2", "opencv-python", "cv2"),
        ("sklearn.svm", "scikit-learn", "sklearn"),
        ("google.cloud.storage", "google-cloud-storage", "google.cloud.storage"),
        ("mpl_toolkits.basemap", "basemap", "mpl_toolkits.basemap"),
        ("torch.nn", "torch", "torch"),
        ("some_unknown", "some-unknown", ""),
        ("MyHelpers", "", ""),
    ],
)
def test_distributions(module, distribution, known):
    assert distribution_of(module) == (distribution, known)


async def test_a_module_of_the_project_is_found_beside_the_notebook(bench):
    files = {"../src/helpers.py": "answer = 42"}
    tried = await bench(["from helpers import answer"], MODULE, files=files, folder="notebooks")
    assert tried.mended() == 'import sys\nsys.path.append("../src")\nfrom helpers import answer'
    assert await tried.passes()
    assert not any(candidate.untried for candidate in tried.candidates if candidate.prior > 0.9)


async def test_a_part_of_a_package_that_is_shared_may_lack_its_own_distribution(bench):
    tried = await bench(["from mpl_toolkits.basemap import Basemap"], MODULE)
    assert [c.untried for c in tried.candidates] == ["installs a package: basemap"]


async def test_a_class_is_imported_from_the_module_that_it_belongs_to(bench):
    tried = await bench(["from pandas.core.base import SpecificationError"], MEMBER)
    assert tried.mended() == "from pandas.errors import SpecificationError"
    assert await tried.passes()
