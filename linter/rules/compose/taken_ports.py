"""Ports that something on this machine has taken already."""

from __future__ import annotations

from ...kit import Deployment, Diagnostic, Diagnostics, Port, Severity, rule

_MOST = 100  # a range that is longer is looked at from its start


@rule("CMP019", "host-port-in-use", Deployment, Severity.WARNING, faq=("D14", "F3.7"), host=True)
def host_port_in_use(deployment: Deployment) -> Diagnostics:
    """A port to be published, on which something listens already."""
    for service in deployment.project.active:
        if service.network_mode == "host":
            continue
        for port in service.ports:
            taken = _taken(deployment, port)
            if taken is not None:
                yield Diagnostic(
                    port.place,
                    "port {port}, which `{service}` publishes, is in use on this machine: unless that is this stack "
                    "itself, already running, `{service}` does not start",
                    (("port", str(taken)), ("service", service.name)),
                )


def _taken(deployment: Deployment, port: Port) -> int | None:
    """The first port of an item that is in use, None for none, and for a range from which Docker chooses."""
    if not port.known or port.published is None or port.target is None or port.protocol not in ("tcp", "udp"):
        return None
    low, high = port.published
    if low == 0 or (low != high and port.target[0] == port.target[1]):
        return None
    numbers = range(low, min(high, low + _MOST) + 1)
    return next((n for n in numbers if deployment.host.taken(port.protocol, port.host_ip, n)), None)
