"""What all cells of a notebook together tell about its names, kept up to date cell by cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from cellwright.dataflow import known
from cellwright.dataflow.flow import PARAMETER, RESULT, Body, CellFlow, Link, Touch

_INERT = frozenset({"=scalar", "=def"})
_NOT_LAZY = frozenset({"=scalar", "=plain", "=def", "=class", "=stateful", "=import"})


Value = TypeVar("Value", bound=Hashable)


class Bag(Generic[Value]):
    """Counted values by name: what several cells say of it."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[Value]] = defaultdict(Counter)

    def add(self, name: str, value: Value, count: int) -> None:
        """Count a value of a name up or down."""
        counts = self._counts[name]
        counts[value] += count
        if not counts[value]:
            del counts[value]
            if not counts:
                del self._counts[name]

    def __getitem__(self, name: str) -> Iterable[Value]:
        return self._counts.get(name, ())

    def __contains__(self, name: object) -> bool:
        return name in self._counts

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)


_LAST_CALLS = {"self": 1, "argument": 1, "call": 1, "passed": 1, "applied": 2}
"""How many of a touch's calls are the change itself, and not on the way to it."""


class Knowledge:
    """Name by name, whatever the order: imports, makers, bodies, and who holds what.

    A name is judged by all that any cell makes of it, which errs on the side of more change.
    """

    def __init__(self) -> None:
        self.imports: Bag[str] = Bag()
        self.makers: Bag[str] = Bag()
        self.methods: Bag[str] = Bag()
        self.links_of_target: Bag[Link] = Bag()
        self.links_of_source: Bag[Link] = Bag()
        self.readers: Bag[str] = Bag()
        self.changers: Bag[str] = Bag()
        self.callees: Bag[str] = Bag()
        self.effects: Bag[str] = Bag()
        self.touches: Bag[Touch] = Bag()
        self.bodies: Bag[Body] = Bag()
        self._holders: defaultdict[str, set[str]] | None = None
        self._judgements: dict[tuple[str, object], bool] = {}
        self._sets: dict[tuple[str, object], frozenset[str]] = {}

    def count(self, flow: CellFlow, by: int) -> None:
        """Add (1) or take away (-1) what one cell tells."""
        self._holders = None
        self._judgements.clear()
        self._sets.clear()
        for name, dotted in flow.imports.items():
            self.imports.add(name, dotted, by)
        for name, makers in flow.makers.items():
            for maker in makers:
                self.makers.add(name, maker, by)
        for method in flow.methods:
            self.methods.add(method, method, by)
        for callee in flow.calls:
            self.callees.add(callee.partition(".")[0], callee, by)
        for touch in flow.touches:
            self.touches.add(touch.name, touch, by)
        for link in flow.links:
            self.links_of_target.add(link.target, link, by)
            self.links_of_source.add(link.source, link, by)
        for holder, body in flow.bodies.items():
            self._count_body(holder, body, by)

    def _count_body(self, holder: str, body: Body, by: int) -> None:
        self.bodies.add(holder, body, by)
        for name in body.read:
            self.readers.add(name, holder, by)
        for link in body.links:
            if not {link.target, link.source} & {PARAMETER, RESULT}:
                self.links_of_target.add(link.target, link, by)
                self.links_of_source.add(link.source, link, by)
        for effect in (*body.effects, *(["opens"] if body.opens else [])):
            self.effects.add(effect, holder, by)
        changed = {touch.name for touch in body.touches} | body.bound
        ends = {end for link in body.links for end in (link.target, link.source)}
        for name in (changed | ends) - {PARAMETER, RESULT}:
            self.changers.add(name, holder, by)

    def _judge(self, kind: str, about: object, compute: Callable[[], bool]) -> bool:
        key = (kind, about)
        if key not in self._judgements:
            self._judgements[key] = compute()
        return self._judgements[key]

    def _judge_recursively(self, kind: str, about: object, compute: Callable[[], bool]) -> bool:
        """Judge what may depend on itself: it holds unless something says that it does not."""
        key = (kind, about)
        if key not in self._judgements:
            before = len(self._judgements)
            self._judgements[key] = True
            answer = compute()
            if not answer:
                # What was judged meanwhile may rest on the assumption.
                while len(self._judgements) > before:
                    self._judgements.popitem()
            self._judgements[key] = answer
        return self._judgements[key]

    def _names(
        self, kind: str, about: object, compute: Callable[[], frozenset[str]]
    ) -> frozenset[str]:
        key = (kind, about)
        if key not in self._sets:
            self._sets[key] = compute()
        return self._sets[key]

    # Names

    def module(self, name: str) -> str | None:
        """Return what a name imports, where all cells that bind it agree."""
        dotted = list(self.imports[name])
        if len(dotted) != 1 or any(maker != "=import" for maker in self.makers[name]):
            return None
        return dotted[0]

    def _dotted(self, callee: str) -> str | None:
        root = callee.partition(".")[0]
        if root in self.makers or root in self.imports:
            module = self.module(root)
            return None if module is None else module + callee[len(root) :]
        return known.resolve(callee, {})

    def is_builtin(self, name: str) -> bool:
        """Return whether a name is a builtin that no cell binds."""
        return name in known.BUILTINS and name not in self.makers

    def is_inert(self, name: str) -> bool:
        """Return whether whatever the name holds cannot change in place."""
        makers = set(self.makers[name])
        return self.is_builtin(name) or (bool(makers) and makers <= _INERT)

    def is_hub(self, name: str) -> bool:
        """Return whether a name only makes things: a plain function, a class without state."""
        return self._judge_recursively("hub", name, lambda: self._is_hub(name))

    def _is_hub(self, name: str) -> bool:
        if self.is_builtin(name) or self.module(name) is not None:
            return True
        makers = set(self.makers[name])
        if not makers or not makers <= {"=def", "=class"}:
            return False
        return all(
            self.is_hub(link.source) for link in self.links_of_target[name] if link.source != name
        )

    def may_be_iterator(self, name: str, depth: int = 4) -> bool:
        """Return whether going through what the name holds may use it up."""
        if name not in self.makers:
            return not self.is_builtin(name)
        return any(self._lazy(maker, depth) for maker in self.makers[name])

    def _lazy(self, maker: str, depth: int) -> bool:
        if maker[0] == "=":
            return maker not in _NOT_LAZY
        if maker[0] in "~@":
            if not depth:
                return True
            holders = set(self.makers[maker[1:]])
            if maker[0] == "@" and any(each[0] == "=" and each != "=scalar" for each in holders):
                return True
            return self.may_be_iterator(maker[1:], depth - 1)
        root, _, rest = maker.partition(".")
        if not rest and self.is_builtin(root):
            return known.lazy_builtin(root)
        dotted = self._dotted(maker)
        if dotted is not None:
            return known.lazy_function(dotted)
        if rest:
            method = maker.rpartition(".")[2]
            return method in self.methods or known.lazy_method(method)
        makers = set(self.makers[root])
        return not makers or not makers <= {"=class", "=stateful"} or "__next__" in self.methods

    def _may_insert(self, name: str) -> bool:
        """Return whether looking a key up may insert it (a defaultdict)."""
        makes = any("defaultdict" in self.callees[root] for root in ("defaultdict",)) or any(
            callee.endswith(".defaultdict") for callee in self.callees["collections"]
        )
        if not makes and "__missing__" not in self.methods:
            return False
        return any(
            maker[0] in "~@" or maker == "=unknown" or maker.endswith("defaultdict")
            for maker in self.makers[name]
        )

    # Callees

    def keeps(self, callee: str) -> bool:
        """Return whether a callee changes and keeps neither its receiver nor its arguments."""
        return self._judge_recursively("keeps", callee, lambda: self._keeps(callee))

    def _keeps(self, callee: str) -> bool:
        root, _, rest = callee.partition(".")
        dotted = self._dotted(callee) if root else None
        if dotted is not None:
            return known.keeps_function(dotted)
        if rest or not root:
            method = callee.rpartition(".")[2]
            return method not in self.methods and known.keeps_method(method)
        if self.is_builtin(root):
            return known.keeps_builtin(root)
        if self.module(root) is None and set(self.makers[root]) == {"=def"}:
            self._judgements["keeps", callee] = (
                True  # what it calls itself does not count against it
            )
            return all(self._spares(body) for body in self.bodies[root])
        return False

    def _spares(self, body: Body) -> bool:
        """Return whether a body neither changes nor keeps what it is given."""
        return self._judge_recursively("spares", body, lambda: self._spares_all(body))

    def _spares_all(self, body: Body) -> bool:
        if any(t.name == PARAMETER and not self.harmless(t) for t in body.touches):
            return False
        return not any(
            PARAMETER in {link.target, link.source}
            and RESULT not in {link.target, link.source}
            and self.holds(link)
            for link in body.links
        )

    def _spare_all(self, via: tuple[str, ...]) -> bool:
        """Return whether a function passed to a call (its last two) leaves all else as it is."""
        outer, applied = via[-2], via[-1]
        if self.is_builtin(outer) and known.looks_only(outer):
            return True
        return all(
            self._spares(body) for holder in self.carried(applied) for body in self.bodies[holder]
        )

    def _changes_self_only(self, callee: str) -> bool:
        method = callee.rpartition(".")[2]
        if "." not in callee or method in self.methods or self._dotted(callee) is not None:
            return False
        return known.changes_self_only(method)

    def fresh(self, callee: str) -> bool:
        """Return whether a callee's result shares nothing with what it was given."""
        root, _, rest = callee.partition(".")
        dotted = self._dotted(callee) if root else None
        if dotted is not None:
            return known.fresh_function(dotted)
        if rest or not root:
            method = callee.rpartition(".")[2]
            return method not in self.methods and known.fresh_method(method)
        return self.is_builtin(root) and known.scalar_builtin(root)

    # Touches and links

    def harmless(self, touch: Touch) -> bool:
        """Return whether a possible change is known to be none."""
        return self._judge("harmless", touch, lambda: self._harmless(touch))

    def _harmless(self, touch: Touch) -> bool:
        if touch.how == "set":
            return False
        if touch.name != PARAMETER and self.is_inert(touch.name):
            return True
        last = _LAST_CALLS.get(touch.how, 0)
        inner = touch.via[: len(touch.via) - last]
        return any(self.fresh(callee) for callee in inner) or self._leaves_alone(touch)

    def _leaves_alone(self, touch: Touch) -> bool:
        last = touch.via[-1] if touch.via else ""
        match touch.how:
            case "self":
                return self.keeps(last)
            case "call":
                return self.is_hub(touch.name)
            case "applied":
                return self._spare_all(touch.via)
            case "passed":
                method = last.rpartition(".")[2]
                return method not in self.methods and not known.changes_self_only(method)
            case "lookup":
                return touch.name == PARAMETER or not self._may_insert(touch.name)
            case "argument" if self.keeps(last) or self._changes_self_only(last):
                looks = self.is_builtin(last) and known.looks_only(last)
                return looks or self._survives_iteration(touch)
            case "iterate":
                return self._survives_iteration(touch)
        return False

    def _survives_iteration(self, touch: Touch) -> bool:
        return touch.name != PARAMETER and not self.may_be_iterator(touch.name)

    def holds(self, link: Link) -> bool:
        """Return whether a possible link may be real."""
        return self._judge("holds", link, lambda: self._holds(link))

    def _holds(self, link: Link) -> bool:
        ends = {link.target, link.source} - {PARAMETER, RESULT}
        if any(self.is_builtin(end) or self.module(end) is not None for end in ends):
            return False
        if link.kind == "result":
            return not any(self.fresh(callee) for callee in link.via)
        if link.kind == "applied":
            return not self._spare_all(link.via)
        if self.keeps(link.via[-1]) or any(self.fresh(callee) for callee in link.via[:-1]):
            return False
        return link.kind == "into" or not self._changes_self_only(link.via[-1])

    def changes(self, name: str) -> list[Touch]:
        """Return the changes of a name's object that any cell may make itself."""
        return [touch for touch in self.touches[name] if not self.harmless(touch)]

    def is_changed(self, name: str) -> bool:
        """Return whether any cell may change a name's object, itself or through a call."""
        return any(self.changes(alias) for alias in self.siblings(name)) or bool(
            self.changed_through(name)
        )

    def sharers(self, name: str) -> frozenset[str]:
        """Return the names that one may share its value with, in any cell."""
        return self._names("sharers", name, lambda: self._sharers(name))

    def _sharers(self, name: str) -> frozenset[str]:
        if self.is_inert(name) and not self.is_hub(name):
            return frozenset()
        if self.is_hub(name) and not self.exits(name):
            return frozenset()
        links = [*self.links_of_target[name], *self.links_of_source[name]]
        ends = {end for link in links if self.holds(link) for end in (link.target, link.source)}
        return (self.linked_through(name) | self.exits(name) | ends) - {name}

    # Bodies

    def exits(self, name: str) -> frozenset[str]:
        """Return the global names that results and arguments of a function may share with."""
        return frozenset(
            end
            for body in self.bodies[name]
            for link in body.links
            if {link.target, link.source} & {PARAMETER, RESULT} and self.holds(link)
            for end in (link.target, link.source)
            if end not in {PARAMETER, RESULT}
        )

    def carried(self, name: str) -> frozenset[str]:
        """Return the names with bodies that may be called by whoever has `name`."""
        if self._holders is None:
            self._holders = defaultdict(set)
            for holder in self.bodies:
                for carrier in self.carriers([holder]):
                    self._holders[carrier].add(holder)
        return frozenset(self._holders.get(name, ()))

    def carriers(self, holders: Iterable[str]) -> frozenset[str]:
        """Return the names through which one of some functions may be called."""
        seen = set(holders)
        todo = list(seen)
        while todo:
            at = todo.pop()
            following = {link.target for link in self.links_of_source[at] if self._gives(link)}
            following |= self._keeping_arguments(at)
            following = following.union(self.readers[at]) - seen
            seen |= following
            todo.extend(following)
        return frozenset(seen)

    def _keeping_arguments(self, name: str) -> set[str]:
        """Return the global names in which a function keeps what it is given."""
        links = [link for body in self.bodies[name] for link in body.links]
        return {
            link.target
            for link in links
            if link.source == PARAMETER and link.target != RESULT and self.holds(link)
        }

    def _gives(self, link: Link) -> bool:
        """Return whether the target of a link may call what its source may call."""
        if not self.holds(link):
            return False
        source = link.source
        if link.via[:1] != (source,) or set(self.makers[source]) != {"=def"}:
            return True
        # The result of a plain function: what it does is done.
        return any(body.gives for body in self.bodies[source]) or bool(self.exits(source))

    def body_reads(self, name: str) -> frozenset[str]:
        """Return the global names that calls through `name` may read."""
        return self._names("reads", name, lambda: self._body_reads(name))

    def calls_read_all(self, name: str) -> bool:
        """Return whether calls through `name` may read any name."""
        return any(body.reads_all for holder in self.carried(name) for body in self.bodies[holder])

    def _body_reads(self, name: str) -> frozenset[str]:
        return frozenset(
            read
            for holder in self.carried(name)
            for body in self.bodies[holder]
            for read in body.read
        )

    def _through(self, name: str, concerns: Callable[[Body], bool]) -> frozenset[str]:
        return self.carriers(
            holder
            for holder in self.changers[name]
            if any(concerns(body) for body in self.bodies[holder])
        )

    def changed_through(self, name: str) -> frozenset[str]:
        """Return the names through which a call may bind or change the global `name`."""
        return self._names(
            "changed", name, lambda: self._through(name, lambda b: self._affects(b, name))
        )

    def bound_through(self, name: str) -> frozenset[str]:
        """Return the names through which a call may bind the global `name`."""
        return self._names("bound", name, lambda: self._through(name, lambda b: name in b.bound))

    def linked_through(self, name: str) -> frozenset[str]:
        """Return the names through which a call may let something share with the global `name`."""
        return self._names(
            "linked", name, lambda: self._through(name, lambda b: self._shares(b, name))
        )

    def read_through(self, name: str) -> frozenset[str]:
        """Return the names through which a call may read the global `name`."""
        return self._names("read", name, lambda: self.carriers(self.readers[name]))

    def changed_by(self, name: str) -> frozenset[str]:
        """Return the global names that calls through `name` may bind or change."""
        return self._names("by", name, lambda: self._changed_by(name))

    def _changed_by(self, name: str) -> frozenset[str]:
        bodies = [body for holder in self.carried(name) for body in self.bodies[holder]]
        touched = {t.name for body in bodies for t in body.touches if not self.harmless(t)}
        return frozenset(touched.union(*(body.bound for body in bodies)) - {PARAMETER})

    def effectful(self, *, seeded: bool) -> frozenset[str]:
        """Return the names through which a call may have an effect that has no name.

        Drawing random numbers is one only where they were seeded.
        """
        kinds = [kind for kind in self.effects if seeded or kind != "draw"]
        holders = frozenset(holder for kind in kinds for holder in self.effects[kind])
        return self._names("effectful", holders, lambda: self.carriers(holders))

    def hidden_effects(self) -> frozenset[str]:
        """Return the callees with an effect that one cell alone cannot know (an unusual alias)."""
        return self._names(
            "hidden",
            "",
            lambda: frozenset(
                callee
                for name in self.imports
                for dotted in self.imports[name]
                if known.CONVENTIONS.get(name) != dotted
                for callee in self.callees[name]
                if known.effect_of(callee, {name: dotted})
            ),
        )

    def siblings(self, name: str) -> frozenset[str]:
        """Return the names whose change is a change of `name`: those of the same package."""
        module = self.module(name)
        if module is None:
            return frozenset({name})
        return self._names(
            "siblings",
            name,
            lambda: frozenset(
                other
                for other in self.imports
                if (self.module(other) or "").partition(".")[0] == module.partition(".")[0]
            ),
        )

    def _affects(self, body: Body, name: str) -> bool:
        return name in body.bound or any(
            touch.name == name and not self.harmless(touch) for touch in body.touches
        )

    def _shares(self, body: Body, name: str) -> bool:
        return any(name in {link.target, link.source} and self.holds(link) for link in body.links)
