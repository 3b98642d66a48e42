"""What a cell's code may change: touches, links between names, function bodies, effects."""

# ruff: noqa: N815 - ast.NodeVisitor dictates the names of its methods

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cellwright.dataflow import known
from cellwright.dataflow.flow import PARAMETER, RESULT, Body, How, Link, LinkKind, Touch
from cellwright.dataflow.scopes import Function, bound_in, parameters
from cellwright.dataflow.tolerant import Parsed
from cellwright.dataflow.values import (
    MOST_VIA,
    Source,
    Values,
    arguments_of,
    base_of,
    dotted_of,
    receiver_of,
)

_ROUNDS = 4
_RUNS_LATER = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.GeneratorExp, ast.Yield, ast.YieldFrom),
)
_DRAW_FREE = {"random_state", "seed", "rng", "generator"}


@dataclass
class Changes:
    """What is collected of one scope; see `CellFlow` and `Body`."""

    touches: set[Touch] = field(default_factory=set)
    links: set[Link] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    effects: set[str] = field(default_factory=set)
    mutated: set[str] = field(default_factory=set)
    makers: dict[str, set[str]] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    opens: bool = False
    reads_all: bool = False
    gives: bool = False


def changes_of(parsed: Parsed, imports: Mapping[str, str], key: str) -> Changes:
    """Collect what a cell may change. `key` makes the names of its lambdas its own."""
    walk = _Walk(parsed, imports, key)
    walk.block(parsed.tree.body)
    return walk.out


class _Walk(Values, ast.NodeVisitor):
    """A walk over one scope, without regard to order."""

    def __init__(
        self,
        parsed: Parsed,
        imports: Mapping[str, str],
        key: str,
        local: dict[str, set[Source]] | None = None,
        out: Changes | None = None,
    ) -> None:
        super().__init__(parsed, key, local)
        self.imports = imports
        self.out = out if out is not None else Changes()

    def block(self, body: Iterable[ast.AST]) -> None:
        for node in body:
            self.visit(node)

    # Changes

    def touch(self, sources: Iterable[Source], how: How, callee: str | None = None) -> None:
        for name, via in sources:
            path = via if callee is None else (*via, callee)
            if how == "self" and len(path) == 1 and self._spares_module(path[0]):
                continue
            self.out.touches.add(Touch(name, how, path[-MOST_VIA:]))

    def _spares_module(self, callee: str) -> bool:
        dotted = known.resolve(callee, self.imports)
        return dotted is not None and known.keeps_function(dotted)

    def link(
        self,
        targets: Iterable[Source],
        sources: Iterable[Source],
        via: str = "",
        kind: LinkKind = "result",
    ) -> None:
        extra = (via,) if via else ()
        sources = list(sources)
        for target, _ in targets:
            for source, path in sources:
                # A name bound to a part of what it held links its two values.
                if target != source or (kind == "result" and target != PARAMETER):
                    self.out.links.add(Link(target, source, (*path, *extra)[-MOST_VIA:], kind))

    def bind(self, target: ast.AST, sources: set[Source], makers: set[str]) -> None:
        """Let a target hold a value."""
        match target:
            case ast.Name():
                self._bind_name(target.id, sources, makers)
            case ast.Tuple() | ast.List():
                # What a callee returns in a tuple is as good as what it returns alone.
                inner = {"=unknown" if maker[0] in "=@~" else maker for maker in makers}
                for element in target.elts:
                    self.bind(element, sources, inner)
            case ast.Starred():
                self.bind(target.value, sources, {"=plain"})
            case ast.Attribute() | ast.Subscript():
                self._store_into(target, sources)

    def _bind_name(self, name: str, sources: set[Source], makers: set[str]) -> None:
        if self.local is not None and name in self.local:
            self.local[name] |= sources
        elif self.local is not None or not self.hidden or name not in self.hidden[-1]:
            self.out.makers.setdefault(name, set()).update(makers)
            self.link({(name, ())}, sources)

    def _store_into(self, target: ast.Attribute | ast.Subscript, sources: set[Source]) -> None:
        roots = self.shares(target.value)
        self.touch(roots, "set")
        self.link(roots, sources)
        base = base_of(target)
        if base is not None:
            self.hold(base.id, sources)
            if self.is_global(base.id):
                self.out.mutated.add(base.id)
        dotted = dotted_of(target.value) if isinstance(target, ast.Subscript) else dotted_of(target)
        if dotted is not None and self.is_global(dotted.partition(".")[0]):
            self.effect_of_store(dotted)

    def effect_of_store(self, dotted: str) -> None:
        if known.resolve(dotted, self.imports) is not None:
            self.out.effects.add(known.effect_of(dotted, self.imports) or "patch")

    def hold(self, name: str, sources: set[Source]) -> None:
        """Note that a local container may hold something from outside."""
        if self.local is not None and name in self.local:
            self.local[name] |= sources

    # Statements

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        sources, makers = self.shares(node.value), self.makers(node.value)
        for target in node.targets:
            if _pairs(target, node.value):
                for part, value in zip(target.elts, node.value.elts, strict=True):  # type: ignore[attr-defined]
                    self.bind(part, self.shares(value), self.makers(value))
            else:
                self._unpack(target, node.value)
                self.bind(target, sources, makers)
            self._visit_inside(target)

    def _unpack(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            self.touch(self.shares(value), "iterate")

    def _visit_inside(self, target: ast.AST) -> None:
        for child in ast.iter_child_nodes(target):
            self.visit(child)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self.bind(node.target, self.shares(node.value), self.makers(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        sources = self.shares(node.value)
        if isinstance(node.target, ast.Name):
            name = node.target.id
            self.touch(self.sources(name), "augment")
            kept = sources | self.sources(name)  # in place, or a new object
            self.bind(node.target, kept, self.makers(node.value) - {"=scalar"})
            if self.is_global(name):
                self.out.mutated.add(name)
        else:
            self.bind(node.target, sources, set())
            self._visit_inside(node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        origin = self.shares(node.iter)
        self.touch(origin, "iterate")
        counts = isinstance(node.iter, ast.Call) and self.callee(node.iter.func) == "range"
        self.bind(node.target, origin, {"=scalar" if counts else "=unknown"})
        self.block([*node.body, *node.orelse])

    visit_AsyncFor = visit_For

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            origin = self.shares(item.context_expr)
            self.touch(origin, "self", ".__enter__")
            if item.optional_vars is not None:
                self.bind(item.optional_vars, origin, self.makers(item.context_expr))
        self.block(node.body)

    visit_AsyncWith = visit_With

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.bind(node.target, self.shares(node.value), self.makers(node.value))

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                self._store_into(target, set())

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        origin = self.shares(node.subject)
        for case in node.cases:
            for name in bound_in([ast.Match(subject=ast.Constant(0), cases=[case])])[0]:
                self._bind_name(name, origin, {"=unknown"})
            self.visit(case.guard) if case.guard else None
            self.block(case.body)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            self._bind_name(name, set(), {"=import"})

    visit_ImportFrom = visit_Import

    def visit_Return(self, node: ast.Return | ast.Yield | ast.YieldFrom) -> None:
        if node.value is not None:
            self.visit(node.value)
            self.link({(RESULT, ())}, self.shares(node.value))
            if isinstance(node, ast.YieldFrom):
                self.touch(self.shares(node.value), "iterate")

    visit_Yield = visit_YieldFrom = visit_Return

    # Definitions

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.block([*node.decorator_list, *_defaults(node.args)])
        is_plain = not node.decorator_list and not any(
            isinstance(default, ast.List | ast.Dict | ast.Set | ast.Call | ast.Name)
            for default in _defaults(node.args)
        )
        held = set().union(*(self.shares(default) for default in _defaults(node.args)))
        self._define(node.name, node, "=def" if is_plain else "=unknown")
        self.bind(ast.Name(node.name, ast.Store()), held, set())
        self._decorated(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            func = decorator.func if isinstance(decorator, ast.Call) else decorator
            callee = self.callee(func)
            self.out.calls.add(callee)
            origin = self.shares(decorator) | self.shares(receiver_of(func))
            self.touch(origin, "self", callee)
            self.link(self.sources(node.name), origin, callee)
            self.link(origin, self.sources(node.name), callee, "into")

    def _define(self, name: str, node: Function, maker: str) -> None:
        if self.local is not None:
            # Part of the outer function: what it does is done when that is called, or later.
            self._inside(node, self.out)
            self.bind(ast.Name(name, ast.Store()), set(), set())
            return
        body = Changes()
        self._inside(node, body)
        self.out.bodies[name] = _merged(self.out.bodies.get(name), body)
        self.out.makers.setdefault(name, set()).add(maker)

    def _inside(self, node: Function, out: Changes) -> None:
        statements = [node.body] if isinstance(node, ast.Lambda) else node.body
        bound, global_names, nonlocal_names = (
            bound_in([ast.Expr(node.body)]) if isinstance(node, ast.Lambda) else bound_in(node.body)
        )
        out.bound |= global_names & bound
        out.gives |= isinstance(node, ast.AsyncFunctionDef) or any(
            isinstance(each, _RUNS_LATER)
            for statement in statements
            for each in ast.walk(statement)
        )
        local = dict(self.local or {})
        for names in self.hidden:
            local.update(names)
        local = {name: origin for name, origin in local.items() if name not in global_names}
        local.update({name: set() for name in bound - global_names - nonlocal_names})
        local.update({name: {(PARAMETER, ())} for name in parameters(node.args)})
        walk = _Walk(self.parsed, self.imports, self.key, local, out)
        for _ in range(_ROUNDS):
            before = sum(len(origin) for origin in local.values())
            walk.block(statements)
            if isinstance(node, ast.Lambda):
                walk.link({(RESULT, ())}, walk.shares(node.body))
            if sum(len(origin) for origin in local.values()) == before:
                break

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.block(_defaults(node.args))
        if self.local is not None:
            self._inside(node, self.out)
            return
        body = Changes()
        self._inside(node, body)
        self.out.bodies[self.closure(node)] = _merged(None, body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.block([*node.decorator_list, *node.bases, *(k.value for k in node.keywords)])
        bound = bound_in(node.body)[0]
        # What a class body binds belongs to the class.
        self.hidden.append({name: {(node.name, ())} for name in bound})
        body = Changes()
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self.out.methods.add(statement.name)
                self.block([*statement.decorator_list, *_defaults(statement.args)])
                unseen, self.hidden = self.hidden, []
                self._inside(statement, self.out if self.local is not None else body)
                self.hidden = unseen
            else:
                self.visit(statement)
                self._class_level(node.name, statement)
        self.hidden.pop()
        if self.local is None:
            self.out.bodies[node.name] = _merged(self.out.bodies.get(node.name), body)
        bases = set().union(*(self.shares(base) for base in node.bases))
        state = "=stateful" if _has_state(node) else "=class"
        self.bind(ast.Name(node.name, ast.Store()), bases, {state})
        self._decorated(node)

    def _class_level(self, name: str, statement: ast.stmt) -> None:
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Assign | ast.AnnAssign) and value is not None:
            self.link({(name, ())}, self.shares(value))

    # Expressions

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        callee = self.callee(node.func)
        self.out.calls.add(callee)
        receiver = self.shares(receiver_of(node.func))
        arguments = [self.shares(argument) for argument in arguments_of(node)]
        given = set().union(*arguments)
        self.touch(receiver, "self" if isinstance(node.func, ast.Attribute) else "call", callee)
        self.touch(given, "argument", callee)
        self.link(receiver, given, callee, "into")
        self.link(given, receiver, callee, "back")
        for one in arguments:
            for other in arguments:
                if one is not other:
                    self.link(one, other, callee, "back")
        base = base_of(node.func)
        if base is not None:
            self.hold(base.id, given)
        self._passed_on(node, callee)
        self._special(node, callee)

    def _passed_on(self, node: ast.Call, callee: str) -> None:
        """Note what functions that are passed may do to whatever else is."""
        values = [receiver_of(node.func), *arguments_of(node)]
        for argument in values[1:]:
            inner = argument.value if isinstance(argument, ast.Starred) else argument
            if isinstance(inner, ast.Attribute):
                self.touch(self.shares(inner), "passed", f".{inner.attr}")
            if isinstance(inner, ast.Lambda) and self.local is None:
                self._inside(inner, self.out)  # it may run at once
            if isinstance(inner, ast.Lambda) or (
                isinstance(inner, ast.Name) and self.is_global(inner.id)
            ):
                name = inner.id if isinstance(inner, ast.Name) else self.closure(inner)
                others = (self.shares(value) for value in values if value is not argument)
                given = {(other, (*via, callee)) for other, via in set().union(*others)}
                self.touch(given, "applied", name)
                self.link({(name, ())}, given, name, "applied")

    def _special(self, node: ast.Call, callee: str) -> None:
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        last = callee.rpartition(".")[2]
        effect = known.effect_of(callee, self.imports)
        if callee == "open" or last == "open":
            effect = "" if _reads_only(node, keywords, is_method=callee != "open") else "files"
        if effect == "draw" and keywords.keys() & _DRAW_FREE:
            effect = ""
        if last == "connect" and node.args and _is_memory(node.args[0]):
            effect = ""
        if effect:
            self.out.effects.add(effect)
        if callee in known.READS_ALL and not (callee in {"vars", "dir"} and node.args):
            self.out.reads_all = True
        self.out.opens |= callee in known.OPENS
        if callee == "globals":
            self.out.effects.add("patch")
        base = base_of(node.func)
        in_place = keywords.get("inplace")
        changes = isinstance(node.func, ast.Attribute) and last in known.CERTAIN_METHODS
        if isinstance(in_place, ast.Constant) and in_place.value is True:
            self.touch(self.shares(receiver_of(node.func)), "set")
            changes = True
        is_module = known.resolve(callee, self.imports) is not None
        if changes and not is_module and base is not None and self.is_global(base.id):
            self.out.mutated.add(base.id)
        if (out := keywords.get("out")) is not None:
            self.touch(self.shares(out), "set")

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            self.touch(self.shares(node.value), "lookup")

    def visit_Compare(self, node: ast.Compare) -> None:
        self.generic_visit(node)
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                self.touch(self.shares(right), "iterate")

    def visit_Starred(self, node: ast.Starred) -> None:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            self.touch(self.shares(node.value), "iterate")

    def _comprehension(self, node: ast.AST) -> None:
        for generator in node.generators:  # type: ignore[attr-defined]
            self.touch(self.shares(generator.iter), "iterate")
        self.enter(node)
        self.generic_visit(node)
        self.hidden.pop()
        if isinstance(node, ast.GeneratorExp) and self.local is None:
            body = Changes(read={n.id for n in ast.walk(node) if isinstance(n, ast.Name)})
            self.out.bodies[self.closure(node)] = _merged(None, body)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and self.is_global(node.id):
            self.out.read.add(node.id)

    def visit_Constant(self, node: ast.Constant) -> None:
        command = self.parsed.shape.command_at(node)
        if command is None:
            return
        if command.effect:
            self.out.effects.add(command.effect)
        self.out.opens |= command.opens
        self.out.reads_all |= command.reads_all
        for name, _ in command.binds:
            self._bind_name(name, set(), {"=unknown"})
        parts = self.parsed.inner.get(command.span.start, ())
        local = set().union(*(bound_in(part.tree.body)[0] for part in parts))
        self.hidden.append({name: set() for name in local} if command.local else {})
        for part in parts:
            outer, self.parsed = self.parsed, part
            self.block(part.tree.body)
            self.parsed = outer
        self.hidden.pop()


def _merged(body: Body | None, changes: Changes) -> Body:
    body = body or Body()
    return Body(
        read=body.read | changes.read,
        bound=body.bound | changes.bound,
        touches=body.touches | changes.touches,
        links=body.links | changes.links,
        calls=body.calls | changes.calls,
        effects=body.effects | changes.effects,
        opens=body.opens or changes.opens,
        reads_all=body.reads_all or changes.reads_all,
        gives=body.gives or changes.gives,
    )


def _has_state(node: ast.ClassDef) -> bool:
    """Return whether a class itself may hold something that changes, shared by its instances."""
    values = [getattr(statement, "value", None) for statement in node.body]
    if any(v is not None and not isinstance(v, ast.Constant | ast.JoinedStr) for v in values):
        return True
    own = {node.name, "cls", "__class__", "type"}
    return any(
        (isinstance(each, ast.Name) and each.id in own)
        or (isinstance(each, ast.Attribute) and each.attr == "__class__")
        for statement in node.body
        for each in ast.walk(statement)
    )


def _pairs(target: ast.expr, value: ast.expr) -> bool:
    """Return whether an assignment is of one value to each of several targets."""
    sequences = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    if not sequences:
        return False
    both = [*target.elts, *value.elts]  # type: ignore[attr-defined]
    return len(target.elts) == len(value.elts) and not any(  # type: ignore[attr-defined]
        isinstance(element, ast.Starred) for element in both
    )


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]


def _reads_only(node: ast.Call, keywords: Mapping[str, ast.expr], *, is_method: bool) -> bool:
    position = 0 if is_method else 1
    mode = keywords.get("mode") or (node.args[position] if len(node.args) > position else None)
    if mode is None:
        return True
    text = mode.value if isinstance(mode, ast.Constant) else "w"
    return isinstance(text, str) and not set(text) & set("wax+")


def _is_memory(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == ":memory:"
