"""The parameters of a function that the trial kernel has described."""

from __future__ import annotations

from dataclasses import dataclass

from cellwright.trials.model import Value


@dataclass(frozen=True)
class Parameter:
    """One parameter. `kind` is named as `inspect.Parameter.kind`, in lower case."""

    name: str
    kind: str
    has_default: bool

    @property
    def by_keyword(self) -> bool:
        """Whether it may be passed by its name."""
        return self.kind in {"positional_or_keyword", "keyword_only"}

    @property
    def by_position(self) -> bool:
        """Whether it may be passed by its place."""
        return self.kind in {"positional_only", "positional_or_keyword"}

    @property
    def required(self) -> bool:
        """Whether a call must pass it."""
        return not self.has_default and (self.by_keyword or self.by_position)


def parameters(value: Value | None) -> tuple[Parameter, ...]:
    """Return the parameters of a described function; none where its signature is not known."""
    listed = value.extra.get("parameters", ()) if value is not None else ()
    return tuple(Parameter(name, kind, bool(default)) for name, kind, default in listed)
