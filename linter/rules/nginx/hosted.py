"""An nginx on the host against the ports of the stack behind it: those it takes for itself, and those it passes to."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    NginxWord,
    Port,
    Related,
    Service,
    Severity,
    rule,
)
from .front import Call, fronts, published
from .serving import Server
from .targets import speaks_no_tls

_OF_PRODUCT = LatePattern(r"/(?:console/api|api|v1|files|e|mcp|triggers|socket\.io|openapi|explore)?/?\Z")
_EVERYWHERE = ("", "0.0.0.0", "::", "*", "[::]")  # noqa: S104
_LISTEN = LatePattern(r"(?:(\*|0\.0\.0\.0|\[::\]|127\.0\.0\.1):)?(\d{1,5})")


@rule("NGX026", "front-port-taken", Deployment, Severity.WARNING, faq=("D14",))
def front_port_taken(deployment: Deployment) -> Diagnostics:
    """Two programs cannot listen on one port of the machine: nginx in front, and Docker for a container."""
    offered = published(deployment)
    for tree, servers, _ in fronts(deployment):
        told: set[int] = set()
        for server in servers:
            for word, address, number in _listened(server):
                service, port = offered.get(number, (None, None))
                if service is None or port is None or number in told or not _meet(address, port.host_ip):
                    continue
                told.add(number)
                values = (("port", str(number)), ("service", service.name))
                yield Diagnostic(
                    tree.document.place(*word.span),
                    "this nginx and `{service}` of the stack both want port {port} of the machine: whoever comes "
                    "second stops with `address already in use`; publish another port, or none",
                    values,
                    (Related(port.place, "`{service}` publishes it here", values),),
                )


def _listened(server: Server) -> Iterator[tuple[NginxWord, str, int]]:
    for line in server.lines:
        match = _LISTEN.fullmatch(line.words[0]) if line.name == "listen" and line.words else None
        if match is not None and line.tree is server.line.tree:
            yield line.directive.arguments[0], match[1] or "", int(match[2])


def _meet(one: str, other: str) -> bool:
    return one == other or one in _EVERYWHERE or other in _EVERYWHERE


@rule("NGX027", "front-wrong-port", Deployment, Severity.WARNING, faq=("D20",), fix=Applicability.UNSAFE)
def front_wrong_port(deployment: Deployment) -> Diagnostics:
    """An nginx on the host reaches a container only by a port that is published, and only as that container speaks."""
    offered = published(deployment)
    for _, _, calls in fronts(deployment):
        for call in calls:
            found = offered.get(call.port)
            if found is None:
                # Something else of this machine may well stand beside the stack, in its own server or below a path.
                beside = any(other.server is call.server and other.port in offered for other in calls)
                if call.is_meant(deployment) or (beside and _OF_PRODUCT.match(call.location.words[-1])):
                    yield from _unpublished(deployment, call)
            elif call.word.text.startswith("https:") and _is_plain(deployment, *found):
                yield _encrypted(call, *found)


def _unpublished(deployment: Deployment, call: Call) -> Iterator[Diagnostic]:
    """A port that is a container's own, or one of a server that surely is the stack's: nobody else is meant by it."""
    inside = [s for s in deployment.project.active if call.port in _listening(deployment, s)]
    rights = {_outside(service, call.port) for service in inside}
    if len(rights) == 1:
        message = (
            "port {port} is the one of `{service}` inside the stack, and on this machine nobody answers there: nginx "
            "gives 502; "
        )
        right = rights.pop()
    elif not inside and call.is_meant(deployment):
        message = "the stack publishes no port {port} on this machine, and nginx gives 502; "
        right = _front_port(deployment)
    else:
        return
    values = (("port", str(call.port)), ("service", inside[0].name if inside else ""), ("right", str(right)))
    yield Diagnostic(
        call.place,
        message + ("it is published as {right}" if inside and right else "{right} is its port" if right else _NONE),
        values,
        tuple(Related(service.place, "`{service}` is defined here", values) for service in inside[:1]),
        _ported(call, right) if right else (),
    )


_NONE = "it is not published"


def _ported(call: Call, right: int) -> tuple[Fix, ...]:
    start = call.word.text.rfind(f":{call.port}")
    if start < 0 or call.word.quote:
        return ()
    begin = call.word.span.start + start + 1
    place = call.location.tree.document.place(begin, begin + len(str(call.port)))
    values = (("right", str(right)),)
    return (Fix("Use port {right}", (Edit(place, str(right)),), Applicability.UNSAFE, values),)


def _listening(deployment: Deployment, service: Service) -> frozenset[int]:
    """Where a container of the product, or the stack's own nginx, listens."""
    if deployment.role(service):
        return deployment.listening(service) or frozenset()
    server = deployment.server(service)
    if server is None or server.name != "nginx":
        return frozenset()
    return frozenset(port.target[0] for port in service.ports if port.target)


def _front_port(deployment: Deployment) -> int | None:
    """The one port of the machine that leads to the stack's own nginx, or to the product's pages, without TLS."""
    found = {
        port.published[0]
        for service in deployment.project.active
        if _listening(deployment, service) and deployment.role(service) in ("", "web", "app")
        for port in service.ports
        if port.published and port.target and port.target[0] in _listening(deployment, service) - {443}
    }
    return found.pop() if len(found) == 1 else None


def _outside(service: Service, port: int) -> int | None:
    """The port of the machine that leads to a port of a container."""
    for mapping in service.ports:
        if mapping.published and mapping.target == (port, port):
            return mapping.published[0]
    return None


def _is_plain(deployment: Deployment, service: Service, port: Port) -> bool:
    """Whether a published port surely leads to a program that speaks no TLS."""
    target = port.target[0] if port.target else 0
    if deployment.role(service):
        return target in (deployment.listening(service) or ())
    return target == 80 and (server := deployment.server(service)) is not None and server.name == "nginx"


def _encrypted(call: Call, service: Service, port: Port) -> Diagnostic:
    start = call.word.span.start + len(call.word.quote)
    place = call.location.tree.document.place(start, start + len("https"))
    return speaks_no_tls(place, service, str(call.port), Related(port.place, "it is published here"))
