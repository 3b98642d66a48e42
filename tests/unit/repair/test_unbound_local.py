import pytest

from cellwright.repair.rules.unbound_local import RULE


async def test_a_global_that_is_assigned_is_declared(bench):
    cells = ["count = 0", 'def add():\n    "Add."\n    count += 1\n    return count', "add()"]
    tried = await bench(cells, RULE)
    assert tried.sources(tried.best)[1] == (
        'def add():\n    "Add."\n    global count\n    count += 1\n    return count'
    )
    assert await tried.passes()


async def test_a_name_of_an_outer_function_is_nonlocal(bench):
    inner = "    def inner():\n        n += 1\n    inner()\n"
    source = f"def outer():\n    n = 1\n{inner}    return n\nouter()"
    tried = await bench([source], RULE)
    assert "        nonlocal n\n        n += 1" in tried.mended()
    assert await tried.passes()


async def test_a_local_that_hides_the_function_it_calls_is_renamed(bench):
    source = "def top(v):\n    max = max(v)\n    return max\ntop([1, 2])"
    tried = await bench([source], RULE)
    assert (
        tried.mended() == "def top(v):\n    max_value = max(v)\n    return max_value\ntop([1, 2])"
    )
    assert await tried.passes()


async def test_a_total_without_a_start(bench):
    source = "def add(v):\n    for x in v:\n        total += x\n    return total\nadd([1, 2])"
    tried = await bench([source], RULE)
    assert "    total = 0\n    for x in v:" in tried.mended()
    assert tried.best.guesses
    assert await tried.passes()


@pytest.mark.parametrize(
    "source",
    [
        "def f(a):\n    if a:\n        x = 1\n    return x\nf(0)",
        "def f():\n    print(x)\n    x = 1\nf()",
    ],
)
async def test_a_value_that_one_branch_lacks_is_not_invented(bench, source):
    assert (await bench([source], RULE)).candidates == []
