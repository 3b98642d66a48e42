"""Characters that Python does not read: typographic quotes, dashes, spaces, full-width signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from cellwright.notebook.edit import TextEdit
from cellwright.repair.syntax.generators.python2 import places
from cellwright.repair.syntax.model import Idea, Scene, put

_DOUBLE = "“”„‟«»＂″"
_SINGLE = "‘’‚‛′＇"
_SIGNS = {
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "×": "*", "·": "*",
    "∗": "*", "⋅": "*", "÷": "/", "∕": "/", "⁄": "/", "≤": "<=", "≥": ">=", "≠": "!=", "…": "...",
    "，": ",", "：": ":", "；": ";", "（": "(", "）": ")", "［": "[", "］": "]", "｛": "{",
    "｝": "}", "＝": "=", "＋": "+", "－": "-",
    "＊": "*", "／": "/", "＜": "<", "＞": ">", "。": ".",
    "、": ",", "【": "[", "】": "]", "！": "!", "％": "%", "＃": "#", "￼": "", "²": "**2",
    "³": "**3", "∞": "float('inf')", "¬": "not ", "∧": " and ", "∨": " or ",
}  # fmt: skip
_PAIRS = re.compile(
    rf"[{_DOUBLE}\"]([^{_DOUBLE}\"\n]*)[{_DOUBLE}\"]|[{_SINGLE}']([^{_SINGLE}'\n]*)[{_SINGLE}']"
)


def odd_characters(scene: Scene) -> Iterator[Idea]:
    """Replace all such characters outside strings and comments in one go."""
    quotes = _quote_edits(scene)
    spaces: list[TextEdit] = []
    signs: list[TextEdit] = []
    covered = [edit.span for edit in quotes]
    for token in scene.scan.tokens:
        if token.kind != "odd" or any(s.start <= token.start < s.end for s in covered):
            continue
        text = _plain(token.text)
        if text is not None:
            (spaces if not text.strip() else signs).append(put(token.start, token.end, text))
    if quotes:
        why = "Strings are written with straight quotes; these were made by a word processor."
        title = f"Replace typographic quotes with straight ones{places(len(quotes))}"
        yield Idea(tuple(quotes), 0.05, title, why)
    if spaces:
        why = "These look like spaces, or like nothing, but are characters that Python cannot read."
        title = f"Replace invisible characters{places(len(spaces))}"
        yield Idea(tuple(spaces), 0.05, title, why)
    if signs:
        why = "These look like Python's own signs, but are other characters."
        title = f"Replace signs that Python does not know{places(len(signs))}"
        yield Idea(tuple(signs), 0.1, title, why)


def _plain(char: str) -> str | None:
    """Return what Python writes for a character, None if that is not known."""
    if char in _SIGNS:
        return _SIGNS[char]
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category in ("Cf", "Cc"):
        return ""
    folded = unicodedata.normalize("NFKC", char)
    return folded if folded != char and folded.isascii() else None


def _quote_edits(scene: Scene) -> list[TextEdit]:
    """Return the edits that straighten quotes, keeping those inside a string of the other kind."""
    odd = {t.start for t in scene.scan.tokens if t.kind == "odd" and t.text in _DOUBLE + _SINGLE}
    strings = [t for t in scene.scan.code if t.kind == "string" and t.closed]
    edits: list[TextEdit] = []
    done = 0
    for match in _PAIRS.finditer(scene.source):
        start, end = match.start(), match.end() - 1
        own = any(t.start < start < t.end for t in strings)
        if start < done or own or not {start, end} & odd:
            continue
        quote = '"' if match.group(1) is not None else "'"
        if quote in match.group()[1:-1]:
            continue
        edits += [put(start, start + 1, quote), put(end, end + 1, quote)]
        done = end + 1
    pairs = list(zip(edits[::2], edits[1::2], strict=True))
    for at in sorted(odd - {edit.span.start for edit in edits}):
        if not any(first.span.start < at < last.span.start for first, last in pairs):
            edits.append(put(at, at + 1, '"' if scene.source[at] in _DOUBLE else "'"))
    kept = [e for e in edits if scene.source[e.span.start : e.span.end] != e.text]
    return sorted(kept, key=lambda edit: edit.span)
