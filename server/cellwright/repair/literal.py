"""Write a value as a literal in the style of the one that stood there."""

from __future__ import annotations

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quote_of(text: str) -> str:
    """Return the quote that a string literal's text uses (its prefix is skipped)."""
    body = text.lstrip("rRbBuUfFtT")
    for quote in ('"""', "'''", '"', "'"):
        if body.startswith(quote):
            return quote
    return '"'


def string_like(value: str, text: str) -> str:
    """Return a plain string literal of `value` with the quotes of the literal `text`."""
    quote = quote_of(text)
    return f"{quote}{escaped(value, quote)}{quote}"


def escaped(value: str, quote: str) -> str:
    """Return the body of a string literal of `value` between such quotes."""
    body = "".join(_ESCAPES.get(char, char) for char in value)
    return body.replace(quote, "\\" + quote) if quote in body else body


def literal_like(value: object, text: str) -> str:
    """Return a literal of `value`, in the quotes of the literal `text` if both are strings."""
    styled = isinstance(value, str) and text[-1:] in {"'", '"'}
    return string_like(value, text) if styled and isinstance(value, str) else repr(value)
