"""The variables that `.env` and `env_file` files give, expanded in the order in which Compose reads them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..parsers.document import Place, Span
from .record import Record
from .resolve import Resolver, Scope
from .value import Piece, Source, Value

if TYPE_CHECKING:
    from ..parsers.dotenv import DotenvEntry, DotenvTree


MAX_PIECES = 32
# Each definition holds those before it, so that a name given a thousand times would hold half a million.
MAX_SHADOWED = 31


def shell_values(shell: Mapping[str, str] | None) -> dict[str, Value]:
    """The process environment as values; {} when it is not known."""
    return {name: Value((Piece(text, Source.SHELL, None),)) for name, text in (shell or {}).items()}


def value_place(tree: DotenvTree, entry: DotenvEntry) -> Place:
    """Where the text of a statement's value stands, its quotes left out."""
    start, end = entry.value_span
    if entry.quote and end - start >= 2:
        return Place(tree.document, Span(start + 1, end - 1))
    return Place(tree.document, entry.value_span)


def read_env_files(
    trees: tuple[DotenvTree, ...],
    outer: Scope,
    record: Record,
    source: Source = Source.ENV,
    before: Mapping[str, Value] | None = None,
) -> dict[str, Value]:
    """The variables that the files declare, a later file over an earlier one.

    `${…}` looks at `outer` first, then at what was read before (dotenv/env.go: GetEnvFromFile); so does a key without a
    value. `before` is what other files gave, which these may replace. A definition that loses stays in the winner's
    `shadowed`, the nearest of them.
    """
    found: dict[str, Value] = {}
    for tree in trees:
        seen = ChainMap(dict(outer.variables), found, dict(before or {}))
        resolver = Resolver(tree.document, Scope(seen, outer.shell_known), source, record)
        document = tree.document
        for entry in tree.entries:
            if entry.template is not None:
                value = _short(resolver.value(entry.template, ()), value_place(tree, entry), source)
            elif entry.text is not None:
                start, end = entry.value_span
                span = Span(start + 1, end - 1) if entry.quote and end - start >= 2 else entry.value_span
                value = Value((Piece(entry.text, source, Place(document, span)),))
            else:
                inherited = seen.get(entry.key)
                if inherited is None:
                    continue
                value = inherited
            lost = found.get(entry.key)
            found[entry.key] = value if lost is None else value.with_shadowed((lost, *lost.shadowed[:MAX_SHADOWED]))
    return found


def _short(value: Value, place: Place, source: Source) -> Value:
    """The value; one that came together in very many steps forgets them, so that trails cannot grow without end."""
    if len(value.pieces) <= MAX_PIECES and all(len(piece.via) <= MAX_PIECES for piece in value.pieces):
        return value
    return Value((Piece(value.text or "", source, place),), known=value.known)


def over(winner: Mapping[str, Value], loser: Mapping[str, Value]) -> dict[str, Value]:
    """Both sets of variables as one; where both have a name, the loser's value stays in `shadowed`."""
    merged = dict(loser)
    for name, value in winner.items():
        lost = loser.get(name)
        merged[name] = value if lost is None else value.with_shadowed((*value.shadowed, lost, *lost.shadowed))
    return merged
