"""The rule in a notebook: what it proposes runs in a real guest."""

import asyncio

import pytest

from cellwright.notebook.edit import ChangeKind
from cellwright.repair.rules.syntax import RULE


@pytest.mark.parametrize(
    ("cells", "mended"),
    [
        (["x = 5", "if x > 3\n    y = 1\nprint 'done'"], "if x > 3:\n    y = 1\nprint('done')"),
        (["x = [1, 2]", "for i in x:\nprint(i)"], "for i in x:\n    print(i)"),
        (["x = 1", "s = 'it's'"], 's = "it\'s"'),
        (["x = 1", "if x:\n\ty = 2\n        z = 3"], "if x:\n        y = 2\n        z = 3"),
        (
            ["def g(a, b):\n    return a - b", "n = g(a=1, 2)"],
            "n = g(a=1, b=2)",
        ),
        (["import math", "y = math.sqrt(16\nz = y"], "y = math.sqrt(16)\nz = y"),
    ],
)
async def test_the_first_candidate_runs(bench, cells, mended):
    tried = await bench(cells, RULE)
    assert tried.mended() == mended
    assert await tried.passes()


async def test_a_reading_that_compiles_but_fails_is_dropped_by_its_trial(bench):
    tried = await bench(["n = 3", "s = 'n: ' + str(n + ' items'"], RULE)
    verdicts = {tried.mended(c): await tried.passes(c) for c in tried.candidates[:4]}
    assert verdicts["s = 'n: ' + str(n + ' items')"] is False
    assert verdicts["s = 'n: ' + str(n) + ' items'"] is True


async def test_a_keyword_is_renamed_in_the_cells_that_use_it(bench):
    tried = await bench(["lambda = 0.5", "loss = lambda * 2\nkey = lambda v: v"], RULE, run=[0])
    assert tried.sources(tried.best) == [
        "lambda_ = 0.5",
        "loss = lambda_ * 2\nkey = lambda v: v",
    ]
    assert tried.best.guesses


async def test_text_may_become_a_markdown_cell_and_is_never_called_tried(bench):
    tried = await bench(["x = 1", "And now we look at the data:"], RULE)
    (only,) = tried.candidates
    assert only.edit is not None
    assert isinstance(only.edit.operations[0], ChangeKind)
    assert only.guesses
    assert only.untried


async def test_an_error_of_code_that_the_cell_compiled_is_not_its_own(bench):
    tried = await bench(["x = 1", "eval('1 +')"], RULE)
    assert tried.failure.error.ename == "SyntaxError"
    assert tried.candidates == []


async def test_priors_are_likelihoods_in_order(bench):
    tried = await bench(["a = b = c = 1", "x = (a + b * c"], RULE)
    priors = [candidate.prior for candidate in tried.candidates]
    assert priors == sorted(priors, reverse=True)
    assert 0 < sum(priors) <= 1


async def test_the_event_loop_turns_while_the_rule_searches(bench):
    hard = "x = ( [ { 'a b c \n def if else (\n" * 40
    tried = await bench([hard], RULE)
    turns = 0

    async def turn():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    counting = asyncio.create_task(turn())
    await RULE.propose(tried.failure, tried.probe)
    counting.cancel()
    assert turns > 5
