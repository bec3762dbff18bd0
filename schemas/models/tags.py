"""The tags `!reset` and `!override`: which attributes of the files before they take away."""

from __future__ import annotations

from collections.abc import Iterator

from ..parsers.yaml import YamlAlias, YamlMapping, YamlNode, YamlScalar, YamlSequence
from .node import Entry, MappingNode, Node

Path = tuple[str, ...]

MAX_VISITS = 100_000
MAX_DEPTH = 100


def is_reset(node: YamlNode) -> bool:
    """Whether a value is tagged `!reset`, itself or through an alias."""
    target = node.target if isinstance(node, YamlAlias) else node
    return target is not None and target.tag == "!reset"


def tagged_paths(root: YamlNode) -> tuple[Path, ...]:
    """The paths of all values tagged `!reset` or `!override`, aliases and merge keys followed.

    `<<` adds nothing to a path (loader/reset.go). Stops silently at bounds that only hostile files reach.
    """
    budget = [MAX_VISITS]
    return tuple(_tagged(root, (), 0, budget))


def without(node: Node, paths: tuple[Path, ...], at: Path = ()) -> Node:
    """The node without the mapping entries that stand at one of the paths; lists are not looked into."""
    here = len(at)
    if not isinstance(node, MappingNode) or not any(p[:here] == at for p in paths):
        return node
    entries: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        path = (*at, key)
        if path in paths:
            continue
        child = without(entry.node, paths, path)
        if child is not entry.node:
            entry = Entry(key, entry.key_place, child, entry.shadowed, entry.item, entry.losses)  # noqa: PLW2901
        entries[key] = entry
    return MappingNode(entries, node.place, node.flow, node.merged)


def _tagged(node: YamlNode, path: Path, depth: int, budget: list[int]) -> Iterator[Path]:
    budget[0] -= 1
    if budget[0] < 0 or depth > MAX_DEPTH:
        return
    if isinstance(node, YamlAlias):
        if node.target is not None:
            yield from _tagged(node.target, path, depth + 1, budget)
        return
    if node.tag in {"!reset", "!override"}:
        yield path
    elif isinstance(node, YamlMapping):
        for entry in node.entries:
            if isinstance(entry.key, YamlScalar):
                if entry.is_merge:
                    for source in _merged(entry.value):
                        yield from _tagged(source, path, depth + 1, budget)
                else:
                    yield from _tagged(entry.value, (*path, entry.key.text), depth + 1, budget)
    elif isinstance(node, YamlSequence):
        for item in node.items:
            yield from _tagged(item, (*path, "[]"), depth + 1, budget)


def _merged(node: YamlNode) -> Iterator[YamlNode]:
    """The mappings that a merge key's value names."""
    target = node.target if isinstance(node, YamlAlias) else node
    if isinstance(target, YamlSequence):
        yield from target.items
    elif target is not None:
        yield target
