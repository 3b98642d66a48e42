"""Python 2: statements and literals that Python 3 writes otherwise, all of a kind at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword

from cellwright.notebook.edit import TextEdit
from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import STATEMENT_WORDS, Token

_WHY_PRINT = "In Python 3 `print` is a function: what it prints stands in brackets."


def places(count: int) -> str:
    """Return ` (3 places)`, or nothing for one."""
    return f" ({count} places)" if count > 1 else ""


def print_statements(scene: Scene) -> Iterator[Idea]:
    """Call `print` as a function, in every statement of the cell that prints the old way."""
    found = list(_prints(scene))
    if not any(certain for certain, _ in found):
        return
    edits = sorted((edit for _, group in found for edit in group), key=lambda e: e.span)
    title = f"Call print as a function{places(len(found))}"
    yield Idea(tuple(edits), 0.05, title, _WHY_PRINT)


def _prints(scene: Scene) -> Iterator[tuple[bool, list[TextEdit]]]:
    """Yield whether a print is certainly a Python 2 statement, and the edits that translate it."""
    for body in _bodies(scene, "print"):
        word, arguments = body[0], body[1:]
        if not arguments:
            yield False, [insert(word.end, "()")]
        elif arguments[0].text == "(":
            if _goes_on(arguments):
                yield False, _print_call(scene, word, arguments)
        elif _may_print(arguments[0]):
            yield True, _print_call(scene, word, arguments)


def _bodies(scene: Scene, word: str) -> Iterator[tuple[Token, ...]]:
    """Yield the simple statements that begin with a word, also those that follow a header."""
    for statement in scene.scan.statements:
        start = 0
        for index, token in enumerate(statement):
            if token.text == ":" and token.depth == 0 and statement[0].text in STATEMENT_WORDS:
                following = statement[index + 1] if index + 1 < len(statement) else None
                if following is not None and following.text == word:
                    start = index + 1
                    break
        if statement[start].text == word and statement[start].kind == "name":
            yield statement[start:]


def _goes_on(arguments: tuple[Token, ...]) -> bool:
    """Whether a first pair of brackets does not hold all that is printed."""
    level = arguments[0].depth
    end = next((i for i, t in enumerate(arguments) if t.text == ")" and t.depth == level), None)
    return end is not None and end + 1 < len(arguments)


def _may_print(token: Token) -> bool:
    if token.kind == "op":
        return token.text in ("-", "+", "~", "{", "[", ">>", "`")
    return token.is_operand_start or token.text == "not" or token.text == "`"


def _print_call(scene: Scene, word: Token, arguments: tuple[Token, ...]) -> list[TextEdit]:
    first, last = arguments[0], arguments[-1]
    keywords = ""
    edits: list[TextEdit] = []
    start = first.start
    if first.text == ">>":
        comma = next((t for t in arguments if t.text == "," and t.depth == first.depth), None)
        target_end = comma.start if comma else last.end
        keywords = f"file={scene.source[first.end : target_end].strip()}"
        rest = [t for t in arguments if comma is not None and t.start > comma.start]
        start = rest[0].start if rest else last.end
    trailing = last.text == "," and last.start >= start
    if trailing:
        keywords = ", ".join(filter(None, ('end=" "', keywords)))
        edits.append(put(last.start, last.end, f", {keywords})"))
    elif keywords:
        separator = ", " if start < last.end else ""
        edits.append(insert(last.end, f"{separator}{keywords})"))
    else:
        edits.append(insert(last.end, ")"))
    edits.insert(0, put(word.end, start, "("))
    return edits


def exec_statements(scene: Scene) -> Iterator[Idea]:
    """Call `exec` as a function, `in` its namespace."""
    edits: list[TextEdit] = []
    count = 0
    for word, *rest in _bodies(scene, "exec"):
        if not rest or not (rest[0].kind in ("string", "name") and not iskeyword(rest[0].text)):
            continue
        count += 1
        edits.append(put(word.end, rest[0].start, "("))
        into = next((t for t in rest if t.text == "in" and t.depth == word.depth), None)
        if into is not None:
            edits.append(put(into.start - 1, into.end, ","))
        edits.append(insert(rest[-1].end, ")"))
    if edits:
        why = "In Python 3 `exec` is a function."
        yield Idea(tuple(edits), 0.1, f"Call exec as a function{places(count)}", why)


def except_comma(scene: Scene) -> Iterator[Idea]:
    """Write `except E as e` for `except E, e`, or bracket several exceptions."""
    named: list[TextEdit] = []
    for statement in scene.scan.statements:
        commas = [t for t in statement if t.text == "," and t.depth == statement[0].depth]
        colon = next((t for t in statement if t.text == ":" and t.depth == 0), None)
        if statement[0].text != "except" or not commas or colon is None:
            continue
        words = [t for t in statement[1:] if t.start < colon.start]
        last = words[-1]
        alone = len(commas) == 1 and last.kind == "name" and words[-2] is commas[0]
        if alone and last.text[0].islower():
            named.append(put(commas[0].start, last.start, " as "))
            continue
        why = "Several exceptions are written in brackets."
        edits = (insert(words[0].start, "("), insert(last.end, ")"))
        yield Idea(edits, 0.3, "Write the exceptions in brackets", why)
    if named:
        why = "Python 3 names a caught exception with `as`."
        yield Idea(tuple(named), 0.1, f"Name the exception with `as`{places(len(named))}", why)


def raise_comma(scene: Scene) -> Iterator[Idea]:
    """Write `raise E("text")` for `raise E, "text"`."""
    edits: list[TextEdit] = []
    count = 0
    for statement in _bodies(scene, "raise"):
        commas = [t for t in statement if t.text == "," and t.depth == statement[0].depth]
        if not commas or len(commas) > 2:
            continue
        count += 1
        following = next((t for t in statement if t.start > commas[0].start), None)
        if following is None:
            continue
        edits.append(put(commas[0].start, following.start, "("))
        if len(commas) == 2:
            trace = next((t for t in statement if t.start > commas[1].start), None)
            if trace is not None:
                edits.append(put(commas[1].start, trace.start, ").with_traceback("))
        edits.append(insert(statement[-1].end, ")"))
    if edits:
        why = "In Python 3 the exception is called with its message."
        yield Idea(tuple(edits), 0.1, f"Call the exception with its message{places(count)}", why)


def backticks(scene: Scene) -> Iterator[Idea]:
    """Write `repr(x)` for backticks around x."""
    for line in scene.scan.lines:
        ticks = [t for t in line.tokens if t.kind == "odd" and t.text == "`"]
        if (
            not ticks
            or len(ticks) % 2
            or any(t.depth != u.depth for t, u in zip(ticks[::2], ticks[1::2], strict=True))
        ):
            continue
        edits = []
        for left, right in zip(ticks[::2], ticks[1::2], strict=True):
            edits += [put(left.start, left.end, "repr("), put(right.start, right.end, ")")]
        why = "Python 3 has no backticks; they meant `repr()`."
        yield Idea(tuple(edits), 0.5, "Write `repr()` for the backticks", why)
        quoted = tuple(put(t.start, t.end, "'") for t in ticks)
        why = "Strings are written with straight quotes, not with backticks."
        yield Idea(quoted, 0.9, "Write quotes for the backticks", why)


def old_numbers(scene: Scene) -> Iterator[Idea]:
    """Write `0o17` for `017`, `1` for `01`, and `10` for `10L`."""
    longs, small, octal, plain = [], [], [], []
    for token in scene.scan.code:
        if token.kind != "number":
            continue
        digits = token.text
        if digits[-1] in "lL":
            longs.append(put(token.end - 1, token.end, ""))
        elif re.fullmatch(r"0+[\d_]*[1-9][\d_]*", digits):
            bare = digits.lstrip("0_")
            if len(bare) == 1 or set(bare) & {"8", "9"}:
                small.append(put(token.start, token.end, bare))
            else:
                octal.append(put(token.start, token.end, "0o" + bare))
                plain.append(put(token.start, token.end, bare))
    if longs:
        why = "Whole numbers need no `L` in Python 3: all can be as large as need be."
        yield Idea(tuple(longs), 0.05, f"Remove the `L`{places(len(longs))}", why)
    why = "A whole number does not begin with 0 in Python 3."
    title = f"Remove the leading zeros{places(len(small) + len(plain))}"
    if small or plain:
        guesses = "that the number is decimal, not octal" if plain else ""
        edits = tuple(sorted((*small, *plain), key=lambda e: e.span))
        yield Idea(edits, 0.9 if plain else 0.1, title, why, guesses)
    if octal:
        edits = tuple(sorted((*small, *octal), key=lambda e: e.span))
        title = f"Write the octal number with `0o`{places(len(octal))}"
        why = "Python 3 writes octal numbers with `0o`."
        yield Idea(edits, 0.4, title, why)


def old_string_prefix(scene: Scene) -> Iterator[Idea]:
    """Write `r''` for `ur''`."""
    edits = tuple(
        put(t.start, t.start + 2, "r")
        for t in scene.scan.code
        if t.kind == "string" and t.text[:2].lower() == "ur"
    )
    if edits:
        why = "Every string is Unicode in Python 3, so there is no `ur`."
        yield Idea(edits, 0.05, f"Write `r` for `ur`{places(len(edits))}", why)


def tuple_parameters(scene: Scene) -> Iterator[Idea]:
    """Take a tuple parameter of a function apart in its body, of a lambda by index."""
    statement = scene.scan.statement_at(scene.fault.offset)
    code = scene.scan.code
    for index, token in enumerate(code):
        if token.text == "(" and index in scene.scan.pairs and statement:
            inner = code[index + 1 : scene.scan.pairs[index]]
            if not inner or not all(t.text == "," or _plain(t) for t in inner):
                continue
            names = [t.text for t in inner if t.kind == "name"]
            if index and code[index - 1].text == "lambda":
                yield from _lambda_parts(scene, index, names)
            elif _in_parameters(scene, index) and token in statement:
                yield from _function_parts(scene, index, names, statement)


def _plain(token: Token) -> bool:
    return token.kind == "name" and not iskeyword(token.text)


def _lambda_parts(scene: Scene, index: int, names: list[str]) -> Iterator[Idea]:
    code, end = scene.scan.code, scene.scan.pairs[index]
    if end + 1 >= len(code) or code[end + 1].text != ":":
        return
    whole = "_".join(names)
    edits = [put(code[index].start, code[end].end, whole)]
    for position in range(end + 2, len(code)):
        token = code[position]
        if token.depth < code[index].depth or (
            token.text in (",", ";") and token.depth == code[index].depth
        ):
            break
        if scene.scan.line_at(token.start).number > scene.scan.line_at(code[end].end).number + 2:
            break
        if token.text in names and code[position - 1].text != ".":
            edits.append(put(token.start, token.end, f"{whole}[{names.index(token.text)}]"))
    why = "Python 3 does not take tuples apart in the parameters of a function."
    yield Idea(tuple(edits), 0.3, "Take the tuple apart inside the lambda", why)


def _in_parameters(scene: Scene, index: int) -> bool:
    outer = scene.scan.enclosing(index)
    code = scene.scan.code
    return (
        outer is not None
        and outer > 1
        and code[outer - 2].text == "def"
        and code[outer].text == "("
    )


def _function_parts(
    scene: Scene, index: int, names: list[str], statement: tuple[Token, ...]
) -> Iterator[Idea]:
    code, end = scene.scan.code, scene.scan.pairs[index]
    whole = "_".join(names)
    header = scene.scan.line_at(statement[-1].end)
    body = scene.scan.next_code(header)
    if statement[-1].text != ":" or body is None or not body.indent:
        return
    source = scene.source[code[index].start : code[end].end]
    edits = (
        put(code[index].start, code[end].end, whole),
        insert(body.start, f"{body.indent}{source} = {whole}\n"),
    )
    why = "Python 3 does not take tuples apart in the parameters of a function."
    yield Idea(edits, 0.3, "Take the tuple apart in the body", why)
