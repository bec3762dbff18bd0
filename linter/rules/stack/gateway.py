"""The host's name in containers, which Linux knows only where it is given."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Endpoint,
    Fix,
    LatePattern,
    Service,
    Severity,
    Source,
    add_extra_host,
    rule,
)
from .addresses import Address, called, candidates, written
from .loopback import GATEWAY

# Folders of a machine that has Docker Desktop, where the name is known everywhere.
_DESKTOP = LatePattern(r"[A-Za-z]:[\\/]|\\\\|/Users/|/Volumes/|/[a-z]/Users/")


@rule("STK017", "host-gateway-missing", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def host_gateway_missing(deployment: Deployment) -> Diagnostics:
    """A container that calls `host.docker.internal` without a line for it in its `/etc/hosts`."""
    unknown = [e for e in called(deployment) if _is_unknown(deployment, e)]
    if not unknown or _on_desktop(deployment):
        return
    for address in written(unknown):
        meant = candidates(deployment, address.endpoint)
        yield Diagnostic(
            address.place,
            "`{variable}` of {services} calls `host.docker.internal`, and on Linux no container knows that name; it "
            'needs `extra_hosts: ["host.docker.internal:host-gateway"]`'
            + (", or is the service `{meant}` of this stack meant?" if len(meant) == 1 else ""),
            (
                ("variable", address.endpoint.variable.name),
                ("services", address.services),
                ("meant", meant[0].name if meant else ""),
            ),
            address.related,
            _mapped(deployment, address),
        )


def _is_unknown(deployment: Deployment, endpoint: Endpoint) -> bool:
    reader, host = endpoint.reader, endpoint.host
    if host.text.lower() != GATEWAY or GATEWAY in (name.lower() for name in reader.extra_hosts):
        return False
    if deployment.networks(reader) is None or reader.get("dns") or reader.get("dns_search"):
        return False
    if deployment.lookup(reader, host.text).services:
        return False
    piece = endpoint.variable.value.piece_at(host.start)
    if piece is None or piece.source is Source.DEFAULT:
        # What the file falls back on suits its author's machine; nobody has chosen it here.
        return False
    found = deployment.roles.get(reader.name)
    # Parts of a product without its main service are there for one that is run by hand, on a developer's machine.
    return found is None or any(role.settings for product, role in deployment.roles.values() if product == found[0])


def _on_desktop(deployment: Deployment) -> bool:
    return any(_is_desktop_path(mount.source) for service in deployment.project.active for mount in service.mounts)


def _is_desktop_path(source: str | None) -> bool:
    return source is not None and _DESKTOP.match(source) is not None


def _mapped(deployment: Deployment, address: Address) -> tuple[Fix, ...]:
    readers: dict[str, Service] = {reader.name: reader for reader in address.readers}
    edits = [add_extra_host(deployment, reader, GATEWAY, "host-gateway") for reader in readers.values()]
    done = tuple(edit for edit in edits if edit is not None)
    if len(done) != len(edits):
        return ()
    values = (("services", address.services),)
    return (Fix("Give {services} the line `host.docker.internal:host-gateway`", done, Applicability.SAFE, values),)
