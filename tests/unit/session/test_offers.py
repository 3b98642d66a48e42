"""Offers stand exactly as long as what their evidence rests on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from failing import notebook_of

from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import Span
from cellwright.notebook.model import Notebook
from cellwright.repair.model import Candidate, Diagnosis, Offer, Repair
from cellwright.session.offers import HeldRepair, OfferWithdrawn, Shelf, fingerprint
from cellwright.trials.model import Evidence, Verdict

NOTEBOOK = notebook_of("a = 1", "b = 2", "print(aa)")


def held(
    cell: str = "c3", shown: str = "c3", rests_on: tuple[str, ...] = ("c1", "c3")
) -> HeldRepair:
    edit = replace_text(NOTEBOOK.cell(shown), (Span(0, 1), "a"))
    offer = Offer(
        f"offer-{cell}", Candidate("t", "r", 0.9, edit), Evidence(Verdict.PASSED, ""), 0.9
    )
    diagnosis = Diagnosis(shown, Span(0, 1), "code", "NameError", "", "message")
    return HeldRepair(cell, Repair(diagnosis, (offer,)), fingerprint(NOTEBOOK, rests_on, 0))


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.put(held())
    return shelf


def changed(cell: str, **what: object) -> Notebook:
    return NOTEBOOK.with_cell(replace(NOTEBOOK.cell(cell), **what))  # type: ignore[arg-type]


def test_an_offer_is_found_by_its_id_and_by_the_cells_it_shows_in() -> None:
    shelf = Shelf()
    shelf.put(held("c3", shown="c1"))
    assert shelf.offer("offer-c3")[0].cell == "c3"
    assert [h.cell for h in shelf.showing_in("c1")] == ["c3"]
    assert [h.cell for h in shelf.showing_in("c3")] == ["c3"]
    assert shelf.showing_in("c2") == ()


@pytest.mark.parametrize(
    ("notebook", "epoch"),
    [
        (changed("c1", source="a = 2"), 0),
        (changed("c3", source="print(a)"), 0),
        (changed("c1", kind="markdown"), 0),
        (NOTEBOOK.with_cells(NOTEBOOK.cells[1:]), 0),
        (NOTEBOOK, 1),
    ],
)
def test_it_goes_when_something_it_rests_on_changes(
    shelf: Shelf, notebook: Notebook, epoch: int
) -> None:
    assert [h.cell for h in shelf.take_broken(notebook, epoch)] == ["c3"]
    assert shelf.get("c3") is None
    with pytest.raises(OfferWithdrawn):
        shelf.offer("offer-c3")


@pytest.mark.parametrize(
    "notebook",
    [
        changed("c2", source="b = 3"),
        changed("c1", version=9, execution_count=4),
        NOTEBOOK.with_cells((NOTEBOOK.cells[2], *NOTEBOOK.cells[:2])),
        NOTEBOOK.with_cells((NOTEBOOK.cells[0], NOTEBOOK.cells[2])),
    ],
)
def test_it_stands_when_something_else_changes(shelf: Shelf, notebook: Notebook) -> None:
    assert shelf.take_broken(notebook, 0) == ()
    assert shelf.offer("offer-c3")[1].id == "offer-c3"


def test_only_the_cells_that_may_have_changed_are_looked_at(shelf: Shelf) -> None:
    notebook = changed("c1", source="a = 2")
    assert shelf.take_broken(notebook, 0, among={"c2"}) == ()
    assert [h.cell for h in shelf.take_broken(notebook, 0, among={"c1", "c2"})] == ["c3"]
