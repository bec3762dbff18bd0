"""What go-yaml refuses in a YAML tree that parses: a key that stands twice, a merge of something that is no mapping."""

from __future__ import annotations

from .document import Document, Problem
from .yaml import YamlAlias, YamlMapping, YamlNode, YamlScalar, YamlSequence


def check_mapping(document: Document, mapping: YamlMapping, problems: list[Problem]) -> None:
    """Add the problems of one mapping's own keys and merges."""
    entries = mapping.entries
    seen: dict[str, YamlScalar] = {}
    for entry in entries:
        key = entry.key
        if not isinstance(key, YamlScalar):
            continue
        first = seen.setdefault(key.text, key)
        if first is not key:
            problems.append(_duplicate(document, key, first))
        if key.text == "<<" and not key.style and not _mergeable(entry.value):
            problems.append(_bad_merge(document, entry.value))


def _duplicate(document: Document, key: YamlScalar, first: YamlScalar) -> Problem:
    # go-yaml compares the texts of two keys and neither quotes nor types (decode.go, isStringMap and uniqueKeys).
    related = ((document.place(*first.span), "first written here"),)
    place = document.place(*key.span)
    message = "the key `{key}` stands twice in this mapping; Compose refuses the file, other readers silently keep one"
    return Problem("duplicate-key", place, message, (("key", key.text),), related)


def _bad_merge(document: Document, value: YamlNode) -> Problem:
    message = "`<<` merges mappings, and this is {what}; Compose refuses the file"
    target = value.target if isinstance(value, YamlAlias) else None
    related = ((document.place(*target.span), "the anchor stands here"),) if target is not None else ()
    place = document.place(*value.span)
    return Problem("merge-of-non-map", place, message, (("what", _what(value)),), related)


def _mergeable(value: YamlNode) -> bool:
    """Whether go-yaml merges it: a mapping, an alias of one, or a list of these. What is not known passes."""
    if isinstance(value, YamlSequence):
        return all(_is_mapping(item) for item in value.items)
    return _is_mapping(value)


def _is_mapping(node: YamlNode) -> bool:
    if isinstance(node, YamlAlias):
        return node.target is None or isinstance(node.target, YamlMapping)
    # A tag such as `!reset` takes the entry away before it is merged.
    return isinstance(node, YamlMapping) or (node.tag is not None and not node.tag.startswith("!!"))


def _what(node: YamlNode) -> str:
    """The kind of a refused value, in words."""
    target = node.target if isinstance(node, YamlAlias) else node
    if isinstance(target, YamlSequence):
        return "a list" if isinstance(node, YamlAlias) else "a list with other things than mappings"
    if isinstance(target, YamlScalar) and target.kind == "null":
        return "empty" if not target.text else "null"
    return "a single value"
