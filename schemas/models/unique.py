"""Lists in which Compose keeps one item for each key, the later one in the earlier one's place."""

from __future__ import annotations

from .node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from .pairs import skeleton
from .record import Record

# services.*.KEY (compose-go, override/uncity.go); ports, volumes and env_file are made unique where they are read.
_LISTS = (
    "cap_add",
    "cap_drop",
    "configs",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "expose",
    "links",
    "profiles",
    "secrets",
    "tmpfs",
)
_MOUNTED = {"secrets": "/run/secrets", "configs": ""}


def unique_services(model: MappingNode, record: Record) -> MappingNode:
    """The model with the lists of its services made unique."""
    services = model.get("services")
    if not isinstance(services, MappingNode):
        return model
    changed: dict[str, Entry] = {}
    for name, entry in services.entries.items():
        node = entry.node
        if isinstance(node, MappingNode):
            kept = _unique_service(node, record)
            if kept is not node:
                entry = Entry(name, entry.key_place, kept, entry.shadowed)  # noqa: PLW2901
        changed[name] = entry
    below = MappingNode(changed, services.place, services.flow, services.merged)
    top = model.entries["services"]
    entries = {**model.entries, "services": Entry("services", top.key_place, below, top.shadowed)}
    return MappingNode(entries, model.place, model.flow, model.merged)


def _unique_service(service: MappingNode, record: Record) -> MappingNode:
    entries = service.entries
    for key in _LISTS:
        entry = service.entries.get(key)
        if entry is None or not isinstance(entry.node, SequenceNode):
            continue
        kept = _unique(entry.node, key, record)
        if len(kept) < len(entry.node.items):
            if entries is service.entries:
                entries = dict(entries)
            node = SequenceNode(kept, entry.node.place, entry.node.flow)
            entries[key] = Entry(key, entry.key_place, node, entry.shadowed)
    return service if entries is service.entries else MappingNode(entries, service.place, service.flow, service.merged)


def _unique(node: SequenceNode, key: str, record: Record) -> tuple[Node, ...]:
    found: dict[object, Node] = {}
    for item in node.items:
        found[_key(item, key, record)] = item
    return tuple(found.values())


def _key(item: Node, key: str, record: Record) -> object:
    if isinstance(item, ScalarNode):
        if item.kind != "str" and not (key == "expose" and item.kind == "int"):
            record.problem(
                "invalid-type", item.place, "Compose wants text here, and this is a {kind}: quote it", kind=item.kind
            )
        text = skeleton(item.value)
        if key in _MOUNTED:
            return f"{_MOUNTED[key]}/{text}"
        if key == "devices":
            parts = text.split(":")
            return parts[1] if len(parts) > 1 else text
        return text if key == "expose" else text.partition("=")[0]
    if isinstance(item, MappingNode) and key in {"secrets", "configs", "devices"}:
        target, source = item.get("target"), item.get("source")
        if isinstance(target, ScalarNode):
            return skeleton(target.value)
        if isinstance(source, ScalarNode):
            return f"{_MOUNTED.get(key, '')}/{skeleton(source.value)}"
    return id(item)
