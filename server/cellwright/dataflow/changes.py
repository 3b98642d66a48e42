"""What a cell's code may change: touches, links between names, function bodies, effects."""

# ruff: noqa: N815 - ast.NodeVisitor dictates the names of its methods

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cellwright.dataflow import known
from cellwright.dataflow.flow import PARAMETER, RESULT, Body, How, Link, Touch
from cellwright.dataflow.scopes import Function, bound_in, parameters
from cellwright.dataflow.tolerant import Parsed

Source = tuple[str, tuple[str, ...]]
"""A global name whose object a value may share, and the calls in between, innermost first."""

_MOST_VIA = 4
_ROUNDS = 4
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


def changes_of(parsed: Parsed, imports: Mapping[str, str], key: str) -> Changes:
    """Collect what a cell may change. `key` makes the names of its lambdas its own."""
    walk = _Walk(parsed, imports, key)
    walk.block(parsed.tree.body)
    return walk.out


class _Walk(ast.NodeVisitor):
    """A walk over one scope, without regard to order.

    `local` maps the names of a function's scope to what they may share with the outside: global
    names, and `PARAMETER` for whatever the caller passed. It is None at the top of a cell.
    """

    def __init__(
        self,
        parsed: Parsed,
        imports: Mapping[str, str],
        key: str,
        local: dict[str, set[Source]] | None = None,
        out: Changes | None = None,
    ) -> None:
        self.parsed = parsed
        self.imports = imports
        self.key = key
        self.local = local
        self.out = out if out is not None else Changes()
        self.hidden: list[dict[str, set[Source]]] = []

    def block(self, body: Iterable[ast.AST]) -> None:
        for node in body:
            self.visit(node)

    # Where values come from

    def sources(self, name: str) -> set[Source]:
        for names in reversed(self.hidden):
            if name in names:
                return names[name]
        if self.local is not None and name in self.local:
            return self.local[name]
        return {(name, ())}

    def _is_global(self, name: str) -> bool:
        return not any(name in names for names in self.hidden) and (
            self.local is None or name not in self.local
        )

    def shares(self, node: ast.AST | None) -> set[Source]:
        """Return what the value of an expression may share mutable state with."""
        match node:
            case ast.Name():
                return self.sources(node.id)
            case ast.Attribute() | ast.Subscript() | ast.Starred() | ast.Await() | ast.NamedExpr():
                return self.shares(node.value)
            case ast.Call():
                callee = self.callee(node.func)
                inner = self.shares(_receiver(node.func))
                inner = inner.union(*(self.shares(argument) for argument in _arguments(node)))
                return {(name, (*via, callee)[-_MOST_VIA:]) for name, via in inner}
            case ast.Lambda() | ast.GeneratorExp():
                closure: set[Source] = {(self._closure(node), ())}
                return closure | self._comprehended(node) if _is_generator(node) else closure
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self._comprehended(node)
            case ast.BinOp() if not isinstance(node.op, ast.Add | ast.BitOr | ast.Mult):
                return set()
            case ast.Constant():
                return self._of_command(node)
            case ast.Compare() | ast.JoinedStr() | ast.UnaryOp() | None:
                return set()
        return set().union(*(self.shares(child) for child in ast.iter_child_nodes(node)))

    def _of_command(self, node: ast.Constant) -> set[Source]:
        command = self.parsed.shape.command_at(node)
        if command is None:
            return set()
        return {(name, ("?",)) for name, _ in command.reads}

    def _comprehended(self, node: ast.AST) -> set[Source]:
        with_locals = self._enter(node)
        found = set().union(
            *(self.shares(getattr(node, part, None)) for part in ("elt", "key", "value"))
        )
        self.hidden.pop()
        return found.union(*with_locals.values()) if with_locals else found

    def _enter(self, node: ast.AST) -> dict[str, set[Source]]:
        names: dict[str, set[Source]] = {}
        self.hidden.append(names)
        for generator in node.generators:  # type: ignore[attr-defined]
            origin = self.shares(generator.iter)
            for target in ast.walk(generator.target):
                if isinstance(target, ast.Name):
                    names[target.id] = origin
        return names

    def _closure(self, node: ast.AST) -> str:
        span = self.parsed.span(node)
        return f"<closure {self.key}:{span.start}>"

    def callee(self, func: ast.expr) -> str:
        """Return the text a callable is known by: `f`, `np.mean`, `.append`, or `?`."""
        if isinstance(func, ast.Name):
            return func.id if self._is_global(func.id) else "?"
        if not isinstance(func, ast.Attribute):
            return "?"
        dotted = _dotted(func)
        if dotted is None or not self._is_global(dotted.partition(".")[0]):
            return f".{func.attr}"
        return dotted

    # Changes

    def touch(self, sources: Iterable[Source], how: How, callee: str | None = None) -> None:
        for name, via in sources:
            path = via if callee is None else (*via, callee)
            self.out.touches.add(Touch(name, how, path[-_MOST_VIA:]))

    def link(self, targets: Iterable[Source], sources: Iterable[Source], via: str = "") -> None:
        extra = (via,) if via else ()
        sources = list(sources)
        for target, _ in targets:
            for source, path in sources:
                if target != source:
                    self.out.links.add(Link(target, source, (*path, *extra)[-_MOST_VIA:]))

    def bind(self, target: ast.AST, sources: set[Source], makers: set[str]) -> None:
        """Let a target hold a value."""
        match target:
            case ast.Name():
                self._bind_name(target.id, sources, makers)
            case ast.Tuple() | ast.List():
                for element in target.elts:
                    self.bind(element, sources, {"=unknown"})
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
        base = _base(target)
        if base is not None:
            self.hold(base.id, sources)
            if self._is_global(base.id):
                self.out.mutated.add(base.id)
        dotted = _dotted(target.value) if isinstance(target, ast.Subscript) else _dotted(target)
        if dotted is not None and self._is_global(dotted.partition(".")[0]):
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
            if isinstance(target, ast.Tuple | ast.List):
                self._unpack(node.value)
            self.bind(target, sources, makers)
            self._visit_inside(target)

    def _unpack(self, value: ast.expr) -> None:
        if not isinstance(value, ast.Tuple | ast.List):
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
            self.bind(node.target, sources, self.makers(node.value) - {"=scalar"})
            if self._is_global(name):
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
            origin = self.shares(decorator) | self.shares(_receiver(func))
            self.touch(origin, "self", callee)
            self.link(self.sources(node.name), origin, callee)
            self.link(origin, self.sources(node.name), callee)

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
        self.out.bodies[self._closure(node)] = _merged(None, body)

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
        self.bind(ast.Name(node.name, ast.Store()), bases, {"=class"})
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
        receiver = self.shares(_receiver(node.func))
        arguments = [self.shares(argument) for argument in _arguments(node)]
        given = set().union(*arguments)
        self.touch(receiver, "self" if isinstance(node.func, ast.Attribute) else "call", callee)
        self.touch(given, "argument", callee)
        self.link(receiver, given, callee)
        self.link(given, receiver, callee)
        for one in arguments:
            for other in arguments:
                if one is not other:
                    self.link(one, other, callee)
        base = _base(node.func)
        if base is not None:
            self.hold(base.id, given)
        self._closures_run(node)
        self._special(node, callee)

    def _closures_run(self, node: ast.Call) -> None:
        # A lambda or a generator that is passed on may run at once.
        for argument in [*_arguments(node), node.func]:
            inner = argument.value if isinstance(argument, ast.Starred) else argument
            if isinstance(inner, ast.Lambda) and self.local is None:
                self._inside(inner, self.out)

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
        base = _base(node.func)
        in_place = keywords.get("inplace")
        changes = isinstance(node.func, ast.Attribute) and last in known.CERTAIN_METHODS
        if isinstance(in_place, ast.Constant) and in_place.value is True:
            self.touch(self.shares(_receiver(node.func)), "set")
            changes = True
        is_module = known.resolve(callee, self.imports) is not None
        if changes and not is_module and base is not None and self._is_global(base.id):
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
        self._enter(node)
        self.generic_visit(node)
        self.hidden.pop()
        if isinstance(node, ast.GeneratorExp) and self.local is None:
            body = Changes(read={n.id for n in ast.walk(node) if isinstance(n, ast.Name)})
            self.out.bodies[self._closure(node)] = _merged(None, body)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and self._is_global(node.id):
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
        for part in self.parsed.inner.get(command.span.start, ()):
            outer, self.parsed = self.parsed, part
            if command.local:
                self.hidden.append({name: set() for name in bound_in(part.tree.body)[0]})
            self.block(part.tree.body)
            if command.local:
                self.hidden.pop()
            self.parsed = outer

    # What bound values are

    def makers(self, node: ast.expr) -> set[str]:
        """Return what a value came from: a callee's text, or a kind that starts with `=`."""
        match node:
            case ast.Constant() if self.parsed.shape.command_at(node) is None:
                return {"=scalar"}
            case ast.JoinedStr() | ast.Compare():
                return {"=scalar"}
            case ast.UnaryOp():
                return {"=scalar"} if isinstance(node.op, ast.Not) else self.makers(node.operand)
            case ast.BinOp():
                both = self.makers(node.left) | self.makers(node.right)
                return {"=scalar"} if both == {"=scalar"} else {"=plain"}
            case ast.List() | ast.Dict() | ast.Set() | ast.Tuple():
                return {"=plain"}
            case ast.ListComp() | ast.DictComp() | ast.SetComp():
                return {"=plain"}
            case ast.IfExp():
                return self.makers(node.body) | self.makers(node.orelse)
            case ast.BoolOp():
                return set().union(*(self.makers(value) for value in node.values))
            case ast.Lambda():
                return {"=def"}
            case ast.NamedExpr():
                return self.makers(node.value)
            case ast.Call():
                callee = self.callee(node.func)
                return {"=unknown" if callee == "?" else callee}
        return {"=unknown"}


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
    )


def _is_generator(node: ast.AST) -> bool:
    return isinstance(node, ast.GeneratorExp)


def _receiver(func: ast.expr) -> ast.expr:
    return func.value if isinstance(func, ast.Attribute) else func


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]


def _dotted(node: ast.AST) -> str | None:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _base(node: ast.AST) -> ast.Name | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node if isinstance(node, ast.Name) else None


def _reads_only(node: ast.Call, keywords: Mapping[str, ast.expr], *, is_method: bool) -> bool:
    position = 0 if is_method else 1
    mode = keywords.get("mode") or (node.args[position] if len(node.args) > position else None)
    if mode is None:
        return True
    text = mode.value if isinstance(mode, ast.Constant) else "w"
    return isinstance(text, str) and not set(text) & set("wax+")


def _is_memory(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == ":memory:"
