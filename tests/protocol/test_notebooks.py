"""Notebooks over the wire: synchronisation, diagnostics and their clearing, settings, folders."""

import pytest
from editors import VSCODE, NotebookEditor, around, covered
from lsp_client import ResponseError

UNDEFINED = "print(nowhere)"


@pytest.fixture
async def vscode(launch, workspace):
    client = await launch()
    client.settings = None
    client.answers["client/registerCapability"] = lambda params: None
    client.answers["workspace/configuration"] = lambda params: [client.settings]
    client.answers["workspace/codeLens/refresh"] = lambda params: None
    await client.initialize(VSCODE, (workspace,))
    return client


def notebook(client, folder, *sources):
    editor = NotebookEditor(client, (folder / "a.ipynb").as_uri(), list(sources))
    editor.open()
    return editor


def names_undefined(shown):
    return [d["code"] for d in shown] == ["undefined-name"]


def ask(name, text, part, **context):
    return {
        "textDocument": {"uri": name},
        "range": around(text, part),
        "context": {"diagnostics": [], **context},
    }


async def test_an_undefined_name_is_shown_where_it_is_used_and_cleared(vscode, workspace):
    editor = notebook(vscode, workspace, "x = '😀'; print(nowhere)", "print(x)")
    first = editor.order[0]
    (shown,) = await vscode.diagnostics(first, names_undefined)
    assert covered(editor.texts[first], shown["range"]) == "nowhere"
    assert shown["source"] == "cellwright"
    editor.type(first, "nowhere", "len(x)")
    assert await vscode.diagnostics(first, lambda shown: not shown) == []
    assert await vscode.close() == 0


async def test_only_the_touched_cell_is_published(vscode, workspace):
    editor = notebook(vscode, workspace, UNDEFINED, UNDEFINED, "y = 1")
    await vscode.diagnostics(editor.order[0], names_undefined)
    await vscode.diagnostics(editor.order[1], names_undefined)
    editor.type(editor.order[2], "1", "elsewhere")
    await vscode.diagnostics(editor.order[2], names_undefined)
    assert await vscode.close() == 0  # nothing else was published


async def test_diagnostics_go_with_the_cell_and_with_the_notebook(vscode, workspace):
    editor = notebook(vscode, workspace, UNDEFINED, UNDEFINED)
    first, second = editor.order
    await vscode.diagnostics(first, names_undefined)
    await vscode.diagnostics(second, names_undefined)
    editor.delete(first)
    assert await vscode.diagnostics(first) == []
    vscode.notify("textDocument/didClose", {"textDocument": {"uri": first}})  # a stray one
    editor.close()
    assert await vscode.diagnostics(second) == []
    assert await vscode.close() == 0


async def test_requests_about_a_cell_that_is_gone_are_answered_by_null(vscode, workspace):
    editor = notebook(vscode, workspace, "x = 1", "y = 2")
    gone = editor.order[0]
    editor.delete(gone)
    place = {"textDocument": {"uri": gone}, "position": {"line": 0, "character": 0}}
    assert await vscode.request("textDocument/hover", place) is None
    assert await vscode.request("textDocument/codeLens", {"textDocument": {"uri": gone}}) is None
    assert not await vscode.request("textDocument/codeAction", ask(gone, "x = 1", "x"))
    with pytest.raises(ResponseError) as error:
        await vscode.request("cellwright/fix", {"notebook": editor.uri, "cell": gone})
    assert error.value.code == -32803
    assert await vscode.close() == 0


async def test_a_notebook_out_of_sync_is_let_go_and_can_be_opened_again(vscode, workspace):
    editor = notebook(vscode, workspace, UNDEFINED)
    name = editor.order[0]
    await vscode.diagnostics(name, names_undefined)
    editor.changed({"structure": {"array": {"start": 5, "deleteCount": 5}}})
    assert await vscode.diagnostics(name) == []
    told = await vscode.expect("window/showMessage")
    assert "open it again" in told["message"]
    editor.type(name, "nowhere", "nobody")  # not for us any more
    editor.close()
    editor.open()
    (shown,) = await vscode.diagnostics(name, names_undefined)
    assert covered(editor.texts[name], shown["range"]) == "nobody"
    assert await vscode.close() == 0


async def test_an_inserted_cell_is_followed_and_a_moved_one_keeps_its_text(vscode, workspace):
    editor = notebook(vscode, workspace, "a = 1", "b = a")
    new = editor.insert(1, UNDEFINED)
    await vscode.diagnostics(new, names_undefined)
    order = [editor.order[1], editor.order[0], editor.order[2]]
    cells = [{"kind": 2, "document": name} for name in order]
    editor.order = order
    editor.changed({"structure": {"array": {"start": 0, "deleteCount": 3, "cells": cells}}})
    editor.type(new, "nowhere", "a")
    # The cell that binds `a` now stands below it.
    (shown,) = await vscode.diagnostics(
        new, lambda shown: [d["code"] for d in shown] == ["name-bound-later"]
    )
    (place,) = shown["relatedInformation"]
    assert place["location"]["uri"] == order[1]
    assert await vscode.close() == 0


async def test_code_lenses_are_off_until_they_are_asked_for(vscode, workspace):
    editor = notebook(vscode, workspace, "x = 1")
    asked = {"textDocument": {"uri": editor.order[0]}}
    assert await vscode.request("textDocument/codeLens", asked) is None
    vscode.notify(
        "workspace/didChangeConfiguration", {"settings": {"cellwright": {"codeLens": True}}}
    )
    (lens,) = await vscode.request("textDocument/codeLens", asked)
    assert lens["command"]["command"] == "cellwright.run"
    assert lens["command"]["arguments"] == [{"notebook": editor.uri, "cells": [editor.order[0]]}]
    assert await vscode.close() == 0


async def test_diagnostics_can_be_turned_off_and_on(vscode, workspace):
    editor = notebook(vscode, workspace, UNDEFINED)
    name = editor.order[0]
    await vscode.diagnostics(name, names_undefined)
    vscode.settings = {"diagnostics": False}
    vscode.notify("workspace/didChangeConfiguration", {"settings": None})
    assert await vscode.diagnostics(name) == []
    vscode.settings = None
    vscode.notify("workspace/didChangeConfiguration", {"settings": None})
    await vscode.diagnostics(name, names_undefined)
    assert await vscode.close() == 0


async def test_resolve_lets_foreign_and_bare_actions_pass(vscode):
    for action in (
        {"title": "x"},
        {"title": "x", "command": {"title": "x", "command": "other.do"}},
        {"title": "x", "data": {"whose": "not ours"}},
        {"title": "x", "data": 3},
        {"title": "x", "data": {"notebook": "file:///gone.ipynb", "offer": "offer-1"}},
        {"title": "x", "kind": 3, "odd": True},
    ):
        assert await vscode.request("codeAction/resolve", action) == action
    assert await vscode.close() == 0


async def test_a_code_action_starts_nothing(vscode, workspace):
    editor = notebook(vscode, workspace, UNDEFINED)
    name = editor.order[0]
    await vscode.diagnostics(name, names_undefined)
    before = vscode.processes()
    for trigger in (1, 2):
        asked = ask(name, editor.texts[name], "nowhere", triggerKind=trigger)
        assert await vscode.request("textDocument/codeAction", asked) == []
    assert vscode.processes() == before
    assert await vscode.request("cellwright/kernels") == {"kernels": []}
    assert await vscode.close() == 0


async def test_a_text_that_is_no_notebook_is_nothing_to_us(vscode, workspace):
    uri = (workspace / "a.py").as_uri()
    for text in ("print(1)", "{", '{"a": 1}', "", "# %%\nx"):
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        vscode.notify("textDocument/didOpen", {"textDocument": item})
        lens = {"textDocument": {"uri": uri}}
        assert await vscode.request("textDocument/codeLens", lens) is None
        vscode.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert await vscode.close() == 0
