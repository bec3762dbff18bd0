"""The names in a Compose file: services, networks, volumes, secrets, configs and profiles, where they are written."""

from __future__ import annotations

from collections.abc import Iterator

from ...schemas.models.mounts import MountError, is_path, split_short
from ...schemas.parsers.document import Place
from ...schemas.parsers.yaml import YamlAlias, YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTree, source_span
from .mention import Kind, Mention

SECTIONS: dict[str, Kind] = {
    "services": "service", "networks": "network", "volumes": "volume", "secrets": "secret", "configs": "config",
}  # fmt: skip
_LISTS: dict[str, Kind] = {
    "depends_on": "service", "networks": "network", "secrets": "secret", "configs": "config", "profiles": "profile",
}  # fmt: skip
_STACKS = ("network_mode", "ipc", "pid")
_NOT_A_NAME = ("$", "/", " ")


def compose_names(tree: YamlTree) -> Iterator[Mention]:
    """Every name of a thing in a Compose file. Extension fields are read as what services take over by `<<`."""
    for root in tree.roots:
        for key, value in _entries(root):
            if key.text in SECTIONS:
                yield from (_definition(tree, SECTIONS[key.text], name) for name in _keys(value))
            if key.text == "services":
                for _, body in _entries(value):
                    yield from _service(tree, body)
            elif key.text.startswith("x-"):
                yield from _service(tree, value)


def _service(tree: YamlTree, body: YamlNode) -> Iterator[Mention]:
    for key, value in _entries(body):
        name = key.text
        if name in _LISTS:
            yield from _listed(tree, _LISTS[name], value)
        elif name == "volumes":
            yield from _volumes(tree, value)
        elif name in ("links", "volumes_from"):
            for item in _texts(value):
                if not item.text.startswith("container:"):
                    yield from _part(tree, item, 0, _until_colon(item.text))
        elif name in _STACKS and isinstance(value, YamlScalar):
            yield from _behind_service(tree, value)
        elif name == "extends":
            yield from _extends(tree, value)
        elif name == "build":
            contexts = value.entry("additional_contexts") if isinstance(value, YamlMapping) else None
            for _, context in _entries(contexts.value) if contexts else ():
                if isinstance(context, YamlScalar):
                    yield from _behind_service(tree, context)


def _listed(tree: YamlTree, kind: Kind, value: YamlNode) -> Iterator[Mention]:
    """A list of names, a mapping by name, or a list of mappings with a `source`."""
    for key in _keys(value):
        yield from _part(tree, key, 0, len(key.text), kind)
    for item in value.items if isinstance(value, YamlSequence) else ():
        source = item.entry("source") if isinstance(item, YamlMapping) else None
        scalar = source.value if source is not None else item
        if isinstance(scalar, YamlScalar):
            yield from _part(tree, scalar, 0, len(scalar.text), kind)


def _volumes(tree: YamlTree, value: YamlNode) -> Iterator[Mention]:
    for item in value.items if isinstance(value, YamlSequence) else ():
        if isinstance(item, YamlMapping):
            kind, source = item.entry("type"), item.entry("source")
            named = kind is None or (isinstance(kind.value, YamlScalar) and kind.value.text == "volume")
            if named and source is not None and isinstance(source.value, YamlScalar):
                yield from _part(tree, source.value, 0, len(source.value.text), "volume")
        elif isinstance(item, YamlScalar):
            try:
                span = split_short(item.text)[0]
            except MountError:
                continue
            if span is not None and not is_path(item.text):
                yield from _part(tree, item, *span, "volume")


def _extends(tree: YamlTree, value: YamlNode) -> Iterator[Mention]:
    if isinstance(value, YamlScalar):
        yield from _part(tree, value, 0, len(value.text))
    elif isinstance(value, YamlMapping):
        service = value.entry("service")
        if service is not None and isinstance(service.value, YamlScalar):
            for mention in _part(tree, service.value, 0, len(service.value.text)):
                yield mention._replace(form="extends") if value.entry("file") else mention


def _behind_service(tree: YamlTree, scalar: YamlScalar) -> Iterator[Mention]:
    head, colon, _ = scalar.text.partition(":")
    if head == "service" and colon:
        yield from _part(tree, scalar, len("service:"), len(scalar.text))


def _part(tree: YamlTree, scalar: YamlScalar, start: int, end: int, kind: Kind = "service") -> Iterator[Mention]:
    name = scalar.text[start:end]
    if name and not any(mark in name for mark in _NOT_A_NAME):
        yield Mention(kind, name, Place(tree.document, source_span(tree, scalar, start, end)), "use")


def _definition(tree: YamlTree, kind: Kind, scalar: YamlScalar) -> Mention:
    span = source_span(tree, scalar, 0, len(scalar.text))
    return Mention(kind, scalar.text, Place(tree.document, span), "definition")


def _until_colon(text: str) -> int:
    colon = text.find(":")
    return len(text) if colon == -1 else colon


def _keys(node: YamlNode) -> Iterator[YamlScalar]:
    if isinstance(node, YamlMapping):
        for entry in node.entries:
            if isinstance(entry.key, YamlScalar) and not entry.is_merge:
                yield entry.key


def _entries(node: YamlNode) -> Iterator[tuple[YamlScalar, YamlNode]]:
    """The keys of a mapping with what stands behind them; an alias there is not followed, it is written elsewhere."""
    if isinstance(node, YamlMapping):
        for entry in node.entries:
            if isinstance(entry.key, YamlScalar) and not entry.is_merge and not isinstance(entry.value, YamlAlias):
                yield entry.key, entry.value


def _texts(node: YamlNode) -> Iterator[YamlScalar]:
    if isinstance(node, YamlSequence):
        yield from (item for item in node.items if isinstance(item, YamlScalar))
