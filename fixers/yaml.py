"""Changes to YAML files as edits, in the file's own indentation, quotes and line ends; nothing else moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..schemas.parsers.document import Document
from ..schemas.parsers.yaml import (
    YamlAlias,
    YamlEntry,
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    YamlTree,
    children,
    walk,
)
from .edit import Edit
from .yaml_removal import block_removal, flow_removal, line_end, line_start, part_spans
from .yaml_writing import Data, Layout, Raw, block_data, block_text, flow_data, plain_safe, scalar_text

__all__ = [
    "Data",
    "Raw",
    "append_item",
    "insert_key",
    "plain_safe",
    "quote",
    "remove_entry",
    "remove_item",
    "rename_key",
    "set_item",
    "set_value",
]

_AFTER_PLAIN = " \t\r\n,]}"


def set_value(tree: YamlTree, scalar: YamlScalar, text: str, *, style: str | None = None, raw: bool = False) -> Edit:
    """Give a scalar another text.

    Its quoting stays where the text allows (`style` asks for another: "", ', ", |), and the text reads back as exactly
    that string. With `raw` the text is written as it is, so that `8080` or `true` become a number or a boolean. An
    absent value becomes one. Raises ValueError for a text with lone surrogates.
    """
    parent = _parent(tree, scalar)
    wanted = "" if raw else scalar.style if style is None else style
    if wanted in {"|", ">"}:
        block = _block(tree, parent, scalar, text)
        if block is not None:
            return Edit(tree.document.place(*scalar.span), block)
        wanted = _quote_near(tree, parent)
    return _rewrite(tree, parent, scalar, Raw(text) if raw else text, wanted)


def quote(tree: YamlTree, scalar: YamlScalar, style: str = '"') -> Edit:
    """Put the same text in quotes, which makes it a string."""
    return set_value(tree, scalar, scalar.text, style=style)


def rename_key(tree: YamlTree, entry: YamlEntry, name: str) -> Edit:
    """Give an entry another key. Raises ValueError when the key is no scalar."""
    if not isinstance(entry.key, YamlScalar):
        raise ValueError("only a scalar key can be renamed")  # noqa: TRY004 - the file is at fault, not the caller's type
    style = entry.key.style if entry.key.style in {"'", '"'} else ""
    return _rewrite(tree, _parent(tree, entry.key), entry.key, name, style)


def insert_key(tree: YamlTree, mapping: YamlMapping, key: str, value: Data, *, after: YamlEntry | None = None) -> Edit:
    """Add an entry after another one (default: the last), nested data in block style, in brackets in flow style.

    Nested data is set apart by a blank line where the entry before it is. Strings are written so that they stay
    strings; a `Raw` is written as it is.
    """
    document = tree.document
    at = _index(mapping.entries, after) if after is not None else len(mapping.entries) - 1
    near = mapping.entries[at].value if mapping.entries else None
    style = near.style if isinstance(near, YamlScalar) and near.style in {"'", '"'} else ""
    name = scalar_text(key, "", flow=mapping.flow, fallback=_quote_near(tree, mapping))
    if mapping.flow:
        return _insert_flow(document, mapping, at, f"{name}: {flow_data(value, style)}")
    column = _column(document, mapping.span.start)
    lines = block_data(name, value, column, Layout(*_steps(tree), style, document.newline))
    apart = "\n" in lines and _set_apart(document, mapping, at)
    return _insert_block(document, mapping, at, column, lines, gap=document.newline if apart else "")


def remove_entry(tree: YamlTree, mapping: YamlMapping, entry: YamlEntry) -> Edit:
    """Take an entry out with its lines and its own comment; comments of others stay.

    A block mapping that loses its only entry becomes `{}`, so that it does not turn into null. An anchor in the entry
    goes with it: look for its aliases first.
    """
    return _remove(tree, mapping, _index(mapping.entries, entry))


def append_item(tree: YamlTree, sequence: YamlSequence, text: str) -> Edit:
    """Add a string (or a `Raw`) at the end of a list, quoted as the item before it is.

    Where the last item is a block scalar that the end of the file cuts off, the new one stands before it: a line end
    would become part of that text.
    """
    document = tree.document
    last = sequence.items[-1] if sequence.items else None
    style = last.style if isinstance(last, YamlScalar) and last.style in {"'", '"'} else ""
    fallback = _quote_near(tree, sequence)
    if sequence.flow:
        item = scalar_text(text, style, flow=True, fallback=fallback)
        return _insert_flow(document, sequence, len(sequence.items) - 1, item)
    column = _column(document, sequence.span.start)
    block = block_text(text, " " * (column + 2), document.newline) if "\n" in text else None
    item = block or scalar_text(text, style, flow=False, fallback=fallback)
    return _insert_block(document, sequence, len(sequence.items) - 1, column, f"- {item}")


def remove_item(tree: YamlTree, sequence: YamlSequence, item: YamlNode) -> Edit:
    """Take an item out with its lines and its own comment; the only item of a block list leaves `[]`."""
    return _remove(tree, sequence, _index(sequence.items, item))


def set_item(tree: YamlTree, sequence: YamlSequence, item: YamlNode, text: str) -> Edit:
    """Put a string in the place of an item, whatever that is."""
    _index(sequence.items, item)
    if isinstance(item, YamlScalar):
        return set_value(tree, item, text)
    token = scalar_text(text, "", flow=sequence.flow, fallback=_quote_near(tree, sequence))
    return Edit(tree.document.place(*item.span), token)


def _index(parts: Sequence[object], part: object) -> int:
    """Where a part stands, by identity. Raises ValueError for one of another collection."""
    for at, other in enumerate(parts):
        if other is part:
            return at
    raise ValueError("no part of this collection")


def _parent(tree: YamlTree, node: YamlNode) -> YamlMapping | YamlSequence | None:
    """The collection that holds a node, None for a root."""
    for candidate in reversed(tree.at(node.span)):
        if not isinstance(candidate, (YamlScalar, YamlAlias)) and any(c is node for c in children(candidate)):
            return candidate
    return None


def _rewrite(
    tree: YamlTree, parent: YamlMapping | YamlSequence | None, scalar: YamlScalar, text: str, style: str
) -> Edit:
    """The edit that writes a one-line token, with the blanks that keep it apart from its neighbours."""
    document = tree.document
    whole = document.text
    start, end = scalar.span
    flow = parent is not None and parent.flow
    after = whole[end : end + 1]
    fallback = _quote_near(tree, parent)
    if not style and after == ":" and whole[end + 1 : end + 2] not in {"", *_AFTER_PLAIN}:
        style = fallback
    token = scalar_text(text, style, flow=flow, fallback=fallback)
    plain = token[:1] not in {"'", '"'}
    before = whole[start - 1 : start]
    if start == end and isinstance(parent, YamlMapping) and (lead := _missing_colon(document, parent, scalar)):
        token = lead + token
    elif (start == end and before not in {"", "\n", " ", "\t", "[", "{", ","}) or (plain and before == ":"):
        token = " " + token
    if plain and after and after not in _AFTER_PLAIN and after != ":":
        token += " "
    return Edit(document.place(start, end), token)


def _missing_colon(document: Document, mapping: YamlMapping, value: YamlScalar) -> str:
    """What must stand before the value of a key without `:`, "" when the colon is there."""
    for entry in mapping.entries:
        if entry.value is value and entry.key.span.end == value.span.start and entry.key is not value:
            lead = document.text[line_start(document, entry.key.span.start) : entry.key.span.start]
            if not mapping.flow and lead.rstrip().endswith("?"):
                return f"{document.newline}{' ' * _column(document, mapping.span.start)}: "
            return ": "
    return ""


def _block(tree: YamlTree, parent: YamlMapping | YamlSequence | None, scalar: YamlScalar, text: str) -> str | None:
    """The text as a literal block in the place of a scalar, None where it cannot be one."""
    document = tree.document
    start, end = scalar.span
    if parent is None or parent.flow or _is_key(parent, scalar):
        return None
    if isinstance(parent, YamlMapping) and _missing_colon(document, parent, scalar):
        return None
    if document.text[end : line_end(document, end)].strip():
        return None
    indent = " " * (_column(document, parent.span.start) + max(_steps(tree)[0], 1))
    if scalar.style in {"|", ">"}:
        lines = document.text[start:end].splitlines()[1:]
        first = next((line for line in lines if line.strip()), "")
        indent = first[: len(first) - len(first.lstrip(" "))] or indent
    block = block_text(text, indent, document.newline)
    if block is not None and text.endswith("\n") and end == len(document.text):
        block += document.newline
    lead = " " if start == end and document.text[start - 1 : start] not in {" ", "\t"} else ""
    return lead + block if block is not None else None


def _is_key(parent: YamlMapping | YamlSequence, scalar: YamlScalar) -> bool:
    return isinstance(parent, YamlMapping) and any(entry.key is scalar for entry in parent.entries)


def _quote_near(tree: YamlTree, parent: YamlMapping | YamlSequence | None) -> str:
    """The quote that the siblings use, else the file, else the double quote."""
    near = _first_quote(children(parent)) if parent is not None else ""
    return near or _quote_of(tree)


def _first_quote(nodes: Iterable[YamlNode]) -> str:
    return next((n.style for n in nodes if isinstance(n, YamlScalar) and n.style in {"'", '"'}), "")


# A file of many mistakes asks for this once for each of them.
@lru_cache(maxsize=8)
def _quote_of(tree: YamlTree) -> str:
    """The quote that a file uses first, else the double quote."""
    return _first_quote(walk(tree.roots)) or '"'


def _column(document: Document, offset: int) -> int:
    return offset - line_start(document, offset)


@lru_cache(maxsize=8)
def _steps(tree: YamlTree) -> tuple[int, int]:
    """By how much the file indents a mapping in a mapping, and a list under its key."""
    step: int | None = None
    list_step: int | None = None
    for node in walk(tree.roots):
        if step is not None and list_step is not None:
            break
        if isinstance(node, YamlMapping) and not node.flow:
            column = _column(tree.document, node.span.start)
            for entry in node.entries:
                value = entry.value
                if isinstance(value, (YamlScalar, YamlAlias)) or value.flow:
                    continue
                deeper = _column(tree.document, value.span.start) - column
                if isinstance(value, YamlMapping) and step is None:
                    step = deeper
                elif isinstance(value, YamlSequence) and list_step is None:
                    list_step = deeper
    step = step or 2
    return step, step if list_step is None else list_step


def _set_apart(document: Document, mapping: YamlMapping, at: int) -> bool:
    """Whether an entry of several lines has a blank line before it, and before the comments above it."""
    text = document.text
    spans = part_spans(document, mapping)
    if at < 1 or "\n" not in text[spans[at].start : spans[at].end].rstrip():
        return False
    between = text[line_end(document, spans[at - 1].end) : line_start(document, spans[at].start)]
    return any(not line.strip() for line in between.split("\n")[1:-1])


def _insert_block(
    document: Document, node: YamlMapping | YamlSequence, at: int, column: int, lines: str, *, gap: str = ""
) -> Edit:
    """New lines below a part of a block collection, `gap` before them."""
    spans = part_spans(document, node)
    place = line_end(document, spans[at].end)
    indent = " " * column
    if place == len(document.text) and _needs_no_newline(node):
        # A line end at the end of the file would become part of the text of the block scalar there.
        begun = spans[at].start
        return Edit(document.place(begun, begun), lines + document.newline + gap + indent)
    # A literal block needs the line end that the file does not have.
    tail = document.newline if place == len(document.text) and f"|{document.newline}" in lines else ""
    return Edit(document.place(place, place), document.newline + gap + indent + lines + tail)


def _needs_no_newline(node: YamlNode) -> bool:
    """Whether the last scalar of a node is a block scalar that the end of the file cuts off."""
    last: YamlNode = node
    while not isinstance(last, (YamlScalar, YamlAlias)):
        parts = list(children(last))
        if not parts:
            return False
        last = parts[-1]
    return isinstance(last, YamlScalar) and last.style in {"|", ">"} and not last.text.endswith("\n")


def _insert_flow(document: Document, node: YamlMapping | YamlSequence, at: int, part: str) -> Edit:
    """A new part in a collection in brackets, on its own line where the others are."""
    text = document.text
    start, end = node.span
    if isinstance(node, YamlMapping) and text[start] != "{":
        return Edit(document.place(start, end), f"{{{text[start:end]}, {part}}}")
    if at < 0:
        return Edit(document.place(start + 1, start + 1), part + (" " if text[start + 1] == "#" else ""))
    span = part_spans(document, node)[at]
    begun, stop = line_start(document, span.start), line_end(document, span.end)
    indent = text[begun : span.start]
    # `{a:, b: c}` would have the key `a:`.
    comma = " ," if text[span.end - 1] == ":" else ","
    if indent.strip(" \t") or begun <= start or stop >= end:
        return Edit(document.place(span.end, span.end), f"{comma} {part}")
    rest = text[span.end : stop]
    if rest.strip().startswith(","):
        return Edit(document.place(stop, stop), f"{document.newline}{indent}{part},")
    if rest.strip() and not rest.strip().startswith("#"):
        return Edit(document.place(span.end, span.end), f"{comma} {part}")
    return Edit(document.place(span.end, stop), f"{comma}{rest}{document.newline}{indent}{part}")


def _remove(tree: YamlTree, node: YamlMapping | YamlSequence, at: int) -> Edit:
    document = tree.document
    start, end = node.span
    if node.flow:
        if document.text[start] not in "{[":
            return Edit(document.place(start, end), "{}")
        return Edit(document.place(*flow_removal(document, node, at)), "")
    floor = len(document.text[:start].rstrip(" \t\r\n"))
    if any(comment.end == floor for comment in tree.comments):
        floor = start
    span, text = block_removal(document, node, at, floor)
    return Edit(document.place(*span), text)
