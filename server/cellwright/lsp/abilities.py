"""What the client can do, resolved once into plain booleans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


@dataclass(frozen=True)
class Abilities:
    """The client's capabilities that change what the server does."""

    encoding: Encoding = "utf-16"
    notebooks: bool = False
    apply_edit: bool = False
    document_changes: bool = False
    action_literals: bool = False
    action_preferred: bool = False
    action_resolve: bool = False
    related_information: bool = False
    markdown: bool = False
    progress: bool = False
    configuration: bool = False
    watch_configuration: bool = False
    lens_refresh: bool = False
    notebook_edits: bool = False
    outputs: bool = False
    states: bool = False


def resolve(capabilities: Mapping[str, Any]) -> Abilities:
    """Read the `capabilities` of an `initialize` request, as they came on the wire.

    Anything missing or of the wrong type is an ability that the client lacks.
    """

    def at(path: str) -> Any:
        value: Any = capabilities
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def has(path: str) -> bool:
        return at(path) is True

    def lists(path: str, item: str) -> bool:
        value = at(path)
        return isinstance(value, Sequence) and item in value

    return Abilities(
        encoding=_encoding(at("general.positionEncodings")),
        notebooks=isinstance(at("notebookDocument.synchronization"), Mapping),
        apply_edit=has("workspace.applyEdit"),
        document_changes=has("workspace.workspaceEdit.documentChanges"),
        action_literals=at("textDocument.codeAction.codeActionLiteralSupport") is not None,
        action_preferred=has("textDocument.codeAction.isPreferredSupport"),
        action_resolve=has("textDocument.codeAction.dataSupport")
        and lists("textDocument.codeAction.resolveSupport.properties", "edit"),
        related_information=has("textDocument.publishDiagnostics.relatedInformation"),
        markdown=lists("textDocument.hover.contentFormat", "markdown"),
        progress=has("window.workDoneProgress"),
        configuration=has("workspace.configuration"),
        watch_configuration=has("workspace.didChangeConfiguration.dynamicRegistration"),
        lens_refresh=has("workspace.codeLens.refreshSupport"),
        notebook_edits=has("experimental.cellwright.applyNotebookEdit"),
        outputs=has("experimental.cellwright.output"),
        states=has("experimental.cellwright.status"),
    )


def _encoding(offered: Any) -> Encoding:
    """Return the first encoding of the client's that is known; UTF-16 is what LSP defaults to."""
    listed = offered if isinstance(offered, list) else []
    return next((known for name in listed for known in ENCODINGS if known == name), "utf-16")
