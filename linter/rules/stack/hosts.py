"""Addresses between services that lead nowhere: loopback, unknown names, host ports used inside."""

from __future__ import annotations

from ...kit import (
    DATASTORE_SCHEMES,
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Endpoint,
    Fix,
    Related,
    Service,
    Severity,
    change_part,
    near,
    rule,
)
from .addresses import Address, called, candidates, inner_port, meant_server, written


@rule("STK001", "loopback-in-container", Deployment, Severity.ERROR, faq=("D10",), fix=Applicability.UNSAFE)
def loopback_in_container(deployment: Deployment) -> Diagnostics:
    """A container that looks for another one on its own loopback."""
    wrong = (e for e in called(deployment) if e.loopback and _leads_elsewhere(deployment, e))
    for address in written(wrong):
        endpoint = address.endpoint
        targets = candidates(deployment, endpoint)
        known = targets[0] if len(targets) == 1 else None
        port = _port(deployment, known, endpoint) if known else None
        yield Diagnostic(
            address.place,
            "`{variable}` of {services} says `{host}`, but inside a container that is the container itself; "
            + (
                "`{target}` answers as `{name}`"
                if known
                else "name the service, or `host.docker.internal` for a program on the host"
            ),
            (
                ("variable", endpoint.variable.name),
                ("services", address.services),
                ("host", endpoint.host.text),
                ("target", known.name if known else ""),
                ("name", f"{known.name}:{port}" if known and port else known.name if known else ""),
            ),
            address.related,
            _name_instead(deployment, address, known, port) if known else (),
        )


def _leads_elsewhere(deployment: Deployment, endpoint: Endpoint) -> bool:
    """Whether the reader can not be meant itself: it is in a network of its own and does not listen there."""
    reader = endpoint.reader
    if deployment.networks(reader) is None or _shares_its_network(deployment, reader):
        return False
    if deployment.roles.get(reader.name):
        return True
    port = int(endpoint.port.text) if endpoint.port else None
    if port is not None and (port in deployment.offered(reader) or port in (deployment.listening(reader) or ())):
        return False
    if endpoint.protocol in DATASTORE_SCHEMES or meant_server(endpoint):
        return bool(candidates(deployment, endpoint))
    return True


def _shares_its_network(deployment: Deployment, service: Service) -> bool:
    mode = f"service:{service.name}"
    return any(other.network_mode == mode for other in deployment.services.values())


def _port(deployment: Deployment, target: Service, endpoint: Endpoint) -> int | None:
    return inner_port(deployment, target, int(endpoint.port.text)) if endpoint.port else None


def _name_instead(deployment: Deployment, address: Address, target: Service, port: int | None) -> tuple[Fix, ...]:
    endpoint = address.endpoint
    value = endpoint.variable.value
    edits = [change_part(deployment, value, endpoint.host, target.name)]
    if port is not None and endpoint.port and endpoint.port.text != str(port):
        edits.append(change_part(deployment, value, endpoint.port, str(port)))
    done = tuple(edit for edit in edits if edit is not None)
    if len(done) != len(edits):
        return ()
    return (Fix("Use the service name `{name}`", done, Applicability.UNSAFE, (("name", target.name),)),)


@rule("STK002", "unresolvable-host", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def unresolvable_host(deployment: Deployment) -> Diagnostics:
    """A bare host name that no service, alias, container name or extra host of the stack has."""
    wrong = (
        e
        for e in called(deployment)
        if e.single_label and not e.loopback and deployment.lookup(e.reader, e.host.text).reach == "none"
    )
    for address in written(wrong):
        endpoint = address.endpoint
        host = endpoint.host.text
        if host.lower() == "host":
            continue
        meant = near(host, (s.name for s in deployment.project.active))
        fixes: tuple[Fix, ...] = ()
        if meant:
            edit = change_part(deployment, endpoint.variable.value, endpoint.host, meant)
            if edit:
                fixes = (Fix("Use the service name `{name}`", (edit,), Applicability.UNSAFE, (("name", meant),)),)
        yield Diagnostic(
            address.place,
            "`{variable}` of {services} names the host `{host}`, and nothing in this stack has that name"
            + ("; did you mean `{near}`?" if meant else ""),
            (
                ("variable", endpoint.variable.name),
                ("services", address.services),
                ("host", host),
                ("near", meant or ""),
            ),
            address.related,
            fixes,
        )


@rule("STK003", "no-shared-network", Deployment, Severity.ERROR, faq=("F3.6",))
def no_shared_network(deployment: Deployment) -> Diagnostics:
    """A service that exists, on networks where the one that calls it is not."""
    wrong = (e for e in called(deployment) if deployment.lookup(e.reader, e.host.text).reach == "apart")
    for address in written(wrong):
        endpoint = address.endpoint
        target = deployment.lookup(endpoint.reader, endpoint.host.text).services[0]
        theirs = ", ".join(f"`{name}`" for name in sorted(deployment.networks(target) or ())) or "none"
        ours = ", ".join(f"`{name}`" for name in sorted(deployment.networks(endpoint.reader) or ())) or "none"
        yield Diagnostic(
            address.place,
            "`{variable}` of {services} names `{host}`, but the two share no network: `{reader}` is on {ours}, "
            "`{target}` on {theirs}",
            (
                ("variable", endpoint.variable.name),
                ("services", address.services),
                ("host", endpoint.host.text),
                ("reader", endpoint.reader.name),
                ("ours", ours),
                ("target", target.name),
                ("theirs", theirs),
            ),
            (*address.related, Related(target.place, "this is the service that is named")),
        )


@rule("STK004", "published-port-used-inside", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def published_port_used_inside(deployment: Deployment) -> Diagnostics:
    """Containers reach each other on container ports; the published port exists on the host only."""
    wrong = [e for e in deployment.endpoints if e.port and _published_only(deployment, e)]
    for address in written(wrong):
        endpoint = address.endpoint
        assert endpoint.port is not None
        service, port = _published_only(deployment, endpoint) or (endpoint.reader, 0)
        edit: Edit | None = change_part(deployment, endpoint.variable.value, endpoint.port, str(port))
        mapping = next(
            p for p in service.ports if p.published and p.published[0] <= int(endpoint.port.text) <= p.published[1]
        )
        place = endpoint.variable.value.place_of(endpoint.port.start, endpoint.port.end) or address.place
        yield Diagnostic(
            place,
            "`{variable}` of {services} calls `{host}` on port {wrong}, which is published on the host only; "
            "between containers it is {port}",
            (
                ("variable", endpoint.variable.name),
                ("services", address.services),
                ("host", endpoint.host.text),
                ("wrong", endpoint.port.text),
                ("port", str(port)),
            ),
            (*address.related, Related(mapping.place, "the host's port is mapped to the container's here")),
            (Fix("Use port {port}", (edit,), Applicability.SAFE, (("port", str(port)),)),) if edit else (),
        )


def _published_only(deployment: Deployment, endpoint: Endpoint) -> tuple[Service, int] | None:
    """The service and its container port, where an address uses a port that only the host has."""
    found = deployment.lookup(endpoint.reader, endpoint.host.text)
    if found.reach != "reached" or len(found.services) != 1 or not endpoint.port:
        return None
    service, port = found.services[0], int(endpoint.port.text)
    inner = inner_port(deployment, service, port)
    listening = deployment.listening(service)
    # Several listeners behind one container are beyond the table: only a port it surely lacks counts.
    if inner is None or inner == port or (listening is not None and inner not in listening):
        return None
    return service, inner
