"""A YAML document becomes effective nodes: aliases followed, merge keys applied, texts interpolated."""

from __future__ import annotations

from collections.abc import Iterator

from ..parsers.document import Place, Span
from ..parsers.interpolation import Template, moved, template_of
from ..parsers.yaml import YamlAlias, YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree, source_span
from .node import Entry, Loss, MappingNode, Node, ScalarNode, SequenceNode
from .record import Record
from .resolve import Resolver, Scope
from .scalar_text import go_text
from .tags import is_reset
from .value import Piece, Source, Value

MAX_NODES = 100_000
MAX_DEPTH = 250
_KINDS_OF_KEYS = {"int": "a number", "float": "a number", "bool": "a boolean", "null": "null", "timestamp": "a date"}


class Converter:
    """Converts the documents of one file in one scope; what an anchor names is converted once.

    `base` is the folder from which relative paths count, `source` says who wrote the text.
    """

    def __init__(self, tree: YamlTree, scope: Scope, source: Source, base: str, record: Record) -> None:
        self._document = tree.document
        self._source = source
        self._base = base
        self._record = record
        self._resolver = Resolver(tree.document, scope, source, record)
        self._templates = tree.templates
        self._tagged = "!reset" in tree.document.text
        self._anchored: dict[int, tuple[Node, int]] = {}
        self._open: set[int] = set()
        self._count = 0
        self._refused = False

    def convert(self, node: YamlNode, path: tuple[str, ...] = (), depth: int = 0) -> Node:
        """The effective node; what cannot be followed (a cycle, too many nodes) becomes an empty scalar."""
        if type(node) is YamlScalar:
            return self._scalar(node, path)
        self._count += 1
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            return self._refuse(node)
        if isinstance(node, YamlAlias):
            return self._alias(node, path, depth)
        if isinstance(node, YamlScalar):
            return self._scalar(node, path)
        if node.anchor is not None:
            return self._shared(node, path, depth)
        return self._collection(node, path, depth)

    def _collection(self, node: YamlMapping | YamlSequence, path: tuple[str, ...], depth: int) -> Node:
        if isinstance(node, YamlMapping):
            return self._mapping(node, path, depth)
        items = [self.convert(item, path, depth + 1) for item in node.items if not (self._tagged and is_reset(item))]
        return SequenceNode(tuple(items), Place(self._document, node.span), node.flow)

    def _alias(self, node: YamlAlias, path: tuple[str, ...], depth: int) -> Node:
        target = node.target
        if target is None:
            return self._empty(node)
        if isinstance(target, YamlScalar):
            return self._scalar(target, path)
        if id(target) in self._open:
            self._record.problem(
                "alias-cycle", self._place(node), "`*{name}` stands inside the value that it names", name=node.name
            )
            return self._empty(node)
        return self._shared(target, path, depth)

    def _shared(self, node: YamlMapping | YamlSequence, path: tuple[str, ...], depth: int) -> Node:
        """A node with an anchor; each further use counts its nodes again, so that nested aliases cannot explode."""
        known = self._anchored.get(id(node))
        if known is not None:
            self._count += known[1]
            return known[0] if self._count <= MAX_NODES else self._refuse(node)
        before = self._count
        self._open.add(id(node))
        converted = self._collection(node, path, depth)
        self._open.discard(id(node))
        self._anchored[id(node)] = (converted, self._count - before)
        return converted

    def _mapping(self, node: YamlMapping, path: tuple[str, ...], depth: int) -> Node:
        document = self._document
        own: dict[str, Entry] = {}
        merges: list[YamlNode] = []
        self._count += len(node.entries)
        for entry in node.entries:
            key = entry.key
            value = entry.value
            if type(key) is not YamlScalar or key.kind != "str":
                self._bad_key(key)
                if type(key) is not YamlScalar:
                    continue
            name = key.text
            if name == "<<" and entry.is_merge:
                merges.append(value)
                continue
            if self._tagged and is_reset(value):
                continue
            below = (*path, name)
            child = self._scalar(value, below) if type(value) is YamlScalar else self.convert(value, below, depth + 1)
            own[name] = Entry(name, Place(document, key.span), child)
        if not merges:
            return MappingNode(own, Place(document, node.span), node.flow)
        return self._merged(node, own, merges, path, depth)

    def _merged(
        self, node: YamlMapping, own: dict[str, Entry], merges: list[YamlNode], path: tuple[str, ...], depth: int
    ) -> Node:
        """Put under a mapping's own keys what `<<` brings; of several sources the first wins (go-yaml, decode.go)."""
        entries: dict[str, Entry] = {}
        came: dict[str, Place] = {}
        for place, source in reversed([s for merge in merges for s in self._sources(merge, path, depth)]):
            if entries:
                source_entries = {k: _over(e, entries.get(k), "earlier-merge") for k, e in source.entries.items()}
            else:
                source_entries = source.entries
            entries.update(source_entries)
            came.update(dict.fromkeys(source_entries, place))
            self._count += len(source_entries)
        for name, entry in own.items():
            came.pop(name, None)
            entries[name] = _over(entry, entries.get(name), "own-key")
        return MappingNode(entries, Place(self._document, node.span), node.flow, came)

    def _sources(self, node: YamlNode, path: tuple[str, ...], depth: int) -> Iterator[tuple[Place, MappingNode]]:
        """The mappings that a merge key's value names, first to last; others are the parser's problem."""
        target = node.target if isinstance(node, YamlAlias) else node
        if isinstance(target, YamlSequence):
            for item in target.items:
                yield from self._sources(item, path, depth + 1) if depth <= MAX_DEPTH else ()
        elif isinstance(target, YamlMapping):
            converted = self.convert(node, path, depth + 1)
            if isinstance(converted, MappingNode):
                yield self._place(node), converted

    def _scalar(self, node: YamlScalar, path: tuple[str, ...]) -> ScalarNode:
        text = node.text
        span = node.span
        style = node.style
        document = self._document
        place = Place(document, span)
        if node.kind != "str":
            shown = text if node.kind == "timestamp" else go_text(text, node.kind)
            value = Value((Piece(shown, self._source, place),))
            return ScalarNode(value, place, node.kind, style, False, self._base)
        if "$" in text:
            return ScalarNode(self._interpolated(node, path), place, "str", style, True, self._base)
        if style:
            quotes = 1 if style in "'\"" else 0
            if quotes and span[1] - span[0] == len(text) + 2:
                inner = Place(document, Span(span[0] + 1, span[1] - 1))
            else:
                inner = Place(document, source_span(document, node, 0, len(text)))
        else:
            inner = place
        return ScalarNode(Value((Piece(text, self._source, inner),)), place, "str", style, False, self._base)

    def _interpolated(self, node: YamlScalar, path: tuple[str, ...]) -> Value:
        text = node.text
        start, end = node.span
        quotes = 1 if node.style in {"'", '"'} else 0
        if node.style not in {"|", ">"} and end - start == len(text) + 2 * quotes:
            return self._resolver.value(template_of(text), path, start + quotes)
        template = self._templates.get(id(node))
        if template is None:
            template = self._templates[id(node)] = self._decoded(node)
        return self._resolver.value(template, path)

    def _decoded(self, node: YamlScalar) -> Template:
        """A text taken apart that is written in another way than it reads, with offsets in the document."""
        text = node.text
        from ..parsers.yaml_source import SourceMap

        source, length = SourceMap(self._document, node), len(text)

        def offset(at: int) -> int:
            """Where the code point `at` stands; past the last one, where the last one ends."""
            return source.span(at, at + 1).start if at < length else source.span(max(0, at - 1), at).end

        return moved(template_of(text), offset)

    def _bad_key(self, key: YamlNode) -> None:
        self._record.problem(
            "non-string-key",
            self._place(key),
            "Compose takes only text for a key, and this is {what}: quote it",
            what=_KINDS_OF_KEYS.get(key.kind, "a text") if isinstance(key, YamlScalar) else "no scalar",
        )

    def _refuse(self, node: YamlNode) -> ScalarNode:
        if self._refused:
            return self._empty(node)
        self._refused = self._record.cut = True
        self._record.problem(
            "too-many-nodes",
            self._place(node),
            "with aliases followed the file has more than {limit} values, or they nest too deeply; Compose stops here",
            limit=str(MAX_NODES),
        )
        return self._empty(node)

    def _empty(self, node: YamlNode) -> ScalarNode:
        place = self._place(node)
        return ScalarNode(Value.unknown((Piece("", self._source, place),)), place, "null", "", False, self._base)

    def _place(self, node: YamlNode) -> Place:
        return Place(self._document, node.span)


def _over(entry: Entry, lost: Entry | None, loss: Loss) -> Entry:
    """An entry that hides another one of the same mapping; the entry itself may stand in other mappings too."""
    if lost is None or lost is entry:
        return entry
    shadowed = (*entry.shadowed, lost.node, *lost.shadowed)
    return Entry(
        entry.key, entry.key_place, entry.node, shadowed, entry.item, (*entry.losses, (lost.node, loss), *lost.losses)
    )
