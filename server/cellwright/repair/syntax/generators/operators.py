"""Operators and words of other languages, doubled and split operators, sides of `=` swapped."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from keyword import iskeyword

from cellwright.repair.syntax.model import Idea, Scene, put
from cellwright.repair.syntax.scan import Token

_FOREIGN = {
    "&&": ("and", "Python writes `and` where other languages write `&&`."),
    "||": ("or", "Python writes `or` where other languages write `||`."),
    "<>": ("!=", "Python 3 writes `!=` for `<>`."),
    "===": ("==", "Python compares with `==`."),
    "!==": ("!=", "Python compares with `!=`."),
    "=>": (">=", "The equals sign comes last: `>=`."),
    "=<": ("<=", "The equals sign comes last: `<=`."),
}
_WORDS = {
    "function": "def", "func": "def", "fun": "def", "fn": "def", "define": "def", "sub": "def",
    "catch": "except", "throw": "raise", "foreach": "for", "switch": "match",
    "var": "", "let": "", "const": "", "new": "", "auto": "",
}  # fmt: skip
_SPLIT = {
    ("=", "="), ("!", "="), ("<", "="), (">", "="), ("+", "="), ("-", "="), ("*", "="),
    ("/", "="), ("=", "<"), ("=", ">"), ("*", "*"), ("=", "=="), ("==", "="),
}  # fmt: skip
_JOINED = {"=<": "<=", "=>": ">=", "===": "=="}


def foreign_operators(scene: Scene) -> Iterator[Idea]:
    """Replace the operators of other languages in the line of the fault."""
    edits, titles, why = [], [], ""
    for token in scene.line.tokens:
        if token.text in _FOREIGN and token.kind == "op":
            right, why = _FOREIGN[token.text]
            text = right
            if right.isalpha():
                text = _spaced(scene.source, token, right)
            edits.append(put(token.start, token.end, text))
            titles.append(f"Write `{right}` for `{token.text}`")
    if edits:
        title = " and ".join(dict.fromkeys(titles))
        yield Idea(tuple(edits), 0.1, title, why)


def _spaced(source: str, token: Token, word: str) -> str:
    before = "" if source[token.start - 1 : token.start].isspace() else " "
    after = "" if source[token.end : token.end + 1].isspace() else " "
    return f"{before}{word}{after}"


def exclamation(scene: Scene) -> Iterator[Idea]:
    """Write `not` for `!`."""
    edits = tuple(
        put(token.start, token.end, "not ")
        for token in scene.line.tokens
        if token.kind == "odd"
        and token.text == "!"
        and scene.source[token.end : token.end + 1] != "="
    )
    if edits:
        why = "Python writes `not` where other languages write `!`."
        yield Idea(edits, 0.2, "Write `not` for `!`", why)


def count_up(scene: Scene) -> Iterator[Idea]:
    """Write `x += 1` for `x++` and `++x`."""
    tokens = scene.line.tokens
    for index, token in enumerate(tokens):
        if token.text not in ("++", "--"):
            continue
        sign = token.text[0]
        why = f"Python has no `{token.text}`; it writes `{sign}= 1`."
        last = index == len(tokens) - 1 or tokens[index + 1].text in (";", ")", ":")
        if last and index and tokens[index - 1].is_operand_end:
            edit = put(token.start, token.end, f" {sign}= 1")
            yield Idea((edit,), 0.2, f"Write `{sign}= 1` for `{token.text}`", why)


def split_operator(scene: Scene) -> Iterator[Idea]:
    """Join an operator that was written in two parts, or drop a doubled sign."""
    tokens = [t for t in scene.line.tokens if t.kind in ("op", "odd")]
    for left, right in itertools.pairwise(tokens):
        between = scene.source[left.end : right.start]
        if between.strip():
            continue
        if (left.text, right.text) in _SPLIT:
            whole = left.text + right.text
            joined = _JOINED.get(whole, whole)
            why = f"The two signs are one operator: `{joined}`."
            edit = put(left.start, right.end, joined)
            assigns = joined == "==" and tokens[0] is left
            yield Idea((edit,), 0.8 if assigns else 0.3, f"Write `{joined}` in one piece", why)
        if left.text == right.text and left.text in (",", ":", ".", "=", "=="):
            why = f"`{right.text}` is written twice."
            edit = put(left.end, right.end, "")
            yield Idea((edit,), 0.4, f"Remove the doubled `{right.text}`", why)


def surplus_sign(scene: Scene) -> Iterator[Idea]:
    """Remove the comma, dot, semicolon or sign where Python stops, if it is not needed."""
    at = scene.scan.index_at(scene.fault.offset)
    code = scene.scan.code
    for index in (at, at - 1):
        if 0 < index < len(code) - 1 and code[index].text in (",", ";", ".", "="):
            token = code[index]
            line = scene.scan.line_at(token.start)
            if token.text == "=" and line.tokens[-1] is token:
                continue
            before = code[index - 1].text
            opens = before in ("(", "[", "{", ",", ":", "=") or index == 0
            cost = 0.9 if opens or token.text == ";" else 1.8
            why = f"There is a `{token.text}` too many here."
            yield Idea((put(token.start, token.end, ""),), cost, f"Remove the `{token.text}`", why)


def foreign_words(scene: Scene) -> Iterator[Idea]:
    """Replace or drop a word of another language at the start of a statement."""
    statement = scene.scan.statement_at(scene.fault.offset)
    if len(statement) < 2:
        return
    first, second = statement[:2]
    if first.text in _WORDS and second.kind == "name" and not iskeyword(second.text):
        word = _WORDS[first.text]
        why = f"`{first.text}` is not a word of Python."
        end = first.end if word else second.start
        title = f"Write `{word}` for `{first.text}`" if word else f"Remove `{first.text}`"
        yield Idea((put(first.start, end, word),), 0.3, title, why)
    elif first.text in ("catch", "foreach", "throw"):
        word = _WORDS[first.text]
        why = f"Python says `{word}` for `{first.text}`."
        title = f"Write `{word}` for `{first.text}`"
        yield Idea((put(first.start, first.end, word),), 0.3, title, why)
    last = statement[-1]
    ahead = statement[-2] if last.text == ":" else last
    if ahead.text in ("then", "do") and first.text in ("if", "elif", "else", "while", "for"):
        why = f"Python needs no `{ahead.text}`: the colon stands for it."
        before = statement[statement.index(ahead) - 1]
        edit = put(before.end, last.end, ":")
        yield Idea((edit,), 0.2, f"Write a colon for `{ahead.text}`", why)
    if first.text == "for":
        for token in statement[2:3]:
            if token.text in ("of", "from", "on", "within", "=", ":"):
                why = "A loop is written `for item in items`."
                text = _spaced(scene.source, token, "in")
                edit = put(token.start, token.end, text)
                yield Idea((edit,), 0.6, f"Write `in` for `{token.text}`", why)


def walrus_statement(scene: Scene) -> Iterator[Idea]:
    """Write `=` for `:=` where a whole statement gives a name its value."""
    statement = scene.scan.statement_at(scene.fault.offset)
    if len(statement) > 2 and statement[1].text == ":=":
        why = "A statement gives a name its value with `=`."
        edit = put(statement[1].start, statement[1].end, "=")
        yield Idea((edit,), 0.1, "Write `=` for `:=`", why)


def swapped_sides(scene: Scene) -> Iterator[Idea]:
    """Swap the sides of `5 = x`: only a name can be given a value."""
    statement = scene.scan.statement_at(scene.fault.offset)
    signs = [i for i, t in enumerate(statement) if t.text == "=" and t.depth == statement[0].depth]
    if len(signs) != 1 or not scene.says("cannot assign", "can't assign"):
        return
    left, right = statement[: signs[0]], statement[signs[0] + 1 :]
    lone = len(right) == 1 and right[0].kind == "name" and not iskeyword(right[0].text)
    if left and lone:
        value = scene.source[left[0].start : left[-1].end]
        why = "The name that gets the value stands on the left of `=`."
        edits = (
            put(left[0].start, left[-1].end, right[0].text),
            put(right[0].start, right[0].end, value),
        )
        guesses = "that the name on the right gets the value"
        yield Idea(edits, 0.7, "Swap the sides of `=`", why, guesses)


def equals_in_display(scene: Scene) -> Iterator[Idea]:
    """Write `:` for `=` between keys and values of a dictionary, and `=` for `:` in a call."""
    code = scene.scan.code
    at = scene.scan.index_at(scene.fault.offset)
    for index in (at, at + 1, at + 2, at - 1):
        bracket = scene.scan.enclosing(index) if 0 <= index <= len(code) else None
        if bracket is None:
            continue
        level = code[bracket].depth + 1
        end = scene.scan.pairs.get(bracket, len(code))
        inner = [t for t in code[bracket + 1 : end] if t.depth == level]
        calls = bracket > 0 and code[bracket - 1].is_operand_end
        if code[bracket].text == "{":
            wrong, right = "=", ":"
            why = "In a dictionary a colon stands between a key and its value."
        elif code[bracket].text == "(" and calls:
            wrong, right = ":", "="
            why = "In a call an equals sign stands between a parameter and its value."
        else:
            continue
        signs = [
            t for t in inner if t.text == wrong and not (wrong == ":" and _in_lambda(inner, t))
        ]
        if signs:
            text = ": " if right == ":" and scene.source[signs[0].end] != " " else right
            edits = tuple(put(t.start, t.end, text) for t in signs)
            yield Idea(edits, 0.3, f"Write `{right}` for `{wrong}`", why)
            return


def _in_lambda(tokens: list[Token], colon: Token) -> bool:
    before = [t.text for t in tokens if t.start < colon.start]
    return before.count("lambda") > before.count(":")
