"""Reading broken code: tokens, lines, statements."""

from cellwright.repair.syntax.check import local_check
from cellwright.repair.syntax.scan import scan


def texts(source):
    return [token.text for token in scan(source).code]


def test_tokens_of_sound_code():
    assert texts("x = f(1.5e3, 'a b') ** 2  # c\n") == [
        "x", "=", "f", "(", "1.5e3", ",", "'a b'", ")", "**", "2",
    ]  # fmt: skip


def test_a_string_without_end_stops_at_its_line():
    tokens = scan("x = 'abc\ny = 1\n").code
    assert [(t.text, t.closed) for t in tokens[2:4]] == [("'abc", False), ("y", True)]


def test_a_string_over_lines_is_one_token():
    source = "x = '''a\nb'''\ny = 1\n"
    scanned = scan(source)
    assert [line.inside for line in scanned.lines] == [False, True, False, False]
    assert [t.text for t in scanned.statements[0]] == ["x", "=", "'''a\nb'''"]


def test_numbers_end_where_names_begin():
    assert texts("2x 5.upper() 1e5j 0xFFL") == [
        "2", "x", "5.", "upper", "(", ")", "1e5j", "0xFFL",
    ]  # fmt: skip


def test_magics_are_one_token():
    assert texts("%time f(\n!ls (\nx = !ls )\ny = 3 % z\n") == [
        "%time f(", "!ls (", "x", "=", "!ls )", "y", "=", "3", "%", "z",
    ]  # fmt: skip


def test_an_open_bracket_does_not_swallow_the_next_statement():
    first, second = scan("x = f(1\nimport math\n").statements
    assert [t.text for t in second] == ["import", "math"]
    assert first[-1].text == "1"


def test_offsets_are_code_points_of_the_source():
    source = "s = 'é𝄞'\r\nif s\r\n    x = 1\r\n"
    assert all(source[t.start : t.end] == t.text for t in scan(source).tokens)
    fault = local_check(source)
    assert fault is not None
    assert source[: fault.offset].endswith("if s")


def test_a_fault_below_a_magic_is_found_in_the_cell():
    source = "%matplotlib inline\n\nx = 1\nif x\n    y = 2\n"
    fault = local_check(source)
    assert fault is not None
    assert scan(source).line_at(fault.offset).number == 3


def test_the_body_of_a_timed_cell_is_checked():
    fault = local_check("%%time\nif x\n    y = 2\n")
    assert fault is not None
    assert fault.phase == "grammar"
