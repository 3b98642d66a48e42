"""Write what ran into the text of a notebook file: outputs and execution counts, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cellwright.notebook.edit import Span, TextEdit
from cellwright.notebook.run import CellError, Output, RunRecord
from cellwright.notebook.shapes.ipynb.cells import changed_cell
from cellwright.notebook.shapes.ipynb.read import IpynbFile
from cellwright.notebook.shapes.ipynb.write import in_file
from cellwright.notebook.text import apply_text

_LINED = {"application/javascript", "image/svg+xml"}
"""MIME types besides text/* whose values nbformat writes as lists of lines."""


def with_runs(file: IpynbFile, records: Iterable[RunRecord]) -> str:
    """Return the file's text with what its code cells gave when they ran.

    Of several records of a cell the last counts; a record of a cell that the file does not have is
    left out.

    Raises `NotebookFormatError` for what JSON cannot hold.
    """
    latest = {record.cell: record for record in records}
    edits = [
        edit
        for index, cell in enumerate(file.notebook)
        if cell.kind == "code" and (record := latest.get(cell.id)) is not None
        for edit in _cell_edits(file, index, record)
    ]
    return apply_text(file.text, in_file(file, edits))


def _cell_edits(file: IpynbFile, index: int, record: RunRecord) -> list[TextEdit]:
    layout, style = file.layout.each[index], file.style(index)
    changes = {
        "execution_count": style.dump(record.execution_count),
        "outputs": style.dump(saved_outputs(record, lines=style.lines)),
    }
    places = {key: layout.members.get(key) for key in changes}
    edits = [
        TextEdit(Span(place.start, place.end), changes[key])
        for key, place in places.items()
        if place is not None
    ]
    if len(edits) < len(changes):
        return [TextEdit(layout.span, changed_cell(file.body, layout, style, changes))]
    return sorted(edits, key=lambda edit: edit.span)


def saved_outputs(record: RunRecord, *, lines: bool) -> list[dict[str, Any]]:
    """Return the outputs of a run as nbformat 4 has them, texts as lists of `lines` if wanted."""
    outputs = [_saved(output, record, lines) for output in record.outputs]
    if record.error is not None and all(each["output_type"] != "error" for each in outputs):
        outputs.append(_saved_error(record.error))
    return outputs


def _saved(output: Output, record: RunRecord, lines: bool) -> dict[str, Any]:
    if output.kind == "error":
        return _saved_error(record.error or CellError(output.name, output.text))
    if output.kind == "stream":
        return {
            "output_type": "stream",
            "name": output.name or "stdout",
            "text": output.text.splitlines(keepends=True) if lines else output.text,
        }
    plain = {"text/plain": output.text} if output.text else {}
    saved: dict[str, Any] = {
        "output_type": output.kind,
        "data": _bundle({**plain, **output.data}, lines),
        "metadata": dict(output.metadata),
    }
    if output.kind == "execute_result":
        saved["execution_count"] = record.execution_count
    return saved


def _saved_error(error: CellError) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": error.ename,
        "evalue": error.evalue,
        "traceback": list(error.traceback),
    }


def _bundle(data: Mapping[str, Any], lines: bool) -> dict[str, Any]:
    return {
        mime: value.splitlines(keepends=True)
        if lines and isinstance(value, str) and (mime.startswith("text/") or mime in _LINED)
        else value
        for mime, value in data.items()
    }
