"""Reads a mended file with another reader than ours, and checks that only what was edited has another value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..schemas.parsers.document import Document, Span
from .names import loose_kind

if TYPE_CHECKING:
    from ..schemas.parsers.yaml import YamlNode

Path = tuple[str, ...]

MAX_BYTES = 2_000_000
MAX_STEPS = 200_000


def unintended(before: Document, after: str, edits: Sequence[Span]) -> str | None:
    """What a change of a file's text did beyond its edits, in words; None when nothing, or when it cannot be told.

    `edits` are the spans in `before` that were replaced. YAML is read by ruamel, JSON by `json`, dotenv by
    python-dotenv; a file that the reader did not take before is not judged.
    """
    if len(after) > MAX_BYTES:
        return None
    path = before.path
    try:
        if path.endswith((".yaml", ".yml")):
            return _judge(_yaml(before.text), _yaml(after), _yaml_paths(before, edits))
        if path.endswith(".json"):
            return _judge(_json(before.text), _json(after), None)
        if loose_kind(path) == "dotenv" and before.undecodable is None:
            return _judge(_dotenv(before.text), _dotenv(after), _dotenv_paths(before, after, edits))
    except _TooLargeError:
        return None
    return None


class _TooLargeError(Exception):
    """Comparing would take too long."""


_UNREAD = object()


class _Allowed(NamedTuple):
    """Where values may differ: anywhere below `below`, and at or directly under a collection of `grow`."""

    below: list[Path]
    grow: list[Path]

    def takes(self, path: Path) -> bool:
        """Whether a difference at a path was meant."""
        if path in self.grow or path[:-1] in self.grow:
            return True
        return any(path[: len(a)] == a or a[: len(path)] == path for a in self.below)


def _judge(old: object, new: object, allowed: _Allowed | None) -> str | None:
    if old is _UNREAD:
        return None
    if new is _UNREAD:
        return "another reader does not take the new text"
    if allowed is None:
        return None
    for path in _differences(old, new):
        if not allowed.takes(path):
            return f"it also changes {'.'.join(path)}"
    return None


def _yaml(text: str) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        reader: Any = YAML(typ="safe")
        return list(reader.load_all(text.removeprefix("\ufeff")))
    except (YAMLError, ValueError, TypeError, AttributeError, RecursionError):
        return _UNREAD


def _json(text: str) -> object:
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _UNREAD


def _dotenv(text: str) -> object:
    from io import StringIO

    from dotenv.parser import parse_stream  # the reader's own front end logs what it cannot read; this one does not

    return {binding.key: binding.value for binding in parse_stream(StringIO(text)) if binding.key is not None}


def _differences(old: object, new: object) -> Iterator[Path]:
    """The paths at which two plain values differ; what only one of them has counts as well."""
    stack: list[tuple[Path, object, object]] = [((), old, new)]
    seen: set[tuple[int, int]] = set()
    steps = 0
    while stack:
        path, left, right = stack.pop()
        steps += 1
        if steps > MAX_STEPS:
            raise _TooLargeError
        children = _children(left, right)
        if children is None:
            same = left == right or (left != left and right != right)  # noqa: PLR0124  # a NaN equals nothing
            if type(left) is not type(right) or not same:
                yield path
        elif (id(left), id(right)) not in seen or not path:
            # Aliases make one object stand in several places: the same pair again can only differ in the same ways.
            seen.add((id(left), id(right)))
            stack.extend(((*path, key), a, b) for key, a, b in children)


def _children(left: Any, right: Any) -> list[tuple[str, object, object]] | None:
    if type(left) is not type(right):
        return None
    if issubclass(type(left), dict):
        keys: dict[Any, None] = dict.fromkeys([*left, *right])
        return [(str(k), left.get(k, _UNREAD), right.get(k, _UNREAD)) for k in keys]
    if issubclass(type(left), list) and len(left) == len(right):
        return [(str(i), a, b) for i, (a, b) in enumerate(zip(left, right, strict=True))]
    return None


def _yaml_paths(before: Document, edits: Sequence[Span]) -> _Allowed:
    """The keys on the way to each edit, as far as a node holds it whole."""
    from ..schemas.parsers.yaml import parse_yaml

    tree = parse_yaml(before)
    allowed = _Allowed([], [])
    for edit in edits:
        _follow(tree.roots, edit, allowed)
    return allowed


def _follow(roots: Sequence[YamlNode], edit: Span, allowed: _Allowed) -> None:
    index = next((i for i, r in reversed(list(enumerate(roots))) if r.span.start <= edit.start), 0)
    node = roots[index] if roots else None
    path: Path = (str(index),)
    while node is not None:
        if getattr(node, "anchor", None) is not None:
            path = ()  # what is anchored changes wherever its aliases stand
            break
        step = _step(node, edit)
        if step is None:
            break
        if edit.start == step[1].span.end:
            allowed.grow.append(path)  # text behind the last value may be the next key of any collection that ends here
        path, node = (*path, step[0]), step[1]
    allowed.below.append(path)


def _step(node: YamlNode, edit: Span) -> tuple[str, YamlNode] | None:
    """The child that holds an edit, with its key; None where the edit touches a key or lies between children."""
    from ..schemas.parsers.yaml import YamlMapping, YamlScalar, YamlSequence

    if isinstance(node, YamlMapping):
        for entry in node.entries:
            if entry.key.span.end < edit.start and edit.end <= entry.value.span.end and not entry.is_merge:
                return (entry.key.text if isinstance(entry.key, YamlScalar) else ""), entry.value
            if entry.key.span.start >= edit.end:
                break
    elif isinstance(node, YamlSequence):
        for index, item in enumerate(node.items):
            if item.span.start <= edit.start and edit.end <= item.span.end:
                return str(index), item
    return None


def _dotenv_paths(before: Document, after: str, edits: Sequence[Span]) -> _Allowed:
    """The keys of the statements that an edit touches, and every key that only one of the texts has."""
    from ..schemas.parsers.dotenv import parse_dotenv

    old = parse_dotenv(before, "python-dotenv").entries
    keys = {e.key for e in old}
    new = {e.key for e in parse_dotenv(Document(before.path, after), "python-dotenv").entries}
    touched = {e.key for e in old for s in edits if e.span.start <= s.end and s.start <= e.span.end}
    return _Allowed([(key,) for key in (keys ^ new) | touched], [])
