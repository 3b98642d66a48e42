"""Literals: Windows paths, attributes of numbers, thousands separators, faults in f-strings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from cellwright.repair.syntax.generators.python2 import places
from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import Token

_WHY_BRACES = "Inside an f-string, what stands in braces is Python code."


def raw_path(scene: Scene) -> Iterator[Idea]:
    """Make a string raw whose backslashes are no escapes, such as a Windows path."""
    if not scene.says("unicodeescape", "unicode error", "truncated \\", "value error"):
        return
    found = [
        t
        for t in scene.scan.code
        if t.kind == "string" and re.match(r"[\"']", t.text) and re.search(r"\\[UuxN]", t.text)
    ]
    if found:
        why = "A backslash begins an escape such as `\\n`, unless an `r` stands before the string."
        edits = tuple(insert(t.start, "r") for t in found)
        yield Idea(edits, 0.1, f"Make the string raw{places(len(found))}", why)


def path_ending_in_backslash(scene: Scene) -> Iterator[Idea]:
    r"""Double the backslash that escapes the end of a string, as in `"C:\\data\\"`."""
    for token in scene.line.tokens:
        if token.kind != "string":
            continue
        body = scene.source[token.start : scene.line.end]
        match = re.match(r"[^\"']*([\"'])[^\"'\n]*?[^\\](\\)\1(?=\s*[),\]:;}]|\s*$)", body)
        if match:
            why = "A backslash before the last quote keeps it from ending the string."
            at = token.start + match.start(2)
            yield Idea((insert(at, "\\"),), 0.3, "Double the last backslash", why)


def unquoted_path(scene: Scene) -> Iterator[Idea]:
    """Put quotes around a path that is written without them."""
    text = scene.source[scene.line.start : scene.line.end]
    for match in re.finditer(
        r"(?<=[(=,\s])(?:[A-Za-z]:[\\/]|\.{0,2}/|~/)[\w./\\-]+\.\w+(?=\s*[),]|\s*$)", text
    ):
        start, end = scene.line.start + match.start(), scene.line.start + match.end()
        inside = any(
            t.kind in ("string", "comment") and t.start <= start < t.end for t in scene.scan.tokens
        )
        if not inside:
            prefix = "r" if "\\" in match.group() else ""
            why = "The name of a file is a string, and stands in quotes."
            edits = (insert(start, prefix + '"'), insert(end, '"'))
            yield Idea(edits, 0.4, "Put quotes around the path", why)


def number_attribute(scene: Scene) -> Iterator[Idea]:
    """Put brackets around a whole number whose attribute is asked for, as in `5.bit_length()`."""
    code = scene.scan.code
    for left, right in itertools.pairwise(code):
        if right.start != left.end or right.kind != "name" or left.kind != "number":
            continue
        near = left.start <= scene.fault.end + 1 and right.end >= scene.fault.offset
        if near and left.text.endswith(".") and left.text.count(".") == 1:
            why = "After a number the dot is read as a decimal point."
            edits = (insert(left.start, "("), insert(left.end - 1, ")"))
            yield Idea(edits, 0.2, "Put brackets around the number", why)


def thousands(scene: Scene) -> Iterator[Idea]:
    """Remove the separators of thousands in a number such as `1.000.000`."""
    for match in re.finditer(r"(?<![\w.])\d{1,3}(?:\.\d{3}){2,}(?![\w.])", scene.source):
        if scene.line.start <= match.start() < scene.line.end:
            why = "A number is written without separators, or with `_`."
            edit = put(match.start(), match.end(), match.group().replace(".", "_"))
            yield Idea((edit,), 0.3, "Write the number with `_`", why)


def name_starting_with_digit(scene: Scene) -> Iterator[Idea]:
    """Rename a variable that begins with a digit, everywhere in the cell."""
    found: dict[str, list[Token]] = {}
    code = scene.scan.code
    for left, right in itertools.pairwise(code):
        glued = right.kind == "name" and right.start == left.end and len(right.text) > 1
        if left.kind == "number" and left.text.isdigit() and glued:
            found.setdefault(left.text + right.text, []).append(left)
    for name, tokens in found.items():
        assigned = any(
            re.match(rf"{name}\s*=[^=]", scene.source[token.start :]) for token in tokens
        )
        if assigned:
            match = re.match(r"(\d+)_*(.*)", name)
            assert match is not None
            new = f"{match.group(2)}_{match.group(1)}"
            edits = tuple(put(t.start, t.start + len(name), new) for t in tokens)
            why = "The name of a variable cannot begin with a digit."
            guesses = f"that `{name}` is meant as a name"
            title = f"Rename `{name}` to `{new}`{places(len(edits))}"
            yield Idea(edits, 0.6, title, why, guesses)


def fstring_holes(scene: Scene) -> Iterator[Idea]:
    """Mend the braces of an f-string: two values in one, an open one, a lone closing one."""
    if not scene.says("f-string", "fstring", "'{'", "'}'", "invalid syntax", "comma"):
        return
    for token in scene.scan.code:
        if token.kind != "string" or "f" not in token.text.split(token.text[-1])[0].lower():
            continue
        near = scene.says("f-string", "fstring") or (
            token.start <= scene.fault.end and (token.end >= scene.fault.offset)
        )
        if near:
            yield from _two_values(token)
            if not re.match(r"[\w\"']", scene.source[token.end : token.end + 1]):
                yield from _lone_braces(token)


def _two_values(token: Token) -> Iterator[Idea]:
    edits = [
        put(token.start + match.end(1), token.start + match.start(2), "} {")
        for match in re.finditer(
            r"(?<!\{)\{\s*([\w.]+(?:\[[^\]{}]*\]|\(\))?)\s+([\w.]+(?:\[[^\]{}]*\]|\(\))?)\s*\}",
            token.text,
        )
        if match.group(1) not in ("not", "await", "lambda")
    ]
    if edits:
        guesses = "that both values are to be shown"
        title = "Show the two values in braces of their own"
        yield Idea(tuple(edits), 0.4, title, _WHY_BRACES, guesses)


def _lone_braces(token: Token) -> Iterator[Idea]:
    """Close an open brace after its expression, double or open a lone closing one."""
    text = token.text
    depth = 0
    opened = -1
    index = 0
    while index < len(text):
        pair = text[index : index + 2]
        if pair in ("{{", "}}") and not (pair == "}}" and depth):
            index += 2
            continue
        if text[index] == "{":
            if depth:
                break
            depth, opened = depth + 1, index
        elif text[index] == "}":
            if not depth:
                why = "A closing brace that is text is written twice in an f-string."
                edit = insert(token.start + index, "}")
                yield Idea((edit,), 0.7, "Double the closing brace", why)
                match = re.search(r"[\w.\[\]\"':]+$", text[:index])
                if match:
                    edit = insert(token.start + match.start(), "{")
                    yield Idea((edit,), 0.5, "Open the brace", _WHY_BRACES)
                return
            depth -= 1
        index += 1
    if depth:
        match = re.match(
            r"\s*[\w.]+(?:\[[^\]]*\]|\([^)]*\))*(?::[\w.,<>^+%-]+)?", text[opened + 1 :]
        )
        if match:
            edit = insert(token.start + opened + 1 + match.end(), "}")
            yield Idea((edit,), 0.3, "Close the brace", _WHY_BRACES)
        edit = insert(token.start + opened, "{")
        yield Idea((edit,), 1.3, "Double the opening brace", _WHY_BRACES)
