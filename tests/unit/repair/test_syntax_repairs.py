"""What a broken cell is mended to: one table for each kind of fault, the likeliest repair first."""

import pytest

from cellwright.repair.syntax.generators.arguments import parameters_in
from cellwright.repair.syntax.search import repair_source

# Under pytest the warnings of code that is only compiled are not filtered as they are elsewhere.
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")


def best(source: str) -> str:
    repairs = repair_source(source, parameters=lambda name: parameters_in([source], name))
    return repairs[0].source if repairs else ""


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("if x > 3\n    print(x)\n", "if x > 3:\n    print(x)\n"),
        ("class A(object)\n    pass\n", "class A(object):\n    pass\n"),
        ("def f(a, b)  # adds\n    return a + b\n", "def f(a, b):  # adds\n    return a + b\n"),
        (
            "try\n    x = 1\nexcept KeyError\n    x = 2\n",
            "try:\n    x = 1\nexcept KeyError:\n    x = 2\n",
        ),
        ("with open('a') as f\n    t = f.read()\n", "with open('a') as f:\n    t = f.read()\n"),
        ("for i in range(3) print(i)\n", "for i in range(3): print(i)\n"),
        ("if a == 1;\n    b = 2\n", "if a == 1:\n    b = 2\n"),
        ("def f:\n    return 1\n", "def f():\n    return 1\n"),
        ("if a:\n    b = 1\nelse if c:\n    b = 2\n", "if a:\n    b = 1\nelif c:\n    b = 2\n"),
        (
            "if a:\n    b = 1\nelse c > 2:\n    b = 2\n",
            "if a:\n    b = 1\nelif c > 2:\n    b = 2\n",
        ),
        ("while x = 3:\n    x += 1\n", "while x == 3:\n    x += 1\n"),
        (
            "evens = [n for n in range(9) if n % 2 = 0]\n",
            "evens = [n for n in range(9) if n % 2 == 0]\n",
        ),
        ("x = 5:\n", "x = 5\n"),
    ],
)
def test_a_header(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("print(len(x)\ny = 2\n", "print(len(x))\ny = 2\n"),
        ("x = (1 + 2\ny = x\n", "x = (1 + 2)\ny = x\n"),
        ("df = df[(df.a > 1) & (df.b < 2]\n", "df = df[(df.a > 1) & (df.b < 2)]\n"),
        (
            "plt.plot(x, y,\n         label='a'\nplt.legend()\n",
            "plt.plot(x, y,\n         label='a')\nplt.legend()\n",
        ),
        ("if (a > 1 and b < 2:\n    c = 3\n", "if (a > 1 and b < 2):\n    c = 3\n"),
        ("for i in range(len(x):\n    print(i)\n", "for i in range(len(x)):\n    print(i)\n"),
        ("d = {'a': [1, 2, 'b': 3}\n", "d = {'a': [1, 2], 'b': 3}\n"),
        ("x = foo(1))\n", "x = foo(1)\n"),
        ("x = [1, 2, 3)\n", "x = [1, 2, 3]\n"),
        ("print 'hello')\n", "print('hello')\n"),
        (
            "d = {\n    'a': 1,\n    'b': 2,\n\nprint(d)\n",
            "d = {\n    'a': 1,\n    'b': 2,\n}\n\nprint(d)\n",
        ),
    ],
)
def test_brackets(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("print(\"It's {}\".format('a))\n", "print(\"It's {}\".format('a'))\n"),
        ("x = 'don't stop'\n", 'x = "don\'t stop"\n'),
        ('print("She said "hi" to me")\n', "print('She said \"hi\" to me')\n"),
        ("name = 'Bob\"\n", "name = 'Bob'\n"),
        ("s = 'abc\nprint(s)\n", "s = 'abc'\nprint(s)\n"),
        ("plt.title('Sales in '20')\n", 'plt.title("Sales in \'20")\n'),
        ("df = pd.read_csv('data.csv)\n", "df = pd.read_csv('data.csv')\n"),
        ("df['a'] = df['b].fillna(0)\n", "df['a'] = df['b'].fillna(0)\n"),
        ("print(“hello”)\n", 'print("hello")\n'),
        ('def f():\n    """Doc.""\n    return 1\n', 'def f():\n    """Doc."""\n    return 1\n'),
        ("print(f'{d['a']}')\n", "print(f\"{d['a']}\")\n"),
        ("x = ‘it’s’\n", 'x = "it\'s"\n'),
    ],
)
def test_quotes(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("if 'a' letters:\n    x = 1\n", "if 'a' in letters:\n    x = 1\n"),
        ("print('a is '%s' here' % x)\n", "print(\"a is '%s' here\" % x)\n"),
        ("x = [1 2, 3]\n", "x = [1, 2, 3]\n"),
        ("x = [1 2 3]\n", "x = [1, 2, 3]\n"),
        ("d = {'a': 1 'b': 2}\n", "d = {'a': 1, 'b': 2}\n"),
        ("d = {'a' 1, 'b': 2}\n", "d = {'a': 1, 'b': 2}\n"),
        ("d = {'a' = 1, 'b' = 2}\n", "d = {'a' : 1, 'b' : 2}\n"),
        ("d = dict(a: 1, b: 2)\n", "d = dict(a= 1, b= 2)\n"),
        ("print('x =' x)\n", "print('x =', x)\n"),
        ("model.fit(X_train y_train)\n", "model.fit(X_train, y_train)\n"),
        ("print('a' + str(x) 'b')\n", "print('a' + str(x) + 'b')\n"),
        ("from math import sin cos\n", "from math import sin, cos\n"),
        ("import numpy np\n", "import numpy as np\n"),
        ("import pandas as pd import numpy as np\n", "import pandas as pd\nimport numpy as np\n"),
        ("plt.plot(x) plt.show()\n", "plt.plot(x)\nplt.show()\n"),
        ("for x range(3):\n    print(x)\n", "for x in range(3):\n    print(x)\n"),
        ("y = 2x + 1\n", "y = 2*x + 1\n"),
        ("names = [\n    'a',\n    d\n    e,\n]\n", "names = [\n    'a',\n    d,\n    e,\n]\n"),
    ],
)
def test_what_is_missing_between(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("if a && b:\n    d = 1\n", "if a and b:\n    d = 1\n"),
        ("if !a:\n    d = 1\n", "if not a:\n    d = 1\n"),
        ("if a => 3:\n    d = 1\n", "if a >= 3:\n    d = 1\n"),
        ("if a =< 3:\n    d = 1\n", "if a <= 3:\n    d = 1\n"),
        ("if a <> 3:\n    d = 1\n", "if a != 3:\n    d = 1\n"),
        ("if a === 3:\n    d = 1\n", "if a == 3:\n    d = 1\n"),
        ("i++\n", "i += 1\n"),
        ("x = = 5\n", "x = 5\n"),
        ("x + = 5\n", "x += 5\n"),
        ("5 = x\n", "x = 5\n"),
        ("var x = 5\n", "x = 5\n"),
        ("function f(x):\n    return x\n", "def f(x):\n    return x\n"),
        ("if x > 1 then:\n    y = 1\n", "if x > 1:\n    y = 1\n"),
        ("x := 5\n", "x = 5\n"),
        ("if a && b || !c:\n    d = 1\n", "if a and b or not c:\n    d = 1\n"),
    ],
)
def test_signs_of_other_languages(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("For i in x:\n    print(i)\n", "for i in x:\n    print(i)\n"),
        ("improt numpy as np\n", "import numpy as np\n"),
        ("form math import pi\n", "from math import pi\n"),
        ("def f(x):\n    retrun x\n", "def f(x):\n    return x\n"),
        ("whlie x < 3:\n    x += 1\n", "while x < 3:\n    x += 1\n"),
        ("lambda = 0.1\nloss = lambda * 2\n", "lambda_ = 0.1\nloss = lambda_ * 2\n"),
        ("x = df.class\n", 'x = df["class"]\n'),
        ("print(a If b else c)\n", "print(a if b else c)\n"),
        ("if a:\n    b = 1\nesle:\n    b = 2\n", "if a:\n    b = 1\nelse:\n    b = 2\n"),
    ],
)
def test_keywords(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("print 'a', b\n", "print('a', b)\n"),
        ("for x in y: print x\n", "for x in y: print(x)\n"),
        (
            "print '%d items' % n,\nprint\nprint 'done'\n",
            "print('%d items' % n, end=\" \")\nprint()\nprint('done')\n",
        ),
        (
            "try:\n    a()\nexcept ValueError, e:\n    print e\n",
            "try:\n    a()\nexcept ValueError as e:\n    print(e)\n",
        ),
        ("raise ValueError, 'bad'\n", "raise ValueError('bad')\n"),
        ("exec 'x = 1' in ns\n", "exec('x = 1', ns)\n"),
        ("x = 0777\n", "x = 0o777\n"),
        ("d = datetime(2020, 01, 05)\n", "d = datetime(2020, 1, 5)\n"),
        ("x = 10L\n", "x = 10\n"),
        ("s = ur'abc'\n", "s = r'abc'\n"),
        ("s = `x`\n", "s = repr(x)\n"),
        ("sorted(d, key=lambda (k, v): v)\n", "sorted(d, key=lambda k_v: k_v[1])\n"),
        ("def f(a, (b, c)):\n    return b\n", "def f(a, b_c):\n    (b, c) = b_c\n    return b\n"),
        ("print 'a'\nif x:\nprint 'b'\n", "print('a')\nif x:\n    print('b')\n"),
    ],
)
def test_python_2(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("x = 1\n  y = f(\n    2,\n)\n", "x = 1\ny = f(\n  2,\n)\n"),
        (
            "try:\n    a = 1\nb = 2\n    c = 3\nexcept KeyError:\n    d = 4\n",
            "try:\n    a = 1\n    b = 2\n    c = 3\nexcept KeyError:\n    d = 4\n",
        ),
        (
            "class A:\ndef f(self):\nreturn 1\ndef g(self):\nreturn 2\n\nA().f()\n",
            "class A:\n    def f(self):\n        return 1\n"
            "    def g(self):\n        return 2\n\nA().f()\n",
        ),
        ("for i in x:\nprint(i)\n", "for i in x:\n    print(i)\n"),
        (
            "def f(x):\ny = x + 1\nreturn y\n\nprint(f(2))\n",
            "def f(x):\n    y = x + 1\n    return y\n\nprint(f(2))\n",
        ),
        (
            "def f(x):\ny = x + 1\nreturn y\nprint(f(2))\n",
            "def f(x):\n    y = x + 1\n    return y\nprint(f(2))\n",
        ),
        ("x = 1\n  y = 2\n", "x = 1\ny = 2\n"),
        ("if x:\n    a = 1\n  b = 2\n", "if x:\n    a = 1\n    b = 2\n"),
        (
            "def f():\n    a = 1\nb = 2\n    return a\n",
            "def f():\n    a = 1\n    b = 2\n    return a\n",
        ),
        ("def f():\n    a = 1\n\treturn a\n", "def f():\n    a = 1\n    return a\n"),
        ("def f(x):\n    y = x\nreturn y\n", "def f(x):\n    y = x\n    return y\n"),
        (
            "for i in x:\n    if i:\n        a = 1\nbreak\n",
            "for i in x:\n    if i:\n        a = 1\n    break\n",
        ),
        ("if a:\n    b = 1\n    else:\n    b = 2\n", "if a:\n    b = 1\nelse:\n    b = 2\n"),
        (
            "try:\n    a = 1\n    except ValueError:\n        b = 2\n",
            "try:\n    a = 1\nexcept ValueError:\n    b = 2\n",
        ),
        (
            "for i in a:\nfor j in b:\nprint(i, j)\n",
            "for i in a:\n    for j in b:\n        print(i, j)\n",
        ),
        ("if x:\n\ta = 1\n        b = 2\n    c = 3\n", "if x:\n    a = 1\n    b = 2\n    c = 3\n"),
    ],
)
def test_indentation(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("x\xa0= 1\n", "x = 1\n"),
        ("y = a – b\n", "y = a - b\n"),
        ("y = a × b\n", "y = a * b\n"),
        ("print（x）\n", "print(x)\n"),
        ("x = 1\u200b\n", "x = 1\n"),
    ],
)
def test_odd_characters(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("```python\nx = 1\n```\n", "x = 1\n"),
        ("!ls\npip install pandas\nimport pandas\n", "!ls\n%pip install pandas\nimport pandas\n"),
        ("$ pip install pandas\n", "%pip install pandas\n"),
        (
            "import os\ngit clone https://example.org/x.git\n",
            "import os\n!git clone https://example.org/x.git\n",
        ),
        ("x = 1 + \\ \n    2\n", "x = 1 + \\\n    2\n"),
    ],
)
def test_pasted_text(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("f(a=1, 2)\n", "f(2, a=1)\n"),
        ("def g(a, b):\n    return a\ng(a=1, 2)\n", "def g(a, b):\n    return a\ng(a=1, b=2)\n"),
        ("f(a=1, b=2, a=1)\n", "f(a=1, b=2)\n"),
        ("dict('a'=1)\n", "dict(a=1)\n"),
        ("def f(a=1, b):\n    return b\n", "def f(b, a=1):\n    return b\n"),
        ("sum(x for x in y, 3)\n", "sum((x for x in y), 3)\n"),
        ("[x, y for x, y in z]\n", "[(x, y) for x, y in z]\n"),
    ],
)
def test_arguments(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("p = 'C:\\Users\\me'\n", "p = r'C:\\Users\\me'\n"),
        ("d = 'C:\\data\\'\n", "d = 'C:\\data\\\\'\n"),
        ("5.bit_length()\n", "(5).bit_length()\n"),
        ("x = 1.000.000\n", "x = 1_000_000\n"),
        ("1st = 5\nprint(1st)\n", "st_1 = 5\nprint(st_1)\n"),
        ("f'{a b}'\n", "f'{a} {b}'\n"),
        ("f'{a'\n", "f'{a}'\n"),
        ("df = pd.read_csv(C:\\data\\x.csv)\n", 'df = pd.read_csv(r"C:\\data\\x.csv")\n'),
        ("f'a}'\n", "f'a}}'\n"),
    ],
)
def test_literals(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        (
            "def f():\n    x = 1\n    global x\n    return x\n",
            "def f():\n    global x\n    x = 1\n    return x\n",
        ),
        ("x = 1\nfrom __future__ import division\n", "from __future__ import division\nx = 1\n"),
    ],
)
def test_statements_that_stand_too_late(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        (
            "%matplotlib inline\nprint 'x'\n!ls\nif x\n    y = 1\n",
            "%matplotlib inline\nprint('x')\n!ls\nif x:\n    y = 1\n",
        ),
        ("%%time\nfor i in range(3)\n    print(i)\n", "%%time\nfor i in range(3):\n    print(i)\n"),
        (
            "files = !ls\nfor f in files\n    print f\n",
            "files = !ls\nfor f in files:\n    print(f)\n",
        ),
    ],
)
def test_cells_with_magics(source, mended):
    assert best(source) == mended


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("def f(x)\n    print 'a\n    return (x\n", "def f(x):\n    print('a')\n    return (x)\n"),
        (
            "x = [1, 2\ny = {'a' 1}\nprint 'x'\nif x = 1\n    z = 'it's'\n",
            "x = [1, 2]\ny = {'a': 1}\nprint('x')\nif x == 1:\n    z = \"it's\"\n",
        ),
    ],
)
def test_several_faults_at_once(source, mended):
    assert best(source) == mended
