"""What a stack opens to others: ports of databases to the world, the host to a container."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Place,
    Port,
    Related,
    ScalarNode,
    Service,
    Severity,
    YamlMapping,
    YamlScalar,
    rule,
)

_EVERYWHERE = frozenset(("", "0.0.0.0", "::"))  # noqa: S104 - what users write
_LOCAL = "127.0.0.1"
_SOCKETS = frozenset(("/var/run/docker.sock", "/run/docker.sock", "/var/run/podman/podman.sock"))


@rule("CMP028", "exposed-datastore", Deployment, Severity.INFO, fix=Applicability.UNSAFE)
def exposed_datastore(deployment: Deployment) -> Diagnostics:
    """A database, cache or administration port published on every address of the host."""
    seen: set[Place] = set()
    for service in deployment.project.active:
        ports = list({port.place: port for port in _open(deployment, service) if port.place not in seen}.values())
        if not ports:
            continue
        seen.update(port.place for port in ports)
        first = ports[0]
        assert first.published is not None
        values = (("service", service.name), ("port", str(first.published[0])))
        edits = [_bound(deployment, port) for port in ports]
        title = "Publish it on 127.0.0.1 only" if len(ports) == 1 else "Publish them on 127.0.0.1 only"
        yield Diagnostic(
            first.place,
            "port {port} of `{service}` is open to every machine that can reach this one; the other services need no "
            "published port: bind it to 127.0.0.1, or leave it out",
            values,
            tuple(Related(port.place, "open as well") for port in ports[1:]),
            (Fix(title, tuple(e for e in edits if e), Applicability.UNSAFE),) if all(edits) else (),
        )


def _open(deployment: Deployment, service: Service) -> Iterator[Port]:
    """The ports of a service that are published on all addresses, though they are for the stack alone."""
    server = deployment.server(service)
    private = frozenset[int](server.facts.get("private", ())) if server is not None else frozenset[int]()
    for port in service.ports:
        if not port.known or port.published is None or port.target is None or port.host_ip not in _EVERYWHERE:
            continue
        if port.protocol == "tcp" and port.target[0] == port.target[1] and port.target[0] in private:
            yield port


def _bound(deployment: Deployment, port: Port) -> Edit | None:
    """The port on 127.0.0.1, None where the address comes out of a variable."""
    from ...kit import yaml_edits

    tree = deployment.workspace.yaml(port.place.document.path)
    chain = tree.at(port.place.span) if tree.document is port.place.document else ()
    node = chain[-1] if chain else None
    if isinstance(node, YamlScalar) and node.span == port.place.span:
        wide = next((ip for ip in ("0.0.0.0:", "[::]:") if node.text.startswith(ip)), "")
        if port.host_ip and not wide:
            return None
        return yaml_edits.set_value(tree, node, f"{_LOCAL}:{node.text[len(wide) :]}")
    if isinstance(node, YamlMapping) and node.span == port.place.span:
        entry = node.entry("host_ip")
        if entry is None:
            return yaml_edits.insert_key(tree, node, "host_ip", _LOCAL)
        if isinstance(entry.value, YamlScalar) and entry.value.text in _EVERYWHERE:
            return yaml_edits.set_value(tree, entry.value, _LOCAL)
    return None


@rule("CMP029", "privileged", Deployment, Severity.INFO)
def privileged(deployment: Deployment) -> Diagnostics:
    """A container that is given the host: all privileges, its namespaces, or the socket of Docker."""
    for service in deployment.project.active:
        found = tuple(_powers(service))
        if found:
            place, message = found[0]
            more = tuple(Related(other, "this as well") for other, _ in found[1:])
            yield Diagnostic(place, message, (("service", service.name),), more)


def _powers(service: Service) -> Iterator[tuple[Place, str]]:
    """The keys that give a service the host, each with what it means."""
    node = service.get("privileged")
    if isinstance(node, ScalarNode) and (node.text or "").lower() in ("true", "yes", "on"):
        yield node.place, "`{service}` is privileged: who breaks into this container has the whole machine"
    for mount in service.mounts:
        if mount.kind == "bind" and mount.path in _SOCKETS:
            yield (
                mount.place,
                "`{service}` may command Docker through its socket: who breaks into this container has the machine",
            )
    for key, message in (
        ("pid", "`{service}` sees every process of the machine, and may end those of its user"),
        ("ipc", "`{service}` shares the memory that the programs of the machine exchange data in"),
        ("userns_mode", "root in `{service}` is root of the machine: user namespaces are switched off for it"),
        ("network_mode", "`{service}` uses the machine's own network: nothing keeps it from what listens there"),
    ):
        node = service.get(key)
        if isinstance(node, ScalarNode) and node.text == "host":
            yield node.place, message
