"""Text pasted along with code: prompts, fences, shell commands, trailing white space."""

from __future__ import annotations

import re
from collections.abc import Iterator
from keyword import iskeyword

from cellwright.notebook.edit import TextEdit
from cellwright.repair.syntax.generators.python2 import places
from cellwright.repair.syntax.model import Idea, Scene, insert, put

_PROMPT = re.compile(r"(?:>>> ?|\.\.\.(?: |$)|In \[[\d ]*\]: ?)")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)[\w{}. -]*$")
_MAGICS = frozenset(("pip", "conda", "mamba", "cd"))
_COMMANDS = _MAGICS | frozenset((
    "pip3", "python", "python3", "ls", "pwd", "git", "wget", "curl", "mkdir", "cat", "head", "tail",
    "touch", "unzip", "tar", "gunzip", "apt", "apt-get", "brew", "jupyter", "npm", "cp", "mv",
    "echo", "which", "whoami", "nvidia-smi", "kaggle", "uv", "poetry", "pytest", "source", "export",
    "make", "sed", "grep", "find", "wc", "du", "df", "chmod", "bash", "sh", "gcc", "java", "node",
    "docker",
))  # fmt: skip


def prompts(scene: Scene) -> Iterator[Idea]:
    """Remove the prompts of an interactive session from the starts of lines."""
    edits = []
    for line in scene.scan.lines:
        text = scene.source[line.start + len(line.indent) : line.end]
        match = _PROMPT.match(text)
        if match:
            at = line.start + len(line.indent)
            edits.append(put(at, at + match.end(), ""))
    if edits:
        why = "`>>>`, `...` and `In [1]:` are shown by Python; they are no part of the code."
        yield Idea(tuple(edits), 0.1, f"Remove the prompts{places(len(edits))}", why)


def fences(scene: Scene) -> Iterator[Idea]:
    """Remove the lines that fence code in Markdown."""
    edits: list[TextEdit] = []
    for line in scene.scan.lines:
        if _FENCE.match(scene.source[line.start : line.end]):
            last = line.number + 1 == len(scene.scan.lines)
            end = line.end if last else scene.scan.lines[line.number + 1].start
            start = line.start
            if last and line.number:
                start = scene.scan.lines[line.number - 1].end
            if not edits or start >= edits[-1].span.end:
                edits.append(put(start, end, ""))
    if edits:
        why = "The lines with ``` mark code in Markdown; a code cell needs none."
        yield Idea(tuple(edits), 0.1, f"Remove the Markdown fence{places(len(edits))}", why)


def shell_lines(scene: Scene) -> Iterator[Idea]:
    """Run the lines that are shell commands in the shell, or with the magic of that name."""
    edits = []
    for line in scene.scan.lines:
        if line.inside or line.indent or not line.tokens or line.depth:
            continue
        text = scene.source[line.start : line.end]
        prompt = re.match(r"\$\s+", text)
        command = text[prompt.end() :] if prompt else text
        if not _is_command(command, certain=bool(prompt)):
            continue
        sign = "%" if command.split()[0] in _MAGICS else "!"
        edits.append(put(line.start, line.start + (prompt.end() if prompt else 0), sign))
    if edits:
        why = "Commands of the shell start with `!` in a notebook, `pip` and `cd` with `%`."
        yield Idea(tuple(edits), 0.2, f"Run the shell command as one{places(len(edits))}", why)


def _is_command(text: str, *, certain: bool) -> bool:
    words = text.split()
    if not words or (words[0] not in _COMMANDS and not certain):
        return False
    rest = text[len(words[0]) :].lstrip()
    return certain or (
        not re.match(r"(?:[=(.\[,+*/%:<>|&]|-\s|(?:in|is|and|or|if|not|for)\b)", rest)
        and bool(rest)
    )


def backslash_space(scene: Scene) -> Iterator[Idea]:
    """Remove the white space after the backslash that continues a line."""
    edits = tuple(
        put(match.start(1), match.end(1), "")
        for match in re.finditer(r"\\([ \t]+)(?=\r?$)", scene.source, re.MULTILINE)
        if any(t.start == match.start() for t in scene.scan.tokens if t.kind == "odd")
    )
    if edits:
        why = "Nothing may follow the backslash at the end of a line, not even a space."
        yield Idea(edits, 0.05, f"Remove the space after the backslash{places(len(edits))}", why)


def stray_backslash(scene: Scene) -> Iterator[Idea]:
    r"""Break the line at a `\\n` outside a string, or remove a backslash that continues nothing."""
    odd = [t for t in scene.scan.tokens if t.kind == "odd" and t.text == "\\"]
    breaks = [t for t in odd if re.match(r"n(?![a-z_(=])", scene.source[t.end : t.end + 2])]
    if breaks:
        edits = tuple(put(t.start, t.end + 1, "\n") for t in breaks)
        why = "Outside a string a line ends where the text does, not with `\\n`."
        yield Idea(edits, 0.6, f"Break the line at `\\n`{places(len(edits))}", why)
    for token in odd[:3]:
        why = "A backslash outside a string only stands at the end of a line."
        yield Idea((put(token.start, token.end, ""),), 1.2, "Remove the backslash", why)
    stripped = scene.source.rstrip()
    if stripped.endswith("\\") and scene.says("unexpected EOF", "after line continuation"):
        at = len(stripped) - 1
        why = "A backslash at the end of a line joins it to the next one; there is none."
        yield Idea((put(at, at + 1, ""),), 0.3, "Remove the last backslash", why)


def is_prose(source: str) -> bool:
    """Return whether every line that is not blank reads as text of a natural language."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    texts = [_MARKS.sub("", line) for line in lines if not line.startswith("#")]
    return bool(texts) and all(_may_be_text(text) for text in texts) and any(map(_says, texts))


_MARKS = re.compile(r"(?:[-*+>]|\d+[.)])\s+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SMALL_WORDS = frozenset((
    "the", "a", "an", "this", "that", "these", "we", "you", "it", "is", "are", "was", "to", "of",
    "our", "your", "can", "will", "how", "what", "there", "let", "be", "by", "on", "at", "do",
))  # fmt: skip


def _may_be_text(text: str) -> bool:
    """Whether a line has nothing of code: its signs, or a statement's first word."""
    words = _WORD.findall(text)
    if len(words) < 3 or re.search(r"[=\[\]{}]|\w\(|\w\.\w|\w_\w|[\"]\s*$", text):
        return False
    if iskeyword(words[0]) or words[0] in ("print", "exec"):
        return False
    signs = re.sub(r"[\w\s.,;:!?()'\"’“”–—-]", "", text)
    return len(signs) <= 2


def _says(text: str) -> bool:
    """Whether a line is a sentence: a small word that no program has, or length and a full stop."""
    words = [word.lower() for word in _WORD.findall(text)]
    return bool(_SMALL_WORDS & set(words)) or (len(words) >= 6 and text[-1] in ".:!?")


def terminator(scene: Scene) -> Iterator[Idea]:
    """Remove what ends a file or a block in other tools: a lone NUL or end-of-file mark."""
    edits = tuple(
        put(match.start(), match.end(), "")
        for match in re.finditer("[\x00\x1a\ufeff]", scene.source)
    )
    if edits:
        why = "These characters cannot be seen, and Python cannot read them."
        yield Idea(edits, 0.05, f"Remove invisible characters{places(len(edits))}", why)


def missing_comment_sign(scene: Scene) -> Iterator[Idea]:
    """Write `#` for the `//` that begins a remark of plain words."""
    for token in scene.line.tokens:
        if token.text != "//":
            continue
        rest = scene.source[token.end : scene.line.end]
        if len(rest.split()) >= 3 and re.fullmatch(r"[\w\s.,'!?-]+", rest):
            why = "A remark begins with `#` in Python."
            yield Idea((put(token.start, token.end, "#"),), 0.5, "Begin the remark with `#`", why)
            return
    if re.match(r"/\*.*\*/\s*$", scene.source[scene.line.start : scene.line.end].strip()):
        at = scene.line.start + len(scene.line.indent)
        why = "A remark begins with `#` in Python."
        yield Idea((insert(at, "# "),), 0.5, "Begin the remark with `#`", why)
