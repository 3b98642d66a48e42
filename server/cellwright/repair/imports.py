"""Where an import goes that a notebook lacks: with its other imports, else where it is needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cellwright.dataflow.tree import Statement, statements
from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import NotebookEdit, ReplaceText, Span, TextEdit
from cellwright.notebook.model import Cell, CellId, Notebook
from cellwright.repair.model import Candidate, Failure
from cellwright.trials.model import Probe

_SKIPPED = re.compile(r"[ \t]*(#.*|[%!].*)?\r?\n")
_INNER = frozenset({"core", "compat", "impl", "internals", "backend"})
SEARCHED = 8
"""Modules that have a member looked at for being its home."""
FALLBACK = 0.15
"""How much less likely the second place of an import is than the first."""


@dataclass(frozen=True)
class Import:
    """One imported name: `import module as bound` where `member` is '', else `from … import …`."""

    module: str
    member: str
    bound: str

    @property
    def text(self) -> str:
        """The statement."""
        if self.member:
            tail = "" if self.bound == self.member else f" as {self.bound}"
            return f"from {self.module} import {self.member}{tail}"
        tail = "" if self.bound == self.module.split(".")[0] else f" as {self.bound}"
        return f"import {self.module}{tail}"

    @property
    def title(self) -> str:
        """What to tell a person, without the place."""
        if self.member:
            return f"Import {self.member} from {self.module}"
        tail = "" if self.bound == self.module.split(".")[0] else f" as {self.bound}"
        return f"Import {self.module}{tail}"


@dataclass(frozen=True)
class ImportPlace:
    """A cell to import in, and the edit. `run_first` names it where no replay holds it yet."""

    cell: CellId
    edit: NotebookEdit
    run_first: tuple[CellId, ...] = ()


def imported(source: str) -> Iterator[tuple[Statement, Import]]:
    """Yield what a cell imports by name at any depth, in order."""
    for statement in statements(source):
        match statement.node:
            case ast.Import(names=names):
                for alias in names:
                    bound = alias.asname or alias.name.split(".")[0]
                    yield statement, Import(alias.name, "", bound)
            case ast.ImportFrom(module=str() as module, names=names, level=0):
                for alias in names:
                    if alias.name != "*":
                        yield statement, Import(module, alias.name, alias.asname or alias.name)


def roots(notebook: Notebook) -> tuple[str, ...]:
    """Return the top-level packages that a notebook imports, in document order."""
    return tuple(
        dict.fromkeys(
            entry.module.split(".")[0]
            for cell in notebook.cells
            if cell.is_python
            for _, entry in imported(cell.source)
        )
    )


def module_expression(module: str) -> str:
    """Return an expression for a module, to ask a probe about; asking imports it in the guest."""
    return f"__import__('importlib').import_module({module!r})"


async def homes_of(probe: Probe, package: str, name: str) -> list[str]:
    """Return the public modules at or below a package to import a member from, best first.

    Each is raised to the package above it that has the member too, as people import it from there.
    Modules that only use the member (it is another package's, or not in their `__all__`) are no
    home of it.
    """
    homes: dict[str, int] = {}
    for found in (await probe.find_member(package, name))[:SEARCHED]:
        home = found
        while (above := home.rpartition(".")[0]) and f"{above}.".startswith(f"{package}."):
            if name not in await probe.members(module_expression(above)):
                break
            home = above
        owner = await _owner(probe, home, name)
        if owner != home and owner and name in await probe.members(module_expression(owner)):
            homes.setdefault(owner, 0)
        if owner and _is_public(home) and await _is_listed(probe, home, name):
            homes.setdefault(home, 1 + any(part in _INNER for part in home.split(".")))
    return sorted(homes, key=lambda home: (homes[home], home.count(".")))


async def _owner(probe: Probe, home: str, name: str) -> str:
    """Return the public module of the same package that a member says it belongs to.

    That is `home` itself where the member does not say; '' where it is another package's.
    """
    value = await probe.describe(f"{module_expression(home)}.{name}")
    if value is None:
        return home
    told = str(value.extra.get("name" if value.is_module else "defined_in") or home)
    root, _, rest = told.partition(".")
    if root.lstrip("_") != home.split(".")[0]:
        return ""
    public = told.split("._")[0] if rest else home
    return home if value.is_module or not _is_public(public) else public


def _is_public(module: str) -> bool:
    return not any(part.startswith("_") for part in module.split("."))


async def _is_listed(probe: Probe, home: str, name: str) -> bool:
    """Return whether a module exports a member, as far as it says so (`__all__`)."""
    asked = f"{name!r} in getattr({module_expression(home)}, '__all__', [{name!r}])"
    answer = await probe.describe(asked)
    return answer is None or answer.repr == "True"


def import_block(source: str) -> tuple[Statement, ...]:
    """Return the first run of imports at the top level of a cell."""
    block: list[Statement] = []
    for statement in statements(source):
        if statement.depth:
            continue
        if isinstance(statement.node, ast.Import | ast.ImportFrom):
            block.append(statement)
        elif block:
            break
    return tuple(block)


def places(failure: Failure, text: str) -> tuple[ImportPlace, ...]:
    """Return where to write an import statement, best first.

    The first cell above the failing one that imports anything is where an engineer would; the cell
    that needs it is the other choice (and the only one where no cell above imports).
    """
    notebook = failure.notebook
    needy = notebook.cell(failure.diagnosis.cell)
    found = []
    failed = {step.cell for step in failure.steps if step.may_fail}
    ran = {step.cell for step in failure.steps}
    home = next(
        (cell for cell in notebook.cells if cell.is_python and import_block(cell.source)), None
    )
    end = notebook.position(failure.cell.id)
    if home is not None and home.id not in {needy.id, *failed}:
        # A slice may leave the cell out of the replay: then it is run anew for the trial.
        run_first = () if home.id in ran else (home.id,)
        if notebook.position(home.id) < end:
            found.append(ImportPlace(home.id, _with_block(home, text), run_first))
    block = [s for s in import_block(needy.source) if s.span.end <= failure.statement.start]
    edit = _with_block(needy, text) if block else at_top(needy, text)
    return (*found, ImportPlace(needy.id, edit))


def import_candidates(
    failure: Failure,
    needed: Import,
    *,
    rule: str,
    prior: float,
    explanation: str,
    then: NotebookEdit | None = None,
) -> Iterator[Candidate]:
    """Yield the candidates that add an import, in each place it may go to.

    `then` is an edit of the cell in need that the import makes possible.
    """
    for index, place in enumerate(places(failure, needed.text)):
        number = failure.notebook.number(place.cell)
        yield Candidate(
            title=f"{needed.title} in cell {number}",
            rule=rule,
            prior=prior - FALLBACK * index,
            edit=place.edit if then is None else _joined(place.edit, then),
            run_first=place.run_first,
            explanation=explanation,
        )


def _joined(first: NotebookEdit, second: NotebookEdit) -> NotebookEdit:
    """Return one edit that makes the disjoint text edits of both."""
    texts: dict[tuple[CellId, str], list[TextEdit]] = {}
    for operation in (*first.operations, *second.operations):
        assert isinstance(operation, ReplaceText)
        texts.setdefault((operation.cell, operation.source_hash), []).extend(operation.edits)
    return NotebookEdit(
        tuple(
            ReplaceText(cell, source_hash, tuple(sorted(edits, key=lambda edit: edit.span)))
            for (cell, source_hash), edits in texts.items()
        )
    )


def at_top(cell: Cell, text: str) -> NotebookEdit:
    """Return the edit that writes a line above the first statement of a cell.

    Magics, comments, a docstring and `from __future__` stay above it.
    """
    offset = _top(cell.source)
    return replace_text(cell, (Span(offset, offset), text + _newline(cell.source)))


def _with_block(cell: Cell, text: str) -> NotebookEdit:
    """Return the edit that writes a line below the last import of a cell's first block."""
    end = import_block(cell.source)[-1].span.end
    line_end = cell.source.find("\n", end)
    newline = _newline(cell.source)
    if line_end < 0:
        return replace_text(cell, (Span(len(cell.source), len(cell.source)), newline + text))
    return replace_text(cell, (Span(line_end + 1, line_end + 1), text + newline))


def _newline(source: str) -> str:
    return "\r\n" if "\r\n" in source else "\n"


def _top(source: str) -> int:
    """Return the offset of the line where the first ordinary statement of a cell starts."""
    offset = 0
    for statement in statements(source):
        start = source.rfind("\n", 0, statement.span.start) + 1
        if not (_is_preamble(statement.node) or _is_command(source, statement)):
            return start
        offset = source.find("\n", statement.span.end) + 1 or len(source)
    while match := _SKIPPED.match(source, offset):
        offset = match.end()
    return offset


def _is_preamble(node: ast.stmt) -> bool:
    """Return whether a statement is a docstring or a `from __future__` import."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.ImportFrom(module="__future__"):
            return True
    return False


def _is_command(source: str, statement: Statement) -> bool:
    """Return whether a magic or shell command stands there: the tree has a 0 in its place."""
    match statement.node:
        case ast.Expr(value=ast.Constant(value=0)):
            return source[statement.span.start : statement.span.end] != "0"
    return False
