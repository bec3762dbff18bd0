"""Numeric addresses behind nginx that are right for a while, or not at all: a container's, and nginx's own loopback."""

from __future__ import annotations

import re

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    Related,
    Service,
    Severity,
    rule,
)
from .targets import Upstream, is_plain_nginx, listens, reads_other_files, the_one, upstreams
from .upstreams import shares_its_network

_LOOPBACK = LatePattern(r"localhost|127(?:\.\d{1,3}){3}|\[::1\]", re.IGNORECASE)


@rule("NGX012", "pasted-container-ip", Deployment, Severity.WARNING, faq=("D20",), fix=Applicability.UNSAFE)
def pasted_container_ip(deployment: Deployment) -> Diagnostics:
    """A container's address changes when it is recreated; its name does not."""
    fixed = {a.ipv4 for s in deployment.services.values() for a in s.networks if a.ipv4}
    for upstream in upstreams(deployment):
        third = _third_number(upstream.host)
        if third is None or upstream.host in fixed:
            continue
        meant = _listeners(deployment, upstream)
        # Docker hands out 172.17 to 172.31 with a third number of 0; anything else may be a machine of the LAN.
        if not meant and (third != 0 or _on_foreign_network(deployment, upstream.nginx)):
            continue
        service = the_one(deployment, upstream, meant)
        yield _pasted(upstream, service.name if service else "")


def _pasted(upstream: Upstream, name: str) -> Diagnostic:
    message = (
        "`{address}` is the address of a container: it changes when the container is made anew, and nginx then gives "
        "502; "
    )
    return Diagnostic(
        upstream.place,
        message + ("write `{name}` instead" if name else "write the name of the service instead"),
        (("address", upstream.host), ("name", name)),
        upstream.filled_in,
        _instead(upstream, name) if name else (),
    )


def _instead(upstream: Upstream, name: str, port: int | None = None) -> tuple[Fix, ...]:
    """The fix that writes a service name, and where it differs its port, for the address."""
    if upstream.place.text != upstream.host:
        return ()
    edits = [Edit(upstream.place, name)]
    if port is not None and str(port) != upstream.port:
        if upstream.port_place is None:
            edits = [Edit(upstream.place, f"{name}:{port}")]
        else:
            edits.append(Edit(upstream.port_place, str(port)))
    return (Fix("Use the service name `{name}`", tuple(edits), Applicability.UNSAFE, (("name", name),)),)


def _third_number(host: str) -> int | None:
    """The third number of an address from the range that Docker gives to containers, None for any other host."""
    if not re.fullmatch(r"172(\.\d{1,3}){3}", host):
        return None
    second, third, last = (int(part) for part in host.split(".")[1:])
    # The first address of a network is the host itself.
    return third if 17 <= second <= 31 and third <= 255 and 1 < last < 255 else None


def _on_foreign_network(deployment: Deployment, service: Service) -> bool:
    """Whether the container is on a network where other projects' containers, or the host's own programs, are."""
    names = deployment.networks(service)
    nodes = deployment.project.networks
    return names is None or any((node := nodes.get(n)) is not None and node.get("external") for n in names)


def _listeners(deployment: Deployment, upstream: Upstream) -> list[Service]:
    if not upstream.port:
        return []
    port = int(upstream.port)
    return [
        service
        for service in deployment.project.active
        if service is not upstream.nginx and port in (deployment.listening(service) or deployment.offered(service))
    ]


@rule("NGX020", "loopback-upstream", Deployment, Severity.ERROR, faq=("D10", "D20"), fix=Applicability.UNSAFE)
def loopback_upstream(deployment: Deployment) -> Diagnostics:
    """nginx looks for another container within its own."""
    own: dict[str, frozenset[int] | None] = {}
    for upstream in upstreams(deployment):
        if not _LOOPBACK.fullmatch(upstream.host) or not upstream.port:
            continue
        name, port = upstream.nginx.name, int(upstream.port)
        if name not in own:
            own[name] = listens(deployment, upstream.nginx) if _alone(deployment, upstream.nginx) else None
        listening = own[name]
        if listening is None or port in listening or port in (80, 443):
            continue
        targets = _published(deployment, upstream.nginx, port)
        service = the_one(deployment, upstream, [service for service, _ in targets])
        yield _looped(upstream, next((each for each in targets if each[0] is service), None))


def _looped(upstream: Upstream, target: tuple[Service, int] | None) -> Diagnostic:
    values = (("address", upstream.host), ("nginx", upstream.nginx.name), ("port", upstream.port))
    message = (
        "inside the container of `{nginx}`, `{address}` is that container itself, where nothing listens on port "
        "{port}: nginx gives 502; "
    )
    if target is None:
        message += "write the name of the service that should answer"
        return Diagnostic(upstream.place, message, values, upstream.filled_in)
    service, port = target
    return Diagnostic(
        upstream.place,
        message + "`{service}` answers as `{service}:{right}`",
        (*values, ("service", service.name), ("right", str(port))),
        (Related(service.place, "`{service}` is defined here", (("service", service.name),)), *upstream.filled_in),
        _instead(upstream, service.name, port),
    )


def _alone(deployment: Deployment, service: Service) -> bool:
    """Whether nothing but nginx can run in the container: nginx's own image as it is, in a network of its own."""
    if not is_plain_nginx(service) or reads_other_files(deployment, service):
        return False
    return deployment.networks(service) is not None and not shares_its_network(deployment, service)


def _published(deployment: Deployment, nginx: Service, port: int) -> list[tuple[Service, int]]:
    """The services that answer on a port, inside the stack or as it is published, with their port inside."""
    found: list[tuple[Service, int]] = []
    for service in deployment.project.active:
        if service is nginx or deployment.lookup(nginx, service.name).reach != "reached":
            continue
        if port in (deployment.listening(service) or deployment.offered(service)):
            found.append((service, port))
            continue
        found.extend(
            (service, mapping.target[0])
            for mapping in service.ports
            if mapping.published == (port, port) and mapping.target and mapping.target[0] == mapping.target[1]
        )
    return found
