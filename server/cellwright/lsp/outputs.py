"""Outputs between run records and the form that editors and nbformat have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellwright.notebook.run import Output


def nbformat_output(output: Output) -> dict[str, Any]:
    """Return an output as an nbformat 4 dict."""
    if output.kind == "stream":
        return {"output_type": "stream", "name": output.name or "stdout", "text": output.text}
    shown: dict[str, Any] = {
        "output_type": output.kind,
        "data": dict(output.data) or {"text/plain": output.text},
        "metadata": dict(output.metadata),
    }
    if output.kind == "execute_result":
        shown["execution_count"] = None
    return shown


def from_nbformat(raw: Any) -> Output | None:
    """Return an nbformat output dict as an output; None of an error or of anything unknown."""
    if not isinstance(raw, Mapping):
        return None
    kind = raw.get("output_type")
    if kind == "stream":
        return Output("stream", name=str(raw.get("name", "stdout")), text=_joined(raw.get("text")))
    if kind == "display_data" or kind == "execute_result":
        data, metadata = raw.get("data"), raw.get("metadata")
        data = data if isinstance(data, Mapping) else {}
        return Output(
            kind,
            text=_joined(data.get("text/plain")),
            data=data,
            metadata=metadata if isinstance(metadata, Mapping) else {},
        )
    return None


def _joined(text: Any) -> str:
    """Return a multiline string of nbformat, which may be a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")
