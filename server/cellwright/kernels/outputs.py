"""Kernel messages as outputs, and the caps on what one run may put out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cellwright.notebook.run import Output


@dataclass(frozen=True)
class OutputLimits:
    """What is kept of one run's outputs.

    `text` counts the characters of stdout and stderr together, `data` the bytes of displays and
    results as sent, `displays` their number.
    """

    text: int = 1_000_000
    data: int = 20_000_000
    displays: int = 1_000


def from_message(kind: str, content: Mapping[str, Any]) -> Output | None:
    """Return the output that a message of that type carries, None when it carries none.

    The types are of https://jupyter-client.readthedocs.io/en/stable/messaging.html.
    """
    if kind == "stream":
        return Output("stream", name=content["name"], text=content["text"])
    if kind in {"display_data", "update_display_data"}:
        return _display("display_data", content)
    if kind in {"execute_result", "pyout"}:
        return _display("execute_result", content)
    return None


def _display(kind: Any, content: Mapping[str, Any]) -> Output:
    data = content["data"]
    return Output(
        kind, text=data.get("text/plain", ""), data=data, metadata=content.get("metadata", {})
    )


class Cap:
    """Keeps one run within its limits: trims, leaves out, and says what was left out."""

    def __init__(self, limits: OutputLimits) -> None:
        self.limits = limits
        self.cleared()

    def cleared(self) -> None:
        """Start afresh: the outputs so far are gone."""
        self._text = self.limits.text
        self._data = self.limits.data
        self._displays = self.limits.displays
        self._cut: Counter[str] = Counter()
        self._dropped = 0

    def admit(self, output: Output, size: int) -> Output | None:
        """Return what of an output may be shown, None for nothing.

        `size` is its bytes as sent; `output.cut` what of it was not even read.
        """
        if output.kind == "stream":
            return self._stream(output)
        if self._displays <= 0:
            self._dropped += 1
            return None
        self._displays -= 1
        if size <= self._data and not output.cut:
            self._data -= size
            return output
        notice = f"[an output of {size:,} bytes is left out: {self.limits.data:,} are kept per run]"
        return Output(output.kind, text=notice, data={"text/plain": notice}, cut=size)

    def _stream(self, output: Output) -> Output | None:
        if self._cut:
            self._cut[output.name] += len(output.text) + output.cut
            return None
        kept = output.text[: self._text]
        self._text -= len(kept)
        cut = len(output.text) - len(kept) + output.cut
        if not cut:
            return output
        self._cut[output.name] += cut
        notice = f"\n[output beyond {self.limits.text:,} characters is left out]\n"
        return replace(output, text=kept + notice, cut=0)

    def summary(self) -> list[Output]:
        """Return the notices that close the run: how much was left out, by stream."""
        notices = [
            Output("stream", name, f"[{cut:,} characters were left out]\n", cut=cut)
            for name, cut in self._cut.items()
        ]
        if self._dropped:
            text = f"[{self._dropped:,} further displays were left out]\n"
            notices.append(Output("stream", "stderr", text))
        return notices
