"""The effective configuration tree: what is left after anchors, interpolation and merging, with places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ..parsers.document import Place
from .value import Value

ScalarKind = Literal["str", "int", "float", "bool", "null", "timestamp"]

# Why a definition lost inside one mapping: to the mapping's own key, or to an earlier source of its `<<`.
Loss = Literal["own-key", "earlier-merge"]


@dataclass(slots=True, eq=False)
class ScalarNode:
    """A scalar: its interpolated value, the kind YAML gave it (`str` when quoted), and where it stands.

    `style` is YAML's: "" plain, ' " | >. `interpolated` says that a `${…}` was in it, so `kind` is not its final type.
    `base` is the absolute folder from which Compose counts a relative path written here.
    """

    value: Value
    place: Place
    kind: ScalarKind
    style: str = ""
    interpolated: bool = False
    base: str = ""

    @property
    def text(self) -> str | None:
        """The effective text, None when unknown."""
        return self.value.text


@dataclass(slots=True, eq=False)
class SequenceNode:
    """A list. `place` covers it where it is written; after a merge, where the last part is written."""

    items: tuple[Node, ...]
    place: Place
    flow: bool = False


@dataclass(slots=True, eq=False)
class Entry:
    """A key of a mapping with its value; `shadowed` are the values that lost to it, nearest first.

    `item` says that it was written as an item of a list (`- KEY=value`), which merging made a mapping of. `losses` says
    of those of `shadowed` that a `<<` brought why they lost.
    """

    key: str
    key_place: Place
    node: Node
    shadowed: tuple[Node, ...] = ()
    item: bool = False
    losses: tuple[tuple[Node, Loss], ...] = ()


@dataclass(slots=True, eq=False)
class MappingNode:
    """A mapping after `<<` and overrides, in order. `merged` are the keys from `<<`, with the place of its alias."""

    entries: dict[str, Entry]
    place: Place
    flow: bool = False
    merged: dict[str, Place] = field(default_factory=dict[str, Place])

    def get(self, *path: str) -> Node | None:
        """The node at a path of keys, None where it ends early."""
        node: Node = self
        for key in path:
            if not isinstance(node, MappingNode) or key not in node.entries:
                return None
            node = node.entries[key].node
        return node

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())


Node = ScalarNode | SequenceNode | MappingNode
