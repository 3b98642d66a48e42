"""Which cells may have changed a value in place, through any name that may share it."""

from __future__ import annotations

import heapq
from bisect import bisect_left

from cellwright.dataflow.places import Board

Node = tuple[str, int]
"""A name from one certain binding of it (a position, -1 for none) to the next: one value."""


class Sharing:
    """Follows values from name to name.

    Functions and classes without state only pass their arguments on, so they are followed within
    one cell. Answers are kept until a cell changes.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._changes: dict[Node, list[tuple[int, int]]] = {}
        self._may_change: dict[str, bool] = {}

    def forget(self) -> None:
        """Forget all answers: a cell has changed."""
        self._changes.clear()
        self._may_change.clear()

    def makers(self, name: str, before: int) -> set[int]:
        """Return the cells that bound, deleted or may have changed what a name holds.

        That is as seen just before a position: from the last certain binding on.
        """
        board = self._board
        start = board.certain.last_before(name, before)
        first = max(start, 0)
        found = {*board.bound.between(name, first, before)}
        found.update(board.deleted.between(name, first, before))
        found |= board.loading(board.knowledge.bound_through(name), first, before)
        if self._is_changed_anywhere(name):
            changes = self._changes_of((name, start))
            found.update(cell for _, cell in changes[: bisect_left(changes, (before, -1))])
        return found

    def nodes(self, name: str, position: int) -> set[Node]:
        """Return all values that may share with what a name holds after a position."""
        start = self._board.certain.last_before(name, position + 1)
        if not self._is_changed_anywhere(name):
            return {(name, start)}
        return set(self._reach((name, start)))

    def _is_changed_anywhere(self, name: str) -> bool:
        """Return whether any name that this one may ever share with is changed by any cell."""
        if name not in self._may_change:
            knowledge = self._board.knowledge
            group = {name}
            todo = [name]
            while todo:
                following = knowledge.sharers(todo.pop()) - group
                group |= following
                todo.extend(following)
            answer = any(knowledge.is_changed(each) for each in group)
            self._may_change.update(dict.fromkeys(group, answer))
        return self._may_change[name]

    def _changes_of(self, node: Node) -> list[tuple[int, int]]:
        """Return pairs (since, cell), sorted: who sees the value after `since` sees the change."""
        if node not in self._changes:
            board = self._board
            since: dict[int, int] = {}
            for (name, start), reached in self._reach(node).items():
                _, end = board.interval(name, start + 1)
                for cell in board.changing(name, max(start, 0), end + 1):
                    since[cell] = min(since.get(cell, len(board)), max(cell, reached))
            self._changes[node] = sorted((seen, cell) for cell, seen in since.items())
        return self._changes[node]

    def _reach(self, node: Node) -> dict[Node, int]:
        """Return the nodes that share with one, each with the cell since which it may do so.

        This is Dijkstra's search for the path whose last link comes first.
        """
        reached: dict[Node, int] = {}
        hubs: set[Node] = set()
        heap = [(-1, node)]
        while heap:
            since, at = heapq.heappop(heap)
            if at in reached:
                continue
            reached[at] = since
            for other, cell in self._links(at):
                for following in self._resolved(other, cell, hubs):
                    if following not in reached:
                        heapq.heappush(heap, (max(since, cell), following))
        return reached

    def _links(self, node: Node) -> list[tuple[str, int]]:
        """Return the names that a node may share with, and the cells in which that comes about."""
        board, knowledge = self._board, self._board.knowledge
        name, start = node
        if knowledge.is_inert(name) or knowledge.is_hub(name):
            return []
        _, end = board.interval(name, start + 1)
        first, last = max(start, 0), end + 1
        found = [
            (other, cell)
            for cell in board.linked.between(name, first, last)
            for other in board.partners(cell, name)
        ]
        for through in knowledge.linked_through(name):
            found += [(through, cell) for cell in board.loaded.between(through, first, last)]
        return found

    def _resolved(self, name: str, cell: int, hubs: set[Node]) -> set[Node]:
        """Return the values that a name stands for in a cell: before it and after it."""
        board, knowledge = self._board, self._board.knowledge
        if knowledge.is_inert(name) and not knowledge.is_hub(name):
            return set()
        if not knowledge.is_hub(name):
            before, after = (board.certain.last_before(name, p) for p in (cell, cell + 1))
            return {(name, before), (name, after)}
        if (name, cell) in hubs:
            return set()
        hubs.add((name, cell))
        others = board.partners(cell, name) | knowledge.exits(name)
        return set().union(*(self._resolved(other, cell, hubs) for other in others))
