"""Arguments and parameters: their order, repeated ones, brackets around a generator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from keyword import iskeyword

from cellwright.repair.syntax.model import Idea, Scene, insert, put
from cellwright.repair.syntax.scan import Token, scan


@dataclass(frozen=True)
class _Part:
    """One argument or parameter: its tokens, and its name where it has one."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def name(self) -> str:
        """The name before `=`, or empty."""
        named = len(self.tokens) > 2 and self.tokens[1].text == "="
        return self.tokens[0].text if named else ""

    @property
    def starred(self) -> bool:
        return self.tokens[0].text in ("*", "**")


def _calls(scene: Scene) -> Iterator[tuple[int, list[_Part]]]:
    """Yield the opening brackets of the statement's calls, and their arguments, innermost first."""
    code, pairs = scene.scan.code, scene.scan.pairs
    statement = scene.scan.statement_at(scene.fault.offset)
    if not statement:
        return
    first = scene.scan.index_at(statement[0].start)
    found = [
        index
        for index in range(first + 1, first + len(statement))
        if code[index].text == "(" and index in pairs and code[index - 1].is_operand_end
    ]
    for index in sorted(found, key=lambda i: code[pairs[i]].end - code[i].start):
        yield index, _parts(code[index + 1 : pairs[index]])


def _parts(tokens: tuple[Token, ...]) -> list[_Part]:
    parts: list[_Part] = []
    current: list[Token] = []
    level = min((token.depth for token in tokens), default=0)
    for token in tokens:
        if token.text == "," and token.depth == level:
            if current:
                parts.append(_Part(tuple(current)))
            current = []
        else:
            current.append(token)
    return [*parts, _Part(tuple(current))] if current else parts


def positional_last(scene: Scene) -> Iterator[Idea]:
    """Name a positional argument that follows named ones, or move it before them."""
    if not scene.says("positional argument follows"):
        return
    for index, parts in _calls(scene):
        named = next((i for i, part in enumerate(parts) if part.name), None)
        late = [p for p in parts[(named or 0) + 1 :] if not p.name and not p.starred]
        if named is None or not late:
            continue
        parameters = scene.parameters(scene.scan.code[index - 1].text)
        if parameters:
            yield from _named(parts, late, parameters)
            yield from _unnamed(parts, late, parameters)
        rest = [part for part in parts if part not in late]
        order = [*rest[:named], *late, *rest[named:]]
        texts = [scene.source[part.start : part.end] for part in order]
        edits = tuple(
            put(part.start, part.end, text) for part, text in zip(parts, texts, strict=True)
        )
        why = "Arguments without a name come before those with one."
        guesses = "which parameter the argument is for"
        title = "Move the argument before the named ones"
        yield Idea(edits, 0.9 if parameters else 0.5, title, why, guesses)
        return


def _named(parts: list[_Part], late: list[_Part], parameters: tuple[str, ...]) -> Iterator[Idea]:
    """Give late arguments the names of the parameters that have none yet."""
    taken = {part.name for part in parts}
    early = sum(not part.name and part not in late for part in parts)
    free = [name for name in parameters[early:] if name not in taken]
    if len(free) < len(late):
        return
    edits = tuple(insert(part.start, f"{name}=") for part, name in zip(late, free, strict=False))
    names = " and ".join(f"`{name}`" for name in free[: len(late)])
    why = "After a named argument every other one is named too."
    yield Idea(edits, 0.2, f"Pass the argument as {names}", why)


def _unnamed(parts: list[_Part], late: list[_Part], parameters: tuple[str, ...]) -> Iterator[Idea]:
    """Drop names that only repeat the place of their argument."""
    upto = parts.index(late[-1])
    edits = []
    for position, part in enumerate(parts[: upto + 1]):
        if part.starred or position >= len(parameters):
            return
        if part.name and part.name != parameters[position]:
            return
        if part.name:
            edits.append(put(part.start, part.tokens[2].start, ""))
    why = "The arguments stand in the order of the parameters, so they need no names."
    yield Idea(tuple(edits), 0.5, "Pass the arguments by position", why)


def repeated_keyword(scene: Scene) -> Iterator[Idea]:
    """Remove an argument that is given twice with the same value."""
    if not scene.says("keyword argument repeated"):
        return
    for _, parts in _calls(scene):
        for position, part in enumerate(parts):
            for earlier in parts[:position]:
                if not part.name or part.name != earlier.name:
                    continue
                same = [t.text for t in part.tokens] == [t.text for t in earlier.tokens]
                why = f"`{part.name}` can be given only once."
                title = f"Pass `{part.name}` once"
                guesses = "" if same else "which of the two values is meant"
                cut = put(parts[position - 1].end, part.end, "")
                yield Idea((cut,), 0.1 if same else 0.6, title, why, guesses)
                if not same:
                    first = put(earlier.start, parts[parts.index(earlier) + 1].start, "")
                    yield Idea((first,), 0.7, title, why, guesses)
                return


def quoted_keyword(scene: Scene) -> Iterator[Idea]:
    """Remove the quotes around the name of an argument, as in `dict("a"=1)`."""
    edits = []
    for _, parts in _calls(scene):
        for part in parts:
            name = part.tokens[0]
            plain = name.text[1:-1]
            if (
                part.name
                and name.kind == "string"
                and plain.isidentifier()
                and not iskeyword(plain)
            ):
                edits.append(put(name.start, name.end, plain))
    if edits:
        why = "The name of an argument is written without quotes."
        edits.sort(key=lambda edit: edit.span)
        yield Idea(tuple(edits), 0.3, "Remove the quotes around the argument's name", why)


def defaults_first(scene: Scene) -> Iterator[Idea]:
    """Move the parameters that have defaults behind those that have none."""
    if not scene.says("non-default argument", "parameter without a default"):
        return
    for _, parts in _calls(scene):
        plain = [p for p in parts if not p.starred and not any(t.text == "=" for t in p.tokens)]
        given = [p for p in parts if not p.starred and p not in plain]
        if len(plain) + len(given) == len(parts) and given:
            texts = [scene.source[p.start : p.end] for p in (*plain, *given)]
            edits = tuple(
                put(part.start, part.end, text) for part, text in zip(parts, texts, strict=True)
            )
            why = "Parameters with a default come after those without one."
            guesses = "that no call relies on the order of the parameters"
            yield Idea(edits, 0.5, "Move the parameters with defaults to the end", why, guesses)
            return


def bare_generator(scene: Scene) -> Iterator[Idea]:
    """Put brackets around a generator that is not the only argument."""
    if not scene.says("generator expression must be parenthesized"):
        return
    for _, parts in _calls(scene):
        for part in parts:
            level = part.tokens[0].depth
            if len(parts) > 1 and any(t.text == "for" and t.depth == level for t in part.tokens):
                why = "A generator needs brackets of its own beside other arguments."
                edits = (insert(part.start, "("), insert(part.end, ")"))
                yield Idea(edits, 0.1, "Put brackets around the generator", why)


def comprehension_target(scene: Scene) -> Iterator[Idea]:
    """Put brackets around the tuple that a comprehension collects."""
    if not scene.says("comprehension target"):
        return
    code = scene.scan.code
    at = scene.scan.index_at(scene.fault.offset)
    bracket = scene.scan.enclosing(at)
    if bracket is None or bracket not in scene.scan.pairs:
        return
    inner = code[bracket + 1 : scene.scan.pairs[bracket]]
    stop = next((t for t in inner if t.text == "for" and t.depth == inner[0].depth), None)
    before = [t for t in inner if stop is not None and t.start < stop.start]
    if before:
        why = "Several values collected together need brackets."
        edits = (insert(before[0].start, "("), insert(before[-1].end, ")"))
        yield Idea(edits, 0.1, "Put brackets around the collected values", why)


def parameters_in(sources: Iterable[str], name: str) -> tuple[str, ...] | None:
    """Return the parameter names of the first function of that name that the sources define."""
    for source in sources:
        if f"def {name}" not in source:
            continue
        scanned = scan(source)
        code = scanned.code
        for index in range(2, len(code)):
            words = [token.text for token in code[index - 2 : index + 1]]
            if words == ["def", name, "("] and index in scanned.pairs:
                parts = _parts(code[index + 1 : scanned.pairs[index]])
                names = [part.tokens[0].text for part in parts if not part.starred]
                return tuple(names[1:] if names[:1] in (["self"], ["cls"]) else names)
    return None
