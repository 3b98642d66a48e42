"""Where the values of expressions come from: what they may share, and what made them."""

from __future__ import annotations

import ast

from cellwright.dataflow.tolerant import Parsed

Source = tuple[str, tuple[str, ...]]
"""A global name whose object a value may share, and the calls in between, innermost first."""

MOST_VIA = 4
"""How many calls of a chain are kept, the outermost."""

_KINDS: tuple[tuple[tuple[type[ast.expr], ...], str], ...] = (
    ((ast.JoinedStr, ast.Compare), "=scalar"),
    ((ast.List, ast.Dict, ast.Set, ast.Tuple), "=plain"),
    ((ast.ListComp, ast.DictComp, ast.SetComp), "=plain"),
    ((ast.Lambda,), "=def"),
)


class Values:
    """Reads expressions in one scope.

    `local` maps the names of a function's scope to what they may share with the outside: global
    names, and `PARAMETER` for whatever the caller passed. It is None at the top of a cell. `hidden`
    does so for the comprehensions and class bodies around the place that is read.
    """

    def __init__(self, parsed: Parsed, key: str, local: dict[str, set[Source]] | None) -> None:
        self.parsed = parsed
        self.key = key
        self.local = local
        self.hidden: list[dict[str, set[Source]]] = []

    def sources(self, name: str) -> set[Source]:
        """Return what a name may share with the outside of the scope."""
        for names in reversed(self.hidden):
            if name in names:
                return names[name]
        if self.local is not None and name in self.local:
            return self.local[name]
        return {(name, ())}

    def is_global(self, name: str) -> bool:
        """Return whether a name is not one of the scope's own."""
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
                inner = self.shares(receiver_of(node.func))
                inner = inner.union(*(self.shares(argument) for argument in arguments_of(node)))
                return {(name, (*via, callee)[-MOST_VIA:]) for name, via in inner}
            case ast.Lambda() | ast.GeneratorExp():
                closure: set[Source] = {(self.closure(node), ())}
                return (
                    closure | self.comprehended(node)
                    if isinstance(node, ast.GeneratorExp)
                    else closure
                )
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self.comprehended(node)
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

    def comprehended(self, node: ast.AST) -> set[Source]:
        """Return what the elements of a comprehension may share."""
        with_locals = self.enter(node)
        found = set().union(
            *(self.shares(getattr(node, part, None)) for part in ("elt", "key", "value"))
        )
        self.hidden.pop()
        return found.union(*with_locals.values()) if with_locals else found

    def enter(self, node: ast.AST) -> dict[str, set[Source]]:
        """Make the names of a comprehension known until `hidden` is popped."""
        names: dict[str, set[Source]] = {}
        self.hidden.append(names)
        for generator in node.generators:  # type: ignore[attr-defined]
            origin = self.shares(generator.iter)
            for target in ast.walk(generator.target):
                if isinstance(target, ast.Name):
                    names[target.id] = origin
        return names

    def closure(self, node: ast.AST) -> str:
        """Return the name that stands for a lambda or a generator expression."""
        span = self.parsed.span(node)
        return f"<closure {self.key}:{span.start}>"

    def callee(self, func: ast.expr) -> str:
        """Return the text a callable is known by: `f`, `np.mean`, `.append`, or `?`."""
        if isinstance(func, ast.Name):
            return func.id if self.is_global(func.id) else "?"
        if not isinstance(func, ast.Attribute):
            return "?"
        dotted = dotted_of(func)
        if dotted is None or not self.is_global(dotted.partition(".")[0]):
            return f".{func.attr}"
        return dotted

    def makers(self, node: ast.expr) -> set[str]:
        """Return what a value came from.

        A callee's text; `=` and a kind; `~` and a name it is the same as; `@` and a name it is a
        part of.
        """
        match node:
            case ast.Constant():
                is_command = self.parsed.shape.command_at(node) is not None
                return {"=unknown" if is_command else "=scalar"}
            case ast.UnaryOp() | ast.BinOp():
                return self._computed(node)
            case ast.IfExp():
                return self.makers(node.body) | self.makers(node.orelse)
            case ast.BoolOp():
                return set().union(*(self.makers(value) for value in node.values))
            case ast.NamedExpr():
                return self.makers(node.value)
            case ast.Call():
                callee = self.callee(node.func)
                return {"=unknown" if callee == "?" else callee}
            case ast.Name():
                return {f"~{node.id}" if self.is_global(node.id) else "=unknown"}
            case ast.Attribute() | ast.Subscript():
                return {_part_of(maker) for maker in self.makers(node.value)}
        return {next((kind for types, kind in _KINDS if isinstance(node, types)), "=unknown")}

    def _computed(self, node: ast.UnaryOp | ast.BinOp) -> set[str]:
        if isinstance(node, ast.UnaryOp):
            operands = self.makers(node.operand)
        else:
            operands = self.makers(node.left) | self.makers(node.right)
        return {"=scalar"} if operands == {"=scalar"} else {"=plain"}


def _part_of(maker: str) -> str:
    """Return the maker of an attribute or an element of what a maker made."""
    if maker[0] in "~@":
        return f"@{maker[1:]}"
    # A part of what a library's function or a method returns is taken to be as good as that.
    return maker if "." in maker or maker == "=scalar" else "=unknown"


def receiver_of(func: ast.expr) -> ast.expr:
    """Return the object a method is called on, or the called object itself."""
    return func.value if isinstance(func, ast.Attribute) else func


def arguments_of(node: ast.Call) -> list[ast.expr]:
    """Return the values that a call passes."""
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def dotted_of(node: ast.AST) -> str | None:
    """Return `a.b.c` for a chain of attributes of a name, None for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def base_of(node: ast.AST) -> ast.Name | None:
    """Return the name that a chain of attributes, subscripts and calls starts from."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node if isinstance(node, ast.Name) else None
