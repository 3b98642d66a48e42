"""What IPython's magics, shell commands and help requests read, bind and affect."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Literal

from cellwright.notebook.edit import Span

CommandKind = Literal["line", "cell", "system", "getoutput", "help"]

RUNS_LINE = frozenset({"time", "timeit", "prun", "memit", "lprun", "mprun", "debug"})
"""Line magics whose argument is Python."""

RUNS_BODY = frozenset({"time", "timeit", "capture", "prun", "debug", "memit"})
"""Cell magics whose body is Python that runs in the notebook."""

_LOCAL = frozenset({"timeit", "memit"})
_SCRIPTS = frozenset(
    {"bash", "sh", "script", "perl", "ruby", "python", "python2", "python3", "pypy", "cmd", "!"}
)
_TEXT = frozenset({"html", "HTML", "markdown", "latex", "svg", "SVG", "javascript", "js"})
_HARMLESS = (
    RUNS_LINE
    | RUNS_BODY
    | _TEXT
    | frozenset(
        {
            "alias_magic",
            "colors",
            "dhist",
            "doctest_mode",
            "hist",
            "history",
            "logstart",
            "lsmagic",
            "magic",
            "man",
            "notebook",
            "page",
            "pdef",
            "pdoc",
            "pfile",
            "pinfo",
            "pinfo2",
            "precision",
            "psearch",
            "psource",
            "pwd",
            "pycat",
            "quickref",
            "who",
            "who_ls",
            "whos",
            "ls",
            "ll",
            "la",
            "cat",
            "less",
            "more",
            "xmode",
            "tb",
        }
    )
)
_READS_ALL = frozenset({"who", "who_ls", "whos", "store", "reset", "save", "macro", "edit"})
_OPENS = frozenset(
    {"run", "store", "pylab", "load", "loadpy", "macro", "edit", "reset", "reset_selective"}
    | {"rerun", "recall", "load_ext", "reload_ext", "cython", "R", "rpull", "sql", "save"}
)
AUTOMAGIC = frozenset(
    {
        "cd",
        "ls",
        "ll",
        "la",
        "pwd",
        "mkdir",
        "rmdir",
        "cp",
        "mv",
        "rm",
        "cat",
        "man",
        "less",
        "more",
        "clear",
        "who",
        "who_ls",
        "whos",
        "time",
        "timeit",
        "run",
        "env",
        "pip",
        "conda",
        "history",
        "hist",
        "matplotlib",
        "load_ext",
        "reload_ext",
        "store",
        "reset",
        "pylab",
        "prun",
        "config",
        "precision",
        "pdb",
        "debug",
        "lsmagic",
    }
)
"""Line magics that also work without their `%`, in a cell of one line."""

_OPTIONS = re.compile(r"(\s*-[A-Za-z]+(\s*\d+)?(?=\s|$))*\s*")
_DOLLAR = re.compile(r"(?<![\\$])\$([^\W\d]\w*)")
_BRACE = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")
_OUT = re.compile(r"--(?:out|err|proc)[= ]\s*([^\W\d]\w*)")
_FIRST_NAME = re.compile(r"(?:(?<=\s)|^)([^\W\d]\w*)(?=\s|$)")
_INTO = re.compile(r"\s*([^\W\d]\w*)\s*<<")

Named = tuple[str, Span]


@dataclass(frozen=True)
class Command:
    """One magic, shell command or help request in a cell.

    `span` is all of it, body included. `reads` and `binds` are the names that it interpolates or
    looks up and those that it assigns (a name that is not there is left as text: no read is
    needed). `python` are the ranges of Python that it runs; names bound there stay `local` or not.
    `effect` is what it does to the world, '' for nothing; `opens` whether it may bind names that
    its text does not tell; `reads_all` whether it may read any name.
    """

    kind: CommandKind
    name: str
    argument: str
    span: Span
    reads: tuple[Named, ...] = ()
    binds: tuple[Named, ...] = ()
    python: tuple[Span, ...] = ()
    local: bool = False
    effect: str = ""
    opens: bool = False
    reads_all: bool = False


def command(source: str, call: ast.Call, head: Span, span: Span) -> Command:
    """Describe the command at `span` of a source, from the call that IPython made of it.

    `head` is the span without the body of a cell magic.
    """
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    arguments = [a.value for a in call.args if isinstance(a, ast.Constant)]
    first = str(arguments[0]) if arguments else ""
    if method in {"system", "getoutput"}:
        kind: CommandKind = "system" if method == "system" else "getoutput"
        return Command(kind, "!", first, span, _interpolated(source, head), effect="shell")
    argument = str(arguments[1]) if len(arguments) > 1 else ""
    if method == "run_line_magic":
        if first in {"pinfo", "pinfo2", "psearch"}:
            name = re.match(r"[^\W\d]\w*", argument)
            return Command("help", first, argument, span, _located(source, head, name))
        return _line_magic(source, first, argument, span)
    if method == "run_cell_magic":
        return _cell_magic(source, first, argument, head, span)
    # `,f a b`, `;f a b` or `/f a b`: a call of f.
    called = re.compile(r"([^\W\d]\w*)").search(source, head.start, head.end)
    return Command("line", "", first, span, _found(called), effect="magic")


def _line_magic(source: str, name: str, argument: str, span: Span) -> Command:
    start = source.find(name, span.start) + len(name)
    if name in RUNS_LINE:
        options = _OPTIONS.match(source, start, span.end)
        code = Span(options.end() if options else start, span.end)
        python = (code,) if source[code.start : code.end].strip() else ()
        return Command("line", name, argument, span, python=python, local=name in _LOCAL, effect="")
    rest = Span(start, span.end)
    restores = name == "store" and "-r" in argument.split()
    binds = _bound(source, name, argument, rest)
    return Command(
        "line",
        name,
        argument,
        span,
        reads=_interpolated(source, rest),
        binds=binds,
        effect="" if name in _HARMLESS else "magic",
        opens=(name in _OPENS and not (binds and name in {"store", "sql"}))
        or name not in _KNOWN_LINE,
        reads_all=name in _READS_ALL and not restores,
    )


_KNOWN_LINE = (
    _HARMLESS
    | AUTOMAGIC
    | _OPENS
    | _READS_ALL
    | frozenset(
        {
            "autoreload",
            "aimport",
            "set_env",
            "sx",
            "sc",
            "system",
            "pushd",
            "popd",
            "dirs",
            "bookmark",
            "autocall",
            "automagic",
            "pprint",
            "config",
            "gui",
            "unload_ext",
            "xdel",
            "logoff",
            "logon",
            "logstop",
            "rehashx",
            "killbgscripts",
            "uv",
            "mamba",
            "micromamba",
            "code_wrap",
            "subshell",
            "connect_info",
            "qtconsole",
            "tensorboard",
            "watermark",
        }
    )
)


def _cell_magic(source: str, name: str, argument: str, head: Span, span: Span) -> Command:
    body = Span(min(head.end + 1, span.end), span.end)
    rest = Span(source.find(name, head.start) + len(name), head.end)
    if name in RUNS_BODY:
        options = _OPTIONS.match(source, rest.start, rest.end)
        setup = Span(options.end() if options else rest.start, rest.end)
        runs_setup = name == "timeit" and setup.start < setup.end
        return Command(
            "cell",
            name,
            argument,
            span,
            binds=_bound(source, name, argument, rest),
            python=(setup, body) if runs_setup else (body,),
            local=name in _LOCAL,
        )
    if name in _TEXT:
        return Command("cell", name, argument, span)
    if name in _SCRIPTS or name in {"writefile", "file"}:
        return Command(
            "cell",
            name,
            argument,
            span,
            reads=_interpolated(source, rest),
            binds=_bound(source, name, argument, rest),
            effect="files" if name in {"writefile", "file"} else "shell",
        )
    # A magic of some extension: its body may be Python, and may do anything.
    return Command(
        "cell",
        name,
        argument,
        span,
        reads=(*_interpolated(source, rest), *_interpolated(source, body), *_names(source, body)),
        binds=_bound(source, name, argument, rest),
        effect="magic",
        opens=True,
    )


def _bound(source: str, name: str, argument: str, rest: Span) -> tuple[Named, ...]:
    if name == "capture":
        match = _FIRST_NAME.search(source, rest.start, rest.end)
        return _found(match)
    if name in _SCRIPTS:
        return tuple(
            named
            for match in _OUT.finditer(source, rest.start, rest.end)
            for named in _found(match)
        )
    if name == "sql":
        return _found(_INTO.match(source, rest.start, rest.end))
    if name == "store" and "-r" in argument.split():
        after = source.find("-r", rest.start) + 2
        return tuple(
            named
            for match in _FIRST_NAME.finditer(source, after, rest.end)
            for named in _found(match)
        )
    return ()


def _found(match: re.Match[str] | None) -> tuple[Named, ...]:
    return ((match[1], Span(*match.span(1))),) if match else ()


def _located(source: str, head: Span, match: re.Match[str] | None) -> tuple[Named, ...]:
    if match is None:
        return ()
    at = source.find(match[0], head.start, head.end)
    return ((match[0], Span(at, at + len(match[0]))),) if at >= 0 else ()


def _interpolated(source: str, span: Span) -> tuple[Named, ...]:
    """Return the names in `$name` and `{expression}` between two offsets."""
    named = [
        named for match in _DOLLAR.finditer(source, span.start, span.end) for named in _found(match)
    ]
    for match in _BRACE.finditer(source, span.start, span.end):
        named += _names(source, Span(*match.span(1)))
    return tuple(named)


def _names(source: str, span: Span) -> tuple[Named, ...]:
    """Return the names in a piece of Python, none if it is not Python."""
    try:
        tree = ast.parse(source[span.start : span.end].strip())
    except (SyntaxError, ValueError, RecursionError):
        return ()
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    matches = (
        re.compile(rf"\b{re.escape(name)}\b").search(source, span.start, span.end)
        for name in sorted(names)
    )
    return tuple((match[0], Span(*match.span())) for match in matches if match)
