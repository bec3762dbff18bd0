"""`KEY=value` lists and mappings as one thing: `environment`, `labels`, build arguments, `sysctls`."""

from __future__ import annotations

from collections.abc import Iterator

from ..parsers.document import Place, Span
from .node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from .value import Piece, Source, Value

UNKNOWN = "\0"
"""Stands in `skeleton` for text that only the running system knows; no YAML text holds it."""


def skeleton(value: Value) -> str:
    """A value's text with UNKNOWN for each part that is not known."""
    if value.text is not None:
        return value.text
    return "".join([p.text or UNKNOWN for p in value.pieces])


def part(value: Value, start: int, end: int | None = None) -> Value:
    """The characters [start, end) of a value's skeleton as a value, each piece with its narrowed place."""
    pieces: list[Piece] = []
    whole = skeleton(value)
    stop = len(whole) if end is None else end
    offset = 0
    for piece in value.pieces:
        length = len(piece.text) or (0 if value.known else 1)
        low, high = max(start, offset), min(stop, offset + length)
        if low < high or (low == high and not piece.text and start <= offset < stop):
            pieces.append(_narrowed(piece, low - offset, high - offset))
        offset += length
    if not pieces:
        pieces.append(_empty_at(value, start))
    return Value(tuple(pieces), known=UNKNOWN not in whole[start:stop])


def entries(node: Node | None) -> Iterator[Entry]:
    """The pairs of a mapping or of a list; what is neither text nor a mapping is left out."""
    if isinstance(node, MappingNode):
        yield from node.entries.values()
    elif isinstance(node, SequenceNode):
        for item in node.items:
            if isinstance(item, ScalarNode):
                yield item_entry(item)


def item_entry(item: ScalarNode) -> Entry:
    """A list item `KEY=value` as an entry; one without `=` has a null value, as `KEY:` has."""
    text = skeleton(item.value)
    key, equals, _ = text.partition("=")
    key_place = _key_place(item, len(key))
    if equals:
        value = part(item.value, len(key) + 1)
        node = ScalarNode(value, item.place, "str", item.style, item.interpolated, item.base)
    else:
        node = ScalarNode(Value((Piece("", Source.LITERAL, item.place),)), item.place, "null", "", False, item.base)
    return Entry(key, key_place, node, (), item=True)


def as_mapping(node: Node | None, place: Place) -> MappingNode:
    """A list or mapping of pairs as a mapping; of a key that a list has twice the last counts."""
    if isinstance(node, MappingNode):
        return node
    found: dict[str, Entry] = {}
    for entry in entries(node):
        lost = found.get(entry.key)
        if lost is not None:
            entry.shadowed = (lost.node, *lost.shadowed)
        found[entry.key] = entry
    return MappingNode(found, node.place if node is not None else place)


def _key_place(item: ScalarNode, length: int) -> Place:
    first = item.value.pieces[0]
    if len(first.text) >= length and first.place is not None and not first.via:
        return _narrowed(first, 0, length).place or item.place
    return item.place


def _narrowed(piece: Piece, start: int, end: int) -> Piece:
    """The characters [start, end) of a piece; its place narrows when the text stands there as it is."""
    if start == 0 and end >= len(piece.text):
        return piece
    place = piece.place
    if place is not None:
        low, high = place.span
        if high - low == len(piece.text):
            place = Place(place.document, Span(low + start, low + end))
    return Piece(piece.text[start:end], piece.source, place, piece.via, piece.variable)


def _empty_at(value: Value, start: int) -> Piece:
    last = value.pieces[-1]
    length = len(last.text)
    if start >= len(skeleton(value)) and length:
        return _narrowed(last, length, length)
    return Piece("", last.source, last.place, last.via, last.variable)
