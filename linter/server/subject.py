"""What stands at an offset of a file: a name of the deployment, a key of Compose or JSON, a directive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from ...schemas.parsers.document import Span
from ...schemas.parsers.json import JsonArray, JsonNode, JsonObject, JsonTree
from ...schemas.parsers.nginx import NginxDirective, NginxTree
from ...schemas.parsers.squid import SquidTree
from ...schemas.parsers.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree
from .index import indexes
from .mention import Index, Mention

if TYPE_CHECKING:
    from ...schemas.workspace import Tree
    from .analysis import Analysis


class Named(NamedTuple):
    """A name of the deployment; `mentions` has one for each thing that it may be, `index` all others of them."""

    span: Span
    name: str
    mentions: tuple[tuple[Index, Mention], ...]

    @property
    def mention(self) -> Mention:
        """The first of the mentions."""
        return self.mentions[0][1]


class ComposeKey(NamedTuple):
    """A key of a Compose file; `path` leads to it, itself included, a step into a list being `[]`."""

    span: Span
    name: str
    path: tuple[str, ...]


class Directive(NamedTuple):
    """The name of a directive of nginx or squid; `parents` are the blocks around it, outermost first."""

    span: Span
    name: str
    language: Literal["nginx", "squid"]
    parents: tuple[str, ...]


class JsonKey(NamedTuple):
    """A key of a JSON file by its path, as product tables write it (`llmModels[].model`)."""

    span: Span
    name: str
    path: str


Subject = Named | ComposeKey | Directive | JsonKey


def subject_at(analysis: Analysis, path: str, offset: int) -> Subject | None:
    """What stands at an offset; the character right after a name still belongs to it."""
    return named_at(analysis, path, offset) or key_at(analysis, path, offset)


def named_at(analysis: Analysis, path: str, offset: int) -> Named | None:
    """The name of the deployment that stands at an offset."""
    found = [(index, mention) for index in indexes(analysis, path) for mention in index.at(path, offset)]
    if not found:
        return None
    first = found[0][1]
    return Named(first.place.span, first.name, tuple(found))


def key_at(analysis: Analysis, path: str, offset: int) -> ComposeKey | Directive | JsonKey | None:
    """The key or directive at an offset."""
    return next((s for tree in analysis.trees(path) if (s := _in_tree(tree, offset)) is not None), None)


def _in_tree(tree: Tree, offset: int) -> ComposeKey | Directive | JsonKey | None:
    if isinstance(tree, YamlTree):
        return _compose_key(tree, offset)
    if isinstance(tree, JsonTree):
        return _json_key(tree, offset)
    if isinstance(tree, NginxTree):
        return _nginx_directive(tree.directives, offset)
    if isinstance(tree, SquidTree):
        for directive in tree.directives:
            if _holds(directive.name.span, offset):
                return Directive(directive.name.span, directive.name.text, "squid", ())
    return None


def _compose_key(tree: YamlTree, offset: int) -> ComposeKey | None:
    steps: list[str] = []
    level: Sequence[YamlNode] = tree.roots
    while True:
        node = next((n for n in level if _holds(n.span, offset)), None)
        if isinstance(node, YamlSequence):
            steps.append("[]")
            level = node.items
        elif isinstance(node, YamlMapping):
            entry = next((e for e in node.entries if _holds(e.key.span, offset) or _holds(e.value.span, offset)), None)
            if entry is None or not isinstance(entry.key, YamlScalar):
                return None
            steps.append(entry.key.text)
            if _holds(entry.key.span, offset):
                return ComposeKey(entry.key.span, entry.key.text, tuple(steps))
            level = (entry.value,)
        else:
            return None


def _json_key(tree: JsonTree, offset: int) -> JsonKey | None:
    steps = ""
    node: JsonNode | None = tree.root
    while node is not None and _holds(node.span, offset):
        if isinstance(node, JsonArray):
            steps += "[]"
            node = next((item for item in node.items if _holds(item.span, offset)), None)
        elif isinstance(node, JsonObject):
            member = next((m for m in node.members if _holds(m.key.span, offset) or _holds(m.value.span, offset)), None)
            if member is None:
                return None
            steps += f".{member.key.text}"
            if _holds(member.key.span, offset):
                return JsonKey(member.key.span, member.key.text, steps.removeprefix("."))
            node = member.value
        else:
            return None
    return None


def _nginx_directive(level: Sequence[NginxDirective], offset: int) -> Directive | None:
    parents: list[str] = []
    while True:
        found = next((d for d in level if _holds(d.span, offset)), None)
        if found is None or found.placeholder:
            return None
        if _holds(found.name.span, offset):
            return Directive(found.name.span, found.name.text, "nginx", tuple(parents))
        parents.append(found.name.text)
        level = found.block or ()


def _holds(span: Span, offset: int) -> bool:
    return span.start <= offset <= span.end
