"""How strange a line looks: what tells a likely place for a quote from an unlikely one."""

from __future__ import annotations

import re
from itertools import pairwise

from cellwright.notebook.edit import TextEdit
from cellwright.notebook.text import apply_text
from cellwright.repair.syntax.scan import CLOSERS, OPENERS, Token, scan

_STRANGE = (
    (re.compile(r"[,(\[]\s*\w+\s*=\s*[\w\"'(\[]"), 0.8),  # "ffill, limit=2"
    (re.compile(r"^\s*[,+)\]]|[,(\[+]\s*$"), 0.7),  # ", "
    (re.compile(r"[\"']\s*[:+=)\]]|[\"']\s*,\s*[\"']|[+=(\[]\s*[\"']|:[\"']"), 1.0),  # "a': 1, 'b"
    (re.compile(r",[^\s,]"), 0.4),  # "total:,x"
    (re.compile(r"\w\(|\)\.\w|\s[*+]\s\d"), 0.5),  # "a".replace(
    (re.compile(r"\w\s*:\s*[\d\[{(]"), 0.4),  # "orange : 7"
    (re.compile(r"\s(?:in|not in|for|==)\s\w+$"), 0.5),  # "a in letters"
)


def strangeness(text: str, edits: tuple[TextEdit, ...]) -> float:
    """Return a cost for what some edits make of a line: odd strings, unbalanced brackets."""
    before = {token.text for token in scan(text).code if token.kind == "string" and token.closed}
    code = scan(apply_text(text, edits)).code
    cost = 0.0
    for token in code:
        if token.kind == "string" and token.text not in before:
            cost += _of_string(token)
    for left, right in pairwise(code):
        if left.end == right.start and left.kind == "string":
            cost += 1.5 * (right.kind == "string") + 0.8 * (right.kind == "name")
    return cost + 0.6 * abs(_balance(code))


def _of_string(token: Token) -> float:
    match = re.match(r"\w*(\"{3}|'{3}|\"|')", token.text)
    width = len(match.group(1)) if match else 1
    body = token.text[match.end() if match else 0 : -width].replace("\\", "")
    if match and "f" in match.group()[:-width].lower():
        body = re.sub(r"\{[^{}]*\}", "", body)
    cost = sum(price for pattern, price in _STRANGE if pattern.search(body))
    cost += 0.6 * any(body.count(a) != body.count(b) for a, b in OPENERS.items())
    return cost + 0.8 * (not _quotes_pair(body)) + 0.3 * (not body)


def _quotes_pair(body: str) -> bool:
    """Whether the quotes inside a string, apostrophes aside, open and close in turn."""
    opened = False
    for match in re.finditer(r"(?<!\w)[\"'](?!\d\d\b)|[\"'](?!\w)", body):
        opens = bool(re.match(r"[\w%{<$#@]", body[match.end() : match.end() + 1]))
        if opens == opened:
            return False
        opened = opens
    return not opened


def _balance(code: tuple[Token, ...]) -> int:
    signs = [token.text for token in code if token.kind == "op"]
    return sum(sign in OPENERS for sign in signs) - sum(sign in CLOSERS for sign in signs)
