"""What Compose checks in the active services of a merged project: references, cycles, names, mounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..parsers.document import Place
from .merge import is_null
from .mounts import clean
from .node import MappingNode, Node, ScalarNode, SequenceNode
from .record import Record
from .service import Service
from .services import scalars, text_of

_RESTARTS = re.compile(r"no|always|unless-stopped|on-failure(?::\d+)?")


class _Use(NamedTuple):
    """A service's use of a network, volume, secret or config, and where it names it."""

    service: Service
    what: str
    name: str
    place: Place


def check_services(services: Mapping[str, Service], model: MappingNode, record: Record) -> None:
    """Note what Compose refuses in the active services of a merged project."""
    names: dict[str, Service] = {}
    for service in services.values():
        if not service.active:
            continue
        _check_dependencies(service, services, record)
        _check_networks(service, model, record)
        _check_resources(service, model, record)
        _check_targets(service, record)
        _check_itself(service, record)
        name = service.container_name.text if service.container_name is not None else None
        if name:
            _check_name(service, name, names, record)
    _check_cycles(services, record)


def _check_dependencies(service: Service, services: Mapping[str, Service], record: Record) -> None:
    for dependency in service.depends_on:
        other = services.get(dependency.service)
        if other is None:
            record.problem(
                "undefined-service",
                dependency.place,
                "`{service}` needs the service `{name}`, which does not exist",
                service=service.name,
                name=dependency.service,
            )
        elif not other.active and dependency.required:
            record.problem(
                "inactive-dependency",
                dependency.place,
                "`{service}` needs `{name}`, which no active profile switches on ({profiles})",
                (other.place, "the service that is off"),
                service=service.name,
                name=other.name,
                profiles=", ".join(other.profiles),
            )


def _check_networks(service: Service, model: MappingNode, record: Record) -> None:
    if service.network_mode:
        networks = service.get("networks")
        if isinstance(networks, (MappingNode, SequenceNode)) and _filled(networks):
            record.problem(
                "network-mode-conflict",
                service.node.entries["networks"].key_place,
                "`{service}` has both `network_mode` and `networks`; Compose takes only one of them",
                (service.node.entries["network_mode"].key_place, "`network_mode`"),
                service=service.name,
            )
        return
    for attachment in service.networks:
        if attachment.place is not None and attachment.network != "default":
            _check_defined(_Use(service, "network", attachment.network, attachment.place), model, record)


def _check_resources(service: Service, model: MappingNode, record: Record) -> None:
    for mount in service.mounts:
        if mount.kind == "volume" and mount.source and mount.value.known:
            place = mount.source_place or mount.place
            _check_defined(_Use(service, "volume", mount.source, place), model, record)
    for what in ("secret", "config"):
        lists = [service.get(what + "s")]
        if what == "secret":
            lists.append(service.get("build", "secrets"))
        for node in lists:
            for item in node.items if isinstance(node, SequenceNode) else ():
                source = item.get("source") if isinstance(item, MappingNode) else item
                if isinstance(source, ScalarNode) and source.text:
                    _check_defined(_Use(service, what, source.text, source.place), model, record)


def _check_defined(used: _Use, model: MappingNode, record: Record) -> None:
    service, what, name, place = used
    section = what + "s"
    defined = model.get(section)
    if isinstance(defined, MappingNode) and name in defined.entries:
        return
    if defined is not None and not isinstance(defined, MappingNode) and not is_null(defined):
        return  # a section that is no mapping is a mistake of its own
    record.problem(
        f"undefined-{what}",
        place,
        "`{service}` uses the {what} `{name}`, which `{section}` does not define",
        service=service.name,
        what=what,
        name=name,
        section=section,
    )


def _check_targets(service: Service, record: Record) -> None:
    """Two mounts on one path: Compose drops the first of two volumes, but refuses a volume and a tmpfs."""
    taken: dict[str, Place] = {m.target: m.place for m in service.mounts if m.target is not None}
    tmpfs = service.get("tmpfs")
    items = (
        scalars(tmpfs) if isinstance(tmpfs, SequenceNode) else iter([tmpfs] if isinstance(tmpfs, ScalarNode) else [])
    )
    for item in items:
        target = clean(item.text.partition(":")[0]) if item.text else None
        if target is None:
            continue
        if target in taken:
            record.problem(
                "duplicate-mount-target",
                item.place,
                "{target} is a mount already; Compose refuses a second one",
                (taken[target], "the first mount"),
                target=target,
            )
        taken.setdefault(target, item.place)


def _check_itself(service: Service, record: Record) -> None:
    node = service.node
    has_image = service.image.text != "" if service.image is not None else "image" in node.entries
    if not has_image and not {"build", "provider", "extends"} & node.entries.keys():
        record.problem(
            "missing-image", service.place, "`{service}` has neither `image` nor `build`", service=service.name
        )
    test = service.get("healthcheck", "test")
    if isinstance(test, SequenceNode) and test.items:
        first = text_of(test.items[0])
        if first is not None and first not in {"NONE", "CMD", "CMD-SHELL"}:
            record.problem(
                "invalid-healthcheck",
                test.items[0].place,
                "a `test` list starts with CMD, CMD-SHELL or NONE, not with `{first}`",
                first=first,
            )
    restart = text_of(service.get("restart"))
    if restart and not _RESTARTS.fullmatch(restart):
        record.problem(
            "unknown-restart",
            node.entries["restart"].node.place,
            "Docker knows no restart policy `{policy}`, and does not create `{service}`: it knows `no`, `always`, "
            "`on-failure` and `unless-stopped`",
            policy=restart,
            service=service.name,
        )
    copies = text_of(service.get("scale")) or text_of(service.get("deploy", "replicas")) or "1"
    if service.container_name is not None and service.container_name.text and _above_one(copies):
        record.problem(
            "scaled-container-name",
            service.node.entries["container_name"].key_place,
            "`{service}` runs {copies} times, and one `container_name` cannot serve for all",
            service=service.name,
            copies=copies,
        )


def _check_name(service: Service, name: str, names: dict[str, Service], record: Record) -> None:
    first = names.setdefault(name, service)
    if first is not service:
        record.problem(
            "duplicate-container-name",
            service.node.entries["container_name"].node.place,
            "`{name}` is the container name of `{other}` already",
            (first.node.entries["container_name"].node.place, "the first service with this name"),
            name=name,
            other=first.name,
        )


def _check_cycles(services: Mapping[str, Service], record: Record) -> None:
    """Note each cycle of dependencies once, at the dependency that closes it; depth-first without recursion."""
    done: set[str] = set()
    for start, service in services.items():
        if not service.active or start in done:
            continue
        trail: dict[str, None] = {start: None}  # a dict for its order
        stack = [iter(service.depends_on)]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                done.add(trail.popitem()[0])
                continue
            name = step.service
            below = services.get(name)
            if name in trail:
                ring = list(trail)
                _cycle(ring[ring.index(name) :], name, step.place, record)
            elif below is not None and below.active and name not in done:
                trail[name] = None
                stack.append(iter(below.depends_on))


def _cycle(trail: list[str], name: str, place: Place, record: Record) -> None:
    record.problem(
        "dependency-cycle",
        place,
        "these services wait for each other: {cycle}",
        cycle=" → ".join([*trail, name]),
    )


def _above_one(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 1


def _filled(node: Node) -> bool:
    return (
        bool(node.items)
        if isinstance(node, SequenceNode)
        else bool(node.entries)
        if isinstance(node, MappingNode)
        else False
    )
