"""Ports on which nobody answers between containers: those of the host, and those on which a server does not listen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Endpoint,
    Fix,
    Place,
    Related,
    Server,
    Service,
    Severity,
    Variable,
    change_part,
    known_servers,
    rule,
)
from .addresses import called, inner_port, listed, written


class Call(NamedTuple):
    """A port that a service calls: the address, the variable that holds the port, and where in it."""

    endpoint: Endpoint
    variable: Variable
    text: str
    start: int

    @property
    def place(self) -> Place:
        """Where a person edits the port."""
        return self.variable.place_of(self.start, self.start + len(self.text))


@rule("STK004", "published-port-used-inside", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def published_port_used_inside(deployment: Deployment) -> Diagnostics:
    """Containers reach each other on container ports; the published port exists on the host only."""
    yield from _of_the_host(deployment)
    yield from _unheard(deployment)


def _of_the_host(deployment: Deployment) -> Diagnostics:
    ranges = {port.published for service in deployment.project.active for port in service.ports if port.published}
    every = (*deployment.endpoints, *deployment.called_by_configuration)
    possible = (e for e in every if e.port and _within(ranges, int(e.port.text)))
    for address in written(e for e in possible if _published_only(deployment, e)):
        endpoint = address.endpoint
        found = _published_only(deployment, endpoint)
        if found is None or endpoint.port is None:
            continue
        service, port = found
        number = int(endpoint.port.text)
        edit: Edit | None = change_part(deployment, endpoint.variable.value, endpoint.port, str(port))
        mapping = next(p for p in service.ports if p.published and p.published[0] <= number <= p.published[1])
        yield Diagnostic(
            endpoint.variable.value.place_of(endpoint.port.start, endpoint.port.end) or address.place,
            "`{variable}` of {services} calls `{host}` on port {wrong}, which exists on the host only; between "
            "containers `{target}` answers on {port}",
            (
                *_values(endpoint, address.services),
                ("wrong", endpoint.port.text),
                ("target", service.name),
                ("port", str(port)),
            ),
            (*address.related, Related(mapping.place, "the host's port is mapped to the container's here")),
            (Fix("Use port {port}", (edit,), Applicability.SAFE, (("port", str(port)),)),) if edit else (),
        )


def _within(ranges: Iterable[tuple[int, int]], port: int) -> bool:
    return any(first <= port <= last for first, last in ranges)


def _published_only(deployment: Deployment, endpoint: Endpoint) -> tuple[Service, int] | None:
    """The service and its container port, where an address uses a port that only the host has."""
    if not endpoint.port:
        return None
    found = deployment.lookup(endpoint.reader, endpoint.host.text)
    if found.reach != "reached" or len(found.services) != 1:
        return None
    service, port = found.services[0], int(endpoint.port.text)
    inner = inner_port(deployment, service, port)
    listening = deployment.listening(service)
    # Several listeners behind one container are beyond the table: only a port it surely lacks counts.
    if inner is None or inner == port or (listening is not None and inner not in listening):
        return None
    return None if speaks_of(deployment, service, endpoint.port.text) else (service, inner)


def speaks_of(deployment: Deployment, service: Service, port: str) -> bool:
    """Whether a service's own settings name a port, so that it may well listen there."""
    texts = [v.value.text or "" for v in service.environment.values()]
    texts += [*service.words("command"), *service.words("entrypoint")]
    texts += [m.tree.document.text for m in deployment.mounted if m.service is service and m.tree]
    number = re.compile(rf"(?<!\d){port}(?!\d)")
    return any(port in text and number.search(text) for text in texts)


def _values(endpoint: Endpoint, services: str) -> tuple[tuple[str, str], ...]:
    return (("variable", endpoint.variable.name), ("services", services), ("host", endpoint.host.text))


def _unheard(deployment: Deployment) -> Diagnostics:
    """Ports on which the server that is called does not listen, or says something else than what is asked."""
    found: dict[Place, list[tuple[Call, Service, int]]] = {}
    for call in filter(None, map(_call, filter(_asks_as_usual, called(deployment)))):
        target = _target(deployment, call)
        right = _right_port(deployment, target, int(call.text)) if target is not None else None
        if target is not None and right is not None:
            found.setdefault(call.place, []).append((call, target, right))
    for place, calls in found.items():
        call, target, right = calls[0]
        edit = change_part(
            deployment, call.variable.value, (call.text, call.start, call.start + len(call.text)), str(right)
        )
        values = (
            ("variable", call.variable.name),
            ("services", listed([each.endpoint.reader for each, _, _ in calls])),
            ("wrong", call.text),
            ("target", target.name),
            ("port", str(right)),
        )
        yield Diagnostic(
            place,
            "`{variable}` of {services} calls `{target}` on port {wrong}, where it does not answer what is asked here; "
            "it does on {port}",
            values,
            (Related(target.place, "this is the service that is called"),),
            (Fix("Use port {port}", (edit,), Applicability.UNSAFE, values),) if edit else (),
        )


def _asks_as_usual(endpoint: Endpoint) -> bool:
    """Whether an address is for what most ask a server: not for its gRPC, which answers on a port of its own."""
    return endpoint.protocol != "grpc" and "GRPC" not in endpoint.variable.name


def _call(endpoint: Endpoint) -> Call | None:
    """The port of an address, or the one in the variable beside a host's (`REDIS_HOST`, `REDIS_PORT`)."""
    if endpoint.port is not None:
        return Call(endpoint, endpoint.variable, endpoint.port.text, endpoint.port.start)
    prefix = re.sub(r"(HOST|HOSTNAME|SERVER)$", "", endpoint.variable.name)
    variable = endpoint.reader.environment.get(f"{prefix}PORT")
    # The database of a product is judged beside its type.
    if endpoint.scheme or variable is None or prefix in (endpoint.variable.name, "DB_"):
        return None
    text = variable.value.text or ""
    return Call(endpoint, variable, text, 0) if re.fullmatch(r"[0-9]{1,5}", text) else None


def _target(deployment: Deployment, call: Call) -> Service | None:
    if _published_only(deployment, call.endpoint) is not None:
        return None
    found = deployment.lookup(call.endpoint.reader, call.endpoint.host.text)
    return found.services[0] if found.reach == "reached" and len(found.services) == 1 else None


def _right_port(deployment: Deployment, service: Service, port: int) -> int | None:
    """The one port on which a service answers, where this one certainly is another; None where that cannot be told."""
    listening, role, server = deployment.listening(service), deployment.roles.get(service.name), None
    if role is None:
        server = deployment.server(service)
    table = (role[1].ports if role else server.ports if server else ()) or ()
    if listening is None or not table:
        return None
    first = deployment.first_port(service)
    apart = port in listening and any(each.apart and each.port == port for each in table)
    complete = role[1].complete if role else bool(server and server.facts.get("complete"))
    # A variable that moves the port outdoes what a file of the server's own, or a published port, may say of it.
    told = told_where(deployment, service) is not None
    lacking = port not in listening and (complete or _is_anothers(server, port))
    if first is None or first == port or not (apart or (lacking and (told or port not in deployment.offered(service)))):
        return None
    return first if told or not speaks_of(deployment, service, str(port)) else None


def told_where(deployment: Deployment, service: Service) -> Variable | None:
    """The variable of the service's own that says on which port it answers."""
    role, server = deployment.roles.get(service.name), deployment.server(service)
    table = role[1].ports if role else server.ports if server else None
    variable = service.environment.get(table[0].variable) if table else None
    return variable if variable is not None and (variable.value.text or "").strip() else None


def _is_anothers(server: Server | None, port: int) -> bool:
    """Whether a data store is asked on the port of a store of another kind."""
    if server is None or not server.facts.get("private"):
        return False
    return any(store.data and store.ports and store.ports[0] == port for store in known_servers())
