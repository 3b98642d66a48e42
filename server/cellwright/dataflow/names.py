"""Which names a cell binds, reads and deletes, in the order in which it runs."""

# ruff: noqa: N815 - ast.NodeVisitor dictates the names of its methods

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from cellwright.dataflow.free import Free, every_argument, returns, type_parameters
from cellwright.dataflow.magics import Command
from cellwright.dataflow.scopes import bound_in
from cellwright.dataflow.tolerant import Parsed
from cellwright.notebook.edit import Span

_CATCHES_NAME_ERRORS = {"NameError", "Exception", "BaseException"}
_SWALLOWS = {"suppress", "raises", "assertRaises"}


@dataclass
class Names:
    """The names of a cell as they are collected; see `CellFlow` for what each means."""

    bound: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    deferred: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    imports: dict[str, str] = field(default_factory=dict)
    star_imports: list[str] = field(default_factory=list)
    bindings: dict[str, list[Span]] = field(default_factory=dict)
    uses: dict[str, list[Span]] = field(default_factory=dict)
    loaded: set[str] = field(default_factory=set)
    commands: list[Command] = field(default_factory=list)
    certain: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


@dataclass
class _State:
    """What is bound at one point of the run. `ended`: this point is not reached."""

    surely: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    ended: bool = False

    def copy(self) -> _State:
        return _State(set(self.surely), set(self.maybe), self.ended)


def _merged(states: Sequence[_State]) -> _State:
    maybe = set().union(*(state.maybe for state in states))
    alive = [state.surely for state in states if not state.ended]
    surely = set.intersection(*alive) if alive else set(maybe)
    return _State(surely, maybe, not alive)


def names_of(parsed: Parsed) -> Names:
    """Walk a cell in the order it runs and collect its names."""
    walk = _Walk(parsed, Names())
    for lost in parsed.lost:
        if lost.binds:
            walk.out.bound.add(lost.name)
            walk.out.bindings.setdefault(lost.name, []).append(lost.span)
            walk.state.maybe.add(lost.name)
        else:
            walk.out.read.add(lost.name)
            walk.out.loaded.add(lost.name)
            walk.out.uses.setdefault(lost.name, []).append(lost.span)
    walk.block(parsed.tree.body)
    return walk.finished()


class _Walk(ast.NodeVisitor):
    """An ordered walk over the code of one scope that runs now: the cell, or a class body."""

    def __init__(self, parsed: Parsed, out: Names) -> None:
        self.parsed = parsed
        self.out = out
        self.state = _State()
        self.guards = 0
        self.hidden: list[set[str]] = []
        self.holds: dict[str, set[str]] = {}
        self.loaded: set[str] = set()
        self.lazy_annotations = False

    def finished(self) -> Names:
        self.out.certain = self.out.bound & self.state.surely
        self.out.gone = self.out.deleted - self.state.maybe
        return self.out

    # Names

    def _is_local(self, name: str) -> bool:
        return any(name in names for names in self.hidden)

    def load(self, name: str, span: Span, *, needed: bool = True) -> None:
        if self._is_local(name):
            return
        self.out.uses.setdefault(name, []).append(span)
        self._need(name, needed)
        self.out.loaded.add(name)
        self.loaded.add(name)
        seen = {name}
        todo = list(self.holds.get(name, ()))
        while todo:
            # A function defined in this cell may be called from here on.
            held = todo.pop()
            if held not in seen:
                seen.add(held)
                self._need(held, needed=False)
                todo.extend(self.holds.get(held, ()))

    def _need(self, name: str, needed: bool) -> None:
        if name not in self.state.surely:
            self.out.read.add(name)
            if needed and not self.guards and name not in self.state.maybe:
                self.out.required.add(name)

    def store(self, name: str, span: Span) -> None:
        if self._is_local(name):
            return
        self.out.bindings.setdefault(name, []).append(span)
        self.out.bound.add(name)
        self.state.surely.add(name)
        self.state.maybe.add(name)
        held = {name for each in self.loaded for name in self.holds.get(each, ())}
        if held:
            self.holds[name] = self.holds.get(name, set()) | held

    def delete(self, name: str) -> None:
        self.out.deleted.add(name)
        self.state.surely.discard(name)
        self.state.maybe.discard(name)

    def defer(self, names: Iterable[tuple[str, Span]], holder: str | None) -> None:
        free = [(name, span) for name, span in names if not self._is_local(name)]
        for name, span in free:
            self.out.deferred.add(name)
            self.out.uses.setdefault(name, []).append(span)
        held = {name for name, _ in free}
        if holder is not None:
            self.holds[holder] = self.holds.get(holder, set()) | held
        elif held:
            # A lambda: whatever this statement binds may hold it.
            key = f"<lambda {len(self.holds)}>"
            self.holds[key] = held
            self.loaded.add(key)

    # Statements

    def block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        self.loaded = set()
        self.visit(node)

    def visit(self, node: ast.AST | None) -> None:
        if node is not None:
            super().visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child)

    def each(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            self.visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self.each(node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.load(node.target.id, self.parsed.span(node.target))
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)
        elif not isinstance(node.target, ast.Name):
            self.generic_visit(node.target)

    def annotation(self, node: ast.AST | None) -> None:
        if node is not None and not self.lazy_annotations:
            self.visit(node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        before = self.state.copy()
        self._loop(node.body, lambda: self.visit(node.target))
        self.state.surely = set(before.surely)
        self.state.ended = before.ended
        self.block(node.orelse)

    visit_AsyncFor = visit_For

    def _loop(self, body: list[ast.stmt], head: Callable[[], None]) -> None:
        # What a later round reads may have been bound in the one before.
        self.state.maybe |= bound_in(body)[0]
        head()
        self.block(body)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        before = self.state.copy()
        self._loop(node.body, lambda: None)
        self.state.surely = set(before.surely)
        self.state.ended = before.ended
        self.block(node.orelse)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if _is_type_checking(node.test):
            self.block(node.orelse)
            return
        if _is_main(node.test):
            self.block(node.body)
            return
        self.branches([lambda: self.block(node.body), lambda: self.block(node.orelse)])

    def branches(self, branches: Sequence[Callable[[], None]]) -> None:
        start = self.state
        ends = []
        for branch in branches:
            self.state = start.copy()
            branch()
            ends.append(self.state)
        self.state = _merged(ends)

    def visit_Try(self, node: ast.Try) -> None:
        start = self.state.copy()
        guarded = any(_catches_name_errors(handler) for handler in node.handlers)
        self.guards += guarded
        self.block(node.body)
        self.guards -= guarded
        halfway = _State(set(start.surely), start.maybe | self.state.maybe)
        self.block(node.orelse)
        ends = [self.state]
        for handler in node.handlers:
            self.state = halfway.copy()
            self.handler(handler)
            ends.append(self.state)
        after = _merged(ends)
        self.state = _State(set(start.surely), set(after.maybe))
        self.block(node.finalbody)
        after.surely |= self.state.surely
        after.maybe |= self.state.maybe
        self.state = after

    visit_TryStar = visit_Try

    def handler(self, node: ast.ExceptHandler) -> None:
        self.visit(node.type)
        if node.name is None:
            self.block(node.body)
            return
        outer = node.name in self.out.bound
        self.store(node.name, self._name_in(node, node.name, "as"))
        self.block(node.body)
        if not self._is_local(node.name):
            self.delete(node.name)
            if not outer:
                self.out.bound.discard(node.name)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            self.visit(item.optional_vars)
        before = self.state.copy()
        self.block(node.body)
        if any(_swallows(item.context_expr) for item in node.items):
            self.state.surely = before.surely
            self.state.ended = False

    visit_AsyncWith = visit_With

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)

        def case(each: ast.match_case) -> Callable[[], None]:
            def run() -> None:
                self.visit(each.pattern)
                self.visit(each.guard)
                self.block(each.body)

            return run

        total = any(
            isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None and c.guard is None
            for c in node.cases
        )
        nothing: list[Callable[[], None]] = [] if total else [lambda: None]
        self.branches([*(case(each) for each in node.cases), *nothing])

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.generic_visit(node)
        if node.name is not None:
            end = self.parsed.span(node).end
            self.store(node.name, Span(end - len(node.name), end))

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest is not None:
            self.store(node.rest, self._name_in(node, node.rest, r"\*\*"))

    def _ends(self, node: ast.stmt) -> None:
        self.generic_visit(node)
        self.state.ended = True

    visit_Return = visit_Raise = visit_Continue = visit_Break = _ends

    def visit_Delete(self, node: ast.Delete) -> None:
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            self.out.imports[name] = alias.name if alias.asname else name
            self.store(name, self._alias_span(alias, name))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        if module == "__future__":
            self.lazy_annotations |= any(alias.name == "annotations" for alias in node.names)
        for alias in node.names:
            if alias.name == "*":
                self.out.star_imports.append(module)
                continue
            name = alias.asname or alias.name
            self.out.imports[name] = f"{module}.{alias.name}"
            self.store(name, self._alias_span(alias, name))

    def _alias_span(self, alias: ast.alias, name: str) -> Span:
        span = self.parsed.span(alias)
        if alias.asname:
            return Span(span.end - len(name), span.end)
        return Span(span.start, span.start + len(name))

    def visit_TypeAlias(self, node: ast.AST) -> None:
        target: ast.Name = node.name  # type: ignore[attr-defined]
        local = type_parameters(node)
        self.defer(Free(self.parsed, local).of([node.value]), target.id)  # type: ignore[attr-defined]
        self.visit(target)

    # Definitions

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.each(node.decorator_list)
        self._defaults(node.args)
        types = type_parameters(node)
        self.hidden.append(types)
        for argument in [*every_argument(node.args), node]:
            self.annotation(getattr(argument, "annotation", None) or returns(argument))
        self.hidden.pop()
        free = Free(self.parsed, types).of([node], inside=True)
        self.defer(free, node.name)
        self.store(node.name, self._name_in(node, node.name, "def"))
        for name in _declared_global(node):
            # Bound whenever the function is called: by this cell, or by another.
            self.state.maybe.add(name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        self.defer(Free(self.parsed, set()).of([node], inside=True), None)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords), node.func]:
            if isinstance(argument, ast.Lambda):
                # It may be called at once.
                for name, _ in Free(self.parsed, set()).of([argument], inside=True):
                    if not self._is_local(name):
                        self._need(name, needed=False)

    def _defaults(self, arguments: ast.arguments) -> None:
        self.each([*arguments.defaults, *arguments.kw_defaults])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.each([*node.decorator_list, *node.bases, *node.keywords])
        loaded = set(self.loaded)
        body = _ClassBody(self, node)
        body.block(node.body)
        self.out.deferred |= body.deferred
        self.holds[node.name] = self.holds.get(node.name, set()) | body.deferred
        self.loaded = loaded
        self.store(node.name, self._name_in(node, node.name, "class"))

    # Expressions

    def visit_Name(self, node: ast.Name) -> None:
        span = self.parsed.span(node)
        if isinstance(node.ctx, ast.Load):
            self.load(node.id, span)
        elif isinstance(node.ctx, ast.Store):
            self.store(node.id, span)
        elif not self._is_local(node.id):
            self.load(node.id, span)
            self.delete(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        # A walrus binds outside of all comprehensions around it.
        hidden, self.hidden = self.hidden, []
        self.store(node.target.id, self.parsed.span(node.target))
        self.hidden = hidden

    def _comprehension(self, node: ast.AST) -> None:
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        self.visit(generators[0].iter)
        local: set[str] = set()
        for generator in generators:
            local |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
        self.hidden.append(local)

        def rounds() -> None:
            for index, generator in enumerate(generators):
                self.each([generator.iter if index else None, generator.target, *generator.ifs])
            self.each(getattr(node, part, None) for part in ("key", "value", "elt"))

        # There may be no round at all.
        self.branches([rounds, lambda: None])
        self.hidden.pop()
        if isinstance(node, ast.GeneratorExp):
            # It may also be consumed later, by another cell.
            self.defer(Free(self.parsed, set()).of([node]), None)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self.branches([lambda: self.visit(node.body), lambda: self.visit(node.orelse)])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self.branches([lambda: self.each(node.values[1:]), lambda: None])

    def visit_Constant(self, node: ast.Constant) -> None:
        command = self.parsed.shape.command_at(node)
        if command is not None:
            self.command(command)

    def command(self, command: Command) -> None:
        self.out.commands.append(command)
        for name, span in command.reads:
            self.load(name, span, needed=False)
        parts = self.parsed.inner.get(command.span.start, ())
        local = set().union(*(bound_in(part.tree.body)[0] for part in parts))
        self.hidden.append(local if command.local else set())
        for part in parts:
            outer, self.parsed = self.parsed, part
            self.block(part.tree.body)
            self.parsed = outer
        self.hidden.pop()
        for name, span in command.binds:
            self.store(name, span)

    def _name_in(self, node: ast.AST, name: str, after: str) -> Span:
        """Return where a name stands in a node that has no node of its own for it."""
        span = self.parsed.span(node)
        pattern = re.compile(rf"{after}\s*\b({re.escape(name)})\b")
        match = pattern.search(self.parsed.shape.source, span.start, span.end)
        return Span(*match.span(1)) if match else Span(span.start, span.start)


class _ClassBody(_Walk):
    """A class body: it runs now; what it binds is its own and unseen by its methods."""

    def __init__(self, outer: _Walk, node: ast.ClassDef) -> None:
        super().__init__(outer.parsed, outer.out)
        self.outer = outer
        self.node = node
        self.deferred: set[str] = set()
        self.own: set[str] = set()
        self.types = type_parameters(node)
        bound, self.globals, _ = bound_in(node.body)
        self.names = bound - self.globals
        self.lazy_annotations = outer.lazy_annotations

    def load(self, name: str, span: Span, *, needed: bool = True) -> None:
        if name in self.own or name in self.types or self._is_local(name):
            return
        self.outer.load(name, span, needed=needed and name not in self.names)

    def store(self, name: str, span: Span) -> None:
        if name in self.globals:
            self.outer.store(name, span)
        else:
            self.own.add(name)

    def delete(self, name: str) -> None:
        self.own.discard(name)

    def defer(self, names: Iterable[tuple[str, Span]], holder: str | None) -> None:  # noqa: ARG002
        free = [(name, span) for name, span in names if name not in self.types]
        self.deferred |= {name for name, _ in free if not self.outer._is_local(name)}
        for name, span in free:
            if not self.outer._is_local(name):
                self.out.uses.setdefault(name, []).append(span)

    def handler(self, node: ast.ExceptHandler) -> None:
        self.visit(node.type)
        if node.name:
            self.own.add(node.name)
        self.block(node.body)


def _declared_global(node: ast.AST) -> set[str]:
    return {name for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names}


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _is_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
    )


def _catches_name_errors(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        isinstance(node, ast.Name) and node.id in _CATCHES_NAME_ERRORS
        for node in ast.walk(handler.type)
    )


def _swallows(context: ast.expr) -> bool:
    function = context.func if isinstance(context, ast.Call) else context
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in _SWALLOWS
