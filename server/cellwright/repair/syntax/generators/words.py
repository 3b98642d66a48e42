"""Keywords: misspelt ones, capitalised ones, and those used as names."""

from __future__ import annotations

from collections.abc import Iterator
from keyword import iskeyword, kwlist

from cellwright.notebook.edit import TextEdit
from cellwright.repair.spelling import distance
from cellwright.repair.syntax.generators.python2 import places
from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import STATEMENT_WORDS, Scan, Token

_THREE = ("for", "def", "and", "not", "try", "del")
_LOWER = tuple(word for word in kwlist if word.islower())


def misspelt_keyword(scene: Scene) -> Iterator[Idea]:
    """Correct the spelling of a keyword in the statement of the fault, or of the one before."""
    at = scene.scan.index_at(scene.fault.offset)
    statement = scene.scan.statement_at(scene.fault.offset)
    known = set(statement) | set(scene.scan.code[max(at - 2, 0) : at + 2])
    for token in sorted(known, key=lambda t: t.start):
        if token.kind != "name" or iskeyword(token.text) or len(token.text) < 2:
            continue
        starts = bool(statement) and token is statement[0]
        for word in _meant(token.text):
            if (word in STATEMENT_WORDS and not starts) and word not in (
                "import",
                "for",
                "if",
                "else",
            ):
                continue
            close = abs(scene.fault.offset - token.end) < 3 or token.start == scene.fault.offset
            cost = 0.3 + (0.0 if starts or close else 0.8) + 0.3 * (len(token.text) < 3)
            if token.text.lower() == word:
                cost = 0.1 + (0.0 if starts or close else 0.2)
            why = f"`{word}` is the word that Python knows."
            edit = put(token.start, token.end, word)
            yield Idea((edit,), cost, f"Correct `{token.text}` to `{word}`", why)


def _meant(text: str) -> list[str]:
    if text.lower() in _LOWER:
        return [text.lower()]
    if len(text) < 3:
        swapped = [word for word in ("if", "in", "is", "or", "as") if word == text[::-1]]
        return swapped + [word for word in _THREE if distance(text, word, 1)]
    return [word for word in _LOWER if len(word) > 2 and distance(text, word, 1)]


def glued_keyword(scene: Scene) -> Iterator[Idea]:
    """Split a keyword from the word that follows it, as in `returnx` or `importnumpy`."""
    statement = scene.scan.statement_at(scene.fault.offset)
    if not statement or statement[0].kind != "name":
        return
    first = statement[0]
    texts = [token.text for token in statement]
    block = texts[-1] == ":"
    fits = {
        "import": True, "return": True, "from": "import" in texts, "for": block and "in" in texts,
        "while": block, "def": block, "class": block, "elif": block, "if": block,
    }  # fmt: skip
    for word, possible in fits.items():
        if possible and first.text.startswith(word) and not iskeyword(first.text):
            why = f"A space stands after `{word}`."
            at = first.start + len(word)
            yield Idea((insert(at, " "),), 0.7, f"Add the space after `{word}`", why)


def keyword_as_name(scene: Scene) -> Iterator[Idea]:
    """Rename a variable that has the name of a keyword, everywhere in the cell."""
    at = scene.scan.index_at(scene.fault.offset)
    code = scene.scan.code
    for index in range(max(at - 1, 0), min(at + 2, len(code))):
        word = code[index].text
        if word not in _RENAMED or not any(_binds(code, i, word) for i in range(len(code))):
            continue
        new = word + "_"
        while any(token.text == new for token in code):
            new += "_"
        edits = name_uses(scene.scan, word, new)
        why = f"`{word}` is a word of Python itself and cannot be the name of a variable."
        title = f"Rename `{word}` to `{new}`{places(len(edits))}"
        guesses = f"that `{word}` is meant as a name"
        yield Idea(tuple(edits), 0.8, title, why, guesses, (word, new))


_RENAMED = frozenset(word for word in kwlist if word not in ("None", "True", "False"))
_NAME_FOLLOWED_BY = frozenset((
    "=", ",", ")", "]", "}", ".", "+=", "-=", "*=", "/=", "==", "!=", "<", ">", "+", "*", "/", "%",
))  # fmt: skip


def name_uses(scan: Scan, word: str, new: str) -> list[TextEdit]:
    """Return the edits that rename a keyword where it can only be meant as a variable."""
    return [
        put(token.start, token.end, new)
        for index, token in enumerate(scan.code)
        if token.text == word and token.kind == "name" and _is_name(scan.code, index)
    ]


def _is_name(code: tuple[Token, ...], index: int) -> bool:
    before = code[index - 1] if index else None
    after = code[index + 1] if index + 1 < len(code) else None
    if before is not None and before.text == ".":
        return False
    if after is not None and after.text == "=" and before is not None and before.text in "(,":
        return False
    if _binds(code, index, code[index].text):
        return True
    expects = before is None or (before.kind == "op" and not before.is_operand_end)
    ends = after is None or after.text in _NAME_FOLLOWED_BY or after.start > code[index].end + 8
    return expects and ends


def _binds(code: tuple[Token, ...], index: int, word: str) -> bool:
    """Whether a keyword stands where a name is bound: before `=`, or after `for`."""
    if code[index].text != word or index + 1 >= len(code):
        return False
    after = code[index + 1]
    before = code[index - 1] if index else None
    if after.text in ("=", "+=", "-=") and after.depth == 0:
        return before is None or before.text not in (".", "import", "as")
    return before is not None and before.text == "for" and after.text == "in"


def keyword_attribute(scene: Scene) -> Iterator[Idea]:
    """Write `x["class"]` for `x.class`: a keyword cannot follow a dot."""
    at = scene.scan.index_at(scene.fault.offset)
    code = scene.scan.code
    for index in (at, at + 1):
        if not 0 < index < len(code) or code[index - 1].text != ".":
            continue
        word = code[index]
        if iskeyword(word.text):
            why = f"`{word.text}` is a word of Python itself and cannot follow a dot."
            guesses = f"that `{word.text}` is a column or a key"
            edit = put(code[index - 1].start, word.end, f'["{word.text}"]')
            yield Idea((edit,), 0.7, f'Write `["{word.text}"]` for `.{word.text}`', why, guesses)
