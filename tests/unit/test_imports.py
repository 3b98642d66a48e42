"""The house's rules about who may import whom, and what start-up may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cellwright

PACKAGE = Path(cellwright.__file__).parent
ROOMS = [
    "lsp",
    "cli",
    "jupyter",
    "assistant",
    "session",
    "repair",
    "trials",
    "kernels",
    "llm",
    "dataflow",
    "notebook",
]
"""From the top of the house to its foundation: imports run only downwards."""

ONLY_IN = {
    "lsp": {"pygls", "lsprotocol"},
    "llm": {"openai", "anthropic", "torch", "llama_cpp"},
    "kernels": {"jupyter_client"},
}
BELOW_SESSION = set(ROOMS[ROOMS.index("session") + 1 :])
TERMINAL_MAY_REACH = {"models", "usage", "kernels", "doctor"}
IO_MODULES = {
    "os",
    "io",
    "socket",
    "subprocess",
    "pathlib",
    "shutil",
    "tempfile",
    "asyncio",
    "threading",
    "multiprocessing",
}


def imports_of(path: Path) -> set[str]:
    """Return the dotted modules that a file imports anywhere, lazily or not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                # The guest is loaded under a private name inside another interpreter.
                assert path.parent.name == "guest", f"{path}: relative import"
                continue
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def files_of(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "cellwright" and len(parts) > 1 and parts[1] in ROOMS else None


ALL_FILES = [(room, path) for room in ROOMS for path in files_of(room)]


@pytest.mark.parametrize(
    ("room", "path"), ALL_FILES, ids=lambda v: v if isinstance(v, str) else v.name
)
def test_imports_run_downwards(room: str, path: Path) -> None:
    above = set(ROOMS[: ROOMS.index(room)])
    siblings = {"lsp", "cli", "jupyter"} - {room}
    reached = {r for module in imports_of(path) if (r := room_of(module))} - {room}
    # The command line starts the language server; that is its only tie to another front.
    if path.name == "lsp.py" and room == "cli":
        siblings.discard("lsp")
        above.discard("lsp")
    assert not reached & (above | (siblings if room in {"lsp", "cli", "jupyter"} else set()))


@pytest.mark.parametrize(
    ("room", "path"), ALL_FILES, ids=lambda v: v if isinstance(v, str) else v.name
)
def test_libraries_stay_in_their_room(room: str, path: Path) -> None:
    tops = {module.split(".")[0] for module in imports_of(path)}
    for owner, libraries in ONLY_IN.items():
        if room != owner:
            assert not tops & libraries


@pytest.mark.parametrize(
    "path", [p for room in ("notebook", "dataflow") for p in files_of(room)], ids=lambda p: p.name
)
def test_pure_rooms_do_no_io(path: Path) -> None:
    assert not {module.split(".")[0] for module in imports_of(path)} & IO_MODULES
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "exec", "eval", "print", "input"}


def test_the_guest_needs_only_the_standard_library() -> None:
    allowed = set(sys.stdlib_module_names) | {"IPython", "traitlets"}
    for path in files_of("trials/guest"):
        assert {module.split(".")[0] for module in imports_of(path)} <= allowed


def test_start_up_imports_nothing_heavy() -> None:
    heavy = [
        "IPython",
        "pandas",
        "numpy",
        "openai",
        "anthropic",
        "torch",
        "llama_cpp",
        "jupyter_client",
        "zmq",
        "nbformat",
    ]
    code = (
        "import sys, cellwright.lsp, cellwright.session.session\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_line_starts_without_a_front() -> None:
    code = (
        "import sys, cellwright.cli\n"
        "print([m for m in ('pygls', 'rich', 'lsprotocol') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
