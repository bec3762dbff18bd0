"""Host ports that two services want at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...kit import Deployment, Diagnostic, Diagnostics, Port, Related, Service, Severity, rule

_EVERYWHERE = frozenset(("", "0.0.0.0", "::"))  # noqa: S104


class _Claim(NamedTuple):
    """A range of host ports that a service takes; `order` is its place in the file."""

    low: int
    high: int
    order: int
    ip: str
    service: Service
    port: Port

    def same(self, other: _Claim) -> bool:
        """Whether both lead to the same port of one service."""
        return self.service is other.service and self.port.target == other.port.target

    def clashes(self, other: _Claim) -> bool:
        """Whether both cannot be had; one service may name one mapping in several ways, not on one address and all."""
        ips = {self.ip, other.ip}
        if self.same(other) and len(ips - _EVERYWHERE) != 1:
            return False
        if len(ips) == 1 or "" in ips:
            return True
        # 0.0.0.0 takes every IPv4 address of the host and no IPv6 address; `::` the other way round.
        return any(
            wide in ips and all((":" in ip) == (":" in wide) for ip in ips)
            for wide in ("0.0.0.0", "::")  # noqa: S104
        )


@rule("CMP018", "duplicate-host-port", Deployment, Severity.ERROR, faq=("D14", "F3.7"))
def duplicate_host_port(deployment: Deployment) -> Diagnostics:
    """A host port that two active services publish."""
    by_protocol: dict[str, list[_Claim]] = {}
    for order, (service, port) in enumerate(_published(deployment)):
        assert port.published is not None
        claim = _Claim(*port.published, order, port.host_ip, service, port)
        by_protocol.setdefault(port.protocol, []).append(claim)
    for claims in by_protocol.values():
        for first, second in _clashes(sorted(claims)):
            ports = (max(first.low, second.low), min(first.high, second.high))
            shown = str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"
            values = (("service", second.service.name), ("other", first.service.name), ("port", shown))
            related = Related(first.port.place, "taken here", ())
            yield Diagnostic(second.port.place, _message(first, second), values, (related,))


def _message(first: _Claim, second: _Claim) -> str:
    if first.service is not second.service:
        return "`{service}` publishes the host port {port}, which `{other}` takes already: only one of them starts"
    if not first.same(second):
        return "`{service}` publishes the host port {port} twice, for two of its ports: it does not start"
    message = "`{service}` publishes the host port {port} on one address and on all of them: it does not start"
    if first.port.place.document is not second.port.place.document:
        message += (
            "; Compose adds the ports of a later file, and puts them in the place of others only with `!override`"
        )
    return message


def _published(deployment: Deployment) -> Iterator[tuple[Service, Port]]:
    """The host ports that are certain: not those that Docker may choose from a range."""
    for service in deployment.project.active:
        if service.network_mode == "host":
            continue
        for port in service.ports:
            if not port.known or port.published is None or port.target is None:
                continue
            chosen = port.published[0] != port.published[1] and port.target[0] == port.target[1]
            if not chosen and port.published != (0, 0):
                yield service, port


def _clashes(claims: list[_Claim]) -> Iterator[tuple[_Claim, _Claim]]:
    """For each claim the first that it clashes with, the earlier one in the file first."""
    open_claims: list[_Claim] = []
    found: dict[int, tuple[_Claim, _Claim]] = {}
    for claim in claims:
        open_claims = [c for c in open_claims if c.high >= claim.low]
        other = next((c for c in open_claims if c.clashes(claim)), None)
        if other is not None:
            first, second = sorted((other, claim), key=lambda c: c.order)
            found.setdefault(second.order, (first, second))
        open_claims.append(claim)
    yield from found.values()
