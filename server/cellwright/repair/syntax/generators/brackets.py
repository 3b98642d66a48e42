"""Brackets that are not closed, not opened, or closed by the wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from keyword import iskeyword

from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import BLOCK_WORDS, CLOSERS, OPENERS, Line, Token

_NAMES = {"(": "parenthesis", "[": "bracket", "{": "brace"}
_WHY_CLOSE = "Every opening bracket needs the closing one."
_WHY_EXTRA = "There is a closing bracket more than there are opening ones."
_FAR = 15
"""Lines after an opening bracket in which its end is looked for."""


def _unmatched(scene: Scene) -> tuple[list[Token], Token | None]:
    """Return the open brackets where reading stops, and the closer that fits none."""
    stack: list[Token] = []
    for token in scene.scan.code:
        if token.kind != "op":
            continue
        if token.text in OPENERS:
            stack.append(token)
        elif token.text in CLOSERS:
            if not stack or stack[-1].text != CLOSERS[token.text]:
                return stack, token
            stack.pop()
    return stack, None


def close_bracket(scene: Scene) -> Iterator[Idea]:
    """Close brackets that are never closed, wherever an expression can end."""
    stack, stray = _unmatched(scene)
    if not stack or stray is not None:
        return
    for count in sorted({1, _run(scene, stack)}):
        opener = stack[-count]
        closing = "".join(OPENERS[t.text] for t in reversed(stack[-count:]))
        what = f"Close the {_NAMES[opener.text]}" if count == 1 else "Close the brackets"
        for at, cost in _ends(scene, stack[-1]):
            text = _own_line(scene, opener, at) + closing
            yield Idea((insert(at, text),), cost, what, _WHY_CLOSE)
    inner = stack[-1]
    what = f"Remove the {_NAMES[inner.text]} that is never closed"
    yield Idea((put(inner.start, inner.end, ""),), 1.8, what, _WHY_CLOSE)


def _own_line(scene: Scene, opener: Token, at: int) -> str:
    """Return a line end where the bracket's contents stand on lines of their own, else nothing."""
    line = scene.scan.line_at(opener.start)
    last = scene.scan.line_at(at)
    apart = line.tokens[-1] is opener and last is not line and at == last.code_end
    return "\n" + line.indent if apart and last.comment is None else ""


def _run(scene: Scene, stack: list[Token]) -> int:
    """Return how many of the innermost open brackets were opened in the same line."""
    line = scene.scan.line_at(stack[-1].start)
    return sum(token.start >= line.start for token in stack)


def _ends(scene: Scene, opener: Token) -> Iterator[tuple[int, float]]:
    """Yield the places where a bracket could be closed, and the cost of each."""
    scan = scene.scan
    line: Line | None = scan.line_at(opener.start)
    assert line is not None
    indent = line.width
    natural = False
    late = 0.0
    for _ in range(_FAR):
        if line.tokens:
            yield from _ends_within(line, opener, late)
            following = scan.next_code(line)
            last = line.tokens[-1]
            goes_on = last.text in (",", *OPENERS) or not last.is_operand_end
            outside = following is None or following.width <= indent
            listed = last.text == "," and line.depth > 0
            cost = 1.6 if goes_on and not listed else 0.2 if outside else 0.9
            if not _is_header(line) or last.text != ":":
                yield line.code_end, cost + late
            natural = natural or (outside and not goes_on)
            late += 0.8 if natural else 0.1
        following = scan.next_code(line)
        if following is None or _certainly_new(following):
            return
        line = following


def _is_header(line: Line) -> bool:
    return line.first is not None and line.first.text in BLOCK_WORDS


def _ends_within(line: Line, opener: Token, late: float) -> Iterator[tuple[int, float]]:
    tokens = [t for t in line.tokens if t.start >= opener.end]
    previous = opener
    for token in tokens:
        if (previous is not opener and previous.is_operand_end) or token is tokens[0]:
            if token.text == ":" and token is tokens[-1]:
                yield previous.end, (0.2 if _is_header(line) else 1.5) + late
            elif token.text in CLOSERS:
                yield previous.end, 1.0 + late
            elif token.text == ",":
                yield previous.end, 1.5 + late
            elif token.text == "=" or (token.kind == "op" and token.text not in OPENERS):
                yield previous.end, 1.7 + late
            elif iskeyword(token.text):
                yield previous.end, 1.6 + late
            elif token.is_operand_start and previous.is_operand_end:
                yield previous.end, 1.4 + late
        previous = token


def _certainly_new(line: Line) -> bool:
    """Whether a line begins with what no expression can hold."""
    first = line.first
    if first is None or first.kind == "magic":
        return True
    words = ("def", "class", "import", "return", "while", "with", "try", "raise", "del", "elif")
    if first.text in words or (first.text in ("for", "if") and line.tokens[-1].text == ":"):
        return True
    return len(line.tokens) > 1 and line.tokens[1].text in ("+=", "-=", "*=", "/=")


def unmatched_closer(scene: Scene) -> Iterator[Idea]:
    """Deal with a closing bracket that nothing opened."""
    stack, stray = _unmatched(scene)
    if stray is None or stack:
        return
    name = _NAMES[CLOSERS[stray.text]]
    title = f"Remove the surplus {name}"
    yield Idea((put(stray.start, stray.end, ""),), 0.4, title, _WHY_EXTRA)
    statement = [t for t in scene.scan.statement_at(stray.start) if t.start < stray.start]
    opener = CLOSERS[stray.text]
    title = f"Open the {name}"
    for index, token in enumerate(statement):
        if token.text == stray.text:
            title_other = f"Remove the surplus {name}"
            yield Idea((put(token.start, token.end, ""),), 1.5, title_other, _WHY_EXTRA)
        following = statement[index + 1] if index + 1 < len(statement) else stray
        calls = token.kind == "name" and not iskeyword(token.text)
        if calls and following.is_operand_start and following.text not in OPENERS:
            edit = put(token.end, following.start, opener)
            yield Idea((edit,), 0.3 if opener != "{" else 1.5, title, _WHY_EXTRA)
        elif calls and following is stray and opener == "(":
            yield Idea((insert(token.end, opener),), 0.5, title, _WHY_EXTRA)
        elif following.is_operand_start and not token.is_operand_end:
            cost = 1.0 if token.text in ("=", "return", ",", "in") else 1.5
            yield Idea((insert(following.start, opener),), cost, title, _WHY_EXTRA)
    for token in statement:
        if token.kind == "name" and opener != "{":
            for at in _seams(scene, token):
                edit = insert(token.start + at, opener)
                yield Idea((edit,), 0.5, title, _WHY_EXTRA)
    if statement and statement[0].is_operand_start and statement[0].text != opener:
        yield Idea((insert(statement[0].start, opener),), 1.3, title, _WHY_EXTRA)


def _seams(scene: Scene, token: Token) -> Iterator[int]:
    """Yield where a name such as `printx` is two known names in one, or a name and a number."""
    index = scene.scan.index_at(token.start)
    dotted = index > 0 and scene.scan.code[index - 1].text == "."
    for at in range(2, len(token.text)):
        first, second = token.text[:at], token.text[at:]
        known = second.isdigit() or second in scene.names
        if known and (dotted or first in scene.names) and not first[-1].isdigit():
            yield at


def wrong_closer(scene: Scene) -> Iterator[Idea]:
    """Deal with a closing bracket that does not fit the one that is open."""
    stack, stray = _unmatched(scene)
    if stray is None or not stack:
        return
    opener = stack[-1]
    right = OPENERS[opener.text]
    fits_below = any(t.text == CLOSERS[stray.text] for t in stack[:-1])
    why = f"`{opener.text}` is closed by `{right}`, not by `{stray.text}`."
    name = _NAMES[opener.text]
    yield Idea(
        (put(stray.start, stray.end, right),),
        1.0 if fits_below else 0.2,
        f"Replace `{stray.text}` with `{right}`",
        why,
    )
    if fits_below:
        for at, cost in _ends_before(scene, opener, stray):
            yield Idea((insert(at, right),), cost, f"Close the {name}", why)
    title = f"Replace `{opener.text}` with `{CLOSERS[stray.text]}`"
    edit = put(opener.start, opener.end, CLOSERS[stray.text])
    yield Idea((edit,), 1.0, title, why)
    title = f"Remove the surplus `{stray.text}`"
    yield Idea((put(stray.start, stray.end, ""),), 1.2, title, why)
    title = f"Remove the `{opener.text}` that is never closed"
    yield Idea((put(opener.start, opener.end, ""),), 1.8, title, why)


def _ends_before(scene: Scene, opener: Token, stray: Token) -> Iterator[tuple[int, float]]:
    previous = opener
    for token in scene.scan.code:
        if not opener.start < token.start <= stray.start:
            continue
        if token is stray:
            yield previous.end, 0.3
        elif previous.is_operand_end and (token.text in (",", ":") or token.kind == "op"):
            near = scene.scan.line_at(token.start) is scene.scan.line_at(opener.start)
            yield previous.end, 1.0 if token.text == "," and near else 1.6
        previous = token
