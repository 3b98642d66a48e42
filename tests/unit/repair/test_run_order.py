from cellwright.repair.rules.run_order import RULE


async def test_the_cell_that_binds_the_name_is_run_first(bench):
    tried = await bench(["x = 2", "y = x + 1"], RULE, run=[1])
    assert tried.best.run_first == ("c0",)
    assert tried.best.title == "Run cell 1 first"
    assert tried.best.edit is None
    assert await tried.passes()


async def test_what_that_cell_needs_is_run_before_it(bench):
    cells = ["import math", "r = 2", "area = math.pi * r**2", "print(area)"]
    tried = await bench(cells, RULE, run=[3])
    assert tried.best.run_first == ("c0", "c1", "c2")
    assert await tried.passes()


async def test_what_is_there_already_is_not_run_again(bench):
    cells = ["import math", "r = 2", "area = math.pi * r**2", "print(area)"]
    tried = await bench(cells, RULE, run=[0, 1, 3])
    assert tried.best.run_first == ("c2",)


async def test_a_cell_further_down_is_moved_up(bench):
    tried = await bench(["a = 1", "print(twice(a))", "def twice(x):\n    return 2 * x"], RULE)
    assert tried.sources(tried.best) == [
        "a = 1",
        "def twice(x):\n    return 2 * x",
        "print(twice(a))",
    ]
    assert await tried.passes()
    titles = ["Move cell 3 above this cell", "Move this cell below cell 3", "Run cell 3 first"]
    assert tried.titles == titles
    for candidate in tried.candidates:
        assert await tried.passes(candidate)


async def test_a_cell_that_needs_others_from_below_is_not_moved_alone(bench):
    cells = ["print(b)", "a = 1", "b = a + 1"]
    tried = await bench(cells, RULE)
    assert "Move cell 3 above this cell" not in tried.titles
    assert tried.best.title == "Move this cell below cell 3"
    assert await tried.passes()


async def test_of_several_cells_further_down_one_is_a_guess(bench):
    tried = await bench(["print(x)", "x = 1", "x = 2"], RULE)
    assert all(candidate.guesses for candidate in tried.candidates)


async def test_a_name_that_no_cell_binds_has_no_run_order(bench):
    assert (await bench(["x = 1", "print(z)"], RULE)).candidates == []


async def test_a_local_name_of_a_function_is_not_bound_by_its_cell(bench):
    assert (await bench(["def f():\n    local = 1", "print(local)"], RULE)).candidates == []


async def test_a_deleted_name_stays_deleted(bench):
    assert (await bench(["x = 1\ndel x\nprint(x)"], RULE)).candidates == []
    assert (await bench(["x = 1", "del x", "print(x)"], RULE)).candidates == []


async def test_a_definer_that_lacks_something_itself_is_not_offered(bench):
    tried = await bench(["y = missing + 1", "print(y)"], RULE, run=[1])
    assert tried.candidates == []
