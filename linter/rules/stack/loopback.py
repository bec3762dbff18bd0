"""Addresses by which a container looks for others on its own loopback."""

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
    Service,
    Severity,
    add_extra_host,
    change_part,
    change_parts,
    rule,
)
from .addresses import Address, called, candidates, inner_port, is_meant, joined, meant_server, written

GATEWAY = "host.docker.internal"


@rule("STK001", "loopback-in-container", Deployment, Severity.ERROR, faq=("D10",), fix=Applicability.UNSAFE)
def loopback_in_container(deployment: Deployment) -> Diagnostics:
    """A container that looks for another one on its own loopback."""
    wrong = (e for e in called(deployment) if e.loopback and _leads_elsewhere(deployment, e))
    for address in written(wrong):
        targets = candidates(deployment, address.endpoint)
        if len(targets) == 1:
            yield _named(deployment, address, targets[0])
        else:
            yield Diagnostic(
                address.place,
                "`{variable}` of {services} says `{host}`, but inside a container that is the container itself, no "
                "other service and not the host; write the name of the service, or `host.docker.internal` for a "
                "program on the host",
                _values(address),
                address.related,
                () if targets else _on_the_host(deployment, address),
            )


def _values(address: Address) -> tuple[tuple[str, str], ...]:
    return (
        ("variable", address.endpoint.variable.name),
        ("services", address.services),
        ("host", address.endpoint.host.text),
    )


def _named(deployment: Deployment, address: Address, target: Service) -> Diagnostic:
    endpoint = address.endpoint
    port = _port(deployment, target, endpoint)
    name = f"{target.name}:{port}" if port else target.name
    return Diagnostic(
        address.place,
        "`{variable}` of {services} says `{host}`, but inside a container that is the container itself; what is meant "
        "answers as `{name}`",
        (*_values(address), ("name", name)),
        address.related,
        _name_instead(deployment, address, target, port),
    )


def _leads_elsewhere(deployment: Deployment, endpoint: Endpoint) -> bool:
    """Whether the reader cannot be meant itself: it is in a network of its own and does not listen there."""
    reader = endpoint.reader
    if deployment.networks(reader) is None or reader.network_mode or _shares_its_network(deployment, reader):
        return False
    if deployment.roles.get(reader.name):
        return True
    if endpoint.variable.name in deployment.contacts(reader):
        # What stands beside it in the container may be its own; that a service for it runs here says what is meant.
        return bool(candidates(deployment, endpoint))
    port = int(endpoint.port.text) if endpoint.port else None
    if port is not None and (port in deployment.offered(reader) or port in (deployment.listening(reader) or ())):
        return False
    if endpoint.protocol in DATASTORE_SCHEMES or meant_server(endpoint):
        # A server's own image may name itself.
        return not is_meant(deployment, reader, endpoint) and bool(candidates(deployment, endpoint))
    return True


def _shares_its_network(deployment: Deployment, service: Service) -> bool:
    mode = f"service:{service.name}"
    return any(other.network_mode == mode for other in deployment.services.values())


def _port(deployment: Deployment, target: Service, endpoint: Endpoint) -> int | None:
    if not endpoint.port:
        return None
    port = inner_port(deployment, target, int(endpoint.port.text))
    listening = deployment.listening(target) or frozenset()
    return next(iter(listening)) if port is None and len(listening) == 1 else port


def _name_instead(deployment: Deployment, address: Address, target: Service, port: int | None) -> tuple[Fix, ...]:
    endpoint = address.endpoint
    changes = [(endpoint.host, target.name)]
    if endpoint.port and port is None:
        return ()
    if endpoint.port and endpoint.port.text != str(port):
        changes.append((endpoint.port, str(port)))
    edits = change_parts(deployment, endpoint.variable.value, changes)
    apart = [reader for reader in address.readers if deployment.lookup(reader, target.name).reach == "apart"]
    joining = joined(deployment, apart, target) if apart else ()
    if not edits or (apart and not joining):
        return ()
    title = "Use the service name `{name}`, on its network" if apart else "Use the service name `{name}`"
    return (Fix(title, (*edits, *joining), Applicability.UNSAFE, (("name", target.name),)),)


def _on_the_host(deployment: Deployment, address: Address) -> tuple[Fix, ...]:
    """Nothing in the stack is meant, so it is a program on the host: its name in containers, and the line behind it."""
    endpoint = address.endpoint
    edits: list[Edit | None] = [change_part(deployment, endpoint.variable.value, endpoint.host, GATEWAY)]
    edits += [
        add_extra_host(deployment, reader, GATEWAY, "host-gateway")
        for reader in address.readers
        if GATEWAY not in reader.extra_hosts
    ]
    done = tuple(edit for edit in edits if edit is not None)
    if len(done) != len(edits):
        return ()
    return (Fix("Use `{name}`, which stands for the host", done, Applicability.UNSAFE, (("name", GATEWAY),)),)
