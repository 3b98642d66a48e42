"""Say in plain words why a cell failed, from the error and the data flow. No model is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cellwright.dataflow.cell import CellFlow, analyse
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Cell, Notebook
from cellwright.notebook.run import CellError
from cellwright.repair.model import Related
from cellwright.trials.model import Step

EVALUE_LIMIT = 300
"""Characters of an error's own text that a message repeats."""


@dataclass(frozen=True)
class Scene:
    """What an explanation may look at. `text` is the failing expression or statement."""

    notebook: Notebook
    cell: Cell
    error: CellError
    steps: Sequence[Step]
    text: str


@dataclass(frozen=True)
class Explanation:
    """A stable code, a message for a person, and what else it rests on."""

    code: str
    message: str
    related: tuple[Related, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def binders(notebook: Notebook, name: str) -> tuple[tuple[Cell, CellFlow], ...]:
    """Return the Python cells that bind a name at top level, in document order."""
    flows = ((cell, analyse(cell.source)) for cell in notebook.cells if cell.is_python)
    return tuple((cell, flow) for cell, flow in flows if name in flow.bound)


def where_bound(scene: Scene, names: Sequence[str]) -> tuple[Related, ...]:
    """Return the last place before the failing cell that binds each of some names."""
    here = scene.notebook.position(scene.cell.id)
    found = []
    for name in names:
        earlier = [
            (cell, flow)
            for cell, flow in binders(scene.notebook, name)
            if scene.notebook.position(cell.id) < here
        ]
        if earlier:
            cell, flow = earlier[-1]
            found.append(
                Related(cell.id, _binding_span(flow, name), f"`{name}` was last bound here")
            )
    return tuple(found)


def _binding_span(flow: CellFlow, name: str) -> Span:
    spans = flow.bindings.get(name)
    return spans[-1] if spans else Span(0, 0)


def _evalue(error: CellError) -> str:
    text = " ".join(error.evalue.split())
    return text if len(text) <= EVALUE_LIMIT else text[:EVALUE_LIMIT] + " …"


def _quoted_name(error: CellError) -> str:
    """Return the name an error speaks of: its own attribute, else the first quoted word."""
    name = error.attributes.get("name")
    if isinstance(name, str) and name:
        return name
    parts = error.evalue.split("'")
    return parts[1] if len(parts) > 2 else ""


def _undefined_name(scene: Scene) -> Explanation:
    name = _quoted_name(scene.error)
    ran = {step.cell: analyse(step.source) for step in scene.steps}
    half_run = {step.cell for step in scene.steps if step.may_fail}
    elsewhere = [(c, f) for c, f in binders(scene.notebook, name) if c.id != scene.cell.id]
    facts: dict[str, Any] = {"name": name, "bound_in": [cell.id for cell, _ in elsewhere]}
    related = tuple(
        Related(cell.id, _binding_span(flow, name), f"`{name}` is bound here")
        for cell, flow in elsewhere
    )
    start = f"`{name}` is not defined when this cell runs"
    number = scene.notebook.number
    here = analyse(scene.cell.source)
    if name in here.deleted and name in here.bindings:
        message = f"`{name}` is not defined any more: this cell deletes it before it uses it."
        return Explanation("name-deleted", message, related, facts)
    if failed := [cell for cell, _ in elsewhere if cell.id in half_run]:
        message = f"{start}: cell {number(failed[-1].id)}, which binds it, failed before it did."
        return Explanation("name-bound-in-failed-cell", message, related, facts)
    if waiting := [cell for cell, _ in elsewhere if cell.id not in ran]:
        place = scene.notebook.position
        later = place(waiting[0].id) > place(scene.cell.id)
        where = "further down, binds it" if later else "which binds it, has not run"
        message = f"{start}: cell {number(waiting[0].id)}, {where}."
        return Explanation("name-bound-later", message, related, facts)
    if edited := [cell for cell, _ in elsewhere if name not in ran[cell.id].bound]:
        message = (
            f"{start}: cell {number(edited[-1].id)}, which binds it now, was edited since it ran."
        )
        return Explanation("name-bound-in-edited-cell", message, related, facts)
    here = analyse(scene.cell.source)
    if elsewhere and any(name in flow.deleted for flow in (here, *ran.values())):
        message = f"{start}, although cell {number(elsewhere[-1][0].id)} bound it: it was deleted."
        return Explanation("name-deleted", message, related, facts)
    if elsewhere:
        message = f"{start}: cell {number(elsewhere[-1][0].id)} binds it only in some cases."
        return Explanation("name-not-bound", message, related, facts)
    if name in here.bound:
        message = f"{start.replace('when this cell runs', 'at this point of the cell')}."
        return Explanation("name-used-before-binding", message, related, facts)
    message = f"{start}, and no cell of this notebook binds it."
    return Explanation("undefined-name", message, related, facts)


def _unbound_local(scene: Scene) -> Explanation:
    name = _quoted_name(scene.error)
    message = (
        f"`{name}` is a local variable here because the function assigns to it somewhere, "
        "and at this point it has no value yet."
    )
    return Explanation("unbound-local", message, where_bound(scene, [name]), {"name": name})


def _attribute(scene: Scene) -> Explanation:
    name = _quoted_name(scene.error)
    kind = str(scene.error.attributes.get("obj_type", "")) or "object"
    owner = f"This value, of type `{kind}`,"
    if kind == "module":
        owner = f"The module `{scene.error.attributes.get('module', '')}`"
    message = f"{owner} has no attribute `{name}`."
    if kind == "NoneType":
        message = f"The value is None here, so it has no attribute `{name}`."
    facts = {"name": name, "obj_type": kind}
    return Explanation("missing-attribute", message, _names_of(scene), facts)


def _names_of(scene: Scene) -> tuple[Related, ...]:
    """Return where the names in the failing expression were bound (other cells only)."""
    return where_bound(scene, sorted(analyse(scene.text.strip()).read)[:5])


def _import(scene: Scene) -> Explanation:
    name = scene.error.attributes.get("name") or ""
    message = f"An import failed: {_evalue(scene.error)}."
    return Explanation("missing-member", message, (), {"name": name})


def _missing_module(scene: Scene) -> Explanation:
    name = _quoted_name(scene.error)
    message = f"The kernel's environment has no module `{name}`."
    return Explanation("missing-module", message, (), {"name": name})


def _key(scene: Scene) -> Explanation:
    key = _evalue(scene.error)
    message = f"There is no key or column {key} in `{scene.text.strip()}`."
    if "\n" in scene.text.strip():
        message = f"There is no key or column {key} in what this statement looks up."
    return Explanation("missing-key", message, _names_of(scene), {"key": key})


def _missing_file(scene: Scene) -> Explanation:
    name = scene.error.attributes.get("filename") or _quoted_name(scene.error)
    message = f"There is no file or folder `{name}`, seen from the notebook's folder."
    return Explanation("missing-file", message, _names_of(scene), {"filename": name})


def _syntax(scene: Scene) -> Explanation:
    message = f"Python cannot read this cell: {_evalue(scene.error)}."
    return Explanation("syntax", message)


def _indentation(scene: Scene) -> Explanation:
    message = f"The indentation is wrong here: {_evalue(scene.error)}."
    return Explanation("indentation", message)


def _assertion(scene: Scene) -> Explanation:
    said = f" It says: {_evalue(scene.error)}." if scene.error.evalue.strip() else ""
    message = f"A check written in the code does not hold.{said}"
    return Explanation("assertion", message, _names_of(scene))


def _recursion(_: Scene) -> Explanation:
    return Explanation("recursion", "A function calls itself without end (or far too deep).")


def _plain(code: str) -> Callable[[Scene], Explanation]:
    def explain_plainly(scene: Scene) -> Explanation:
        said = _evalue(scene.error)
        message = f"{scene.error.ename}: {said}" if said else scene.error.ename
        return Explanation(code, message, _names_of(scene))

    return explain_plainly


EXPLANATIONS: dict[str, Callable[[Scene], Explanation]] = {
    "UnboundLocalError": _unbound_local,
    "NameError": _undefined_name,
    "AttributeError": _attribute,
    "ModuleNotFoundError": _missing_module,
    "ImportError": _import,
    "KeyError": _key,
    "FileNotFoundError": _missing_file,
    "IndentationError": _indentation,
    "SyntaxError": _syntax,
    "AssertionError": _assertion,
    "RecursionError": _recursion,
    "IndexError": _plain("index"),
    "TypeError": _plain("type"),
    "ValueError": _plain("value"),
    "ZeroDivisionError": _plain("zero-division"),
    "KeyboardInterrupt": _plain("interrupted"),
    "MemoryError": _plain("memory"),
    "OSError": _plain("system"),
}
"""Error class → explanation; a class without an entry is explained as its nearest base is."""


def explain(scene: Scene) -> Explanation:
    """Explain an error by its class or the nearest base that has an explanation."""
    for name in (scene.error.ename, *scene.error.bases):
        if name in EXPLANATIONS:
            return EXPLANATIONS[name](scene)
    return _plain("error")(scene)
