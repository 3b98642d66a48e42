"""Repairs that a session holds, and what each rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from cellwright.notebook.model import CellId, CellKind, Notebook
from cellwright.repair.model import Offer, Repair


class OfferWithdrawn(Exception):
    """The offer no longer stands: what it rests on has changed, or it was never made."""


@dataclass(frozen=True)
class Fingerprint:
    """What the evidence of a repair rests on: cells' kinds and sources, and the kernel's epoch."""

    cells: Mapping[CellId, tuple[CellKind, str]]
    epoch: int

    def holds(self, notebook: Notebook, epoch: int, among: Set[CellId] | None = None) -> bool:
        """Return whether all of it (of the cells `among` it, if given) is still as it was."""
        asked = self.cells.keys() if among is None else self.cells.keys() & among
        return epoch == self.epoch and all(
            (cell := notebook.get(cell_id)) is not None
            and (cell.kind, cell.hash) == self.cells[cell_id]
            for cell_id in asked
        )


def fingerprint(notebook: Notebook, cells: Iterable[CellId], epoch: int) -> Fingerprint:
    """Return the fingerprint of cells as they are now; one that is gone counts for nothing."""
    found = (notebook.get(cell_id) for cell_id in cells)
    return Fingerprint({c.id: (c.kind, c.hash) for c in found if c is not None}, epoch)


@dataclass(frozen=True)
class HeldRepair:
    """A repair of one failed cell, and what it rests on."""

    cell: CellId
    repair: Repair
    rests_on: Fingerprint

    @property
    def offer_ids(self) -> tuple[str, ...]:
        """The ids of its offers, best first."""
        return tuple(offer.id for offer in self.repair.offers)


class Shelf:
    """The repairs at hand, by failed cell. Reading it never starts work."""

    def __init__(self) -> None:
        self._held: dict[CellId, HeldRepair] = {}

    def put(self, held: HeldRepair) -> None:
        """Keep a repair, in place of an older one of the same cell."""
        self._held[held.cell] = held

    def get(self, cell_id: CellId) -> HeldRepair | None:
        """Return the repair of a failed cell."""
        return self._held.get(cell_id)

    def showing_in(self, cell_id: CellId) -> tuple[HeldRepair, ...]:
        """Return the repairs whose failed cell, or the place it shows at, is this cell."""
        return tuple(
            held
            for held in self._held.values()
            if cell_id in {held.cell, held.repair.diagnosis.cell}
        )

    def offer(self, offer_id: str) -> tuple[HeldRepair, Offer]:
        """Return an offer and the repair it belongs to. Raises `OfferWithdrawn`."""
        for held in self._held.values():
            for offer in held.repair.offers:
                if offer.id == offer_id:
                    return held, offer
        raise OfferWithdrawn("this fix no longer stands: the notebook has changed since")

    def take(self, cell_id: CellId) -> HeldRepair | None:
        """Remove and return the repair of a cell."""
        return self._held.pop(cell_id, None)

    def take_broken(
        self, notebook: Notebook, epoch: int, *, among: Set[CellId] | None = None
    ) -> tuple[HeldRepair, ...]:
        """Remove and return the repairs that rest on something that has changed.

        `among` are the only cells that may have, where that is known: a keystroke looks at one.
        """
        broken = [h for h in self._held.values() if not h.rests_on.holds(notebook, epoch, among)]
        for held in broken:
            del self._held[held.cell]
        return tuple(broken)
