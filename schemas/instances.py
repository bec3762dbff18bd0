"""What a node of any tree is as JSON: one level at a time, with an unknown that satisfies everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from .models.node import MappingNode, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from typing import Protocol

    from .parsers.document import Document, Place

    class Reader(Protocol):
        """How a tree is read: a node is the tree's own object, and whatever stands below it are nodes again."""

        def instance(self, node: Any) -> Instance:
            """The node as a scalar, or a dict or list of its child nodes."""
            ...

        def place(self, node: Any) -> Place:
            """Where the node is written."""
            ...

        def key_place(self, node: Any, key: str) -> Place:
            """Where a key of a mapping is written."""
            ...


class Odd(Enum):
    """Values that JSON has not: one that nobody knows yet, and YAML's bare date, which Compose takes nowhere."""

    UNKNOWN = "unknown"
    DATE = "date"


Instance = Mapping[str, Any] | Sequence[Any] | str | int | float | bool | None | Odd


class EffectiveReader:
    """Reads the effective Compose tree."""

    def instance(self, node: Any) -> Instance:
        """The node as JSON; a scalar that depends on the running system is `Odd.UNKNOWN`."""
        if type(node) is ScalarNode:
            text = node.value.text
            if text is None:
                return Odd.UNKNOWN
            return text if node.kind == "str" else _plain(node.kind, text)
        if type(node) is MappingNode:
            return {key: entry.node for key, entry in node.entries.items()}
        return list(node.items)

    def place(self, node: MappingNode | SequenceNode | ScalarNode) -> Place:
        """Where the node is written."""
        return node.place

    def key_place(self, node: MappingNode, key: str) -> Place:
        """Where the winning definition of the key is written."""
        return node.entries[key].key_place


class JsonReader:
    """Reads a JSON or JSON5 tree; the last of equal keys counts."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def instance(self, node: Any) -> Instance:
        """The node as JSON."""
        members = getattr(node, "members", None)
        if members is not None:
            return {member.key.text: member.value for member in members}
        items = getattr(node, "items", None)
        if items is not None:
            return list(items)
        if node.kind in ("string", "number"):
            return node.text if node.kind == "string" else _number(node.text)
        return {"true": True, "false": False}.get(node.kind)

    def place(self, node: Any) -> Place:
        """Where the node is written."""
        return self._document.place(*node.span)

    def key_place(self, node: Any, key: str) -> Place:
        """Where the last member with the key has its name."""
        return self._document.place(*next(m.key.span for m in reversed(node.members) if m.key.text == key))


EFFECTIVE = EffectiveReader()


def _plain(kind: str, text: str) -> Instance:
    """An unquoted YAML scalar as JSON."""
    if kind in ("int", "float"):
        return _number(text)
    if kind == "bool":
        return text[:1] in ("t", "T")
    return None if kind == "null" else Odd.DATE


def _number(text: str) -> int | float:
    """A number as YAML 1.1 and 1.2, JSON and JSON5 write it; a leading zero means octal, as go-yaml reads it."""
    plain = text.replace("_", "")
    digits = plain.lstrip("+-")
    try:
        if digits[:1] == "0" and len(digits) > 1 and digits[1] not in ".eE":
            prefix = "0o" if digits.isdigit() else ""
            return int(plain.replace(digits, prefix + digits), 0)
        return int(plain) if len(plain) < 100 else float(plain)
    except ValueError:
        pass
    try:
        return float(plain.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".nan", "nan"))
    except ValueError:
        return float("nan")
