"""Typed services from the merged tree: ports, mounts, networks, dependencies, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from .merge import is_null, names_mapping
from .mounts import read_mounts
from .node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from .pairs import skeleton
from .ports import read_ports
from .record import Record
from .service import Attachment, Dependency, Service
from .service_env import EnvironmentReader
from .value import Value

SHARED_NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")
_EXPOSED = 10_000


class Setup(NamedTuple):
    """What building a service needs: `home` is the user's home folder for `~`, None when it is not known."""

    reader: EnvironmentReader
    profiles: tuple[str, ...]
    home: str | None
    record: Record


def build_service(entry: Entry, node: MappingNode, setup: Setup) -> Service:
    """The service that a key of the merged project's `services` and its value define."""
    reader, profiles, home, record = setup
    active = is_active(node, profiles)
    environment, env_files = reader.read(node, active=active)
    image = node.get("image")
    mode = text_of(node.get("network_mode"))
    return Service(
        name=entry.key,
        place=entry.key_place,
        node=node,
        image=image.value if isinstance(image, ScalarNode) and not is_null(image) else None,
        image_place=image.place if isinstance(image, ScalarNode) else None,
        container_name=value_of(node.get("container_name")),
        environment=environment,
        env_files=env_files,
        ports=read_ports(node.get("ports"), record),
        expose=tuple(islice(_exposed(node.get("expose")), _EXPOSED)),
        mounts=read_mounts(node.get("volumes"), home, record),
        networks=() if mode or "provider" in node.entries else tuple(_attachments(node.get("networks"))),
        network_mode=mode,
        depends_on=tuple(_dependencies(node)),
        profiles=tuple(texts(node.get("profiles"))),
        active=active,
        extra_hosts=dict(_hosts(node.get("extra_hosts"), record)),
        hostname=text_of(node.get("hostname")),
        links=tuple(texts(node.get("links"))),
    )


def is_active(node: MappingNode, profiles: tuple[str, ...]) -> bool:
    """Whether a service is on: it has no profiles, or one of them is chosen (`*`: all are)."""
    own = node.get("profiles")
    if not isinstance(own, SequenceNode) or not own.items or "*" in profiles:
        return True
    return any(isinstance(item, ScalarNode) and item.text in profiles for item in own.items)


def text_of(node: Node | None) -> str | None:
    """A scalar's text; None for what is absent, null, unknown or no scalar."""
    return node.text if isinstance(node, ScalarNode) and node.kind != "null" else None


def value_of(node: Node | None) -> Value | None:
    """A scalar's value; None for what is absent, null or no scalar."""
    return node.value if isinstance(node, ScalarNode) and node.kind != "null" else None


def texts(node: Node | None) -> Iterator[str]:
    """The known texts of a list, or of a single scalar in its place."""
    for item in node.items if isinstance(node, SequenceNode) else (node,):
        text = text_of(item)
        if text is not None:
            yield text


def scalars(node: Node | None) -> Iterator[ScalarNode]:
    """The scalars of a list."""
    for item in node.items if isinstance(node, SequenceNode) else ():
        if isinstance(item, ScalarNode) and item.kind != "null":
            yield item


def _exposed(node: Node | None) -> Iterator[int]:
    for text in texts(node):
        low, dash, high = text.partition("/")[0].partition("-")
        if low.isascii() and low.isdigit() and len(low) < 6:
            last = int(high) if dash and high.isascii() and high.isdigit() and len(high) < 6 else int(low)
            yield from range(int(low), min(last, int(low) + _EXPOSED) + 1)


def _attachments(node: Node | None) -> Iterator[Attachment]:
    """The networks of a service; `default` when it names none (loader/normalize.go: normalizeNetworks)."""
    networks = names_mapping(node) if node is not None else None
    if networks is None or not networks.entries:
        yield Attachment("default", None)
        return
    for entry in networks:
        below = entry.node if isinstance(entry.node, MappingNode) else None
        aliases = tuple(dict.fromkeys(texts(below.get("aliases")))) if below is not None else ()
        address = text_of(below.get("ipv4_address")) if below is not None else None
        yield Attachment(entry.key, entry.key_place, aliases, address)


def _dependencies(service: MappingNode) -> Iterator[Dependency]:
    """What a service waits for: `depends_on`, then what its other keys imply (loader/normalize.go)."""
    seen: set[str] = set()
    node = service.get("depends_on")
    for entry in names_mapping(node) if node is not None else ():
        below = entry.node if isinstance(entry.node, MappingNode) else None
        condition = (text_of(below.get("condition")) if below is not None else None) or "service_started"
        required = below is None or text_of(below.get("required")) != "false"
        seen.add(entry.key)
        yield Dependency(entry.key, entry.key_place, condition, required)
    for name, item in _implied(service):
        if name not in seen:
            seen.add(name)
            yield Dependency(name, item.place, implicit=True)


def _implied(service: MappingNode) -> Iterator[tuple[str, ScalarNode]]:
    for item in scalars(service.get("links")):
        parts = (item.text or "").split(":")
        if item.text:
            yield (parts[0] if len(parts) == 2 else item.text), item
    for key in SHARED_NAMESPACES:
        shared = service.get(key)
        if isinstance(shared, ScalarNode) and (shared.text or "").startswith("service:"):
            yield (shared.text or "").partition(":")[2], shared
    for item in scalars(service.get("volumes_from")):
        if item.text and not item.text.startswith("container:"):
            yield item.text.partition(":")[0], item


def _hosts(node: Node | None, record: Record) -> Iterator[tuple[str, str]]:
    """Host names and their addresses, several joined by a comma (types/hostList.go)."""
    found: dict[str, list[str]] = {}
    if isinstance(node, MappingNode):
        for entry in node:
            found[entry.key] = list(texts(entry.node))
    for item in scalars(node):
        text = skeleton(item.value)
        host, separator, address = text.partition("=")
        if not separator:
            host, separator, address = text.partition(":")
        if separator:
            found.setdefault(host, []).extend(address.split(","))
        elif item.text is not None:
            record.problem("invalid-extra-host", item.place, "this host has no address: `name=address` is wanted")
    for host, addresses in found.items():
        yield host, ",".join([a[1:-1] if a[:1] == "[" and a[-1:] == "]" else a for a in addresses])
