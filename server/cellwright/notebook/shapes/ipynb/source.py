"""The source of a cell as JSON text: a text or a list of lines, escaped as it was."""

from __future__ import annotations

import re
from dataclasses import replace

from cellwright.notebook.shapes.ipynb.scan import scan_text
from cellwright.notebook.shapes.ipynb.style import Style, escapes_non_ascii

_LITERAL = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_RAW_LINE = re.compile(r"(?:[^\\]|\\[^n])*(?:\\n|$)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def source_text(source: str, style: Style) -> str:
    """Return a source that the file did not have, as JSON text in the file's style."""
    return style.dump(_LINE.findall(source) if style.lines else source)


def changed_source(raw: str, source: str, style: Style) -> str:
    """Return the JSON text of a source that replaces `raw`, in its form and layout.

    Lines that stay keep their bytes.
    """
    escaped = escapes_non_ascii(raw)
    if escaped is not None:
        style = replace(style, escaped=escaped)
    literals = list(_LITERAL.finditer(raw))
    known = {
        scan_text(line + '"', 0, True)[0]: line
        for literal in literals
        for line in _RAW_LINE.findall(literal[1])
    }
    lines = [known.get(line) or style.dump(line)[1:-1] for line in _LINE.findall(source)]
    if raw.startswith('"'):
        return f'"{"".join(lines)}"'
    if not lines:
        return "[]"
    if not literals:
        return source_text(source, replace(style, lines=True))
    opening = raw[1 : literals[0].start()]
    closing = raw[literals[-1].end() : -1]
    if len(literals) > 1:
        comma = raw[literals[0].end() : literals[1].start()]
    else:
        comma = "," + opening if opening else style.comma
    return f"[{opening}{comma.join(map(json_text, lines))}{closing}]"


def json_text(body: str) -> str:
    """Return a JSON text literal from what stands between its quotes."""
    return f'"{body}"'
