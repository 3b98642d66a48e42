"""Every method that the server answers, and every command, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from cellwright.lsp import commands, messages
from cellwright.lsp.features import (
    code_action,
    code_lens,
    configuration,
    execute_command,
    fix,
    folders,
    hover,
    kernels,
    lifecycle,
    notebook_sync,
    progress,
    ran,
    resolve,
    run,
    text_sync,
)
from cellwright.lsp.protocol import Handler


def ignore(server: object, params: Any) -> None:
    """Do nothing with a notification that clients send as a matter of course."""


COMMANDS: Mapping[str, execute_command.Command] = {
    commands.APPLY: (messages.OfferParams, fix.apply),
    commands.UNDO: (messages.OfferParams, fix.undo),
    commands.FIX: (messages.CellParams, fix.find_fixes),
    commands.FIX_ALL: (messages.NotebookParams, fix.fix_all),
    commands.FIX_NOTEBOOK: (messages.NotebookParams, fix.fix_notebook),
    commands.RUN: (messages.RunParams, run.run),
    commands.EXPLAIN: (messages.CellParams, fix.explain),
}

HANDLERS: Mapping[str, Handler] = {
    types.INITIALIZE: lifecycle.initialize,
    types.INITIALIZED: lifecycle.initialized,
    types.SHUTDOWN: lifecycle.shutdown,
    types.EXIT: lifecycle.leave,
    types.SET_TRACE: ignore,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: configuration.changed,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: folders.changed,
    types.TEXT_DOCUMENT_DID_OPEN: text_sync.opened,
    types.TEXT_DOCUMENT_DID_CHANGE: text_sync.changed,
    types.TEXT_DOCUMENT_DID_SAVE: ignore,
    types.TEXT_DOCUMENT_DID_CLOSE: text_sync.closed,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebook_sync.opened,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebook_sync.changed,
    types.NOTEBOOK_DOCUMENT_DID_SAVE: ignore,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebook_sync.closed,
    types.TEXT_DOCUMENT_HOVER: hover.hover,
    types.TEXT_DOCUMENT_CODE_LENS: code_lens.code_lens,
    types.TEXT_DOCUMENT_CODE_ACTION: code_action.code_action,
    types.CODE_ACTION_RESOLVE: resolve.resolve,
    types.WORKSPACE_EXECUTE_COMMAND: execute_command.executor(COMMANDS),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: progress.cancel,
    messages.FIX: fix.fix,
    messages.RUN: run.run,
    messages.RAN: ran.ran,
    messages.KERNELS: kernels.kernels,
    messages.INTERRUPT: kernels.interrupt,
    messages.RESTART: kernels.restart,
    messages.SHUTDOWN: kernels.shutdown,
}
