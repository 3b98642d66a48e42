"""Running cells over the wire: outputs, states, progress, cancelling, and every kind of death."""

import os
import signal

import pytest
from editors import EXTENSION, VSCODE, NotebookEditor
from lsp_client import ResponseError

SLEEP = "import time\nprint('here')\ntime.sleep(600)"


@pytest.fixture
async def vscode(launch, workspace):
    client = await launch()
    client.settled |= {"textDocument/publishDiagnostics", "cellwright/status"}
    client.answers["client/registerCapability"] = lambda params: None
    client.answers["workspace/configuration"] = lambda params: [None]
    client.answers["window/workDoneProgress/create"] = lambda params: None
    client.answers["window/showMessageRequest"] = lambda params: {"title": "No"}
    await client.initialize({**VSCODE, "experimental": EXTENSION}, (workspace,))
    return client


def notebook(client, folder, *sources):
    editor = NotebookEditor(client, (folder / "a.ipynb").as_uri(), list(sources))
    editor.open()
    return editor


def began(client, editor, name, **more):
    wanted = {"notebook": editor.uri, "cells": [name], **more}
    return client.begin("cellwright/run", wanted)


async def kernel_pid(client):
    (kernel,) = (await client.request("cellwright/kernels"))["kernels"]
    return kernel["pid"]


async def heard(client, name, text):
    """Wait until a cell has printed a text."""

    def printed(params):
        output = params.get("output") or {}
        return params["cell"] == name and text in output.get("text", "")

    return await client.expect("cellwright/output", printed)


def quiet(client):
    """Drop the outputs and the progress that a test is not about."""
    noise = {"cellwright/output", "$/progress"}
    client.inbox[:] = [entry for entry in client.inbox if entry[0] not in noise]


async def test_outputs_and_states_come_as_they_happen(vscode, workspace):
    editor = notebook(vscode, workspace, "print('one')", "1 + 1")
    first, second = editor.order
    result = await vscode.request("cellwright/run", {"notebook": editor.uri, "select": "all"})
    assert [(r["cell"], r["status"], r["executionCount"]) for r in result["runs"]] == [
        (first, "completed", 1),
        (second, "completed", 2),
    ]
    cleared = await vscode.expect("cellwright/output")
    assert (cleared["cell"], cleared["clear"]) == (first, True)
    output = (await heard(vscode, first, "one"))["output"]
    assert output == {"output_type": "stream", "name": "stdout", "text": "one\n"}
    shown = await vscode.expect(
        "cellwright/output", lambda p: p.get("output", {}).get("output_type") == "execute_result"
    )
    assert shown["output"]["data"] == {"text/plain": "2"}
    for state in ("running", "completed"):
        await vscode.expect("cellwright/status", lambda p, s=state: p["states"].get(second) == s)
    quiet(vscode)
    assert await vscode.close() == 0


async def test_select_chooses_the_cells(vscode, workspace):
    editor = notebook(vscode, workspace, "a = 1", "b = 2", "print(a)")
    first, second, third = editor.order

    async def ran(**chosen):
        found = await vscode.request("cellwright/run", {"notebook": editor.uri, **chosen})
        return [run["cell"] for run in found["runs"]]

    assert await ran(cells=[second, first]) == [second, first]
    assert await ran(select="upTo", cells=[second]) == [first, second]
    assert await ran(select="all") == [first, second, third]
    assert set(await ran(select="dependents", cells=[first])) == {first, third}
    with pytest.raises(ResponseError) as error:
        await ran(select="some")
    assert error.value.code == -32602
    with pytest.raises(ResponseError) as error:
        await ran(cells=["gone"])
    assert error.value.code == -32803
    quiet(vscode)
    assert await vscode.close() == 0


async def test_cancelling_the_request_interrupts_the_cell(vscode, workspace):
    editor = notebook(vscode, workspace, SLEEP, "print('after')")
    first, second = editor.order
    number, answer = began(vscode, editor, first)
    await heard(vscode, first, "here")
    vscode.cancel(number)
    with pytest.raises(ResponseError) as error:
        await answer
    assert error.value.code == -32800
    vscode.cancel(number)  # again, too late: nothing happens
    assert (await began(vscode, editor, second)[1])["runs"][0]["status"] == "completed"
    quiet(vscode)
    assert await vscode.close() == 0


async def test_interrupt_restart_and_shutdown_of_a_kernel(vscode, workspace):
    editor = notebook(vscode, workspace, SLEEP, "x = 1", "print(x)")
    first, second, third = editor.order
    _, answer = began(vscode, editor, first)
    await heard(vscode, first, "here")
    assert await vscode.request("cellwright/interrupt", {"notebook": editor.uri}) is None
    assert (await answer)["runs"][0]["status"] == "interrupted"
    await began(vscode, editor, second)[1]
    pid = await kernel_pid(vscode)
    assert await vscode.request("cellwright/restart", {"notebook": editor.uri}) is None
    assert (await began(vscode, editor, third)[1])["runs"][0]["error"]["ename"] == "NameError"
    assert await vscode.request("cellwright/shutdown", {"notebook": editor.uri}) is None
    assert pid not in vscode.processes()
    quiet(vscode)
    assert await vscode.close() == 0


async def test_a_kernel_that_dies_is_told_and_replaced(vscode, workspace):
    editor = notebook(vscode, workspace, SLEEP, "print('again')")
    first, second = editor.order
    _, answer = began(vscode, editor, first)
    await heard(vscode, first, "here")
    os.kill(await kernel_pid(vscode), signal.SIGKILL)
    (run,) = (await answer)["runs"]
    assert run["status"] == "died"
    assert "kernel" in run["error"]["evalue"].lower()
    assert (await began(vscode, editor, second)[1])["runs"][0]["status"] == "completed"
    quiet(vscode)
    assert await vscode.close() == 0


async def test_the_client_goes_in_the_middle_of_a_run(vscode, workspace):
    editor = notebook(vscode, workspace, SLEEP)
    first = editor.order[0]
    _, answer = began(vscode, editor, first)
    await heard(vscode, first, "here")
    assert len(vscode.processes()) > 1
    vscode.process.stdin.close()
    await vscode.gone()
    assert isinstance(answer.exception(), ConnectionError | ResponseError)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
async def test_the_server_is_killed_in_the_middle_of_a_run(vscode, workspace, sign):
    editor = notebook(vscode, workspace, SLEEP)
    first = editor.order[0]
    _, answer = began(vscode, editor, first)
    await heard(vscode, first, "here")
    vscode.process.send_signal(sign)
    await vscode.gone()
    assert isinstance(answer.exception(), ConnectionError | ResponseError)


async def test_shutdown_in_the_middle_of_a_run(vscode, workspace):
    editor = notebook(vscode, workspace, SLEEP)
    first = editor.order[0]
    _, answer = began(vscode, editor, first)
    await heard(vscode, first, "here")
    await vscode.expect("$/progress")
    quiet(vscode)
    assert await vscode.close() == 0
    assert isinstance(answer.exception(), ResponseError)


async def test_the_loop_stays_free_while_a_cell_floods(vscode, workspace):
    editor = notebook(vscode, workspace, "for i in range(20_000): print(i)", "x = 1")
    first, second = editor.order
    _, answer = began(vscode, editor, first)
    place = {"textDocument": {"uri": second}, "position": {"line": 0, "character": 0}}
    while not answer.done():
        assert await vscode.request("textDocument/hover", place) is None
    assert answer.result()["runs"][0]["status"] == "completed"
    quiet(vscode)
    assert await vscode.close() == 0


# Progress


async def values(client, token, kind):
    params = await client.expect(
        "$/progress", lambda p: p["token"] == token and p["value"]["kind"] == kind
    )
    return params["value"]


async def test_progress_is_shown_on_the_clients_token_and_cancels_the_work(vscode, workspace):
    editor = notebook(vscode, workspace, SLEEP, "1")
    first, second = editor.order
    _, answer = began(vscode, editor, first, workDoneToken="mine")
    assert (await values(vscode, "mine", "begin"))["cancellable"] is True
    await heard(vscode, first, "here")
    vscode.notify("window/workDoneProgress/cancel", {"token": "mine"})
    with pytest.raises(ResponseError) as error:
        await answer
    assert error.value.code == -32800
    await values(vscode, "mine", "end")
    vscode.notify("window/workDoneProgress/cancel", {"token": "mine"})
    await began(vscode, editor, second, workDoneToken=7)[1]
    await values(vscode, 7, "begin")
    await values(vscode, 7, "end")
    quiet(vscode)
    assert await vscode.close() == 0


async def test_trials_show_progress_and_can_be_cancelled(vscode, workspace):
    vscode.answers["window/showMessageRequest"] = lambda params: {"title": "Allow"}
    created = []
    vscode.answers["window/workDoneProgress/create"] = created.append
    editor = notebook(vscode, workspace, SLEEP)
    wanted = {"notebook": editor.uri, "cell": editor.order[0]}
    number, answer = vscode.begin("cellwright/fix", wanted)
    begun = await vscode.expect("$/progress", lambda p: p["value"]["kind"] == "begin")
    assert created == [{"token": begun["token"]}]
    vscode.cancel(number)
    with pytest.raises(ResponseError) as error:
        await answer
    assert error.value.code == -32800
    await values(vscode, begun["token"], "end")
    vscode.inbox[:] = [entry for entry in vscode.inbox if entry[0] != "$/progress"]
    assert await vscode.close() == 0


# Permissions


async def fixed(client, editor, name):
    return await client.request("cellwright/fix", {"notebook": editor.uri, "cell": name})


async def test_without_consent_nothing_is_tried(vscode, workspace):
    asked = []
    vscode.answers["window/showMessageRequest"] = asked.append  # dismissed: null
    vscode.ignored |= {"$/progress"}
    editor = notebook(vscode, workspace, "value = 1", "print(vlaue)")
    second = editor.order[1]
    await vscode.request("cellwright/run", {"notebook": editor.uri, "select": "all"})
    for _ in range(2):
        result = await fixed(vscode, editor, second)
        assert not result.get("offers")
        assert "no consent" in result["unverifiable"]
    assert len(asked) == 1
    assert [action["title"] for action in asked[0]["actions"]] == [
        "Allow",
        "Always in this folder",
        "No",
    ]
    quiet(vscode)
    assert await vscode.close() == 0


async def test_always_is_remembered_for_the_folder(launch, workspace, home):
    asked = []

    def always(params):
        asked.append(params)
        return {"title": "Always in this folder"}

    for _ in range(2):
        client = await launch()
        client.settled |= {"textDocument/publishDiagnostics"}
        client.answers["window/showMessageRequest"] = always
        await client.initialize({}, (workspace,))
        editor = NotebookEditor(client, (workspace / "a.ipynb").as_uri(), ["v = 1", "print(w)"])
        editor.open()
        assert "unverifiable" not in await fixed(client, editor, editor.order[1])
        assert await client.close() == 0
    assert len(asked) == 1
    assert not any(workspace.iterdir())


async def test_a_workspace_cannot_give_the_permission(launch, workspace):
    client = await launch()
    client.settled |= {"textDocument/publishDiagnostics"}
    client.answers["client/registerCapability"] = lambda params: None
    sent = {"trials": "always", "kernel": "no-such-kernel"}
    client.answers["workspace/configuration"] = lambda params: [sent]
    client.answers["window/showMessageRequest"] = lambda params: {"title": "No"}
    capabilities = {"workspace": VSCODE["workspace"]}
    await client.initialize(capabilities, (workspace,), {"workspace": sent, **sent})
    client.notify("workspace/didChangeConfiguration", {"settings": {"cellwright": sent}})
    editor = NotebookEditor(client, (workspace / "a.ipynb").as_uri(), ["print(vlaue)"])
    editor.open()
    wanted = {"notebook": editor.uri, "select": "all"}
    result = await client.request("cellwright/run", wanted)  # with the notebook's own kernel
    assert result["runs"][0]["error"]["ename"] == "NameError"
    found = await fixed(client, editor, editor.order[0])
    assert "no consent" in found["unverifiable"]
    assert await client.close() == 0


async def test_outside_the_workspace_nothing_runs_unasked(launch, workspace, tmp_path):
    client = await launch()
    client.settled |= {"textDocument/publishDiagnostics"}
    await client.initialize({}, (workspace,), {"user": {"trials": "always"}})
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    editor = notebook(client, outside, "value = 1", "print(vlaue)")
    first, second = editor.order
    ran = {"notebook": editor.uri, "cell": first, "status": "completed", "duration": 0.01}
    client.notify("cellwright/ran", {**ran, "executionCount": 1})
    ran |= {"cell": second, "status": "failed"}
    error = {"ename": "NameError", "evalue": "name 'vlaue' is not defined"}
    client.notify("cellwright/ran", {**ran, "executionCount": 2, "error": error})
    shown = await client.diagnostics(
        second, lambda shown: any("outside" in d["message"] for d in shown)
    )
    assert shown[0]["severity"] == 1
    assert len(client.processes()) == 1
    result = await fixed(client, editor, second)
    assert [offer["evidence"]["verdict"] for offer in result["offers"]] == ["passed"]
    assert await client.close() == 0
