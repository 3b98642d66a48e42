"""Which cells no longer show what they would show if they ran now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cellwright.dataflow.cell import analyse
from cellwright.dataflow.graph import Graph
from cellwright.notebook.model import CellId
from cellwright.notebook.run import RunRecord


@dataclass(frozen=True)
class Stale:
    """Why a cell is stale, and because of which other cell.

    `edited`: its source changed since it ran. `ran-again`: a cell that it reads from ran after it.
    `removed`: a cell that it read from is gone. `upstream`: a cell that it read from is stale.
    """

    why: Literal["edited", "ran-again", "removed", "upstream"]
    because: CellId | None = None


def stale_cells(
    cells: Sequence[tuple[CellId, str]], records: Sequence[RunRecord]
) -> Mapping[CellId, Stale]:
    """Return the stale ones among cells (id and current source, in document order).

    `records` are all runs since the kernel started, in run order. What a cell reads from are the
    runs that gave it its values, and the cells above it that would give them now. A cell further
    down that binds a name again makes nothing above it stale: run in order, nothing changes. A cell
    that never ran is not stale.
    """
    sources = dict(cells)
    last = {record.cell: index for index, record in enumerate(records)}
    halfway = [index for index, record in enumerate(records) if record.status != "completed"]
    runs = Graph(((i, analyse(record.source)) for i, record in enumerate(records)), halfway)
    document = Graph((cell, analyse(source)) for cell, source in cells)
    positions = {cell: position for position, (cell, _) in enumerate(cells)}
    found: dict[CellId, Stale] = {}
    # In the order of the last runs, so that what a cell read from is judged before it.
    for cell, ran in sorted(last.items(), key=lambda item: item[1]):
        if cell not in sources:
            continue
        if sources[cell] != records[ran].source:
            found[cell] = Stale("edited")
            continue
        read_from = [records[run].cell for run in sorted(runs.sources(ran))]
        above = [cells[place][0] for place in sorted(document.sources(positions[cell]))]
        reason = _reason([c for c in read_from if c != cell], above, ran, last, sources, found)
        if reason is not None:
            found[cell] = reason
    return found


def _reason(
    read_from: Sequence[CellId],
    above: Sequence[CellId],
    ran: int,
    last: Mapping[CellId, int],
    sources: Mapping[CellId, str],
    found: Mapping[CellId, Stale],
) -> Stale | None:
    for other in (*read_from, *above):
        if last.get(other, -1) > ran:
            return Stale("ran-again", other)
    for other in read_from:
        if other not in sources:
            return Stale("removed", other)
        if other in found:
            return Stale("upstream", other)
    return None
