"""Notebook synchronisation: a pure function of the snapshot and the change, trap by trap."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.protocol import default_converter

from cellwright.lsp import sync

CONVERTER = default_converter()
NOTEBOOK = "file:///home/user/a.ipynb"


def uri(name):
    """A cell URI as VS Code makes them: quoted, and not to be taken apart."""
    return f"vscode-notebook-cell:/home/user/a.ipynb#{name}%3D%3D"


def cell(name, kind=2, **more):
    return {"kind": kind, "document": uri(name), **more}


def item(name, text="", language="python", version=1):
    return {"uri": uri(name), "languageId": language, "version": version, "text": text}


def open_params(cells, items, metadata=None):
    document = {
        "uri": NOTEBOOK,
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": cells,
        **({} if metadata is None else {"metadata": metadata}),
    }
    raw = {"notebookDocument": document, "cellTextDocuments": items}
    return CONVERTER.structure(raw, types.DidOpenNotebookDocumentParams)


def opened(*names, **texts):
    cells = [cell(name) for name in names]
    return sync.opened(open_params(cells, [item(n, texts.get(n, n)) for n in names]))


def event(**raw):
    return CONVERTER.structure(raw, types.NotebookDocumentChangeEvent)


def splice(start, delete, cells=(), did_open=(), did_close=()):
    return {
        "structure": {
            "array": {"start": start, "deleteCount": delete, "cells": list(cells)},
            "didOpen": list(did_open),
            "didClose": [{"uri": uri(name)} for name in did_close],
        }
    }


def typed(name, version, *changes):
    document = {"uri": uri(name), "version": version}
    return {"textContent": [{"document": document, "changes": list(changes)}]}


def replacement(start, end, text):
    (a, b), (c, d) = start, end
    ends = {"start": {"line": a, "character": b}, "end": {"line": c, "character": d}}
    return {"range": ends, "text": text}


def names(notebook):
    return [c.id.split("#")[1].removesuffix("%3D%3D") for c in notebook]


def sources(notebook):
    return [c.source for c in notebook]


def test_open_takes_cells_texts_ids_and_language():
    metadata = {"metadata": {"kernelspec": {"name": "py", "language": "python"}}}
    params = open_params(
        [cell("a", metadata={"id": "nb-1", "metadata": {"tags": ["x"]}}), cell("m", kind=1)],
        [item("a", "1+1"), item("m", "# T", "markdown")],
        metadata,
    )
    notebook = sync.opened(params)
    first, second = notebook.cells
    assert (first.id, first.nbformat_id, first.source) == (uri("a"), "nb-1", "1+1")
    assert first.metadata == {"tags": ["x"]}
    assert (second.kind, second.language) == ("markdown", "markdown")
    assert (notebook.kernel_name, notebook.language) == ("py", "python")


def test_language_comes_from_the_cells_when_the_metadata_is_silent():
    params = open_params([cell("a"), cell("b")], [item("a", language="r"), item("b", language="r")])
    notebook = sync.opened(params)
    assert notebook.language == "r"
    assert not notebook.cells[0].is_python


def test_raw_cells_are_code_in_the_language_raw():
    assert sync.opened(open_params([cell("a")], [item("a", language="raw")])).cells[0].kind == "raw"


# 1. Structure, then data, then text; a move carries URIs only; a new cell's text is in didOpen.


def test_structure_data_and_text_of_one_event_apply_in_that_order():
    notebook = opened("a")
    cells = splice(0, 0, [cell("n")], [item("n", "old", version=3)])
    cells["data"] = [cell("n", metadata={"id": "given"})]
    cells |= typed("n", 4, replacement((0, 0), (0, 3), "new"))
    result = sync.changed(notebook, event(cells=cells), "utf-16")
    assert sources(result.notebook) == ["new", "a"]
    assert result.notebook.cells[0].nbformat_id == "given"
    assert result.notebook.cells[0].version == 4
    assert result.changed == {uri("n")}


def test_a_move_within_one_splice_keeps_text_version_and_id():
    notebook = opened("a", "b", "c")
    moved = splice(0, 3, [cell("c"), cell("a"), cell("b")])
    result = sync.changed(notebook, event(cells=moved), "utf-16")
    assert sources(result.notebook) == ["c", "a", "b"]
    assert [c.version for c in result.notebook] == [1, 1, 1]
    assert not result.removed


def test_a_move_by_a_splice_that_only_inserts_what_it_deletes():
    notebook = opened("a", "b")
    result = sync.changed(notebook, event(cells=splice(0, 1, [cell("a")], [], ["a"])), "utf-16")
    assert sources(result.notebook) == ["a", "b"]


def test_a_new_cell_without_its_text_is_refused():
    with pytest.raises(sync.OutOfSync):
        sync.changed(opened("a"), event(cells=splice(1, 0, [cell("n")])), "utf-16")


# 2. Versions are the cell's.


def test_the_version_kept_is_the_cells_own():
    notebook = opened("a", "b")
    result = sync.changed(
        notebook, event(cells=typed("b", 9, replacement((0, 1), (0, 1), "!"))), "utf-16"
    )
    assert [c.version for c in result.notebook] == [1, 9]
    assert sources(result.notebook) == ["a", "b!"]


def test_a_stale_version_is_refused_and_nothing_is_taken_over():
    notebook = sync.changed(
        opened("a"), event(cells=typed("a", 5, {"text": "new"})), "utf-16"
    ).notebook
    with pytest.raises(sync.OutOfSync):
        sync.changed(notebook, event(cells=typed("a", 4, {"text": "older"})), "utf-16")
    assert sources(notebook) == ["new"]


# 3. Cell URIs are opaque.


@pytest.mark.parametrize(
    "name",
    [
        "vscode-notebook-cell:/a%20b.ipynb#W0sZmlsZQ%3D%3D",
        "VSCODE-Notebook-Cell:/A.ipynb#Q==",
        "notebook-cell:é#1",
        "urn:x",
    ],
)
def test_a_uri_is_kept_to_the_letter(name):
    raw_item = {"uri": name, "languageId": "python", "version": 1, "text": "x"}
    notebook = sync.opened(open_params([{"kind": 2, "document": name}], [raw_item]))
    change = {"document": {"uri": name, "version": 2}, "changes": [{"text": "y"}]}
    result = sync.changed(notebook, event(cells={"textContent": [change]}), "utf-16")
    assert result.notebook.cell(name).source == "y"


# 4. A language change closes and opens one URI.


def test_a_language_change_in_place():
    notebook = opened("a", "b")
    change = splice(1, 0, [], [item("b", "b", "r", 7)], ["b"])
    result = sync.changed(notebook, event(cells=change), "utf-16")
    assert names(result.notebook) == ["a", "b"]
    assert result.notebook.cells[1].language == "r"
    assert result.notebook.cells[1].version == 7
    assert result.changed == {uri("b")}
    assert not result.removed


def test_a_language_change_as_a_splice_of_the_same_cell():
    notebook = opened("a", "b")
    change = splice(1, 1, [cell("b", kind=1)], [item("b", "# b", "markdown", 7)], ["b"])
    result = sync.changed(notebook, event(cells=change), "utf-16")
    assert (result.notebook.cells[1].kind, result.notebook.cells[1].source) == ("markdown", "# b")
    assert not result.removed


def test_removed_cells_are_told():
    result = sync.changed(opened("a", "b", "c"), event(cells=splice(1, 1, [], [], ["b"])), "utf-16")
    assert names(result.notebook) == ["a", "c"]
    assert result.removed == {uri("b")}
    assert not result.changed


# 5. Notebook versions repeat and skip: they are no part of the function at all. Metadata may be {}.


def test_empty_metadata_is_a_change_too():
    params = open_params([cell("a")], [item("a")], {"kernelspec": {"name": "k"}})
    notebook = sync.opened(params)
    assert notebook.kernel_name == "k"
    result = sync.changed(notebook, event(metadata={}), "utf-16")
    assert result.notebook.metadata == {}
    assert result.notebook.kernel_name is None
    assert not result.changed


def test_an_execution_summary_changes_no_text():
    summary = {"executionOrder": 3, "success": True}
    data = {"data": [cell("a", executionSummary=summary)]}
    result = sync.changed(opened("a"), event(cells=data), "utf-16")
    assert result.notebook.cells[0].execution_count == 3
    assert not result.changed


def test_metadata_named_jsonrpc_is_just_metadata():
    data = {"data": [cell("a", metadata={"jsonrpc": "2.0", "id": "x"})]}
    result = sync.changed(opened("a"), event(cells=data), "utf-16")
    assert result.notebook.cells[0].metadata["jsonrpc"] == "2.0"


# 6. to 10. Edits stay in their cell; what is gone is tolerated or refused, never guessed.


def test_a_range_past_the_end_of_a_cell_is_clamped_to_that_cell():
    notebook = opened("a", "b", a="x = 1")
    change = typed("a", 2, replacement((0, 4), (99, 0), "2"))
    result = sync.changed(notebook, event(cells=change), "utf-16")
    assert sources(result.notebook) == ["x = 2", "b"]


@pytest.mark.parametrize(("start", "delete"), [(0, 3), (3, 0), (2, 1), (99, 0)])
def test_an_impossible_splice_is_refused(start, delete):
    with pytest.raises(sync.OutOfSync):
        sync.changed(opened("a", "b"), event(cells=splice(start, delete)), "utf-16")


def test_a_cell_in_two_places_is_refused():
    with pytest.raises(sync.OutOfSync):
        sync.changed(opened("a", "b"), event(cells=splice(2, 0, [cell("a")])), "utf-16")


def test_data_of_a_cell_that_is_gone_is_let_pass():
    result = sync.changed(opened("a"), event(cells={"data": [cell("z")]}), "utf-16")
    assert names(result.notebook) == ["a"]


def test_text_of_a_cell_that_is_not_there_is_refused():
    with pytest.raises(sync.OutOfSync):
        sync.changed(opened("a"), event(cells=typed("z", 2, {"text": ""})), "utf-16")


def test_changes_of_one_notification_build_on_each_other():
    change = typed(
        "a", 2, replacement((0, 0), (0, 0), "ab"), replacement((0, 1), (0, 2), "\n"), {"text": "!"}
    )
    result = sync.changed(opened("a"), event(cells=change), "utf-16")
    assert sources(result.notebook) == ["!"]
    change = typed("a", 2, replacement((0, 0), (0, 0), "ab"), replacement((0, 1), (0, 2), "\n"))
    assert sources(sync.changed(opened("a"), event(cells=change), "utf-16").notebook) == ["a\na"]


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_positions_are_in_the_clients_encoding(encoding, units):
    notebook = opened("a", a="😀x")
    change = typed("a", 2, replacement((0, units), (0, units + 1), "y"))
    assert sources(sync.changed(notebook, event(cells=change), encoding).notebook) == ["😀y"]


def test_typing_shares_the_other_cells_and_names_only_the_typed_one():
    notebook = opened(*(f"c{i}" for i in range(50)))
    change = typed("c25", 2, replacement((0, 0), (0, 0), "x"))
    result = sync.changed(notebook, event(cells=change), "utf-16")
    assert result.changed == {uri("c25")}
    same = [a is b for a, b in zip(notebook, result.notebook, strict=True)]
    assert same.count(False) == 1


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 25))
def test_any_run_of_changes_ends_where_the_editor_is(rng: random.Random, steps: int):
    editor = [["c0", "zero", 1], ["c1", "one", 1]]
    notebook = opened("c0", "c1", c0="zero", c1="one")
    fresh = 2
    for _ in range(steps):
        kind = rng.choice(["type", "insert", "delete", "move"])
        if kind == "type" and editor:
            target = rng.choice(editor)
            text = target[1]
            start = rng.randint(0, len(text))
            end = rng.randint(start, len(text))
            new = rng.choice(["", "x", "😀", "a b"])
            units = [len(text[:at].encode("utf-16-le")) // 2 for at in (start, end)]
            target[1] = text[:start] + new + text[end:]
            target[2] += rng.choice([0, 1, 5])
            change = replacement((0, units[0]), (0, units[1]), new)
            cells = typed(target[0], target[2], change)
        elif kind == "insert":
            at = rng.randint(0, len(editor))
            name = f"c{fresh}"
            fresh += 1
            editor.insert(at, [name, name, 1])
            cells = splice(at, 0, [cell(name)], [item(name)])
            cells["structure"]["didOpen"][0]["text"] = name
        elif kind == "delete" and editor:
            at = rng.randrange(len(editor))
            (name, _, _) = editor.pop(at)
            cells = splice(at, 1, [], [], [name])
        elif kind == "move" and len(editor) > 1:
            low, high = sorted(rng.sample(range(len(editor)), 2))
            part = editor[low : high + 1]
            rng.shuffle(part)
            editor[low : high + 1] = part
            cells = splice(low, high + 1 - low, [cell(name) for name, _, _ in part])
        else:
            continue
        notebook = sync.changed(notebook, event(cells=cells), "utf-16").notebook
    assert [[n, s] for n, s in zip(names(notebook), sources(notebook), strict=True)] == [
        [name, text] for name, text, _ in editor
    ]
