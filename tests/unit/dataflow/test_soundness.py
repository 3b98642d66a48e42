"""Slices of generated notebooks, run for real: whatever the aliases, the outcome is the same."""

import contextlib
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellwright.dataflow.cell import analyse
from cellwright.dataflow.graph import Graph

VARIABLES = st.sampled_from(["a", "b", "c", "d"])
FUNCTIONS = st.sampled_from(["f", "g"])
NUMBERS = st.integers(0, 9).map(str)

STATEMENTS = st.one_of(
    st.builds("{} = [{}]".format, VARIABLES, NUMBERS),
    st.builds("{} = {}".format, VARIABLES, NUMBERS),
    st.builds("{} = {}".format, VARIABLES, VARIABLES),
    st.builds("{} = [{}, {}]".format, VARIABLES, VARIABLES, VARIABLES),
    st.builds("{} = {{'k': {}}}".format, VARIABLES, VARIABLES),
    st.builds("{} = {}['k']".format, VARIABLES, VARIABLES),
    st.builds("{} = {}[0]".format, VARIABLES, VARIABLES),
    st.builds("{} = iter({})".format, VARIABLES, VARIABLES),
    st.builds("{} = (x for x in {})".format, VARIABLES, VARIABLES),
    st.builds("{} = list({})".format, VARIABLES, VARIABLES),
    st.builds("{} = next({})".format, VARIABLES, VARIABLES),
    st.builds("{} = zip({}, {})".format, VARIABLES, VARIABLES, VARIABLES),
    st.builds("{} = sorted({}, key=str)".format, VARIABLES, VARIABLES),
    st.builds("{}.append({})".format, VARIABLES, NUMBERS),
    st.builds("{}.append({})".format, VARIABLES, VARIABLES),
    st.builds("{}[0] = {}".format, VARIABLES, NUMBERS),
    st.builds("{}[0].append({})".format, VARIABLES, NUMBERS),
    st.builds("{}['k'] = {}".format, VARIABLES, VARIABLES),
    st.builds("{} += [{}]".format, VARIABLES, NUMBERS),
    st.builds("{} += {}".format, VARIABLES, NUMBERS),
    st.builds("{}, {} = {}, {}".format, VARIABLES, VARIABLES, VARIABLES, VARIABLES),
    st.builds("{}, *{} = {}".format, VARIABLES, VARIABLES, VARIABLES),
    st.builds("del {}".format, VARIABLES),
    st.builds("del {}[0]".format, VARIABLES),
    st.builds("for {} in {}:\n    pass".format, VARIABLES, VARIABLES),
    st.builds("for {} in list({}):\n    {}.append(1)".format, VARIABLES, VARIABLES, VARIABLES),
    st.builds("if {}:\n    {} = {}".format, VARIABLES, VARIABLES, VARIABLES),
    st.builds("try:\n    {}\nexcept NameError:\n    {} = 5".format, VARIABLES, VARIABLES),
    st.builds("{} = [y for y in {} if ({} := y)]".format, VARIABLES, VARIABLES, VARIABLES),
    st.builds("def {}(p=None):\n    return {}".format, FUNCTIONS, VARIABLES),
    st.builds("def {}(p=None):\n    return [p, {}]".format, FUNCTIONS, VARIABLES),
    st.builds("def {}(p=None):\n    {}.append(p)".format, FUNCTIONS, VARIABLES),
    st.builds("def {}(p=None):\n    {}.append(p)\n    return p".format, FUNCTIONS, VARIABLES),
    st.builds("def {}(p=None):\n    p.append(1)\n    return p".format, FUNCTIONS),
    st.builds("def {}(p=None):\n    q = {}\n    q[0] = p".format, FUNCTIONS, VARIABLES),
    st.builds(
        "def {}(p=None):\n    global {}\n    {} = p".format, FUNCTIONS, VARIABLES, VARIABLES
    ).filter(lambda text: text.split("global ")[1].split()[0] == text.split()[-3]),
    st.builds("def {}(p=None):\n    {}['k'] = p\n    return p".format, FUNCTIONS, VARIABLES),
    st.builds("def {}(p=None):\n    {}[0] = {}".format, FUNCTIONS, VARIABLES, VARIABLES),
    st.builds("def {}(p=None):\n    return p()".format, FUNCTIONS),
    st.builds(
        "def {}(p=None):\n    {}.append(1)\n    yield {}".format, FUNCTIONS, VARIABLES, VARIABLES
    ),
    st.builds("@{}\ndef {}(p=None): return {}".format, FUNCTIONS, FUNCTIONS, VARIABLES),
    st.builds("{} = {}['k']()".format, VARIABLES, VARIABLES),
    st.builds("{} = {}({})".format, VARIABLES, FUNCTIONS, FUNCTIONS),
    st.builds("{}.sort(key={})".format, VARIABLES, FUNCTIONS),
    st.builds("def {}(p=[]):\n    p.append(2)\n    return p".format, FUNCTIONS),
    st.builds("def {}(p=None):\n    return {}(p)".format, FUNCTIONS, FUNCTIONS),
    st.builds("def {}(p=None):\n    return lambda: {}".format, FUNCTIONS, VARIABLES),
    st.builds("{} = lambda p=None: {}".format, FUNCTIONS, VARIABLES),
    st.builds("{} = {}".format, FUNCTIONS, FUNCTIONS),
    st.builds("{} = {}".format, VARIABLES, FUNCTIONS),
    st.builds("{} = {}()".format, VARIABLES, FUNCTIONS),
    st.builds("{} = {}()".format, VARIABLES, VARIABLES),
    st.builds("{} = {}({})".format, VARIABLES, FUNCTIONS, VARIABLES),
    st.builds("{}({})".format, FUNCTIONS, VARIABLES),
    st.builds("{} = list(map({}, {}[:2]))".format, VARIABLES, FUNCTIONS, VARIABLES),
    st.builds(
        "class {}:\n    x = []\n    def __call__(self): return {}".format, VARIABLES, VARIABLES
    ),
    st.builds("class {}:\n    def __init__(self, *p): self.x = {}".format, FUNCTIONS, VARIABLES),
    st.builds("{}.x.append({})".format, VARIABLES, NUMBERS),
    st.builds("{} = {}.x".format, VARIABLES, VARIABLES),
    st.builds("{}.x = {}".format, VARIABLES, VARIABLES),
)

CELLS = st.lists(STATEMENTS, min_size=1, max_size=3).map("\n".join)
FIRST = """a = [1, [2]]
b = [[3], 4]
c = [{'k': [5]}, b]
d = {'k': a, 0: [6]}
def f(p=None):
    return p
def g(p=None):
    return a"""
NOTEBOOKS = st.lists(CELLS, min_size=2, max_size=9).map(lambda cells: [FIRST, *cells])


def shown(value, depth=0):
    """A repr without addresses that looks into instances, cut where it goes in circles."""
    if depth > 5:
        return "…"
    if isinstance(value, list | tuple):
        return [shown(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: shown(item, depth + 1) for key, item in value.items()}
    if isinstance(value, int | str | type(None)):
        return value
    own = getattr(value, "__module__", None) == "notebook" and not callable(value)
    inner = vars(value) if own else {}
    return type(value).__name__, shown(dict(inner), depth + 1)


def run(sources, last):
    """Run cells as a kernel would, going on after errors; tell what the last one came to."""
    namespace = {"__name__": "notebook"}
    failed = set()
    error = None
    for i, source in enumerate(sources):
        error = None
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                exec(compile(source, "<cell>", "exec"), namespace)
            except Exception as raised:  # noqa: BLE001 - generated code fails in any way
                error = f"{type(raised).__name__}: {raised}".split(" at 0x")[0]
                failed.add(i)
    if error:
        return error, {}, failed
    names = analyse(last).loaded | analyse(last).certain
    return None, {name: shown(namespace.get(name)) for name in names}, failed


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(NOTEBOOKS)
def test_a_slice_gives_what_all_cells_give(sources):
    for last in range(1, len(sources)):
        error, names, failed = run(sources[: last + 1], sources[last])
        graph = Graph(enumerate(map(analyse, sources[: last + 1])), halfway=failed)
        wanted = graph.backward_slice(last)
        again, seen, _ = run([*(sources[p] for p in wanted), sources[last]], sources[last])
        assert (again, seen) == (error, names), (sources[: last + 1], wanted)
