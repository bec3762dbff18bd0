"""Which JSON files are to be read as they stand, and what is in them, wherever it is nested."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import JsonNode, JsonObject, JsonScalar, JsonTree, LatePattern

_TEMPLATE_NAMES = (".template", ".tmpl", ".tpl", ".j2", ".jinja", ".jinja2")
# What other programs fill in before anybody reads the file.
_HOLE = LatePattern(r"\{\{|\{%|<%|(?<=[:,\[])\s*\$\{?\w")

# What a merge of two versions leaves in a file, each on a line of its own.
_MARKS = (
    LatePattern(r"^<{7} .*", re.MULTILINE),
    LatePattern(r"^={7}\r?$", re.MULTILINE),
    LatePattern(r"^>{7} ", re.MULTILINE),
)


def conflict(tree: JsonTree) -> re.Match[str] | None:
    """The first mark of a merge that was not finished."""
    first, at = None, 0
    for mark in _MARKS if tree.problems else ():
        found = mark.search(tree.document.text, at)
        if found is None:
            return None
        first, at = first or found, found.end()
    return first


def is_template(tree: JsonTree) -> bool:
    """Whether a file becomes JSON only when another program has filled it in."""
    document = tree.document
    return document.path.endswith(_TEMPLATE_NAMES) or _HOLE.search(document.text) is not None


def objects(tree: JsonTree) -> Iterator[JsonObject]:
    """All objects of a file, in no particular order."""
    return (node for node in _nodes(tree) if isinstance(node, JsonObject))


def scalars(tree: JsonTree) -> dict[int, JsonScalar]:
    """All keys and all single values of a file, by the offset at which they begin."""
    found: dict[int, JsonScalar] = {}
    for node in _nodes(tree):
        if isinstance(node, JsonScalar):
            found[node.span.start] = node
        elif isinstance(node, JsonObject):
            found.update((member.key.span.start, member.key) for member in node.members)
    return found


def _nodes(tree: JsonTree) -> Iterator[JsonNode]:
    stack: list[JsonNode] = [tree.root] if tree.root is not None else []
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, JsonObject):
            stack.extend(member.value for member in node.members)
        elif not isinstance(node, JsonScalar):
            stack.extend(node.items)
