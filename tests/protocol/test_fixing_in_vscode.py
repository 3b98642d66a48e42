"""From a failing cell to an applied fix and back, as VS Code goes through it. Nothing is mocked."""

import pytest
from editors import EXTENSION, VSCODE, NotebookEditor, around, covered

PROGRESS = {"$/progress", "cellwright/status", "cellwright/output"}


@pytest.fixture(params=["plain", "extension"])
def capabilities(request):
    return VSCODE if request.param == "plain" else {**VSCODE, "experimental": EXTENSION}


@pytest.fixture
async def vscode(launch, workspace, capabilities):
    client = await launch()
    client.ignored |= PROGRESS
    client.settled |= {"textDocument/publishDiagnostics"}
    client.asked = []
    client.answers["client/registerCapability"] = lambda params: None
    client.answers["workspace/configuration"] = lambda params: [None]
    client.answers["window/workDoneProgress/create"] = lambda params: None

    def consent(params):
        client.asked.append(params)
        return {"title": "Allow"}

    client.answers["window/showMessageRequest"] = consent
    await client.initialize(capabilities, (workspace,))
    return client


def notebook(client, folder, *sources):
    editor = NotebookEditor(client, (folder / "a.ipynb").as_uri(), list(sources))
    editor.open()
    return editor


def failed(shown):
    return any(d["severity"] == 1 for d in shown)


def offered(shown):
    return any(d.get("data", {}).get("offers") for d in shown)


def clean(shown):
    return not failed(shown)


async def offers(client, editor, name, part, shown, **context):
    context = {"diagnostics": shown, "triggerKind": 2, **context}
    range_ = around(editor.texts[name], part)
    return await client.request(
        "textDocument/codeAction",
        {"textDocument": {"uri": name}, "range": range_, "context": context},
    )


async def run(client, editor, **chosen):
    result = await client.request("cellwright/run", {"notebook": editor.uri, **chosen})
    return [ran["status"] for ran in result["runs"]]


async def test_a_fix_from_the_failure_to_the_undo(vscode, workspace):
    editor = notebook(vscode, workspace, "value = 20", "total = '😀', vlaue + 1\nprint(total)")
    second = editor.order[1]
    broken = editor.texts[second]
    assert await run(vscode, editor, select="all") == ["completed", "failed"]

    shown = await vscode.diagnostics(second, offered)
    error = next(d for d in shown if d["severity"] == 1)
    assert "vlaue" in covered(broken, error["range"])
    assert error["source"] == "cellwright"

    # Asked for by itself, at the failing place: the tried fix, and only that.
    (action,) = await offers(vscode, editor, second, "vlaue", [error])
    assert action["kind"] == "quickfix"
    assert "value" in action["title"]
    assert action["diagnostics"] == [error]
    assert await offers(vscode, editor, second, "print(total)", []) == []
    assert await vscode.request("codeAction/resolve", action) == action

    place = {"textDocument": {"uri": second}, "position": error["range"]["start"]}
    hover = await vscode.request("textDocument/hover", place)
    assert "NameError" in hover["contents"]["value"]
    assert hover["contents"]["kind"] == "markdown"

    receipt = await vscode.execute(action["command"])
    assert receipt["status"] == "applied"
    assert second in receipt["rerun"]
    assert editor.texts[second] == broken.replace("vlaue", "value")
    await vscode.diagnostics(second, clean)

    assert await run(vscode, editor, cells=[second]) == ["completed"]

    undo = [
        a
        for a in await offers(vscode, editor, second, "print(total)", [], triggerKind=1)
        if a["title"].startswith("Undo this fix")
    ]
    receipt = await vscode.execute(undo[0]["command"])
    assert receipt["status"] == "applied"
    assert editor.texts[second] == broken
    await vscode.diagnostics(second, lambda shown: len(shown) > 0)
    assert len(vscode.asked) == 1  # one question for the whole workspace
    assert await vscode.close() == 0


async def test_edits_are_stamped_with_the_version_of_the_cell(vscode, workspace, capabilities):
    editor = notebook(vscode, workspace, "value = 20", "print(vlaue)")
    second = editor.order[1]
    for _ in range(3):
        editor.type(second, "print(", "print( ")
        editor.type(second, "print( ", "print(")
    await run(vscode, editor, select="all")
    shown = await vscode.diagnostics(second, offered)
    (action,) = await offers(vscode, editor, second, "vlaue", shown)
    await vscode.execute(action["command"])
    (params,) = editor.applied
    if "experimental" in capabilities:
        (step,) = params["operations"]
        assert (step["kind"], step["cell"], step["version"]) == ("replaceText", second, 7)
    else:
        (change,) = params["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": second, "version": 7}
    await vscode.diagnostics(second, clean)
    assert await vscode.close() == 0


async def test_a_fix_in_another_cell_than_the_failed_one(vscode, workspace):
    editor = notebook(
        vscode,
        workspace,
        "total = 20",
        "def half():\n    return totl / 2",
        "print(half())",
    )
    _, definer, caller = editor.order
    assert (await run(vscode, editor, select="all"))[-1] == "failed"
    shown = await vscode.diagnostics(definer, offered)
    actions = await offers(vscode, editor, definer, "totl", shown)
    receipt = await vscode.execute(actions[0]["command"])
    assert receipt["status"] == "applied"
    assert editor.texts[definer] == "def half():\n    return total / 2"
    assert caller in receipt["rerun"]
    await vscode.diagnostics(definer, clean)
    assert await run(vscode, editor, cells=receipt["rerun"]) == ["completed", "completed"]
    assert await vscode.close() == 0


async def test_an_offer_is_withdrawn_when_the_user_typed_meanwhile(vscode, workspace):
    editor = notebook(vscode, workspace, "value = 20", "print(vlaue)")
    second = editor.order[1]
    await run(vscode, editor, select="all")
    shown = await vscode.diagnostics(second, offered)
    (action,) = await offers(vscode, editor, second, "vlaue", shown)
    editor.type(second, "print", "display")
    assert await offers(vscode, editor, second, "vlaue", []) == []
    receipt = await vscode.execute(action["command"])
    assert receipt["status"] == "rejected"
    assert editor.applied == []
    assert editor.texts[second] == "display(vlaue)"
    await vscode.expect("window/showMessage", lambda p: "withdrawn" in p["message"])
    await vscode.diagnostics(second)
    vscode.inbox.clear()
    assert await vscode.close() == 0


async def test_a_refused_edit_is_no_success(vscode, workspace):
    editor = notebook(vscode, workspace, "value = 20", "print(vlaue)")
    second = editor.order[1]
    await run(vscode, editor, select="all")
    shown = await vscode.diagnostics(second, offered)
    (action,) = await offers(vscode, editor, second, "vlaue", shown)
    for method in ("workspace/applyEdit", "cellwright/applyNotebookEdit"):
        vscode.answers[method] = lambda params: {"applied": False}
    receipt = await vscode.execute(action["command"])
    assert receipt["status"] == "rejected"
    assert "refused" in receipt["reason"]
    await vscode.expect("window/showMessage", lambda p: "not applied" in p["message"])
    # The offer still stands: nothing has changed.
    (again,) = await offers(vscode, editor, second, "vlaue", [])
    assert again["command"] == action["command"]
    assert await vscode.close() == 0


async def test_kinds_are_honoured(vscode, workspace):
    editor = notebook(vscode, workspace, "value = 20", "print(vlaue)")
    first, second = editor.order
    await run(vscode, editor, select="all")
    shown = await vscode.diagnostics(second, offered)

    async def kinds(name, part, **context):
        return [a["kind"] for a in await offers(vscode, editor, name, part, shown, **context)]

    assert await kinds(second, "vlaue", only=["quickfix"]) == ["quickfix"]
    assert await kinds(second, "vlaue", only=["refactor"]) == []
    (action,) = await offers(vscode, editor, second, "vlaue", shown)
    whole = "notebook.source.fixAll.cellwright"
    if action.get("isPreferred"):
        assert await kinds(second, "vlaue", only=["source.fixAll"]) == ["source.fixAll.cellwright"]
        assert await kinds(first, "value", only=["source.fixAll"]) == []
        assert await kinds(first, "value", only=["notebook.source"]) == [whole]
        (fix_all,) = await offers(vscode, editor, first, "value", [], only=[whole])
        assert (await vscode.execute(fix_all["command"]))["status"] == "applied"
        assert editor.texts[second] == "print(value)"
        await vscode.diagnostics(second, clean)
    else:
        assert await kinds(second, "vlaue", only=["source.fixAll"]) == []
        assert await kinds(first, "value", only=["notebook.source"]) == []
    assert await vscode.close() == 0


async def test_the_lenses_and_commands_of_a_failed_cell(vscode, workspace, capabilities):
    vscode.answers["workspace/codeLens/refresh"] = lambda params: None
    editor = notebook(vscode, workspace, "value = 20", "print(vlaue)")
    second = editor.order[1]
    await run(vscode, editor, select="all")
    await vscode.diagnostics(second, offered)
    vscode.notify(
        "workspace/didChangeConfiguration", {"settings": {"cellwright": {"codeLens": True}}}
    )
    lenses = await vscode.request("textDocument/codeLens", {"textDocument": {"uri": second}})
    run_it, fix, explain = [lens["command"] for lens in lenses]
    assert [run_it["title"], fix["title"], explain["title"]] == ["Run", "Fix (1)", "Explain"]
    assert (await vscode.execute(run_it))["runs"][0]["status"] == "failed"
    assert len((await vscode.execute(fix))["offers"]) == 1
    assert "NameError" in await vscode.execute(explain)
    await vscode.expect("window/showMessage", lambda p: "1 fix" in p["message"])
    await vscode.expect("window/showMessage", lambda p: "vlaue" in p["message"])
    assert await vscode.close() == 0


async def test_an_editor_that_ran_the_cell_itself(vscode, workspace):
    """`cellwright/ran` alone is enough: the place comes from the traceback."""
    editor = notebook(vscode, workspace, "value = 20", "# show it\nprint(vlaue)")
    first, second = editor.order
    traceback = [
        "NameError                                 Traceback (most recent call last)",
        "Cell In[2], line 2\n      1 # show it\n----> 2 print(vlaue)\n",
        "NameError: name 'vlaue' is not defined",
    ]
    error = {
        "ename": "NameError",
        "evalue": "name 'vlaue' is not defined",
        "traceback": traceback,
    }
    ran = {"notebook": editor.uri, "cell": first, "status": "completed"}
    ran |= {"executionCount": 1, "duration": 0.01}
    vscode.notify("cellwright/ran", ran)
    ran = {"notebook": editor.uri, "cell": second, "status": "failed"}
    ran |= {"executionCount": 2, "duration": 0.01}
    vscode.notify("cellwright/ran", {**ran, "error": error, "outputs": [{"output_type": "odd"}, 3]})
    shown = await vscode.diagnostics(second, offered)
    error = next(d for d in shown if d["severity"] == 1)
    assert error["range"]["start"]["line"] == 1
    (action,) = await offers(vscode, editor, second, "vlaue", shown)
    await vscode.execute(action["command"])
    assert editor.texts[second] == "# show it\nprint(value)"
    await vscode.diagnostics(second, clean)
    assert await vscode.request("cellwright/kernels") == {"kernels": []}  # ours never ran
    assert await vscode.close() == 0
