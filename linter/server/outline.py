"""What an editor shows of a whole file: its parts as a tree, what can be folded, where it leads, what it becomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ...schemas.parsers.document import Document, Span
from ...schemas.parsers.dotenv import DotenvTree
from ...schemas.parsers.json import JsonArray, JsonNode, JsonObject
from ...schemas.parsers.nginx import NginxDirective, NginxTree
from ...schemas.parsers.squid import SquidTree
from ...schemas.parsers.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree
from .acl_names import acls_from
from .hints import Hint, inlay_hints
from .links import Link, links
from .words import Shown

if TYPE_CHECKING:
    from ...schemas.workspace import Tree
    from .analysis import Analysis

__all__ = ["Hint", "Link", "Shape", "Symbol", "folds", "inlay_hints", "links", "symbols"]

_DEPTH = 4


class Shape(Enum):
    """What a symbol is, for the picture beside it."""

    SECTION = "section"
    SERVICE = "service"
    KEY = "key"
    VARIABLE = "variable"
    BLOCK = "block"
    ACL = "acl"
    RULE = "rule"


class Symbol(NamedTuple):
    """A part of a file: its whole span, that of its name, and its own parts. No value is in it."""

    name: str
    detail: str
    shape: Shape
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


def symbols(analysis: Analysis, path: str) -> tuple[Symbol, ...]:
    """The parts of a file in order, () for one that nothing read."""
    shown = Shown(analysis)
    return next((tuple(_symbols(tree, shown)) for tree in analysis.trees(path)), ())


def folds(analysis: Analysis, path: str) -> tuple[Span, ...]:
    """What can be folded: parts of several lines, and comments of several lines."""
    tree = next(iter(analysis.trees(path)), None)
    if tree is None:
        return ()
    found: list[Span] = []
    pending = list(symbols(analysis, path))
    while pending:
        symbol = pending.pop()
        pending += symbol.children
        if "\n" in tree.document.text[symbol.span.start : symbol.span.end]:
            found.append(symbol.span)
    return tuple(sorted({*found, *_comments(tree.document, tree.comments)}))


def _comments(document: Document, comments: Sequence[Span]) -> Iterator[Span]:
    """Runs of comments on lines of their own."""
    run: list[Span] = []
    for comment in comments:
        line = document.line_span(document.position(comment.start)[0])
        alone = not document.text[line.start : comment.start].strip()
        follows = run and not document.text[run[-1].end : comment.start].strip()
        if run and not (alone and follows):
            yield from _run(run)
            run = []
        if alone:
            run.append(comment)
    yield from _run(run)


def _run(run: list[Span]) -> Iterator[Span]:
    if len(run) > 1:
        yield Span(run[0].start, run[-1].end)


def _symbols(tree: Tree, shown: Shown) -> Iterator[Symbol]:
    if isinstance(tree, YamlTree):
        for root in tree.roots:
            yield from _yaml(root, shown, (), _DEPTH)
    elif isinstance(tree, DotenvTree):
        for entry in tree.entries:
            if entry.key:
                name = shown.label(entry.key)
                yield Symbol(name, "", Shape.VARIABLE, entry.span, entry.key_span)
    elif isinstance(tree, NginxTree):
        yield from _nginx(tree.directives, shown)
    elif isinstance(tree, SquidTree):
        yield from _squid(tree, shown)
    elif tree.root is not None:
        yield from _json(tree.root, shown, _DEPTH)


def _yaml(node: YamlNode, shown: Shown, path: tuple[str, ...], depth: int) -> Iterator[Symbol]:
    for entry in node.entries if isinstance(node, YamlMapping) and depth else ():
        key, value = entry.key, entry.value
        if not isinstance(key, YamlScalar) or not key.text:
            continue
        below = tuple(_yaml(value, shown, (*path, key.text), depth - 1))
        shape = Shape.SECTION if not path else Shape.KEY
        if path == ("services",):
            shape = Shape.SERVICE
        elif path[-1:] == ("environment",):
            shape = Shape.VARIABLE
        detail = f"{len(value.items)} items" if isinstance(value, YamlSequence) else ""
        span = Span(key.span.start, max(key.span.end, value.span.end))
        yield Symbol(shown.label(key.text), detail, shape, span, key.span, below)


def _nginx(directives: Sequence[NginxDirective], shown: Shown, depth: int = 8) -> Iterator[Symbol]:
    for directive in directives:
        if directive.block is None or not directive.name.text or not depth:
            continue
        inside = {d.name.text: d.arguments for d in reversed(directive.block) if d.block is None}
        said = (*inside.get("server_name", ()), *inside.get("proxy_pass", ()))
        words = " ".join(word.text for word in (directive.name, *directive.arguments))
        detail = shown.label(" ".join(word.text for word in said))
        name, below = shown.label(words), tuple(_nginx(directive.block, shown, depth - 1))
        yield Symbol(name, detail, Shape.BLOCK, directive.span, directive.name.span, below)


def _squid(tree: SquidTree, shown: Shown) -> Iterator[Symbol]:
    for directive in tree.directives:
        words = directive.arguments
        if directive.name.text == "acl" and words:
            kind = words[1].text if len(words) > 1 else ""
            name, selection = words[0].text, words[0].span
            yield Symbol(shown.label(name), shown.label(kind), Shape.ACL, directive.span, selection)
        elif words and acls_from(directive) < len(words):
            text = " ".join(word.text for word in words)
            name = shown.label(f"{directive.name.text} {text}")
            yield Symbol(name, "", Shape.RULE, directive.span, directive.name.span)


def _json(node: JsonNode, shown: Shown, depth: int) -> Iterator[Symbol]:
    if isinstance(node, JsonObject) and depth:
        for member in node.members:
            below = tuple(_json(member.value, shown, depth - 1))
            span = Span(member.key.span.start, max(member.key.span.end, member.value.span.end))
            name = shown.label(member.key.text) or '""'
            yield Symbol(name, "", Shape.KEY, span, member.key.span, below)
    elif isinstance(node, JsonArray) and depth:
        for number, item in enumerate(node.items):
            if isinstance(item, (JsonObject, JsonArray)):
                below = tuple(_json(item, shown, depth - 1))
                yield Symbol(f"[{number}]", "", Shape.SECTION, item.span, Span(item.span.start, item.span.start), below)
