"""The services of a deployment with their networks, published ports, and who talks to whom: what a picture needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..schemas.models.deployment import Deployment
    from ..schemas.models.endpoint import Endpoint
    from ..schemas.models.service import Port, Service
    from ..schemas.parsers.document import Place


class Box(NamedTuple):
    """A service that is on. `networks` are those on which it can be found, or the word for what it has instead.

    `ports` are the published ones as people write them. `body` is the path and the span of its definition, `files` are
    the absolute paths of the configuration files that it mounts. Texts are those of the files: mask them.
    """

    name: str
    image: str
    role: str
    networks: tuple[str, ...]
    ports: tuple[str, ...]
    body: tuple[str, int, int]
    files: tuple[str, ...]

    def holds(self, place: Place) -> bool:
        """Whether a place stands in the definition of the service."""
        path, start, end = self.body
        return place.document.path == path and start <= place.span.start < end


class Arrow(NamedTuple):
    """One service uses another. `calls` are the addresses by which it does; `waits`: it is started after the other.

    `apart` says that an address leads to a service on no common network.
    """

    source: str
    target: str
    calls: tuple[str, ...]
    waits: bool
    apart: bool


class Topology(NamedTuple):
    """A deployment as a graph. `files` are its Compose files, `off` the services that no chosen profile switches on."""

    files: tuple[str, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    off: tuple[str, ...]

    def marked(self, places: tuple[Place, ...]) -> tuple[str, ...]:
        """The services that a finding is about, by the first of its places that stands in one or in a file of one."""
        for place in places:
            found = [b.name for b in self.boxes if b.holds(place)]
            found = found or [b.name for b in self.boxes if place.document.path in b.files]
            if found:
                return tuple(found)
        return ()


def topology_of(deployment: Deployment) -> Topology:
    """Draw off a deployment what stays when the deployment itself is let go."""
    active = deployment.project.active
    return Topology(
        tuple(tree.document.path for tree in deployment.project.files),
        tuple(_box(deployment, service) for service in active),
        tuple(_arrows(deployment)),
        tuple(s.name for s in deployment.services.values() if not s.active),
    )


def _box(deployment: Deployment, service: Service) -> Box:
    place, end = service.place, service.place.span.end
    if service.node.place.document is place.document:
        end = max(end, service.node.place.span.end)
    image = service.image.text if service.image is not None else None
    return Box(
        service.name,
        image or ("built here" if service.get("build") is not None else ""),
        deployment.role(service),
        _networks(deployment, service),
        tuple(dict.fromkeys(text for port in service.ports if (text := _published(port)))),
        (place.document.path, place.span.start, end),
        tuple(m.path for m in deployment.mounted if m.service is service and m.tree is not None),
    )


def _networks(deployment: Deployment, service: Service) -> tuple[str, ...]:
    found = deployment.networks(service)
    if found is not None:
        return tuple(sorted(found, key=lambda name: (name != "default", name)))
    mode = service.network_mode or ""
    return ({"host": "the host's own", "none": "none"}.get(mode, mode),)


def _published(port: Port) -> str:
    """`80`, `8080→80`, `127.0.0.1:53/udp`; "" for a port that is not known."""
    if not port.known or port.target is None:
        return ""
    target = _range(port.target)
    outside = _range(port.published) if port.published else "random"
    address = f"{port.host_ip}:" if port.host_ip not in ("", "0.0.0.0", "::") else ""  # noqa: S104
    inside = f"→{target}" if outside != target else ""
    return f"{address}{outside}{inside}{'/udp' if port.protocol == 'udp' else ''}"


def _range(ports: tuple[int, int]) -> str:
    return str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"


def _arrows(deployment: Deployment) -> Iterator[Arrow]:
    calls: dict[tuple[str, str], dict[str, bool]] = {}
    for reader, target, label, apart in _addresses(deployment):
        if target.active and target is not reader:
            calls.setdefault((reader.name, target.name), {}).setdefault(label, apart)
    waits = {
        (service.name, dependency.service)
        for service in deployment.project.active
        for dependency in service.depends_on
        if (other := deployment.services.get(dependency.service)) is not None and other.active
    }
    for pair in dict.fromkeys((*calls, *sorted(waits))):
        by = calls.get(pair, {})
        if pair[0] != pair[1]:
            yield Arrow(*pair, tuple(by), pair in waits, any(by.values()))


def _addresses(deployment: Deployment) -> Iterator[tuple[Service, Service, str, bool]]:
    """Reader, the service that is meant, what names it, and whether no network joins the two."""
    from .rules.nginx.targets import upstreams

    for endpoint in deployment.endpoints:
        if not _meant(deployment, endpoint):
            continue
        found = deployment.lookup(endpoint.reader, endpoint.host.text)
        port = f" (port {endpoint.port.text})" if endpoint.port else ""
        for service in found.services:
            yield endpoint.reader, service, f"{endpoint.variable.name}{port}", found.reach == "apart"
    for upstream in upstreams(deployment):
        found = deployment.lookup(upstream.nginx, upstream.host)
        port = f" (port {upstream.port})" if upstream.port else ""
        for service in found.services:
            yield upstream.nginx, service, f"{upstream.directive.name.text}{port}", found.reach == "apart"


def _meant(deployment: Deployment, endpoint: Endpoint) -> bool:
    """Whether an address is meant for the service that has it: an `env_file` of a whole product gives all to all."""
    if endpoint.variable.form != "env_file" or endpoint.reader.name not in deployment.roles:
        return True
    return endpoint.variable.name in deployment.contacts(endpoint.reader)
