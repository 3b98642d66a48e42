"""The custom messages of the protocol, typed. docs/protocol.md describes each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from lsprotocol.types import ProgressToken, Range

PROTOCOL_VERSION = 1
"""Raised when a message changes so that an older client would misread it."""

FIX = "cellwright/fix"
RUN = "cellwright/run"
RAN = "cellwright/ran"
KERNELS = "cellwright/kernels"
INTERRUPT = "cellwright/interrupt"
RESTART = "cellwright/restart"
SHUTDOWN = "cellwright/shutdown"
STATUS = "cellwright/status"
OUTPUT = "cellwright/output"
APPLY_NOTEBOOK_EDIT = "cellwright/applyNotebookEdit"


@attrs.frozen
class CellParams:
    """Names one cell of an open notebook."""

    notebook: str
    cell: str
    work_done_token: ProgressToken | None = None


@attrs.frozen
class NotebookParams:
    """Names an open notebook."""

    notebook: str
    work_done_token: ProgressToken | None = None


@attrs.frozen
class OfferParams:
    """Names an offer for an open notebook."""

    notebook: str
    offer: str
    work_done_token: ProgressToken | None = None


@attrs.frozen
class RunParams:
    """Which cells to run: `select` is cells, all, stale, upTo or dependents (of `cells`)."""

    notebook: str
    cells: Sequence[str] = ()
    select: str = "cells"
    work_done_token: ProgressToken | None = None


@attrs.frozen
class RanError:
    """The error of a cell that an editor ran, as Jupyter sends it."""

    ename: str
    evalue: str = ""
    traceback: Sequence[str] = ()


@attrs.frozen
class RanParams:
    """An editor ran a cell. `started` is seconds since the epoch, `duration` seconds."""

    notebook: str
    cell: str
    status: str
    source: str | None = None
    execution_count: int | None = None
    started: float | None = None
    duration: float | None = None
    outputs: Sequence[Any] = ()
    error: RanError | None = None


@attrs.frozen
class WireEvidence:
    """Why a verdict was given."""

    verdict: str
    reason: str
    sandbox: str
    seconds: float
    steps: int
    python: str = ""
    output: str = ""
    result: str = ""


@attrs.frozen
class WireOffer:
    """A fix that passed its trial."""

    id: str
    title: str
    rule: str
    confidence: float
    preferred: bool
    evidence: WireEvidence
    cells: Sequence[str] = ()
    run_first: Sequence[str] = ()
    guesses: str = ""
    explanation: str = ""


@attrs.frozen
class WireAttempt:
    """A fix that is not offered, and why."""

    title: str
    rule: str
    evidence: WireEvidence


@attrs.frozen
class WireRelated:
    """Another place that a diagnosis points at."""

    uri: str
    range: Range
    message: str


@attrs.frozen
class WireDiagnosis:
    """Where and why a cell failed. `uri` and `range` are of the document the client has open."""

    cell: str
    uri: str
    range: Range
    code: str
    ename: str
    evalue: str
    message: str
    related: Sequence[WireRelated] = ()


@attrs.frozen
class FixResult:
    """All that came of one failure."""

    diagnosis: WireDiagnosis
    offers: Sequence[WireOffer] = ()
    untried: Sequence[WireAttempt] = ()
    dropped: Sequence[WireAttempt] = ()
    unverifiable: str | None = None


@attrs.frozen
class WireRun:
    """What became of one cell that was run."""

    cell: str
    status: str
    execution_count: int | None = None
    started: float | None = None
    duration: float | None = None
    error: RanError | None = None


@attrs.frozen
class RunResult:
    """The cells that ran, in order; the last has failed when not all of them are there."""

    runs: Sequence[WireRun]


@attrs.frozen
class WireKernel:
    """A running kernel and the notebook it belongs to."""

    notebook: str
    id: str
    kind: str
    name: str
    language: str
    pid: int | None = None


@attrs.frozen
class KernelsResult:
    """The kernels that this server runs."""

    kernels: Sequence[WireKernel]


@attrs.frozen
class StatusParams:
    """States of some cells: idle, running, completed, failed, stale."""

    notebook: str
    states: Mapping[str, str]


@attrs.frozen
class OutputParams:
    """An output of a running cell, as nbformat has it. `clear` removes the earlier ones first.

    `update` puts it in the place of every earlier output with that `display_id`.
    """

    notebook: str
    cell: str
    output: Mapping[str, Any] | None = None
    clear: bool = False
    display_id: str | None = None
    update: bool = False


@attrs.frozen
class WireCell:
    """A cell to insert."""

    kind: str
    language: str
    source: str
    id: str | None = None


@attrs.frozen
class WireTextEdit:
    """Replace a range of a cell's text."""

    range: Range
    new_text: str


@attrs.frozen
class WireOperation:
    """One step of a notebook edit: replaceText, insert, delete, move or changeKind.

    `cell` is the cell's document URI and `version` the version of its text that the step was made
    for; `after` the cell to stand after, null for the first place.
    """

    kind: str
    cell: str | None = None
    version: int | None = None
    edits: Sequence[WireTextEdit] = ()
    insert: WireCell | None = None
    after: str | None = None
    cell_kind: str | None = None


@attrs.frozen
class ApplyNotebookEditParams:
    """An edit to apply in one step, all of it or none."""

    notebook: str
    label: str
    operations: Sequence[WireOperation]


@attrs.frozen
class WireLanding:
    """What became of one operation. `cell` is the URI of the cell it made or changed."""

    landed: bool
    reason: str = ""
    cell: str | None = None


@attrs.frozen
class ApplyNotebookEditResult:
    """Whether all of it was applied, and what became of each operation, in order."""

    applied: bool
    landings: Sequence[WireLanding] = ()


@attrs.frozen
class ReceiptResult:
    """What applying (or undoing) did, as read back. `rerun` is the smallest plan, never taken."""

    status: str
    landings: Sequence[WireLanding] = ()
    reason: str = ""
    rerun: Sequence[str] = ()


PARAMS: dict[str, type] = {
    FIX: CellParams,
    RUN: RunParams,
    RAN: RanParams,
    INTERRUPT: NotebookParams,
    RESTART: NotebookParams,
    SHUTDOWN: NotebookParams,
}
"""Method → the type of its params, for what a client sends."""

RESULTS: dict[str, type] = {APPLY_NOTEBOOK_EDIT: ApplyNotebookEditResult}
"""Method → the type of its result, for what a client answers."""


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def register(converter: Converter) -> None:
    """Teach a converter our classes: camelCase on the wire, defaults left out, extras ignored."""

    def is_ours(cls: Any) -> bool:
        return isinstance(cls, type) and cls.__module__ == __name__ and attrs.has(cls)

    def names(cls: type) -> dict[str, Any]:
        attrs.resolve_types(cls)
        return {field.name: override(rename=_camel(field.name)) for field in attrs.fields(cls)}

    converter.register_structure_hook_factory(
        is_ours, lambda cls: make_dict_structure_fn(cls, converter, **names(cls))
    )
    converter.register_unstructure_hook_factory(
        is_ours,
        lambda cls: make_dict_unstructure_fn(
            cls, converter, _cattrs_omit_if_default=True, **names(cls)
        ),
    )
