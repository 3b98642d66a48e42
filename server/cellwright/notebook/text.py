"""Text edits of one source: apply, compose, map, and find the smallest between two texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from cellwright.notebook.edit import Span, TextEdit

_MOST_LINES = 4000
"""Above this many differing lines one edit replaces them all: matching lines is quadratic."""


def apply_text(source: str, edits: Iterable[TextEdit]) -> str:
    """Return the source with sorted, disjoint edits applied.

    Raises `ValueError` when a span is outside the source, reversed, or before the one before it.
    """
    parts: list[str] = []
    done = 0
    for edit in edits:
        if not done <= edit.span.start <= edit.span.end <= len(source):
            raise ValueError(f"the span {edit.span.start}..{edit.span.end} cannot be edited")
        parts += (source[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join((*parts, source[done:]))


def invert_text(source: str, edits: Iterable[TextEdit]) -> tuple[TextEdit, ...]:
    """Return the edits that turn the edited text back into `source`."""
    inverse: list[TextEdit] = []
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        back = source[edit.span.start : edit.span.end]
        inverse.append(TextEdit(Span(start, start + len(edit.text)), back))
        shift += len(edit.text) - len(back)
    return tuple(inverse)


def map_span(span: Span, edits: Iterable[TextEdit]) -> Span | None:
    """Return where a span of the old source lies in the new one.

    An edit inside the span, or of just the span, grows or shrinks it; text inserted at either end
    stays outside. None when an edit crosses a border of the span or replaces more than it.
    """
    start, end = span.start, span.end
    for edit in edits:
        growth = len(edit.text) - (edit.span.end - edit.span.start)
        if edit.span.end <= span.start:
            start, end = start + growth, end + growth
        elif edit.span.start >= span.end:
            break
        elif span.start <= edit.span.start and edit.span.end <= span.end:
            end += growth
        else:
            return None
    return Span(start, end)


def compose(
    source: str, first: Sequence[TextEdit], second: Sequence[TextEdit]
) -> tuple[TextEdit, ...]:
    """Return the edits of `source` that do what `first` and then `second` do."""
    pieces = list(_pieces(len(source), first))
    for edit in reversed(second):
        length = sum(map(_length, pieces))
        before = _cut(pieces, 0, edit.span.start)
        pieces = [*before, edit.text, *_cut(pieces, edit.span.end, length)]
    return tuple(_edits(pieces, len(source)))


def text_change(old: str, new: str) -> tuple[TextEdit, ...]:
    r"""Return small edits that turn `old` into `new`.

    Lines are matched first, then each differing block is trimmed to what differs; no edit starts
    or ends between `\r` and `\n`, where a client has no position.
    """
    if old == new:
        return ()
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(old_lines) + len(new_lines) > _MOST_LINES:
        return (trimmed(old, 0, len(old), new),)
    matcher = SequenceMatcher(None, old_lines, new_lines, autojunk=False)
    edits: list[TextEdit] = []
    start = 0
    for tag, i, j, k, m in matcher.get_opcodes():
        before, after = old_lines[i:j], new_lines[k:m]
        if tag != "equal" and len(before) != len(after):
            before, after = ["".join(before)], ["".join(after)]
        for line, replacement in zip(before, after, strict=True):
            if line != replacement:
                edits.append(trimmed(old, start, start + len(line), replacement))
            start += len(line)
    return tuple(edits)


def trimmed(old: str, start: int, end: int, text: str) -> TextEdit:
    r"""Return the edit of `old[start:end]` to `text`, less what they begin and end with alike.

    It neither starts nor ends between `\r` and `\n`.
    """
    block = old[start:end]
    head = _common(block, text)
    while head and _splits_line_end(old, start + head):
        head -= 1
    tail = _common(block[head:][::-1], text[head:][::-1])
    while tail and _splits_line_end(old, end - tail):
        tail -= 1
    return TextEdit(Span(start + head, end - tail), text[head : len(text) - tail])


def _common(one: str, other: str) -> int:
    """Return the length of the common prefix."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _splits_line_end(text: str, offset: int) -> bool:
    return text[offset - 1 : offset + 1] == "\r\n"


Piece = Span | str
"""A stretch of the edited text: kept from the source, or new."""


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, str) else piece.end - piece.start


def _pieces(length: int, edits: Iterable[TextEdit]) -> Iterator[Piece]:
    done = 0
    for edit in edits:
        yield Span(done, edit.span.start)
        yield edit.text
        done = edit.span.end
    yield Span(done, length)


def _cut(pieces: Iterable[Piece], start: int, end: int) -> Iterator[Piece]:
    """Yield what lies between two offsets of the edited text."""
    at = 0
    for piece in pieces:
        low, high = max(start - at, 0), min(end - at, _length(piece))
        if low < high:
            if isinstance(piece, str):
                yield piece[low:high]
            else:
                yield Span(piece.start + low, piece.start + high)
        at += _length(piece)


def _edits(pieces: Iterable[Piece], length: int) -> Iterator[TextEdit]:
    text, done = "", 0
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        elif piece.start < piece.end:
            if text or piece.start > done:
                yield TextEdit(Span(done, piece.start), text)
            text, done = "", piece.end
    if text or done < length:
        yield TextEdit(Span(done, length), text)
