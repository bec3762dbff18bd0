"""Whether a proxy that should keep requests out of private networks lets them in."""

from __future__ import annotations

from collections.abc import Mapping

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Severity,
    rule,
    squid_edits,
)
from .access import AccessList, Line
from .asked import Asked, answer
from .ports import Proxy, proxies

# One address of each range, and that under which clouds give their credentials (RFC 1918, RFC 3927).
_TARGETS = ("169.254.169.254", "10.0.0.9", "172.31.255.9", "192.168.0.9")
# Docker gives out networks from here on; a container of the stack asks from one of them.
_CLIENT = "172.18.0.5"
_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10")


@rule("SQD011", "private-networks-reachable", Deployment, Severity.INFO, faq=("D18",), fix=Applicability.UNSAFE)
def private_networks_reachable(deployment: Deployment) -> Diagnostics:
    """A proxy against forged requests that passes those for private addresses on."""
    guarding = {
        service.name
        for endpoint in deployment.endpoints
        if "SSRF_PROXY" in endpoint.variable.name
        for service in deployment.lookup(endpoint.reader, endpoint.host.text).services
    }
    for proxy in proxies(deployment):
        if proxy.service.name in guarding:
            access = AccessList(proxy.tree)
            allowing = {target: line for target in _TARGETS if (line := _allowing(access, target)) is not None}
            if allowing:
                yield _reachable(proxy, access, allowing)


def _reachable(proxy: Proxy, access: AccessList, allowing: Mapping[str, Line]) -> Diagnostic:
    target, line = next(iter(allowing.items()))
    tree = proxy.tree
    fixes: tuple[Fix, ...] = ()
    # The requests of a reverse proxy go to a private address, too.
    if not proxy.others and "to_private_networks" not in access.acls:
        lines = (f"acl to_private_networks dst {' '.join(_RANGES)}", "http_access deny to_private_networks")
        edit = squid_edits.insert_line(tree, tree.document.newline.join(lines), before=line.directive)
        fixes = (Fix("Deny private networks first", (edit,), Applicability.UNSAFE),)
    return Diagnostic(
        tree.document.place(*line.directive.span),
        "`{squid}` passes requests for private addresses on: this line allows {targets}, so a workflow can reach your "
        "network"
        + (", and the address where clouds give out credentials" if target == _TARGETS[0] else "")
        + "; deny them above this line if nobody needs them",
        (("squid", proxy.service.name), ("targets", ", ".join(f"`{each}`" for each in allowing))),
        fixes=fixes,
    )


def _allowing(access: AccessList, target: str) -> Line | None:
    """The line that certainly allows a container of the stack to ask for an address; None when none does."""
    found = answer(access, Asked(_CLIENT, target, 80, "GET"))
    return found.line if found.allows else None
