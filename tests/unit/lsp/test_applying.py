"""The ladder of ways to apply an edit. The editor at the other end of the wire is played here."""

import pytest
from lsprotocol import types

from cellwright.lsp import applying, messages
from cellwright.lsp.abilities import Abilities
from cellwright.lsp.documents import CellsDocument
from cellwright.lsp.server import Server
from cellwright.notebook.apply import apply_edit, replace_text
from cellwright.notebook.edit import DeleteCell, InsertCell, NotebookEdit, Span
from cellwright.notebook.model import Cell, Notebook

TEXT = Abilities(apply_edit=True, document_changes=True)
WHOLE = Abilities(notebook_edits=True)
URI = "untitled:a.ipynb"


class Wire:
    """The editor: answers as it is told to, after changing the document as it is told to."""

    shut_down = False

    def __init__(self):
        self.asked = []
        self.react = lambda: None
        self.answer = None

    def notify(self, method, params):
        pass

    async def send_request_async(self, method, params):
        self.asked.append((method, params))
        self.react()
        return self.answer


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
async def opened(wire, monkeypatch):
    monkeypatch.setattr(applying, "READ_BACK_SECONDS", 0.2)
    server = Server(wire, lambda: None)
    notebook = Notebook((Cell("a", "code", "x = 1", version=3), Cell("b", "code", "y = x")))
    yield server.open(CellsDocument(URI, notebook)), server
    await server.close()


def lands(opened, notebook):
    """Let the editor send the changed notebook, as its synchronisation would."""
    before = opened.document.notebook
    changed = [c.id for c in notebook if before.get(c.id) != c]
    removed = [c.id for c in before if c.id not in notebook]
    opened.take(CellsDocument(URI, notebook), changed, removed)


def rename(notebook):
    return replace_text(notebook.cell("a"), (Span(0, 1), "z"))


async def test_text_edits_are_versioned_and_read_back(opened, wire):
    opened, server = opened
    server.abilities = TEXT
    notebook = opened.document.notebook
    edit = rename(notebook)
    wire.answer = types.ApplyWorkspaceEditResult(applied=True)
    wire.react = lambda: lands(opened, apply_edit(notebook, edit).notebook)
    receipt = await applying.apply(server, opened, edit, notebook, "Rename")
    ((method, params),) = wire.asked
    assert method == "workspace/applyEdit"
    (change,) = params.edit.document_changes
    assert (change.text_document.uri, change.text_document.version) == ("a", 3)
    assert receipt.status == "applied"
    assert apply_edit(opened.document.notebook, receipt.inverse).notebook.cells == notebook.cells


@pytest.mark.parametrize("abilities", [TEXT, WHOLE])
async def test_success_is_what_was_read_back_not_what_was_said(opened, wire, abilities):
    opened, server = opened
    server.abilities = abilities
    notebook = opened.document.notebook
    wire.answer = (
        types.ApplyWorkspaceEditResult(applied=True)
        if abilities is TEXT
        else messages.ApplyNotebookEditResult(True, [messages.WireLanding(True)])
    )
    receipt = await applying.apply(server, opened, rename(notebook), notebook, "Rename")
    assert receipt.status == "rejected"
    assert receipt.inverse is None
    assert "not as it should be" in receipt.landings[0].reason


async def test_half_of_an_edit_is_told_as_partial(opened, wire):
    opened, server = opened
    server.abilities = TEXT
    notebook = opened.document.notebook
    first = rename(notebook)
    both = NotebookEdit(
        (*first.operations, *replace_text(notebook.cell("b"), (Span(4, 5), "z")).operations)
    )
    wire.answer = types.ApplyWorkspaceEditResult(applied=True)
    wire.react = lambda: lands(opened, apply_edit(notebook, first).notebook)
    receipt = await applying.apply(server, opened, both, notebook, "Rename")
    assert receipt.status == "partial"
    assert [landing.landed for landing in receipt.landings] == [True, False]


async def test_line_ends_of_the_editors_own_are_no_failure(opened, wire):
    opened, server = opened
    server.abilities = TEXT
    notebook = opened.document.notebook
    edit = replace_text(notebook.cell("a"), (Span(5, 5), "\nw = 2"))
    wire.answer = types.ApplyWorkspaceEditResult(applied=True)
    windows = Cell("a", "code", "x = 1\r\nw = 2", version=4)
    wire.react = lambda: lands(opened, notebook.with_cell(windows))
    receipt = await applying.apply(server, opened, edit, notebook, "Add")
    assert receipt.status == "applied"


async def test_an_edit_for_another_text_is_not_even_sent(opened, wire):
    opened, server = opened
    server.abilities = TEXT
    notebook = opened.document.notebook
    edit = rename(notebook)
    lands(opened, notebook.with_cell(Cell("a", "code", "x = 2", version=4)))
    receipt = await applying.apply(server, opened, edit, notebook, "Rename")
    assert receipt.status == "rejected"
    assert wire.asked == []


STRUCTURE = NotebookEdit(
    (
        InsertCell(Cell("new", "code", "import os"), after=None),
        DeleteCell("b", Cell("b", "code", "y = x").hash),
    )
)


async def test_structure_goes_whole_to_a_client_that_takes_it(opened, wire):
    opened, server = opened
    server.abilities = WHOLE
    notebook = opened.document.notebook
    landings = [messages.WireLanding(True, cell="made"), messages.WireLanding(True)]
    wire.answer = messages.ApplyNotebookEditResult(True, landings)
    made = Cell("made", "code", "import os", version=1)
    wire.react = lambda: lands(opened, notebook.with_cells((made, notebook.cell("a"))))
    receipt = await applying.apply(server, opened, STRUCTURE, notebook, "Move")
    ((method, params),) = wire.asked
    assert method == "cellwright/applyNotebookEdit"
    insert, delete = params.operations
    assert (insert.kind, insert.insert.source, insert.after) == ("insert", "import os", None)
    assert (delete.kind, delete.cell, delete.version) == ("delete", "b", 0)
    assert receipt.status == "applied"
    back = apply_edit(opened.document.notebook, receipt.inverse).notebook
    assert [cell.source for cell in back] == ["x = 1", "y = x"]


async def test_structure_is_refused_for_others_with_the_reason(opened, wire):
    opened, server = opened
    server.abilities = TEXT
    notebook = opened.document.notebook
    receipt = await applying.apply(server, opened, STRUCTURE, notebook, "Move")
    assert receipt.status == "rejected"
    assert "cannot be asked to insert" in receipt.landings[0].reason
    assert wire.asked == []


async def test_a_client_that_can_do_nothing_is_asked_nothing(opened, wire):
    opened, server = opened
    notebook = opened.document.notebook
    receipt = await applying.apply(server, opened, rename(notebook), notebook, "Rename")
    assert receipt.status == "rejected"
    assert wire.asked == []


@pytest.mark.parametrize("answer", [None, True, 3, messages.ApplyNotebookEditResult(False)])
async def test_a_refusal_or_a_malformed_answer_is_no_success(opened, wire, answer):
    opened, server = opened
    server.abilities = WHOLE
    notebook = opened.document.notebook
    wire.answer = answer
    receipt = await applying.apply(server, opened, rename(notebook), notebook, "Rename")
    assert receipt.status == "rejected"
