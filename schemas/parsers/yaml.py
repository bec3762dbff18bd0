"""YAML as an exact tree: nodes with spans, anchors and aliases kept as links, every error as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from .document import Document, Problem, Span

if TYPE_CHECKING:
    from .interpolation import Template

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
    """A YAML file: one root for each `---` document, and the problems found on the way.

    `stopped_at` is the offset up to which the tree is complete when reading ended early, None when all was read.
    `hash_scalars` are the spans of the scalars with a `#` in them, which begins no comment. `templates` are the texts
    with escapes or folds that were taken apart so far, by the identity of their scalars: a tree is often read again.
    """

    document: Document
    roots: tuple[YamlNode, ...]
    problems: tuple[Problem, ...]
    stopped_at: int | None = None
    hash_scalars: tuple[Span, ...] = ()
    templates: dict[int, Template] = field(default_factory=dict[int, "Template"], repr=False)

    @cached_property
    def comments(self) -> tuple[Span, ...]:
        """Every comment from its `#` to the end of its line; after a syntax error those before it."""
        from .yaml_comments import find_comments

        return find_comments(self)

    def at(self, span: Span) -> tuple[YamlNode, ...]:
        """The nodes that cover a span, root first; () where there is none."""
        chain: list[YamlNode] = []
        level: Iterable[YamlNode] = self.roots
        while True:
            node = next((n for n in level if n.span.covers(span)), None)
            if node is None:
                return tuple(chain)
            chain.append(node)
            level = children(node)

    def enclosing_entry(self, span: Span) -> tuple[YamlMapping, YamlEntry] | None:
        """The mapping and the entry whose key or value has exactly this span."""
        for node in reversed(self.at(span)):
            if isinstance(node, YamlMapping):
                for entry in node.entries:
                    if span in (entry.key.span, entry.value.span):
                        return node, entry
        return None


def children(node: YamlNode) -> Iterator[YamlNode]:
    """Keys and values, or items, in the order of the file; aliases are not followed."""
    if isinstance(node, YamlMapping):
        for entry in node.entries:
            yield entry.key
            yield entry.value
    elif isinstance(node, YamlSequence):
        yield from node.items


def walk(roots: Iterable[YamlNode]) -> Iterator[YamlNode]:
    """All nodes in the order of the file, parents first; aliases are not followed."""
    stack = [iter(roots)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        else:
            yield node
            stack.append(children(node))


def parse_yaml(document: Document) -> YamlTree:
    """Read a document as go-yaml would. Never raises: what cannot be read is in `problems`.

    After a syntax error the roots hold what was read before it. Kinds of problems: syntax, tab-indent,
    invalid-character, unknown-alias, duplicate-key, merge-of-non-map, too-deep, too-large.
    """
    from .yaml_build import build

    return YamlTree(document, *build(document))


def source_span(tree: YamlTree | Document, scalar: YamlScalar, start: int, end: int) -> Span:
    """Where the code points [start, end) of `scalar.text` stand in the document, through quotes, escapes and folds.

    The whole scalar's span where the two cannot be matched, as after characters that YAML refuses.
    """
    span = scalar.span
    quotes = 1 if scalar.style in {"'", '"'} else 0
    if scalar.style not in {"|", ">"} and span.end - span.start == len(scalar.text) + 2 * quotes:
        # Escapes and folds only ever shorten, so equal lengths mean that nothing was decoded.
        return Span(span.start + quotes + start, span.start + quotes + end)
    from .yaml_source import SourceMap

    return SourceMap(tree if isinstance(tree, Document) else tree.document, scalar).span(start, end)
