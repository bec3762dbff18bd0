"""YAML as an exact tree: nodes with spans, anchors and aliases kept as links, every error as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .document import Document, Problem, Span

ScalarKind = Literal["str", "int", "float", "bool", "null", "timestamp"]


@dataclass(slots=True, eq=False)
class YamlScalar:
    """A scalar. `span` covers the token with its quotes, without anchor and tag; an absent value has an empty span.

    `text` is the decoded value, `style` "" (plain), "'", '"', "|" or ">". `tag` is the explicit tag (`!reset`), if any.
    `kind` is what go-yaml v3 makes of it (quoted and block scalars are `str`).
    """

    span: Span
    text: str
    style: str
    kind: ScalarKind
    tag: str | None = None
    anchor: str | None = None


@dataclass(slots=True, eq=False)
class YamlEntry:
    """A key and its value. A merge key is an entry whose key is the plain scalar `<<`."""

    key: YamlNode
    value: YamlNode

    @property
    def is_merge(self) -> bool:
        """Whether this is `<<:`."""
        return isinstance(self.key, YamlScalar) and self.key.text == "<<" and not self.key.style


@dataclass(slots=True, eq=False)
class YamlMapping:
    """A mapping; a block mapping's span runs from its first key to the end of its last value's content."""

    span: Span
    entries: list[YamlEntry]
    flow: bool
    tag: str | None = None
    anchor: str | None = None

    def entry(self, key: str) -> YamlEntry | None:
        """The last entry with this key, merge keys not followed."""
        for entry in reversed(self.entries):
            if isinstance(entry.key, YamlScalar) and entry.key.text == key:
                return entry
        return None


@dataclass(slots=True, eq=False)
class YamlSequence:
    """A sequence; a block sequence's span runs from its first dash to the end of its last item's content."""

    span: Span
    items: list[YamlNode]
    flow: bool
    tag: str | None = None
    anchor: str | None = None


@dataclass(slots=True, eq=False)
class YamlAlias:
    """`*name`; `target` is the node that carries the anchor, None when there is none before it."""

    span: Span
    name: str
    target: YamlScalar | YamlMapping | YamlSequence | None


YamlNode = YamlScalar | YamlMapping | YamlSequence | YamlAlias


@dataclass(frozen=True, eq=False)
class YamlTree:
    """A YAML file: one root for each `---` document, and the problems found on the way."""

    document: Document
    roots: tuple[YamlNode, ...]
    problems: tuple[Problem, ...]
