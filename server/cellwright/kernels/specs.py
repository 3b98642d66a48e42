"""Which kernels are installed, and how each one's interpreter is started.

Kernelspecs are read from Jupyter's own data paths and never from the workspace: opening a folder
must not choose the program that runs.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from cellwright.kernels.environment import Environment
from cellwright.kernels.protocol import KernelFault

DEFAULT = "python3"
"""The kernel of a notebook that names none: Jupyter's native Python kernel."""

_PYTHON = re.compile(r"(python|pypy)[\d.]*w?(\.exe)?", re.IGNORECASE)
_UNQUALIFIED = {"python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Spec:
    """One installed kernel. `argv` and `env` are templates, as its kernel.json has them."""

    name: str
    display_name: str
    language: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""

    @property
    def is_python(self) -> bool:
        """Whether the kernel runs Python."""
        return self.language.lower() == "python"

    @property
    def is_ipykernel(self) -> bool:
        """Whether the kernel is ipykernel, which takes its command-line options."""
        return any("ipykernel" in part for part in self.argv)


def manager() -> Any:
    """Return a jupyter_client `KernelSpecManager` over Jupyter's data paths."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_core.paths import jupyter_path

    # Its own default imports all of IPython only to learn this legacy folder.
    legacy = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython") / "kernels"
    return KernelSpecManager(kernel_dirs=[*jupyter_path("kernels"), str(legacy)])


def available() -> tuple[Spec, ...]:
    """Return the installed kernels, the default one first, then by name."""
    found = manager().get_all_specs()
    specs = [_spec(name, entry["spec"], entry["resource_dir"]) for name, entry in found.items()]
    return tuple(sorted(specs, key=lambda spec: (spec.name != DEFAULT, spec.name)))


def find(kernel_name: str | None, *, or_default: bool = False) -> Spec:
    """Return the kernel of that name (`DEFAULT` for None).

    With `or_default` the default kernel stands in for one that is not installed. Raises
    `KernelFault` that lists what is installed and says what to do.
    """
    from jupyter_client.kernelspec import NoSuchKernel

    name = kernel_name or DEFAULT
    try:
        found = manager().get_kernel_spec(name)
    except NoSuchKernel:
        if or_default and name != DEFAULT:
            return find(DEFAULT)
        raise KernelFault(_not_installed(name)) from None
    except (OSError, ValueError, TypeError) as error:
        raise KernelFault(f"The kernelspec of {name!r} cannot be read: {error}") from error
    return _spec(name, found.to_dict(), found.resource_dir)


def environment(kernel_name: str | None, cwd: str, *, or_default: bool = False) -> Environment:
    """Return how to start the interpreter of a kernel in `cwd`.

    Raises `KernelFault` when it is not installed, or is a Python kernel started by a program that
    hides its interpreter.
    """
    spec = find(kernel_name, or_default=or_default)
    return Environment(
        argv=interpreter(spec),
        cwd=cwd,
        env={name: Template(value).safe_substitute(os.environ) for name, value in spec.env.items()},
        kernel_name=spec.name,
        language=spec.language.lower(),
        stands_in_for=kernel_name if kernel_name not in {None, spec.name} else None,
    )


def interpreter(spec: Spec) -> tuple[str, ...]:
    """Return a kernel's command up to and without what makes it a kernel.

    An unqualified `python` is this server's own interpreter, as in jupyter_client
    (`KernelManager.format_kernel_cmd`). For another language it is the bare program. Raises
    `KernelFault` for a Python kernel whose command names no Python interpreter.
    """
    known = {"prefix": sys.prefix, "resource_dir": spec.folder}
    argv = [_FIELD.sub(lambda match: known.get(match[1], match[0]), part) for part in spec.argv]
    if argv and argv[0] in _UNQUALIFIED:
        argv[0] = sys.executable
    if not spec.is_python:
        return tuple(argv[:1])
    for index, part in enumerate(argv):
        if _PYTHON.fullmatch(re.split(r"[/\\]", part)[-1]):
            return (*argv[: index + 1], *_options(argv[index + 1 :]))
    raise KernelFault(
        f"The kernel {spec.name!r} is started by {argv[0] if argv else 'nothing'!r}, which does not"
        " show which Python it runs. Choose a kernel whose kernel.json names the interpreter."
    )


def _options(arguments: list[str]) -> list[str]:
    """Return an interpreter's own options: what stands before its module or script."""
    options: list[str] = []
    for argument in arguments:
        takes_value = bool(options) and options[-1] in {"-X", "-W"}
        if not takes_value and (argument == "-m" or not argument.startswith("-")):
            break
        options.append(argument)
    return options


def _spec(name: str, entry: Mapping[str, Any], folder: str) -> Spec:
    return Spec(
        name=name,
        display_name=entry["display_name"] or name,
        language=entry["language"],
        argv=tuple(entry["argv"]),
        env=entry["env"],
        folder=folder,
    )


def _not_installed(name: str) -> str:
    installed = ", ".join(f"{spec.name} ({spec.display_name})" for spec in available())
    return (
        f"The kernel {name!r} is not installed. Installed: {installed or 'none'}. Choose one of"
        f" these, or install it: in its environment run `python -m pip install ipykernel`, then"
        f" `python -m ipykernel install --user --name {name}`."
    )
