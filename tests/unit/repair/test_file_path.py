"""Paths that do not exist: the near file, written where the path is written."""

from __future__ import annotations

import pytest

from cellwright.repair.rules.file_path import RULE
from cellwright.repair.rules.output_folder import RULE as OUTPUT

CSV = "a,b\n1,2\n"


@pytest.mark.parametrize(
    ("file", "source", "mended"),
    [
        ("sales.csv", "pd.read_csv('Sales.csv')", "pd.read_csv('sales.csv')"),
        ("sales.csv", "pd.read_csv('data/sales.csv')", "pd.read_csv('sales.csv')"),
        ("data/sales.csv", 'pd.read_csv("sales.csv")', 'pd.read_csv("data/sales.csv")'),
        ("data/sales.csv", "pd.read_csv('Data/sales.csv')", "pd.read_csv('data/sales.csv')"),
        ("data/sales.csv", r"pd.read_csv('data\\sales.csv')", "pd.read_csv('data/sales.csv')"),
        ("data/table.csv", "pd.read_csv('data\\table.csv')", "pd.read_csv('data/table.csv')"),
        ("sales.csv", "pd.read_csv('sales')", "pd.read_csv('sales.csv')"),
        ("sales.csv", "pd.read_csv('sales.CSV')", "pd.read_csv('sales.csv')"),
        ("sales.csv", "pd.read_csv('sales.csv ')", "pd.read_csv('sales.csv')"),
        ("sales.txt", "pd.read_csv('sales.csv')", "pd.read_csv('sales.txt')"),
        ("sales.csv", "pd.read_csv('slaes.csv')", "pd.read_csv('sales.csv')"),
        ("sales.csv", "pd.read_csv(r'C:\\Users\\bob\\sales.csv')", "pd.read_csv('sales.csv')"),
        ("sales.csv", "pd.read_csv('/Users/me/x/sales.csv')", "pd.read_csv('sales.csv')"),
        ("sales.csv", "open('Sales.csv').read()", "open('sales.csv').read()"),
        ("sales.csv", "np.loadtxt('Sales.csv', dtype=str)", "np.loadtxt('sales.csv', dtype=str)"),
        ("in/a.txt", "import os\nos.listdir('In')", "import os\nos.listdir('in')"),
        ("data/a b.csv", "open('data/a_b.csv')", "open('data/a b.csv')"),
    ],
)
async def test_the_near_file(bench, file, source, mended):
    result = await bench(["import numpy as np, pandas as pd", source], RULE, files={file: CSV})
    assert result.mended() == mended
    assert not result.best.guesses
    assert await result.passes()


@pytest.mark.parametrize(
    ("binding", "use", "mended"),
    [
        ("path = 'Data/sales.csv'", "open(path)", "path = 'data/sales.csv'"),
        (
            "folder = 'Data'",
            "import os\nopen(os.path.join(folder, 'sales.csv'))",
            "folder = 'data'",
        ),
        ("folder = 'Data'", "open(f'{folder}/sales.csv')", "folder = 'data'"),
        ("folder = 'Data/'", "open(folder + 'sales.csv')", "folder = 'data/'"),
        (
            "import pathlib; folder = pathlib.Path('Data')",
            "open(folder / 'sales.csv')",
            "import pathlib; folder = pathlib.Path('data')",
        ),
    ],
)
async def test_a_path_put_together_elsewhere(bench, binding, use, mended):
    result = await bench([binding, use], RULE, files={"data/sales.csv": CSV})
    assert result.sources(result.best)[0] == mended
    assert await result.passes()


async def test_part_of_an_f_string(bench):
    cells = ["year = 2020", "open(f'data/Sales_{year}.csv')"]
    result = await bench(cells, RULE, files={"data/sales_2020.csv": CSV})
    assert result.mended() == "open(f'data/sales_{year}.csv')"
    assert await result.passes()


async def test_the_folder_of_an_absolute_path_that_exists(bench):
    cells = ["import os\nhere = os.getcwd()", "open(os.path.join(here, 'Sales.csv'))"]
    result = await bench(cells, RULE, files={"sales.csv": CSV})
    assert result.mended() == "open(os.path.join(here, 'sales.csv'))"
    assert await result.passes()


async def test_a_file_beside_the_notebooks_folder(bench):
    files = {"../data/sales.csv": CSV}
    result = await bench(["open('data/sales.csv')"], RULE, files=files, folder="notebooks")
    assert result.mended() == "open('../data/sales.csv')"
    assert await result.passes()


async def test_two_files_as_near_are_guesses(bench):
    files = {"a/sales.csv": CSV, "b/sales.csv": CSV}
    result = await bench(["open('sales.csv')"], RULE, files=files)
    assert {result.mended(c) for c in result.candidates} == {
        "open('a/sales.csv')",
        "open('b/sales.csv')",
    }
    assert all(candidate.guesses for candidate in result.candidates)


async def test_a_folder_opened_as_a_file(bench):
    result = await bench(["open('sales')"], RULE, files={"sales/x": "", "sales.csv": CSV})
    assert result.mended() == "open('sales.csv')"
    assert await result.passes()


@pytest.mark.parametrize(
    ("setup", "source"),
    [
        ("import pandas as pd", "pd.read_csv('weather.csv')"),
        ("import pandas as pd", "pd.read_csv('sales_2021.csv')"),
        ("", "raise OSError('sales_2020.csv is broken')"),
        ("import os", "os.chdir('/nowhere/at/all')"),
    ],
)
async def test_no_near_file_is_no_candidate(bench, setup, source):
    result = await bench([setup, source], RULE, OUTPUT, files={"sales_2020.csv": CSV})
    assert result.candidates == []


@pytest.mark.parametrize(
    ("setup", "source", "mended"),
    [
        (
            "import os",
            "with open('out/x.txt', 'w') as f:\n    f.write('a')",
            'os.makedirs("out", exist_ok=True)\n'
            "with open('out/x.txt', 'w') as f:\n    f.write('a')",
        ),
        (
            "import pandas as pd\ndf = pd.DataFrame({'a': [1]})",
            "df.to_csv('out/deep/x.csv')",
            "import os\nos.makedirs(\"out/deep\", exist_ok=True)\ndf.to_csv('out/deep/x.csv')",
        ),
        (
            "import numpy as np",
            "for i in range(2):\n    np.save(f'out/{i}.npy', [i])",
            'for i in range(2):\n    import os\n    os.makedirs("out", exist_ok=True)\n'
            "    np.save(f'out/{i}.npy', [i])",
        ),
    ],
)
async def test_a_folder_to_write_into(bench, setup, source, mended):
    result = await bench([setup, source], OUTPUT)
    assert result.mended() == mended
    assert await result.passes()


async def test_reading_from_a_missing_folder_makes_none(bench):
    result = await bench(["open('out/x.txt')"], OUTPUT)
    assert result.candidates == []


async def test_the_way_up_and_back_into_the_notebooks_folder_is_no_other_file(bench):
    result = await bench(
        ["open('region.csv').read()"], RULE, files={"regions.csv": "a\n"}, folder="here"
    )
    assert result.titles == ["Open `regions.csv`"]
