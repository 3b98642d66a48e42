"""workspace/configuration and workspace/didChangeConfiguration: unprivileged settings only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types

from cellwright.lsp.server import Server
from cellwright.lsp.settings import overlay

SECTION = "cellwright"


def changed(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Take settings that come with the notification at once, else ask for them."""
    sent = params.settings
    if isinstance(sent, Mapping) and SECTION in sent:
        _take(server, sent[SECTION], next(server.moments))
    else:
        server.in_background(pull(server))


async def pull(server: Server) -> None:
    """Ask the client for its settings. They may come from the workspace, so none is privileged."""
    if not server.abilities.configuration:
        return
    params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    moment = next(server.moments)
    answer = await server.ask(types.WORKSPACE_CONFIGURATION, params)
    if isinstance(answer, Sequence) and answer:
        _take(server, answer[0], moment)


def _take(server: Server, values: Any, moment: int) -> None:
    """Use settings as they were at a moment, unless newer ones came in meanwhile."""
    if moment > server.settings_moment:
        server.settings_moment = moment
        server.configure(overlay(server.user_settings, values, trusted=False))
