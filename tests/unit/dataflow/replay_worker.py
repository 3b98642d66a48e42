"""Runs cells in IPython shells forked from one process: asked on stdin, answered on stdout.

Each run gets a fork and an empty folder of its own. A run is a list of sources; the answer tells of
each what it printed, the repr of its result, its error, and the values of all names after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import io
import json
import os
import re
import resource
import sys
import tempfile
import types

COUNT = re.compile(r"^Out\[\d+\]: ", re.MULTILINE)
TIMES = re.compile(r"^(CPU times|Wall time|.* per loop).*\n", re.MULTILINE)
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
TEMPORARY = re.compile(r"/[^\s'\"]*cellwright-replay-\w+")


def canonical(value: object, depth: int = 0) -> str:
    if depth > 4:
        return "…"
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, dict):
        inner = ((canonical(k, depth + 1), canonical(v, depth + 1)) for k, v in value.items())
        return "{" + ", ".join(f"{k}: {v}" for k, v in inner) + "}"
    if isinstance(value, (list, tuple)) and type(value).__repr__ in (list.__repr__, tuple.__repr__):
        return type(value).__name__ + str([canonical(item, depth + 1) for item in value])
    if isinstance(value, (set, frozenset)):
        return str(sorted(canonical(item, depth + 1) for item in value))
    if type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
        return f"{type(value).__name__}({canonical(vars(value), depth + 1)})"
    if isinstance(value, io.TextIOWrapper):
        return f"file {value.name}"
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - whatever a repr raises
        text = f"<{type(error).__name__}>"
    return neutral(text)


def neutral(text: str) -> str:
    """Take out what differs from run to run."""
    return TEMPORARY.sub("<folder>", ADDRESS.sub("0x", TIMES.sub("", COUNT.sub("", text))))


def run(shell, sources: list[str]) -> list[dict]:
    answers = []
    for source in sources:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        names = {
            name: canonical(value)
            for name, value in list(shell.user_ns.items())
            if not name.startswith("_") and name not in {"In", "Out", "exit", "quit", "open"}
        }
        answers.append(
            {
                "out": neutral(out.getvalue()),
                "result": canonical(result.result) if error is None else "",
                "error": type(error).__name__ if error else None,
                "names": names,
            }
        )
    return answers


def forked(work) -> object:
    """Do some work in a fork, in an empty folder, and return its JSON-like answer."""
    receiving, sending = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(receiving)
        with tempfile.TemporaryDirectory(prefix="cellwright-replay-") as folder:
            os.chdir(folder)
            sys.path.insert(0, "")
            try:
                answer = {"answer": work()}
            except BaseException as error:  # noqa: BLE001 - told to the parent
                answer = {"fault": repr(error)}
            with os.fdopen(sending, "w") as pipe:
                json.dump(answer, pipe)
            os.chdir("/")
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    answer = json.loads(text)
    if "fault" in answer:
        raise RuntimeError(answer["fault"])
    return answer["answer"]


class Recorder(dict):
    """The local names of traced code: records what it looks up, stores and deletes."""

    def __init__(self, names: dict) -> None:
        super().__init__()
        self.names = names
        self.reads: list[str] = []
        self.stores: list[str] = []
        self.deletes: list[str] = []

    def __getitem__(self, name: str) -> object:
        if name not in self.stores:
            self.reads.append(name)
        return self.names[name]

    def __setitem__(self, name: str, value: object) -> None:
        self.stores.append(name)
        self.names[name] = value

    def __delitem__(self, name: str) -> None:
        if name not in self.stores:
            self.reads.append(name)
        self.deletes.append(name)
        del self.names[name]


def trace(shell, sources: list[str]) -> list[dict | None]:
    """Run sources and tell which names the top level of each one looked up, stored, deleted."""
    import ast
    import inspect

    answers: list[dict | None] = []
    loop = asyncio.new_event_loop()
    for source in sources:
        if "get_ipython()" in shell.transform_cell(source):
            with contextlib.redirect_stdout(io.StringIO()):
                shell.run_cell(source)
            answers.append(None)
            continue
        code = compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        recorder = Recorder(shell.user_ns)
        with contextlib.redirect_stdout(io.StringIO()):
            coroutine = eval(code, shell.user_ns, recorder)
            if inspect.iscoroutine(coroutine):
                loop.run_until_complete(coroutine)
        answers.append(
            {"reads": recorder.reads, "stores": recorder.stores, "deletes": recorder.deletes}
        )
    return answers


def main() -> None:
    os.environ["MPLBACKEND"] = "Agg"
    os.environ["OMP_NUM_THREADS"] = "1"
    # IPython's `!cmd` closes every possible descriptor, one by one.
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """Do without one."""

    for module in sys.argv[1:]:
        importlib.import_module(module)  # once here, for all forks

    with tempfile.TemporaryDirectory() as home:
        os.environ["IPYTHONDIR"] = home
        shell = Shell.instance(config=Config(HistoryManager={"enabled": False}))
        for line in sys.stdin:
            asked = json.loads(line)
            work = {"run": run, "trace": trace}[asked["do"]]
            answers = [forked(functools.partial(work, shell, sources)) for sources in asked["runs"]]
            print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main()
