"""workspace/executeCommand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from cellwright.lsp.server import Server

Command = tuple[type, Callable[[Server, Any], Awaitable[Any]]]
"""The type of a command's one argument, and what it does."""


def executor(
    commands: Mapping[str, Command],
) -> Callable[[Server, types.ExecuteCommandParams], Awaitable[Any]]:
    """Return the handler that executes these commands."""

    async def execute(server: Server, params: types.ExecuteCommandParams) -> Any:
        found = commands.get(params.command)
        if found is None:
            raise JsonRpcInvalidParams(f"there is no command {params.command}")
        argument_type, run = found
        arguments = params.arguments or ()
        if len(arguments) != 1:
            raise JsonRpcInvalidParams(f"{params.command} takes one argument")
        return await run(server, server.structure(arguments[0], argument_type))

    return execute
