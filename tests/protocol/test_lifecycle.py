"""The life of a connection: initialize, garbage, cancellation, shutdown, exit, the client's end."""

import json
import logging
import re

import pytest
from editors import NEOVIM, VSCODE, NotebookEditor
from lsp_client import ResponseError

HOVER = {
    "textDocument": {"uri": "file:///no.py"},
    "position": {"line": 0, "character": 0},
}


async def test_initialize_says_what_the_server_does(launch, workspace):
    client = await launch()
    client.answers["client/registerCapability"] = lambda params: None
    client.answers["workspace/configuration"] = lambda params: [None]
    found = await client.initialize(VSCODE, (workspace,))
    capabilities = found["capabilities"]
    assert found["serverInfo"]["name"] == "cellwright"
    assert capabilities["positionEncoding"] == "utf-16"
    selectors = capabilities["notebookDocumentSync"]["notebookSelector"]
    assert {"notebook": {"notebookType": "jupyter-notebook"}} in selectors
    assert capabilities["codeActionProvider"] == {
        "codeActionKinds": [
            "quickfix",
            "source.fixAll.cellwright",
            "notebook.source.fixAll.cellwright",
            "source.cellwright.run",
        ],
        "resolveProvider": True,
    }
    assert capabilities["experimental"] == {"cellwright": {"protocolVersion": 1}}
    assert await client.close() == 0


async def test_a_client_without_notebooks_is_promised_none(launch):
    client = await launch()
    client.answers["workspace/configuration"] = lambda params: [None]
    capabilities = (await client.initialize(NEOVIM))["capabilities"]
    assert "notebookDocumentSync" not in capabilities
    assert capabilities["positionEncoding"] == "utf-8"
    assert await client.close() == 0


async def test_a_bare_client(launch):
    client = await launch()
    assert (await client.initialize({}))["capabilities"]["positionEncoding"] == "utf-16"
    assert await client.request("textDocument/hover", HOVER) is None
    assert await client.close() == 0


async def test_a_second_initialize_gets_the_first_ones_answer(launch):
    client = await launch()
    first = await client.initialize({"general": {"positionEncodings": ["utf-8"]}})
    second = await client.request("initialize", {"capabilities": {}})
    assert second == first
    assert await client.close() == 0


async def test_nothing_is_answered_before_initialize(launch):
    client = await launch()
    with pytest.raises(ResponseError) as error:
        await client.request("textDocument/hover", HOVER)
    assert error.value.code == -32002
    await client.initialize({})
    assert await client.close() == 0


async def test_nothing_is_answered_after_shutdown(launch):
    client = await launch()
    await client.initialize({})
    await client.request("shutdown")
    with pytest.raises(ResponseError) as error:
        await client.request("textDocument/hover", HOVER)
    assert error.value.code == -32600
    client.notify("exit")
    assert await client.process.wait() == 0
    await client.gone()


async def test_exit_without_shutdown_is_an_error(launch):
    client = await launch()
    await client.initialize({})
    client.notify("exit")
    assert await client.process.wait() == 1
    await client.gone()


async def test_exit_before_initialize(launch):
    client = await launch()
    client.notify("exit")
    assert await client.process.wait() == 1
    await client.gone()


async def test_the_end_of_stdin_ends_the_server(launch):
    client = await launch()
    await client.initialize({})
    client.process.stdin.close()
    assert await client.process.wait() == 1
    await client.gone()


async def test_a_client_that_no_longer_reads_ends_the_server(launch):
    client = await launch()
    await client.initialize({})
    client._tasks[0].cancel()
    client.process.stdout._transport.close()
    for _ in range(50):
        client.notify("cellwright/no-such-thing")
        client.begin("cellwright/no-such-thing")
    await client.gone()


GARBAGE = [
    (b"{", -32700),
    (b"\xff\xfe", -32700),
    (b"[" * 100_000, -32700),
    (b"[]", -32600),
    (b"3", -32600),
    (b"null", -32600),
    (b'{"jsonrpc":"1.0","id":1,"method":"x"}', -32600),
    (b'{"id":1,"method":"x"}', -32600),
    (b'{"jsonrpc":"2.0"}', -32600),
    (b'{"jsonrpc":"2.0","id":1}', -32600),
    (b'{"jsonrpc":"2.0","id":1,"method":3}', -32600),
    (b'{"jsonrpc":"2.0","id":{},"method":"shutdown"}', -32600),
    (b'{"jsonrpc":"2.0","id":[1],"method":"shutdown"}', -32600),
    (b'{"jsonrpc":"2.0","id":true,"method":"shutdown"}', -32600),
    (b'{"jsonrpc":"2.0","id":null,"method":"shutdown"}', -32600),
]


async def test_garbage_is_answered_by_an_error(launch):
    client = await launch()
    await client.initialize({})
    for body, code in GARBAGE:
        client.send_raw(body)
        assert await client.request("textDocument/hover", HOVER) is None
        answers, client.strays = client.strays, []
        assert [answer["error"]["code"] for answer in answers] == [code], body[:60]
    assert await client.close() == 0


BAD_PARAMS = [
    ("textDocument/hover", {}),
    ("textDocument/hover", None),
    ("textDocument/hover", []),
    ("textDocument/hover", 3),
    ("textDocument/hover", {"textDocument": {"uri": 3}, "position": {}}),
    ("textDocument/codeAction", {"textDocument": {"uri": "x"}}),
    ("textDocument/codeLens", {}),
    ("workspace/executeCommand", {"command": "cellwright.none"}),
    ("workspace/executeCommand", {"command": "cellwright.apply"}),
    ("workspace/executeCommand", {"command": "cellwright.apply", "arguments": [3]}),
    ("workspace/executeCommand", {"command": "cellwright.apply", "arguments": [{}, {}]}),
    ("cellwright/fix", {}),
    ("cellwright/fix", {"notebook": 3}),
    ("cellwright/run", {"notebook": "x", "cells": 3}),
    ("cellwright/run", None),
]


async def test_bad_params_are_answered_by_an_error(launch):
    client = await launch()
    await client.initialize({})
    for method, params in BAD_PARAMS:
        with pytest.raises(ResponseError) as error:
            await client.request(method, params)
        assert error.value.code == -32602, (method, params)
    for method in ("cellwright/chatter", "textDocument/definition", "$/odd"):
        with pytest.raises(ResponseError) as error:
            await client.request(method, {})
        assert error.value.code == -32601
    assert await client.close() == 0


NOTIFICATIONS = [
    ("initialized", None),
    ("$/cancelRequest", {"id": 12345}),
    ("$/cancelRequest", {"id": "nope"}),
    ("$/cancelRequest", {"id": {}}),
    ("$/cancelRequest", {"id": [1]}),
    ("$/cancelRequest", {}),
    ("$/cancelRequest", None),
    ("$/setTrace", {"value": "verbose"}),
    ("$/unknown", {"x": 1}),
    ("cellwright/ran", {}),
    ("cellwright/ran", {"notebook": "x", "cell": "y", "status": "failed"}),
    ("notebookDocument/didOpen", {}),
    ("notebookDocument/didChange", {"notebookDocument": {"uri": "x", "version": 1}, "change": {}}),
    ("notebookDocument/didClose", {"notebookDocument": {"uri": "x"}, "cellTextDocuments": []}),
    ("textDocument/didClose", {"textDocument": {"uri": "vscode-notebook-cell:gone"}}),
    ("textDocument/didChange", {"textDocument": {"uri": "x", "version": 1}, "contentChanges": []}),
    ("window/workDoneProgress/cancel", {"token": "none"}),
    ("workspace/didChangeConfiguration", {"settings": None}),
    ("workspace/didChangeConfiguration", {"settings": {"cellwright": [1]}}),
    ("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}}),
]


async def test_no_notification_is_an_error(launch):
    client = await launch()
    await client.initialize({})
    for method, params in NOTIFICATIONS:
        client.notify(method, params)
    assert await client.request("textDocument/hover", HOVER) is None
    assert await client.close() == 0


async def test_answers_that_nobody_waits_for_are_let_pass(launch):
    client = await launch()
    await client.initialize({})
    client.send({"id": 99, "result": None})
    client.send({"id": "x", "error": {"code": 1, "message": "m"}})
    client.send({"id": None, "error": None})
    assert await client.request("textDocument/hover", HOVER) is None
    assert await client.close() == 0


async def test_malformed_answers_to_our_requests_are_let_pass(launch):
    client = await launch()
    odd = [3, {}, [], [3], "text", {"title": 5}]
    client.answers["workspace/configuration"] = lambda params: odd.pop() if odd else None
    client.answers["client/registerCapability"] = lambda params: {"x": 1}
    await client.initialize(VSCODE)
    while odd:
        left = len(odd)
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        while len(odd) == left:
            assert await client.request("textDocument/hover", HOVER) is None
    assert await client.close() == 0


# The log

SECRET = "hunter2"


async def test_the_log_goes_to_a_private_file_and_holds_no_secret(launch, workspace, tmp_path):
    log = tmp_path / "server.log"
    client = await launch(
        "--log-level", "info", "--log-file", str(log), CELLWRIGHT_KERNEL=SECRET + "1"
    )
    client.answers["client/registerCapability"] = lambda params: None
    client.answers["workspace/configuration"] = lambda params: [{"kernel": SECRET, "codeLens": 9}]
    await client.initialize(VSCODE, (workspace,), {"user": {"kernel": SECRET, "trials": SECRET}})
    editor = NotebookEditor(client, (workspace / "a.ipynb").as_uri(), [f"key = '{SECRET}'"])
    editor.open()
    editor.changed({"structure": {"array": {"start": 9, "deleteCount": 9}}})
    client.notify(
        "workspace/didChangeConfiguration", {"settings": {"cellwright": {"kernel": SECRET}}}
    )
    with pytest.raises(ResponseError):
        await client.request("cellwright/run", {"notebook": SECRET})
    await client.expect("window/showMessage", lambda params: "lost track" in params["message"])
    assert await client.close() == 0
    written = log.read_text()
    assert SECRET not in written
    assert SECRET not in client.stderr.decode()
    assert "out of sync" in written
    assert re.search(r"setting kernel is ignored", written)
    assert log.stat().st_mode & 0o777 == 0o600


def test_an_error_is_logged_without_its_message_unless_debugging(tmp_path):
    from cellwright.lsp.logs import FORMAT, Discreet

    try:
        raise ValueError(SECRET)
    except ValueError as error:
        record = logging.LogRecord(
            "x",
            logging.ERROR,
            "f",
            1,
            "a request failed",
            None,
            (type(error), error, error.__traceback__),
        )
    line = Discreet(FORMAT).format(record)
    assert SECRET not in line
    assert "ValueError at test_lifecycle.py:" in line


async def test_stdout_is_only_protocol(launch, workspace, environment):
    """Whatever a library prints, each byte on stdout belongs to a message."""
    client = await launch()
    await client.initialize({}, (workspace,))
    assert json.dumps(await client.request("cellwright/kernels")) == '{"kernels": []}'
    assert await client.close() == 0
