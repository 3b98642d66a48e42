"""Headers of blocks: a missing or surplus colon, `else if`, `=` for `==` in a condition."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from keyword import iskeyword

from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import BLOCK_WORDS, STATEMENT_WORDS, Token

_BARE = frozenset(("else", "try", "finally"))
_CONDITIONS = frozenset(("if", "elif", "while", "assert"))
_COLON_WHY = "The first line of a block ends with a colon."


def missing_colon(scene: Scene) -> Iterator[Idea]:
    """Add the colon that ends a block's header, also where its body follows in the same line."""
    for statement in _statements_near(scene):
        word = _header_word(statement)
        if word is None or any(t.text == ":" for t in _flat(statement)):
            continue
        title = f"Add the missing colon after the `{word.text}`"
        line = scene.scan.line_at(statement[-1].end)
        end = statement[-1].end
        after = scene.source[end : line.end].lstrip()
        if statement[-1].text in (",", ".") and len(statement) > 1:
            yield Idea((put(end - 1, end, ":"),), 0.5, title, _COLON_WHY)
        elif after.startswith(";"):
            at = scene.source.index(";", end)
            yield Idea((put(at, at + 1, ":"),), 0.4, title, _COLON_WHY)
        else:
            cost = 0.1 if scene.says("expected ':'") else 0.3
            yield Idea((insert(end, ":"),), cost, title, _COLON_WHY)
        if word.text == "def" and len(statement) == 2:
            yield Idea((insert(end, "():"),), 0.3, "Add the missing `():`", _COLON_WHY)
        for left, right in itertools.pairwise(statement):
            if right.depth == statement[0].depth and _body_may_start(word, left, right):
                yield Idea((insert(left.end, ":"),), 0.6, title, _COLON_WHY)


def _statements_near(scene: Scene) -> Iterator[tuple[Token, ...]]:
    """Yield the statement of the fault and the one before it."""
    at = scene.scan.statement_at(scene.fault.offset)
    statements = scene.scan.statements
    if at:
        yield at
        index = statements.index(at)
        if index:
            yield statements[index - 1]


def _flat(statement: tuple[Token, ...]) -> Iterator[Token]:
    """Yield the tokens outside brackets, without the colons of lambdas."""
    lambdas = 0
    for token in statement:
        if token.depth > statement[0].depth:
            continue
        if token.text == "lambda":
            lambdas += 1
        elif token.text == ":" and lambdas:
            lambdas -= 1
        else:
            yield token


def _header_word(statement: tuple[Token, ...]) -> Token | None:
    first = statement[0]
    if first.text == "async" and len(statement) > 1:
        first = statement[1]
    if first.text not in BLOCK_WORDS or first.kind != "name":
        return None
    soft = first.text in ("match", "case")
    if soft and (
        len(statement) < 2 or not statement[1].is_operand_start or statement[1].text == "("
    ):
        return None
    return first


def _body_may_start(word: Token, left: Token, right: Token) -> bool:
    if left is word:
        return word.text in _BARE
    if not left.is_operand_end or right.kind != "name":
        return False
    return right.text in STATEMENT_WORDS - {"if", "else", "for", "async"} or not iskeyword(
        right.text
    )


def def_without_brackets(scene: Scene) -> Iterator[Idea]:
    """Add the empty brackets in `def f:`."""
    statement = scene.scan.statement_at(scene.fault.offset)
    if [t.kind for t in statement[:2]] != ["name", "name"] or statement[0].text != "def":
        return
    if len(statement) > 2 and statement[2].text == ":":
        why = "The name of a function is followed by its parameters in brackets."
        yield Idea((insert(statement[1].end, "()"),), 0.2, "Add the missing `()`", why)


def else_if(scene: Scene) -> Iterator[Idea]:
    """Write `elif` for `else if`, `elseif`, and `else` with a condition."""
    for statement in _statements_near(scene):
        first = statement[0]
        why = "Python writes `elif` where other languages write `else if`."
        if first.text in ("elseif", "elsif", "elsf"):
            yield Idea((put(first.start, first.end, "elif"),), 0.1, "Write `elif`", why)
        if first.text != "else" or len(statement) < 2:
            continue
        second = statement[1]
        if second.text == "if":
            title = "Replace `else if` with `elif`"
            yield Idea((put(first.start, second.end, "elif"),), 0.1, title, why)
        elif second.is_operand_start and any(t.text == ":" for t in statement[1:]):
            why = "An `else` has no condition of its own; `elif` has."
            title = "Replace `else` with `elif`"
            yield Idea((put(first.start, first.end, "elif"),), 0.5, title, why)


def equals_in_condition(scene: Scene) -> Iterator[Idea]:
    """Compare with `==` where a condition, or another expression, assigns with `=`."""
    statement = scene.scan.statement_at(scene.fault.offset)
    signs = [token for token in statement if token.text == "="]
    if not signs:
        return
    why = "`=` gives a name a value; `==` compares two values."
    title = "Compare with `==`"
    word = next((t for t in statement if t.text in _CONDITIONS and t.kind == "name"), None)
    line = scene.scan.line_at(word.start) if word else scene.line
    own = [t for t in signs if word and word.start < t.start < line.end and t.depth == word.depth]
    if own:
        edits = tuple(put(t.start, t.end, "==") for t in own)
        yield Idea(edits, 0.2, title, why)
        return
    nearest = next((t for t in signs if t.end > scene.fault.offset), signs[-1])
    edit = put(nearest.start, nearest.end, "==")
    if nearest.depth > statement[0].depth or word:
        yield Idea((edit,), 0.3 if word else 0.8, title, why)
    elif scene.says("'=='") and statement is scene.scan.statements[-1]:
        guesses = "that the two are to be compared"
        yield Idea((edit,), 1.2, title, why, guesses)


def surplus_colon(scene: Scene) -> Iterator[Idea]:
    """Remove the colon at the end of a line that opens no block."""
    statement = scene.scan.statement_at(scene.fault.offset)
    if len(statement) < 2 or statement[-1].text != ":" or _header_word(statement):
        return
    colon = statement[-1]
    if sum(t.text == ":" for t in _flat(statement)) == 1 and statement[0].text != "lambda":
        why = "Only the first line of a block ends with a colon."
        yield Idea((put(colon.start, colon.end, ""),), 1.0, "Remove the colon", why)
