"""Names places by the structure of their file, so that the name outlives lines that come and go above them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..schemas.parsers.json import JsonArray, JsonNode, JsonObject, JsonScalar, JsonTree
from ..schemas.parsers.nginx import NginxDirective, NginxTree
from ..schemas.parsers.squid import SquidDirective, SquidTree
from ..schemas.parsers.yaml import YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree

if TYPE_CHECKING:
    from ..schemas.parsers.document import Place
    from ..schemas.parsers.dotenv import DotenvEntry
    from ..schemas.parsers.json import JsonMember
    from ..schemas.workspace import Tree

# Keys by which people tell the items of a list apart, the most telling first.
_NAMING = ("name", "model", "id", "target", "source")


def address(trees: Iterable[Tree], place: Place) -> str:
    """The structural path of a place: `services.api.ports[]`, a variable's name, `http/server/location /api`.

    `trees` are those of the place's file. "" for a place in no node of any of them (a comment). Items of lists are
    named by what they hold, not by their number. The path may hold text of the file: mask it before it is shown.
    """
    text = place.text
    offset = place.span.start + len(text) - len(text.lstrip(" \t\r\n-\ufeff"))
    for tree in trees:
        if isinstance(tree, (YamlTree, JsonTree)):
            found = _in_data(tree, offset)
        elif isinstance(tree, NginxTree):
            found = _in_nginx(tree.directives, offset)
        elif isinstance(tree, SquidTree):
            found = _in_squid(tree.directives, offset)
        else:
            found = _in_dotenv(tree.entries, offset)
        if found:
            return found
    return ""


def _in_data(tree: YamlTree | JsonTree, offset: int) -> str:
    """Keys with dots between them, items in brackets."""
    node: YamlNode | JsonNode | None
    if isinstance(tree, JsonTree):
        node = tree.root
    else:
        index = bisect_right(tree.roots, offset, key=lambda root: root.span.start) - 1
        node = tree.roots[index] if index >= 0 else None
    path = ""
    while node is not None and node.span.start <= offset <= node.span.end:
        if isinstance(node, (YamlMapping, JsonObject)):
            entry = _entry_at(node.entries if isinstance(node, YamlMapping) else node.members, offset)
            if entry is None:
                break
            key = entry.key.text if isinstance(entry.key, (YamlScalar, JsonScalar)) else "?"
            path += f".{key}" if path else key
            node = entry.value
        elif isinstance(node, (YamlSequence, JsonArray)):
            items: Sequence[YamlNode | JsonNode] = node.items
            index = bisect_right(items, offset, key=lambda item: item.span.start) - 1
            if index < 0 or offset > items[index].span.end:
                break
            node = items[index]
            path += f"[{_item_name(node)}]"
        else:
            break
    return path


def _entry_at(entries: Sequence[YamlEntry] | Sequence[JsonMember], offset: int) -> YamlEntry | JsonMember | None:
    index = bisect_right(entries, offset, key=lambda entry: entry.key.span.start) - 1
    if index < 0:
        return None
    entry = entries[index]
    return entry if offset <= max(entry.key.span.end, entry.value.span.end) else None


def _item_name(node: YamlNode | JsonNode) -> str:
    """What tells an item of a list from the others: the name in `NAME=value`, the value of a naming key, else ""."""
    if isinstance(node, YamlScalar):
        name, equals, _ = node.text.partition("=")
        return name if equals else ""
    entries = node.entries if isinstance(node, YamlMapping) else node.members if isinstance(node, JsonObject) else ()
    named = {
        entry.key.text: entry.value.text
        for entry in entries
        if isinstance(entry.key, (YamlScalar, JsonScalar)) and isinstance(entry.value, (YamlScalar, JsonScalar))
    }
    return next((f"{key}={named[key]}" for key in _NAMING if key in named), "")


def _in_nginx(directives: Sequence[NginxDirective], offset: int) -> str:
    """Blocks as they are headed and the directive's name, with slashes between them."""
    steps: list[str] = []
    level: Sequence[NginxDirective] | None = directives
    while level:
        index = bisect_right(level, offset, key=lambda directive: directive.span.start) - 1
        if index < 0 or offset > level[index].span.end:
            break
        directive = level[index]
        header = directive.arguments if directive.block is not None else ()
        steps.append(" ".join([directive.name.text, *(word.text for word in header)]))
        level = directive.block
    return "/".join(steps)


def _in_squid(directives: Sequence[SquidDirective], offset: int) -> str:
    """The directive as it is written: the order of equal words is all the structure that there is."""
    index = bisect_right(directives, offset, key=lambda directive: directive.span.start) - 1
    if index < 0 or offset > directives[index].span.end:
        return ""
    directive = directives[index]
    return " ".join([directive.name.text, *(word.text for word in directive.arguments)])


def _in_dotenv(entries: Sequence[DotenvEntry], offset: int) -> str:
    """The name of the variable."""
    index = bisect_right(entries, offset, key=lambda entry: entry.span.start) - 1
    return entries[index].key if index >= 0 and offset <= entries[index].span.end else ""
