"""Published ports that lead to a container port on which nothing listens."""

from __future__ import annotations

import re
from collections.abc import Container

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    MappingNode,
    Place,
    Port,
    Related,
    ScalarNode,
    SequenceNode,
    Service,
    Severity,
    Source,
    Value,
    change_part,
    rule,
)
from ..nginx.targets import is_plain_nginx, reads_other_files, trees
from .ports import speaks_of, told_where

HTTPS = 443


@rule("STK022", "mapped-port-not-listened", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def mapped_port_not_listened(deployment: Deployment) -> Diagnostics:
    """A `ports` item whose container port is not one of those on which the image listens."""
    shared = {service.network_mode for service in deployment.services.values() if service.network_mode}
    for service in deployment.project.active:
        listening = _all_ports(deployment, service, shared)
        if not listening:
            continue
        for port in service.ports:
            if _leads_nowhere(deployment, service, port, listening) and port.target:
                yield _finding(deployment, service, port, listening)


def _all_ports(deployment: Deployment, service: Service, shared: Container[str]) -> frozenset[int] | None:
    """Every container port on which a service listens; None when it may listen on more, or when that is unknown.

    `shared` are the network modes in use: who uses a service's network may listen on any of its ports.
    """
    name = service.container_name.text if service.container_name is not None else None
    if not service.ports or f"service:{service.name}" in shared or f"container:{name}" in shared:
        return None
    found = deployment.roles.get(service.name)
    server = deployment.server(service)
    if server is not None and server.name == "nginx" and found is None:
        return _of_nginx(deployment, service)
    if found is not None:
        # A command of one's own may start anything from the product's image.
        known = found[1].complete and service.get("command") is None
    else:
        known = server is not None and server.facts.get("complete") is True
    return deployment.listening(service) if known else None


def _of_nginx(deployment: Deployment, service: Service) -> frozenset[int] | None:
    """The ports in the mounted files of nginx, and those that its start script may write into them."""
    if not is_plain_nginx(service) or reads_other_files(deployment, service):
        return None
    ports: set[int] = set()
    for file, tree in trees(deployment, service):
        for directive, _ in tree.walk():
            if directive.placeholder:
                texts = (v.value.text for v in service.environment.values() if v.name.endswith("_PORT"))
                ports.update(int(text) for text in texts if text and re.fullmatch(r"\d{1,5}", text))
            elif directive.name.text == "listen" and directive.arguments:
                port = re.fullmatch(r"(?:[^:]*:|\[.*\]:)?(\d{1,5})", file.filled(directive.arguments[0].text) or "")
                if port is None:
                    return None
                ports.add(int(port[1]))
    return frozenset(ports)


def _leads_nowhere(deployment: Deployment, service: Service, port: Port, listening: frozenset[int]) -> bool:
    if port.target is None or port.target[0] != port.target[1] or port.protocol != "tcp":
        return False
    number, server = port.target[0], deployment.server(service)
    if number == HTTPS and server is not None and server.name == "nginx":
        # Many open it for the day on which there is a certificate.
        return False
    told = told_where(deployment, service)
    return number not in listening and (told is not None or not speaks_of(deployment, service, str(number)))


def _finding(deployment: Deployment, service: Service, port: Port, listening: frozenset[int]) -> Diagnostic:
    assert port.target is not None
    wrong, right = str(port.target[0]), sorted(listening)
    target = _target(service, port)
    values = (("service", service.name), ("wrong", wrong), ("right", ", ".join(map(str, right))))
    place, says = _what_says_so(deployment, service)
    related = (Related(place, says, values),) if place else ()
    first = right[0] if len(right) == 1 else deployment.first_port(service)
    edit = _led_to(deployment, port, target, first) if first is not None else None
    return Diagnostic(
        target.place if target else port.place,
        "this leads to port {wrong} of `{service}`, where nothing listens: it listens on {right}, so whoever "
        + (
            "connects is turned away; `target` is the container's port, and only `published` is free to choose"
            if target
            else "connects is turned away; only the host's port, before the last colon, is free to choose"
        ),
        values,
        related,
        (Fix("Lead to port {port}", (edit,), Applicability.SAFE, (("port", str(first)),)),) if edit else (),
    )


def _what_says_so(deployment: Deployment, service: Service) -> tuple[Place | None, str]:
    """The variable that moves the port, else the image."""
    variable = told_where(deployment, service)
    if variable is not None:
        return variable.edit_place, "it is told here to listen on {right}"
    return service.image_place, "this image listens on {right}"


def _led_to(deployment: Deployment, port: Port, target: ScalarNode | None, right: int) -> Edit | None:
    if target is not None:
        plain = _written_here(target.value, 0) and target.place.text == target.text
        return Edit(target.place, str(right)) if plain else None
    text = port.value.text or ""
    start = text.rfind(":") + 1
    end = start + len(text[start:].partition("/")[0])
    if start == 0 or not _written_here(port.value, start):
        # Without a host port the change is no small one; and a variable may serve elsewhere, too.
        return None
    return change_part(deployment, port.value, (text[start:end], start, end), str(right))


def _target(service: Service, port: Port) -> ScalarNode | None:
    """The node of `target`, where the port is written as a mapping."""
    node = service.get("ports")
    for item in node.items if isinstance(node, SequenceNode) else ():
        if item.place == port.place and isinstance(item, MappingNode):
            target = item.get("target")
            return target if isinstance(target, ScalarNode) else None
    return None


def _written_here(value: Value, start: int) -> bool:
    """Whether the text from an offset on is written out in the compose file, not asked for by a variable."""
    piece = value.piece_at(start)
    return piece is not None and not piece.via and piece.source not in (Source.DEFAULT, Source.ENV, Source.SHELL)
