"""Writing a file into a folder that does not exist: make the folder first.

`os.makedirs(…, exist_ok=True)` (library reference) makes the folders above it too, and is safe to
run again.
"""

from __future__ import annotations

import ast
import posixpath
import re

from cellwright.notebook.edit import Span
from cellwright.repair.literal import escaped
from cellwright.repair.model import Candidate, Failure, Rule
from cellwright.repair.near_files import normal
from cellwright.repair.site import Site, module_alias, site_of
from cellwright.trials.model import Probe

_WRITES = re.compile(r"^(to_|save|dump|write|export|imsave|imwrite|makedirs|mkdir|copy|move)|save")
_PANDAS = re.compile(r"non-existent directory: '(.+)'")


def _is_writer(site: Site, call: ast.Call) -> bool:
    """Return whether a call makes a file: by its name, or by the mode it opens with."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else site.text(call.func)
    if name == "open":
        mode = next((k.value for k in call.keywords if k.arg == "mode"), None)
        mode = mode or next((arg for arg in call.args[-1:] if isinstance(arg, ast.Constant)), None)
        text = mode.value if isinstance(mode, ast.Constant) else ""
        return isinstance(text, str) and re.fullmatch(r"[wax][bt+]*", text) is not None
    return _WRITES.search(name) is not None


def _folder(failure: Failure) -> str:
    """Return the folder that a file was to be written to, '' where the error names none."""
    if match := _PANDAS.search(failure.error.evalue):
        return match.group(1)
    path = failure.error.attributes.get("filename")
    if not isinstance(path, str):
        match = re.search(r"No such file or directory: '(.+)'", failure.error.evalue)
        path = match.group(1) if match else ""
    return posixpath.dirname(normal(path)) if path else ""


async def propose(failure: Failure, probe: Probe) -> list[Candidate]:
    """Propose to make the folder before the statement that writes into it."""
    site, folder = site_of(failure), _folder(failure)
    if site is None or not folder or await probe.folder(folder) is not None:
        return []
    if not any(_is_writer(site, call) for call in site.failing(ast.Call)):
        return []
    start = site.span_of(site.statement).start
    line = site.cell.source.rfind("\n", 0, start) + 1
    indent = site.cell.source[line:start]
    if indent.strip():
        return []
    alias = await module_alias(probe, "os")
    text = "" if alias else f"import os\n{indent}"
    text += f'{alias or "os"}.makedirs("{escaped(folder, chr(34))}", exist_ok=True)\n{indent}'
    return [
        Candidate(
            title=f"Make the folder `{folder}` first",
            rule=RULE.name,
            prior=0.88,
            edit=site.replace((Span(start, start), text)),
            explanation=f"The folder `{folder}` does not exist, so no file can be written into it.",
        )
    ]


RULE = Rule("output-folder", frozenset({"OSError"}), propose)
