"""The same way through a client that knows no notebooks: the `.ipynb` is JSON text to it."""

import pytest
from editors import NEOVIM, TextEditor, around, covered


@pytest.fixture
async def neovim(launch, workspace):
    client = await launch()
    client.ignored |= {"$/progress"}
    client.settled |= {"textDocument/publishDiagnostics"}
    client.answers["workspace/configuration"] = lambda params: [None]
    client.answers["window/workDoneProgress/create"] = lambda params: None
    client.answers["window/showMessageRequest"] = lambda params: {"title": "Allow"}
    await client.initialize(NEOVIM, (workspace,))
    return client


def text_of(client, folder, *sources, name="a.ipynb"):
    return TextEditor(client, (folder / name).as_uri(), list(sources))


async def actions(client, editor, part, **context):
    context = {"diagnostics": [], "triggerKind": 1, **context}
    return await client.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": editor.uri},
            "range": around(editor.text, part, "utf-8"),
            "context": context,
        },
    )


def titled(found, start):
    return next(action for action in found if action["title"].startswith(start))


async def test_a_fix_from_the_json_text_and_back(neovim, workspace):
    value = "value = 20\nname = 'é😀'\n"
    editor = text_of(neovim, workspace, value, "label = 'é😀', vlaue\nprint(label)")
    before = editor.text
    editor.open()
    (shown,) = await neovim.diagnostics(editor.uri, lambda shown: len(shown) == 1)
    assert covered(editor.text, shown["range"], "utf-8") == "vlaue"
    # Nothing has run, and nothing does until it is asked for.
    found = await actions(neovim, editor, "vlaue")
    assert [action["kind"] for action in found] == ["source.cellwright.run"]
    assert await actions(neovim, editor, "vlaue", triggerKind=2) == []
    assert await neovim.request("cellwright/kernels") == {"kernels": []}

    result = await neovim.execute(titled(found, "Run this notebook")["command"])
    assert result["diagnosis"]["ename"] == "NameError"
    assert result["diagnosis"]["uri"] == editor.uri
    assert [offer["evidence"]["verdict"] for offer in result["offers"]] == ["passed"]
    await neovim.expect("window/showMessage", lambda p: "1 fix" in p["message"])

    fix = (await actions(neovim, editor, "vlaue"))[0]
    assert fix["kind"] == "quickfix"
    receipt = await neovim.execute(fix["command"])
    assert receipt["status"] == "applied"
    assert editor.text == before.replace("vlaue", "value")
    (applied,) = editor.applied
    assert list(applied["edit"]["changes"]) == [editor.uri]

    run = titled(await actions(neovim, editor, "print(label)"), "Run this notebook")
    assert await neovim.execute(run["command"]) is None
    await neovim.expect("window/showMessage", lambda p: "ran clean" in p["message"])

    undo = titled(await actions(neovim, editor, "print(label)"), "Undo this fix")
    assert (await neovim.execute(undo["command"]))["status"] == "applied"
    assert editor.text == before
    assert await neovim.close() == 0


async def test_the_shape_is_recognised_by_its_content(neovim, workspace):
    editor = text_of(neovim, workspace, "print(nowhere)", name="notes.txt")
    editor.open(language="text")
    (shown,) = await neovim.diagnostics(editor.uri, lambda shown: len(shown) == 1)
    assert covered(editor.text, shown["range"], "utf-8") == "nowhere"
    editor.close()
    assert await neovim.diagnostics(editor.uri, lambda shown: not shown) == []
    assert await neovim.close() == 0


async def test_diagnostics_follow_the_text(neovim, workspace):
    editor = text_of(neovim, workspace, "x = 1\n", "print(nowhere)")
    editor.open()
    await neovim.diagnostics(editor.uri, lambda shown: len(shown) == 1)
    editor.type('"x = 1\\n"', '"x = 1\\n",\n    "y = 2\\n"')
    (shown,) = await neovim.diagnostics(
        editor.uri,
        lambda shown: shown and covered(editor.text, shown[0]["range"], "utf-8") == "nowhere",
    )
    # JSON that is broken for the moment changes nothing; mended, the notebook is read again.
    editor.type('"nbformat": 4', '"nbformat": ')
    assert await neovim.request("textDocument/hover", _at(editor, shown)) is None
    editor.type('"nbformat": ', '"nbformat": 4')
    editor.type("nowhere", "x")
    assert await neovim.diagnostics(editor.uri, lambda shown: not shown) == []
    assert await neovim.close() == 0


def _at(editor, diagnostic):
    return {"textDocument": {"uri": editor.uri}, "position": diagnostic["range"]["start"]}


async def test_an_offer_is_withdrawn_when_the_text_changed(neovim, workspace):
    editor = text_of(neovim, workspace, "value = 20", "print(vlaue)")
    editor.open()
    run = titled(await _ready(neovim, editor), "Run this notebook")
    await neovim.execute(run["command"])
    await neovim.expect("window/showMessage", lambda p: "1 fix" in p["message"])
    fix = (await actions(neovim, editor, "vlaue"))[0]
    editor.type("print(", "display(")
    text = editor.text
    receipt = await neovim.execute(fix["command"])
    assert receipt["status"] == "rejected"
    assert editor.text == text
    assert editor.applied == []
    await neovim.expect("window/showMessage")
    assert await neovim.close() == 0


async def _ready(client, editor):
    await client.diagnostics(editor.uri, lambda shown: len(shown) == 1)
    return await actions(client, editor, "vlaue")


RESOLVES = {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}


@pytest.mark.parametrize("resolves", [True, False])
async def test_a_client_that_applies_nothing_gets_the_edit_itself(launch, workspace, resolves):
    client = await launch()
    client.settled |= {"textDocument/publishDiagnostics", "window/showMessage"}
    client.answers["window/showMessageRequest"] = lambda params: {"title": "Allow"}
    literals = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}
    ability = {**literals, **(RESOLVES if resolves else {})}
    await client.initialize({"textDocument": {"codeAction": ability}}, (workspace,))
    editor = text_of(client, workspace, "value = 20", "print(vlaue)")
    editor.encoding = "utf-16"
    editor.open()
    run = titled(await _ready(client, editor), "Run this notebook")
    await client.execute(run["command"])
    fix = (await actions(client, editor, "vlaue"))[0]
    assert "command" not in fix
    if resolves:
        assert "edit" not in fix
        fix = await client.request("codeAction/resolve", fix)
    editor.apply_edit({"edit": fix["edit"]})
    assert editor.sources[1] == "print(value)"
    assert await client.close() == 0
