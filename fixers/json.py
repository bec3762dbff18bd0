"""Edits of JSON and JSON5 files: set, add, rename and remove members and items, in the file's own layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..schemas.parsers.document import Span
from ..schemas.parsers.json import JsonArray, JsonMember, JsonNode, JsonObject, JsonTree
from .edit import Edit

_COMMENT = re.compile(r"//[^\n\r]*|#[^\n\r]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_GAP = re.compile(r"[ \t\n\r]+|//[^\n\r]*|#[^\n\r]*|/\*.*?(?:\*/|\Z)|,|[^\s,]", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def quote(text: str, mark: str = '"') -> str:
    """The text as a JSON string; `mark` may be a single quote for JSON5."""
    import json

    written = _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
    if mark == '"':
        return written
    return "'" + written[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def set_value(tree: JsonTree, node: JsonNode, json_text: str) -> Edit:
    """Put other JSON in the place of a node; its further lines are indented as the node's line is."""
    return Edit(tree.document.place(*node.span), _indented(tree, json_text, _indent_at(tree, node.span.start)))


def rename_key(tree: JsonTree, member: JsonMember, key: str) -> Edit:
    """Give a member another key, quoted as the old one is where that is possible."""
    place = tree.document.place(*member.key.span)
    mark = place.text[:1]
    if tree.dialect == "json5" and mark not in {'"', "'"} and _IDENTIFIER.fullmatch(key):
        return Edit(place, key)
    return Edit(place, quote(key, "'" if mark == "'" and tree.dialect == "json5" else '"'))


def insert_member(
    tree: JsonTree, obj: JsonObject, key: str, json_text: str, *, after: JsonMember | None = None
) -> Edit:
    """Add a member to an object, behind another one or as the last; `json_text` is its value."""
    source = tree.document.text
    colon = ": "
    for member in obj.members[:1]:
        between = source[member.key.span.end : member.value.span.start]
        colon = between if re.fullmatch(r":[ \t]*", between) else colon
    index = len(obj.members) - 1 if after is None else _index(obj.members, after)
    return _insert(tree, obj, index, quote(key) + colon + json_text)


def append_item(tree: JsonTree, array: JsonArray, json_text: str) -> Edit:
    """Add an item at the end of an array."""
    return _insert(tree, array, len(array.items) - 1, json_text)


def remove_member(tree: JsonTree, obj: JsonObject, member: JsonMember) -> tuple[Edit, ...]:
    """Take a member out, with its comma, its lines and the comment behind it."""
    return _remove(tree, obj, _index(obj.members, member))


def remove_item(tree: JsonTree, array: JsonArray, item: JsonNode) -> tuple[Edit, ...]:
    """Take an item out, with its comma, its lines and the comment behind it."""
    return _remove(tree, array, _index(array.items, item))


def remove_span(tree: JsonTree, span: Span) -> Edit:
    """Take a comma, a comment or the like out, with its lines where nothing else stands on them."""
    source = tree.document.text
    line = _whole_lines(source, span.start, span.end)
    if line is not None:
        return Edit(tree.document.place(*line), "")
    start, end = span
    if source[end : end + 1] in {"", "\n", "\r"}:
        start = len(source[:start].rstrip(" \t"))
    return Edit(tree.document.place(start, end), "")


class _Tail(NamedTuple):
    """What follows a member or item: its comma (-1: none), and where it and a comment on its line end."""

    comma: int
    end: int
    line_comment: bool


def _index(parts: Sequence[object], part: object) -> int:
    """Where a part stands, by identity. Raises ValueError for one of another collection."""
    for index, other in enumerate(parts):
        if other is part:
            return index
    raise ValueError("not a part of this collection")


def _children(node: JsonObject | JsonArray) -> list[Span]:
    """The spans of the members or items."""
    if isinstance(node, JsonObject):
        return [Span(m.key.span.start, m.value.span.end) for m in node.members]
    return [item.span for item in node.items]


def _tail(source: str, child: Span, limit: int) -> _Tail:
    """Read on from the end of a child to its comma, and to the end of a comment that begins on its last line."""
    comma, end, line_comment = -1, child.end, False
    new_line = False
    for found in _GAP.finditer(source, child.end, limit):
        piece = found[0]
        if piece == ",":
            if comma != -1:
                break
            comma = found.start()
            end = found.end()
            line_comment = new_line = False
        elif piece.startswith(("//", "#", "/*")):
            if not new_line:
                end = found.end()
                line_comment = not piece.startswith("/*")
        elif piece.isspace():
            new_line = new_line or "\n" in piece
        else:
            break
    return _Tail(comma, end, line_comment)


def _insert(tree: JsonTree, node: JsonObject | JsonArray, index: int, written: str) -> Edit:
    """The edit that puts a member or item behind the child at an index (-1: into an empty collection)."""
    source, place = tree.document.text, tree.document.place
    children = _children(node)
    if not children:
        return _insert_first(tree, node, written)
    first, child = children[0], children[index]
    on_lines = "\n" in source[node.span.start : first.start]
    limit = children[index + 1].start if index + 1 < len(children) else node.span.end - 1
    tail = _tail(source, child, limit)
    indent = _indent_at(tree, first.start)
    separator = " "
    if on_lines or tail.line_comment:
        separator = tree.document.newline + indent
    elif len(children) > 1:
        gap = source[children[0].end : children[1].start]
        separator = gap[1:] if re.fullmatch(r",[ \t]*", gap) else " "
    written = separator + _indented(tree, written, indent)
    if tail.comma != -1:
        return Edit(place(tail.end, tail.end), written + ",")
    return Edit(place(child.end, tail.end), "," + source[child.end : tail.end] + written)


def _insert_first(tree: JsonTree, node: JsonObject | JsonArray, written: str) -> Edit:
    """The edit that fills an empty collection: on lines of its own where the file has lines, below its comments."""
    source, place, newline = tree.document.text, tree.document.place, tree.document.newline
    start, end = node.span.start + 1, node.span.end - 1
    inner = source[start:end]
    outer = _indent_at(tree, node.span.start)
    indent = outer + _unit(tree)
    if inner.strip():
        comments = [c for c in tree.comments if start <= c.start and c.end <= end]
        at = comments[-1].end if comments else end
        behind = "" if "\n" in source[at:end] else newline + outer
        return Edit(place(at, at), newline + indent + _indented(tree, written, indent) + behind)
    root = tree.root
    if "\n" in inner or (root is not None and "\n" in source[root.span.start : root.span.end]):
        written = newline + indent + _indented(tree, written, indent) + newline + outer
    return Edit(place(start, end), written)


def _remove(tree: JsonTree, node: JsonObject | JsonArray, index: int) -> tuple[Edit, ...]:
    """The edits that take out the child at an index; the last one takes the comma before it along."""
    source, place = tree.document.text, tree.document.place
    children = _children(node)
    child = children[index]
    last = index == len(children) - 1
    tail = _tail(source, child, node.span.end - 1 if last else children[index + 1].start)
    edits: list[Edit] = []
    if last and index and tail.comma == -1:
        before = _tail(source, children[index - 1], child.start)
        if before.comma != -1:
            edits.append(Edit(place(before.comma, before.comma + 1), ""))
    line = _whole_lines(source, child.start, tail.end)
    if line is not None:
        start, end = line
    else:
        start, end = child.start, tail.end
        if last:
            blanks = source[:start].rstrip(" \t")
            # The blank between a bracket and its content belongs to the layout of the bracket.
            start = len(blanks) if index else start
        else:
            end += len(source[end:]) - len(source[end:].lstrip(" \t"))
    if edits and edits[0].place.span.end == start:
        return (Edit(place(edits[0].place.span.start, end), ""),)
    return (*edits, Edit(place(start, end), ""))


def _whole_lines(source: str, start: int, end: int) -> tuple[int, int] | None:
    """The lines from `start` to `end` with their last line end, None when something else stands on them."""
    low = source.rfind("\n", 0, start) + 1
    high = source.find("\n", end)
    high = len(source) if high == -1 else high
    if source[low:start].strip(" \t") or source[end:high].strip(" \t\r") or high == len(source):
        return None
    return low, high + 1


def _indent_at(tree: JsonTree, offset: int) -> str:
    """The blanks that the line of an offset begins with."""
    source = tree.document.text
    low = source.rfind("\n", 0, offset) + 1
    line = source[low:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(tree: JsonTree) -> str:
    """By how much the file indents one level: as its first collection with lines does, else two blanks."""
    stack: list[JsonNode | None] = [tree.root]
    while stack:
        node = stack.pop()
        if not isinstance(node, JsonObject | JsonArray):
            continue
        outer = _indent_at(tree, node.span.start)
        children = _children(node)
        if children and "\n" in tree.document.text[node.span.start : children[0].start]:
            inner = _indent_at(tree, children[0].start)
            if inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
        stack += [m.value for m in node.members] if isinstance(node, JsonObject) else node.items
    return "  "


def _indented(tree: JsonTree, written: str, indent: str) -> str:
    """The lines of a JSON text behind its first one, indented, with the file's line end."""
    if "\n" not in written:
        return written
    return written.replace("\r\n", "\n").replace("\n", tree.document.newline + indent)
