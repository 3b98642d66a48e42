"""IPython's shell, made to behave as a kernel's would, with no terminal, history or messages."""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

import builtins
import getpass
import os
import sys
import sysconfig
from typing import Any, Dict, Optional

from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from IPython.lib.pretty import pretty
from traitlets import Type
from traitlets.config import Config

from .bounds import AtMost, OutOfTime
from .pieces import Pieces

RESULT_CAP = 10_000
WINDOW_TOOLKITS = {None, "auto", "agg", "gtk", "gtk3", "gtk4", "macosx", "osx", "qt", "qt4", "qt5"}
WINDOW_TOOLKITS |= {"qt6", "tk", "wx"}


class Happened:
    """What the shell notices while a step runs, beside how the code ends."""

    def __init__(self) -> None:
        self.shown: Optional[BaseException] = None
        self.result = ""
        self.displays = 0
        self.asked_input = False


class Compiler(CachingCompiler):  # type: ignore[misc,unused-ignore]
    """Notes under which file name each piece of a cell is compiled."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = Pieces()

    def cache(self, *args: Any, **kwargs: Any) -> str:
        """Name a piece of code (the signature differs between versions of IPython)."""
        name: str = super().cache(*args, **kwargs)
        code = args[0] if args else kwargs["transformed_code"]
        self.pieces.add(name, code)
        return name

    def __call__(self, source: Any, filename: str, symbol: str, **kwargs: Any) -> Any:
        """Compile; what a cell magic compiles under a fixed name gets a name of its own."""
        return super().__call__(source, self.pieces.own_name(filename), symbol, **kwargs)


class Hook(DisplayHook):  # type: ignore[misc,unused-ignore]
    """Keeps the text of the last result instead of printing it."""

    shell: Any

    def __call__(self, result: Any = None) -> None:
        """Take a value that a statement left."""
        self.check_for_underscore()
        if result is not None and not self.quiet():
            self.update_user_ns(result)
            self.fill_exec_result(result)
            self.shell.happened.result = text_of(result)


class Publisher(DisplayPublisher):  # type: ignore[misc,unused-ignore]
    """Counts displays."""

    def publish(self, *_args: Any, **_kwargs: Any) -> None:
        """Take what `display` made."""
        self.shell.happened.displays += 1

    def clear_output(self, wait: bool = False) -> None:
        """Ignore the request: nothing is shown."""


class Shell(InteractiveShell):  # type: ignore[misc,unused-ignore]
    """The shell of a guest."""

    compiler_class = Type(Compiler)
    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    happened: Happened

    def init_ipython_dir(self, _: Optional[str]) -> None:
        """Name the user's folder without making it."""
        folder = os.environ.get("IPYTHONDIR") or os.path.join("~", ".ipython")
        self.ipython_dir = os.path.expanduser(folder)

    def _ipython_dir_changed(self, change: Any) -> None:
        """Not observed here: IPython would make the folder."""

    def init_profile_dir(self, _: Optional[Any]) -> None:
        """Name the user's default profile without making it."""
        self.profile_dir = Profile(location=os.path.join(self.ipython_dir, "profile_default"))

    def showtraceback(self, exc_tuple: Any = None, *_args: Any, **_kwargs: Any) -> None:
        """Keep the exception; what magics like `%%time` only show counts as the cell's error."""
        kind, value, traceback = exc_tuple or sys.exc_info()
        if value is not None:
            self.happened.shown = value
            sys.last_type, sys.last_value, sys.last_traceback = kind, value, traceback

    def showsyntaxerror(self, *_args: Any, **_kwargs: Any) -> None:
        """Keep the exception."""
        self.showtraceback()

    def showindentationerror(self) -> None:
        """Keep the exception."""
        self.showtraceback()

    def _format_exception_for_storage(self, *_args: Any, **_kwargs: Any) -> Dict[str, Any]:
        """Spare the work: nobody reads the stored text of an error."""
        return {}

    def ask_exit(self) -> None:
        """End the cell at `exit` and `quit`; the guest itself goes on."""
        raise SystemExit

    def enable_gui(self, gui: Optional[str] = None) -> None:
        """Do without an event loop: there is no window to serve."""

    def enable_matplotlib(self, gui: Optional[str] = None) -> Any:
        """Turn every toolkit that opens windows into the inline backend."""
        return super().enable_matplotlib("inline" if gui in WINDOW_TOOLKITS else gui)

    def raw_input(self, *_args: Any, **_kwargs: Any) -> str:
        """Refuse, and note that somebody had been needed at the keyboard."""
        self.happened.asked_input = True
        raise StdinNotImplementedError("the cell asks for input, and nobody is there to answer")


class Profile(ProfileDir):  # type: ignore[misc,unused-ignore]
    """A profile folder that is named and not made."""

    def _location_changed(self, change: Any) -> None:
        """Not observed here: IPython would make the folders."""


def make_shell() -> Shell:
    """Return the shell of this process, with the interpreter as a kernel would have set it up."""
    os.environ.update(TERM="xterm-color", CLICOLOR="1", PAGER="cat", GIT_PAGER="cat")
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    launcher = os.path.join(sysconfig.get_path("purelib"), "ipykernel_launcher.py")
    sys.argv[:] = [launcher, "-f", os.path.join(os.path.expanduser("~"), "kernel-guest.json")]
    add_working_folder()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(  # type: ignore[union-attr]
            encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "NoColor"
    shell: Shell = Shell.instance(config=config)
    shell.happened = Happened()
    shell.set_hook("show_in_pager", page.as_hook(page.display_page), 99)
    builtins.input = shell.raw_input
    getpass.getpass = shell.raw_input
    return shell


def add_working_folder() -> None:
    """Put '' on the path where IPython's shell application puts it: after the standard library."""
    if "" in sys.path or getattr(sys.flags, "safe_path", False):
        return
    places = [
        index
        for index, entry in enumerate(sys.path)
        if os.path.basename(entry) in ("site-packages", "dist-packages")
    ]
    sys.path.insert(places[0] if places else 0, "")


def text_of(value: Any) -> str:
    """Return the capped text of a result; never raises, and gives up after a second."""
    try:
        with AtMost(1.0):
            text: str = pretty(value)
    except (Exception, OutOfTime):
        return "<" + type(value).__name__ + ">"
    return text if len(text) <= RESULT_CAP else text[:RESULT_CAP] + "…"
