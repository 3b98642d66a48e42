"""Which offer comes first, and when one may be preferred."""

from __future__ import annotations

from cellwright.notebook.apply import replace_text
from cellwright.notebook.edit import DeleteCell, InsertCell, MoveCell, NotebookEdit, Span
from cellwright.notebook.model import Cell
from cellwright.repair.model import Candidate, Offer
from cellwright.repair.rank import confidence, edit_size, rank
from cellwright.trials.model import Evidence, Verdict

CELL = Cell("c1", "code", "x = totl")
PASSED = Evidence(Verdict.PASSED, "ran to its end")


def offer(title: str, prior: float, *, text: str = "y", guesses: str = "") -> Offer:
    edit = replace_text(CELL, (Span(0, 1), text))
    candidate = Candidate(title, "rule", prior, edit, guesses=guesses)
    return Offer(title, candidate, PASSED, confidence(candidate))


def titles(*offers: Offer, threshold: float = 0.75) -> list[str]:
    ranked = rank(offers, threshold=threshold)
    assert not any(later.preferred for later in ranked[1:])
    return [o.id + ("!" if o.preferred else "") for o in ranked]


def test_the_likelier_comes_before_the_smaller() -> None:
    assert titles(offer("rename", 0.7), offer("import", 0.95, text="import math\n")) == [
        "import!",
        "rename",
    ]


def test_of_equally_likely_ones_the_smaller_comes_first() -> None:
    assert titles(offer("long", 0.9, text="much longer"), offer("short", 0.88)) == ["short", "long"]


def test_a_guess_comes_last_and_is_never_preferred() -> None:
    assert titles(offer("guess", 0.99, guesses="the unit"), offer("sure", 0.76)) == [
        "sure!",
        "guess",
    ]
    assert titles(offer("guess", 0.99, guesses="the unit"), threshold=0.1) == ["guess"]


def test_two_that_are_as_good_leave_the_choice_to_the_user() -> None:
    assert titles(offer("a", 0.95), offer("b", 0.94)) == ["a", "b"]


def test_a_rival_that_guesses_takes_no_preference_away() -> None:
    assert titles(offer("a", 0.9), offer("b", 0.9, guesses="what it means")) == ["a!", "b"]


def test_below_the_threshold_none_is_preferred() -> None:
    assert titles(offer("a", 0.7)) == ["a"]
    assert titles(offer("a", 0.7), threshold=0.7) == ["a!"]
    assert titles() == []


def test_structure_counts_as_more_than_a_few_letters() -> None:
    new = Cell("new", "code", "import math")
    sizes = [
        edit_size(None),
        edit_size(replace_text(CELL, (Span(0, 1), "y"))),
        edit_size(NotebookEdit((MoveCell("c1", CELL.hash, None),))),
        edit_size(NotebookEdit((InsertCell(new, None),))),
        edit_size(NotebookEdit((DeleteCell("c1", CELL.hash),))),
    ]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)
