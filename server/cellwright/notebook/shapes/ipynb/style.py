"""How a notebook file is laid out, so that what is written into it looks like the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cellwright.notebook.shapes.ipynb.scan import (
    NotebookFormatError,
    ObjectLayout,
    scan_text,
    skip_space,
)

_ESCAPE = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_COMMA_AT_LINE_END = re.compile(r"([ \t]*,[ \t]*)\r?\n[ \t\n\r]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Style:
    """The layout of one object of the file, and of what is written inside it.

    `newline` is empty when the object stands on one line; then `edge` is the space inside its
    braces. `base` is the indentation of its closing brace, `unit` one step more. `escaped` tells
    whether non-ASCII characters are escaped, `lines` whether texts are lists of lines, `order` how
    members are sorted (by name when it is empty).
    """

    newline: str = "\n"
    base: str = ""
    unit: str = " "
    comma: str = ","
    colon: str = ": "
    edge: str = ""
    escaped: bool = False
    lines: bool = True
    order: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """What stands before each member: nothing, or a new line and its indentation."""
        return self.newline and self.newline + self.base + self.unit

    def dump(self, value: Any) -> str:
        """Return a value as JSON text that stands as a member. Raises `NotebookFormatError`."""
        try:
            text = json.dumps(
                value,
                ensure_ascii=self.escaped,
                indent=self.unit if self.newline else None,
                separators=(self.comma, self.colon),
                sort_keys=not self.order,
            )
        except RecursionError:
            raise NotebookFormatError(
                "An output or metadata nests too deeply to be written. Clear it, and try again."
            ) from None
        if self.newline:
            text = text.replace("\n", self.step)
        return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)

    def dump_object(self, members: Mapping[str, str]) -> str:
        """Return the object with these members, whose values are JSON text already."""
        names = sorted(members)
        if self.order:
            place = {name: index for index, name in enumerate(self.order)}
            names.sort(key=lambda name: place.get(name, len(place)))
        parts = (f"{json.dumps(name)}{self.colon}{members[name]}" for name in names)
        body = (self.comma + self.step).join(parts)
        if not self.newline:
            return f"{{{self.edge}{body}{self.edge}}}"
        return f"{{{self.step}{body}{self.newline}{self.base}}}"


def escapes_non_ascii(text: str) -> bool | None:
    """Return whether a JSON text writes non-ASCII characters as escapes, None if it has none."""
    if not text.isascii():
        return False
    for match in _ESCAPE.finditer(text):
        before = text[max(match.start() - 64, 0) : match.start()]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:  # else the backslash is escaped
            return True
    return None


def style_of(text: str, layout: ObjectLayout, *, escaped: bool) -> Style:
    """Return the style of an object that has members."""
    keys = sorted(layout.members, key=lambda key: layout.members[key])
    first, last = layout.members[keys[0]], layout.members[keys[-1]]
    opening = text[layout.span.start + 1 : skip_space(text, layout.span.start + 1)]
    between = text[first.end : layout.members[keys[1]].key] if len(keys) > 1 else ""
    colon = text[scan_text(text, first.key + 1, True)[1] : first.start]
    source = layout.members.get("source")
    style = Style(
        newline="",
        comma=between if _COMMA.fullmatch(between) else ", " if colon.endswith(" ") else ",",
        colon=": " if "\n" in colon else colon,
        edge=opening,
        escaped=escaped,
        lines=source is None or text.startswith("[", source.start),
        order=() if keys == sorted(keys) else tuple(keys),
    )
    if "\n" not in opening:
        return style
    closing = text[last.end : layout.span.end - 1]
    inner = opening.rpartition("\n")[2]
    base = closing.rpartition("\n")[2] if "\n" in closing else ""
    at_line_end = _COMMA_AT_LINE_END.fullmatch(between)
    return replace(
        style,
        newline="\r\n" if "\r\n" in opening else "\n",
        base=base if inner.startswith(base) else "",
        unit=inner.removeprefix(base),
        comma=at_line_end[1] if at_line_end else ",",
    )


def first_cell_style(text: str, root: ObjectLayout, *, escaped: bool) -> Style:
    """Return the style for the cells of a notebook that has none yet."""
    style = replace(style_of(text, root, escaped=escaped), order=(), lines=True)
    return replace(style, base=style.base + style.unit * 2) if style.newline else style
