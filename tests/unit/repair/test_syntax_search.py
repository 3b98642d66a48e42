"""What the search promises whatever the cell: silence where nothing honest helps, bounds, order."""

import ast
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cellwright.repair.syntax.check import local_check
from cellwright.repair.syntax.describe import explanation, priors, title
from cellwright.repair.syntax.generators.pasted import is_prose
from cellwright.repair.syntax.search import repair_source

# Under pytest the warnings of code that is only compiled are not filtered as they are elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")

LESSON = '''import math
names = ["Ann", "Bob's", 'Cy "the" Third']
def area(r, unit="m"):
    """Area of a circle."""
    if r < 0 or r == 13:
        raise ValueError("r is negative: %d" % r)
    return math.pi * r ** 2, unit
for i, name in enumerate(names):
    print(f"{i}: {name!r}", area(i)[0], sep="\\t")
totals = {"a": [1, 2, (3, 4)], "b": {"c": 5}}
'''


@pytest.mark.parametrize(
    "source",
    [
        "if x > 3:\n",
        "def f():\n    # TODO later\n",
        "class A:\n",
        "while True:\n    # nothing yet\n",
        "import x as\n",
        "from math import\n",
        "x = 5 +\n",
        "x =\n",
        "assert f(1) ==  # what?\n",
        "x = 5 if y\n",
        "return 5\n",
        "break\n",
        "else:\n    x = 1\n",
        "try:\n    x = 1\n",
        "for\n",
        "x = 1\nf(x) = 3\ny = 2\n",
        "None = 3\n",
        "And now we look at the data:\n",
    ],
)
def test_nothing_is_offered_where_no_edit_is_honest(source):
    assert local_check(source) is not None
    assert repair_source(source) == []


@pytest.mark.parametrize(
    "source",
    [
        LESSON,
        "print ('a')\nprint('b'),\n",
        "await x\nasync for y in z:\n    pass\n",
        "%time x = 1\n!ls -l\nfiles = !ls\nx?\n",
        "%%bash\nfor i in 1 2; do echo $i; done\n",
        "s = 'naïve – “quoted” × 2'  # it's fine\n",
        "lambda_ = {'class': lambda x: -x}\n",
        "  x = 1\n  y = 2\n",
        "match = case = 1\nmatch(case)\n",
        "x = a <b> c\n",
        "",
    ],
)
def test_a_cell_that_compiles_is_left_alone(source):
    assert local_check(source) is None
    assert repair_source(source) == []


@pytest.mark.parametrize(
    ("source", "never"),
    [
        ("print 'x && y'\n", "and"),
        ("print 'a – b'  # c – d\n", "- d"),
        ("x = 'ur \"10L\" 0777'\nprint x\n", "0o"),
        ("s = 'pip install x'\nprint s\n", "%pip"),
        ('"""\n>>> f(1)\n"""\nprint 1\n', '"""\nf(1)'),
        ("def f(a, b=1):\n    print a\n", "f(b=1"),
        ("items = [1, 2]\nprint items[0]\n", "items, "),
        ("if x:\n    print 'else if'\n", "elif"),
    ],
)
def test_look_alikes_elsewhere_in_the_cell_are_kept(source, never):
    best = repair_source(source)[0]
    assert never not in best.source


def test_magics_comments_and_layout_outlive_a_repair():
    source = (
        "%matplotlib inline\n\nx = [1,2 ,  3]   # odd   spacing\nif x\n\ty = 1  # tab\n!echo hi\n"
    )
    assert repair_source(source)[0].source == source.replace("if x\n", "if x:\n")


@pytest.mark.parametrize(
    ("source", "one", "other"),
    [
        (
            "print('a' + str(1 + 'b')\n",
            "print('a' + str(1 + 'b'))\n",
            "print('a' + str(1) + 'b')\n",
        ),
        ("x = (a + b * c\n", "x = (a + b * c)\n", "x = (a + b) * c\n"),
        (
            "for i in x:\ntotal = i\nprint(total)\n",
            "for i in x:\n    total = i\n    print(total)\n",
            "for i in x:\n    total = i\nprint(total)\n",
        ),
        ("x = 011\n", "x = 0o11\n", "x = 11\n"),
        ("d = {'a': 1, 'b': 2\ne = 3\n", "d = {'a': 1, 'b': 2}\ne = 3\n", "d = {'a': 1}, 'b': 2\n"),
    ],
)
def test_other_readings_stand_beside_the_first(source, one, other):
    found = [repair.source for repair in repair_source(source)]
    assert one in found
    assert (other in found) == (local_check(other) is None)


def test_a_guess_says_what_it_guesses():
    assert "multiplied" in repair_source("y = 2x\n")[0].guesses
    assert "name" in repair_source("lambda = 3\n")[0].guesses
    assert repair_source("if x\n    y = 1\n")[0].guesses == ""


def test_a_renamed_keyword_tells_both_names():
    repair = repair_source("class = 3\nprint(class)\n")[0]
    assert [idea.renamed for idea in repair.ideas] == [("class", "class_")]


def test_titles_say_the_same_action_once():
    source = "if a\n    print 'x'\nif b\n    print 'y'\n"
    repair = repair_source(source)[0]
    said = title(repair).lower()
    assert "call print as a function (2 places)" in said
    assert "add the missing colon after the `if` (2 places)" in said
    assert "colon" in explanation(repair)


def test_many_faults_are_one_mended_sum():
    source = "if a\n    print 'x\nfor i in range(3\n    y = [i 2]\nwhile b = 1\n    z = 'it's'\n"
    repair = repair_source(source)[0]
    assert repair.source == (
        "if a:\n    print('x')\nfor i in range(3):\n    y = [i, 2]\n"
        'while b == 1:\n    z = "it\'s"\n'
    )
    assert title(repair).startswith("Mend ")


def test_priors_follow_the_costs_and_leave_room_for_doubt():
    repairs = repair_source("x = (a + b * c\n")
    likely = priors(repairs)
    assert likely[0] == max(likely)
    assert 0 < sum(likely) < 1


def test_no_more_than_the_limit_is_returned():
    assert len(repair_source("x = foo(a, b, c, d, e, f\n", limit=2)) == 2


def test_a_cancelled_search_ends():
    stop = threading.Event()
    calls = []

    def check(source):
        calls.append(source)
        stop.set()
        return local_check(source)

    repair_source("x = (((1 2 3\n" * 20, check=check, cancelled=stop.is_set)
    assert len(calls) == 1


def test_a_hopeless_cell_costs_a_bounded_time():
    source = "x = ( [ { 'a b c \n def if else (\n" * 60
    start = time.process_time()
    repair_source(source, budget=0.5)
    assert time.process_time() - start < 20


def test_another_pythons_fault_is_taken_as_told():
    source = "print(f\"{d['a']}\")\nwith open('a') as f, open('b') as g\n    x = 1\n"
    fault = local_check(source)
    assert repair_source(source, first=fault, check=lambda _: None)[0].source != source


def test_prompts_are_removed_where_ipython_does_not():
    def plain(source):
        return local_check(source.replace(">>> ", "$ "))

    source = "x = 1\ny = 2\n>>> z = 3\n"
    assert repair_source(source, check=plain)[0].source == "x = 1\ny = 2\nz = 3\n"


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("And now we look at the data:", True),
        ("# Results\n\nThe model does well, as we can see below.", True),
        ("- First we load it\n- Then we plot it", True),
        ("for i in x print i", False),
        ("x = load the data", False),
        ("print hello world now", False),
        ("df.head() shows the first rows", False),
        ("import numpy as np\nThis is a note about it", False),
        ("- First we load it\nx = 3", False),
        ("x", False),
    ],
)
def test_prose_is_told_from_code(text, prose):
    assert is_prose(text) is prose


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_repair_compiles_and_keeps_the_words(data):
    at = data.draw(st.integers(0, len(LESSON) - 1))
    length = data.draw(st.integers(0, 2))
    extra = data.draw(
        st.sampled_from(["", "(", ")", "]", "'", '"', ":", ",", "=", "\n", " ", "\t"])
    )
    broken = LESSON[:at] + extra + LESSON[at + length :]
    for repair in repair_source(broken, budget=0.15):
        assert local_check(repair.source) is None
        assert len(repair.source) > len(broken) - 12
        assert repair.ideas


@settings(max_examples=80, deadline=None)
@given(st.text("ab1 \n\t()[]{}'\"\\:=,.#%!?fx+-\r\x00“\u200b", max_size=60))
def test_no_text_breaks_the_search(text):
    for repair in repair_source(text, budget=0.1):
        assert local_check(repair.source) is None


def test_single_faults_give_the_lesson_back():
    tree = ast.dump(ast.parse(LESSON))
    faults = [
        LESSON.replace('def area(r, unit="m"):', 'def area(r, unit="m")'),
        LESSON.replace("enumerate(names):", "enumerate(names:"),
        LESSON.replace('"Bob\'s"', "'Bob's'"),
        LESSON.replace("r == 13", "r = 13"),
        LESSON.replace("    for", "for").replace("    print", "print"),
        LESSON.replace('sep="\\t")', 'sep="\\t"'),
        LESSON.replace("(3, 4)]", "(3, 4)"),
        LESSON.replace("[1, 2, (", "[1 2, ("),
        LESSON.replace("    return", "  return"),
        LESSON.replace("import math", "Import math"),
    ]
    for broken in faults:
        first = repair_source(broken)[0].source
        assert ast.dump(ast.parse(first)) == tree, broken
