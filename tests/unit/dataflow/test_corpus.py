"""Slices and names against what really happens, on thirty-odd notebooks."""

import ast
import contextlib
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from cellwright.dataflow.cell import analyse
from cellwright.dataflow.graph import Graph

HERE = Path(__file__).parent
NOTEBOOKS = sorted((HERE.parent.parent / "data" / "notebooks").glob("*.ipynb"))

HEAVY = (
    *("numpy", "pandas", "matplotlib.pyplot", "matplotlib_inline.backend_inline"),
    *("sklearn.linear_model", "sklearn.model_selection"),
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="replays fork")


def sources_of(path):
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def graph_of(sources):
    return Graph(enumerate(analyse(source) for source in sources))


@contextlib.contextmanager
def running_worker(*modules):
    with subprocess.Popen(
        [sys.executable, str(HERE / "replay_worker.py"), *modules],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask(do, runs):
            process.stdin.write(json.dumps({"do": do, "runs": runs}) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def workers():
    """Ask a worker that has the libraries loaded which some sources import."""
    with running_worker() as light, running_worker(*HEAVY) as heavy:

        def ask(do, runs):
            text = "".join(runs[0])
            needs = any(name.partition(".")[0] in text for name in HEAVY)
            return (heavy if needs else light)(do, runs)

        yield ask


def test_there_are_thirty_valid_notebooks():
    assert len(NOTEBOOKS) >= 30
    for path in NOTEBOOKS:
        nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_slice_gives_what_a_full_run_gives(path, workers):
    sources = sources_of(path)
    graph = graph_of(sources)
    slices = [[*graph.backward_slice(i), i] for i in range(len(sources))]
    full, *sliced = workers("run", [sources, *([sources[p] for p in s] for s in slices)])
    assert [answer["error"] for answer in full] == [None] * len(sources)
    for i, answers in enumerate(sliced):
        expected, seen = full[i], answers[-1]
        for fact in ("error", "out", "result"):
            assert seen[fact] == expected[fact], (i, fact, sources[i], slices[i])
        for name in graph.flow(i).bound | graph.flow(i).mutated:
            assert seen["names"].get(name) == expected["names"].get(name), (i, name, slices[i])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_names_agree_with_a_traced_run(path, workers):
    sources = sources_of(path)
    (traces,) = workers("trace", [sources])
    for source, trace in zip(sources, traces, strict=True):
        if trace is None:
            continue
        flow = analyse(source)
        reads, stores = set(trace["reads"]) - PYTHONS_OWN, set(trace["stores"]) - PYTHONS_OWN
        deletes = set(trace["deletes"])
        if not flow.star_imports:
            assert stores - deletes <= flow.bound, source
        assert reads <= flow.read, source
        assert deletes <= flow.deleted, source
        assert flow.certain - imported_by_star(flow) <= stores, source
        if is_straight(source):
            assert flow.required == reads, source
            assert flow.bound == stores - flow.gone, source


PYTHONS_OWN = {"__annotations__"}


def imported_by_star(flow):
    return frozenset(flow.imports) if flow.star_imports else frozenset()


STRAIGHT = (ast.Assign, ast.Expr, ast.Import, ast.ImportFrom, ast.Call, ast.Name, ast.Attribute)
STRAIGHT += (ast.Constant, ast.Module, ast.expr_context, ast.keyword, ast.alias, ast.Subscript)
STRAIGHT += (ast.BinOp, ast.operator, ast.List, ast.Tuple, ast.Dict, ast.FunctionDef, ast.arguments)


def is_straight(source):
    """Whether all of a cell's own code runs, and nothing else does."""
    tree = ast.parse(source)
    own = [n for n in ast.walk(tree) if not isinstance(n, ast.FunctionDef)]
    has_definition = any(isinstance(n, ast.FunctionDef) for n in ast.walk(tree))
    star = any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in ast.walk(tree))
    return not has_definition and not star and all(isinstance(n, STRAIGHT) for n in own)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_clean_notebooks_have_no_undefined_names(path):
    sources = sources_of(path)
    graph = graph_of(sources)
    assert {i: dict(graph.undefined(i)) for i in range(len(sources)) if graph.undefined(i)} == {}


def test_slices_are_smaller_than_what_comes_before():
    kept = before = 0
    for path in NOTEBOOKS:
        sources = sources_of(path)
        graph = graph_of(sources)
        for i in range(len(sources)):
            kept += len(graph.backward_slice(i))
            before += i
    assert kept < 0.75 * before
