"""What is missing between two expressions side by side: a comma, `:`, `in`, an operator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from keyword import iskeyword

from cellwright.notebook.edit import TextEdit
from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import BLOCK_WORDS, STATEMENT_WORDS, VALUE_WORDS, Token

_WHY_COMMA = "The items of a list, a dictionary or a call are separated by commas."
_WHY_LINE = "Each statement stands on a line of its own."
_WHY_OPERATOR = "Python has no multiplication without a sign: `2x` is written `2*x`."
_WHY_PLUS = "Two strings are joined with `+`."
_INLINE = frozenset(("if", "else", "for", "async", "match", "case"))
_MOST = 40
"""Gaps of one statement that are tried."""


def _gaps(scene: Scene) -> list[tuple[int, Token, Token]]:
    """Return the adjacent expressions of the faulty statement, with the index of the second."""
    statement = scene.scan.statement_at(scene.fault.offset)
    if not statement:
        return []
    code = scene.scan.code
    first = scene.scan.index_at(statement[0].start)
    found = [
        (index, code[index - 1], code[index])
        for index in range(first + 1, min(first + len(statement), len(code)))
        if _adjacent(code[index - 1], code[index])
    ]
    return found[:_MOST]


def _adjacent(left: Token, right: Token) -> bool:
    if not left.is_operand_end or not right.is_operand_start or right.text == "not":
        return False
    if left.text in ("print", "exec") or left.text.endswith("."):
        return False
    if right.text in ("(", "["):
        return left.kind == "number" or left.text in VALUE_WORDS
    if left.kind == "string" and right.kind == "string":
        return False
    return "magic" not in (left.kind, right.kind)


def missing_separator(scene: Scene) -> Iterator[Idea]:
    """Add commas between items inside brackets, or the colon between a key and its value."""
    inside = [gap for gap in _gaps(scene) if scene.scan.enclosing(gap[0]) is not None]
    groups: dict[int, list[TextEdit]] = {}
    for index, left, right in inside:
        bracket = scene.scan.enclosing(index)
        assert bracket is not None
        edit, title, why = _separator(scene, bracket, index, left)
        glued = left.end == right.start
        same_line = scene.scan.line_at(left.start) is scene.scan.line_at(right.start)
        cost = 0.8 if same_line and left.kind == right.kind == "name" else 0.3
        if glued and "string" in (left.kind, right.kind):
            cost = 0.9
        if glued and left.kind == "number":
            cost = 1.6
        near = left.start <= scene.fault.end and right.end >= scene.fault.offset
        yield Idea((edit,), cost + (0.0 if near else 0.6), title, why)
        if title == "Add the missing comma" and not glued:
            groups.setdefault(bracket, []).append(edit)
    for edits in groups.values():
        if len(edits) > 1:
            title = f"Add the missing commas ({len(edits)} places)"
            yield Idea(tuple(edits), 0.35, title, _WHY_COMMA)


def _separator(scene: Scene, bracket: int, index: int, left: Token) -> tuple[TextEdit, str, str]:
    code = scene.scan.code
    if code[bracket].text == "{":
        level = code[bracket].depth + 1
        before = [t.text for t in code[bracket + 1 : index] if t.depth == level]
        marks = [text for text in before if text in (",", ":")]
        is_mapping = any(
            t.text == ":" and t.depth == level
            for t in code[bracket : scene.scan.pairs.get(bracket, len(code))]
        )
        if (not marks or marks[-1] == ",") and (is_mapping or left.kind == "string"):
            why = "In a dictionary a colon stands between a key and its value."
            return insert(left.end, ":"), "Add the missing colon after the key", why
    return insert(left.end, ","), "Add the missing comma", _WHY_COMMA


def missing_operator(scene: Scene) -> Iterator[Idea]:
    """Add `*` in `2x`, or `+` beside a string."""
    for index, left, right in _gaps(scene):
        near = left.start <= scene.fault.end and right.end >= scene.fault.offset
        far = 0.0 if near else 0.8
        glued = left.end == right.start
        factor = right.text == "(" or (right.kind == "name" and not iskeyword(right.text))
        if factor and (left.kind == "number" or left.text == ")"):
            cost = (0.7 if glued else 2.2) + far
            edit = insert(left.end, "*")
            guesses = "that the two are to be multiplied"
            yield Idea((edit,), cost, "Add the multiplication sign", _WHY_OPERATOR, guesses)
        if ("string" in (left.kind, right.kind) and not glued) or right.kind == "string":
            plus = _joins(scene, index)
            cost = (0.2 if plus else 1.8) + far
            edit = put(left.end, right.start, " + ")
            guesses = "" if plus else "that the two are to be joined"
            yield Idea((edit,), cost, "Add the missing `+`", _WHY_PLUS, guesses)


def _joins(scene: Scene, index: int) -> bool:
    """Whether what stands beside the two is joined with `+`, and not listed with commas."""
    code = scene.scan.code
    bracket = scene.scan.enclosing(index)
    if bracket is None:
        around = scene.scan.statement_at(code[index].start)
    else:
        around = code[bracket + 1 : scene.scan.pairs.get(bracket, len(code))]
    level = code[index].depth
    signs = {token.text for token in around if token.depth == level}
    return "+" in signs and "," not in signs


def missing_word(scene: Scene) -> Iterator[Idea]:
    """Add `in` to a `for`, `as` to an import or an `except`, `in` after `not`."""
    code = scene.scan.code
    for index, left, right in _gaps(scene):
        words = [t.text for t in scene.scan.statement_at(left.start)]
        back = [t.text for t in code[max(index - 12, 0) : index]]
        after = code[index + 1].text.lower() if index + 1 < len(code) else ""
        target = back[len(back) - back[::-1].index("for") :] if "for" in back else ["in"]
        if "in" not in target and "in" not in (after, right.text.lower()):
            why = "A loop is written `for item in items`."
            yield Idea((insert(left.end, " in"),), 0.2, "Add the missing `in`", why)
        if words[0] in ("import", "from") and right.kind == "name" and "import" in back:
            why = "A module or a name gets another name with `as`."
            cost = 0.5 if words[0] == "from" else 0.3
            yield Idea((insert(left.end, " as"),), cost, "Add the missing `as`", why)
            if words[0] == "from":
                why = "The names of an import are separated by commas."
                yield Idea((insert(left.end, ","),), 0.3, "Add the missing comma", why)
        if words[0] in ("with", "except") and right.kind == "name":
            why = "The value gets its name with `as`."
            yield Idea((insert(left.end, " as"),), 0.3, "Add the missing `as`", why)
    at = scene.scan.index_at(scene.fault.offset)
    for index in range(at - 1, at + 3):
        if not 0 < index < len(code) - 1 or code[index].text != "not":
            continue
        if code[index - 1].is_operand_end and code[index + 1].is_operand_start:
            why = "The opposite of `in` is `not in`."
            yield Idea((insert(code[index].end, " in"),), 0.7, "Write `not in`", why)


def missing_comparison(scene: Scene) -> Iterator[Idea]:
    """Add `in` or `==` between the two sides of a condition."""
    for _, left, right in _gaps(scene):
        first = scene.scan.statement_at(left.start)[0]
        if first.text not in ("if", "elif", "while", "assert") or left.depth != first.depth:
            continue
        for sign, cost in (("in", 0.9), ("==", 1.1)):
            why = "A condition compares two values."
            edit = put(left.end, right.start, f" {sign} ")
            guesses = "how the two sides are to be compared"
            yield Idea((edit,), cost, f"Compare the two sides with `{sign}`", why, guesses)


def missing_dot_or_sign(scene: Scene) -> Iterator[Idea]:
    """Add the dot in `plt show()`, or the equals sign in `x 5`, outside brackets."""
    code = scene.scan.code
    for index, left, right in _gaps(scene):
        statement = scene.scan.statement_at(left.start)
        starts = bool(statement) and statement[0] is left
        if left.kind == "name" and not iskeyword(left.text) and right.kind == "name":
            follows = code[index + 1].text if index + 1 < len(code) else ""
            if follows in ("(", ".", "[") and not iskeyword(right.text):
                why = "A dot stands between an object and what belongs to it."
                guesses = "that the second name belongs to the first"
                edit = put(left.end, right.start, ".")
                yield Idea((edit,), 1.3, "Add the missing dot", why, guesses)
        if starts and left.kind == "name" and left.depth == 0 and left.text != "print":
            why = "A name gets its value with `=`."
            edit = put(left.end, right.start, " = ")
            guesses = "that a value is given to the name"
            cost = 1.2 if right.kind != "name" else 2.5
            yield Idea((edit,), cost, "Add the missing `=`", why, guesses)


def two_statements(scene: Scene) -> Iterator[Idea]:
    """Put a second statement that stands in the same line on a line of its own."""
    statement = scene.scan.statement_at(scene.fault.offset)
    for left, right in itertools.pairwise(statement):
        if right.depth != statement[0].depth or not left.is_operand_end or right.kind != "name":
            continue
        if left.kind == "number" and left.end == right.start:
            continue
        line = scene.scan.line_at(right.start)
        if right not in line.tokens or left not in line.tokens:
            continue
        after = statement[statement.index(right) + 1 :][:1]
        keyword = right.text in STATEMENT_WORDS - _INLINE
        header = right.text in BLOCK_WORDS and statement[-1].text == ":"
        begins = bool(after) and after[0].text in ("=", ".", "(", "[", "+=", "-=")
        begins = begins or (right.text == "print" and bool(after) and after[0].is_operand_start)
        alone = not after and left.text in (")", "]")
        if keyword and left.text in ("from", "yield"):
            continue
        if not (keyword or header or begins or alone):
            continue
        indent = line.indent
        cost = 0.5 if keyword else 0.7 if header else 1.0
        edit = put(left.end, right.start, "\n" + indent)
        title = "Put the second statement on its own line"
        yield Idea((edit,), cost, title, _WHY_LINE)
