"""Addresses of the stack that its own squid refuses for their port."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import (
    Acl,
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Endpoint,
    Fix,
    LatePattern,
    Related,
    Service,
    Severity,
    rule,
    squid_edits,
)
from .access import AccessList, Line, definitions
from .asked import Asked, answer, matched
from .ports import Proxy, proxies

_PROXY_VARIABLE = LatePattern(r"(?:HTTPS?|ALL)_PROXY", re.IGNORECASE)
_STANDARD = {"http": 80, "https": 443}
# A script asks for a tunnel where the address begins with https.
_METHODS = {"http": "GET", "https": "CONNECT"}


@rule("SQD006", "port-not-allowed", Deployment, Severity.WARNING, faq=("D18",), fix=Applicability.UNSAFE)
def port_not_allowed(deployment: Deployment) -> Diagnostics:
    """The first `http_access` line that matches a request denies it, and does so for its port."""
    told: set[tuple[str, int, str]] = set()
    for proxy in proxies(deployment):
        access = AccessList(proxy.tree)
        for endpoint in _through(deployment, proxy):
            port = int(endpoint.port.text) if endpoint.port else _STANDARD[endpoint.scheme]
            asked = Asked("", endpoint.host.text.lower(), port, _METHODS[endpoint.scheme], endpoint.scheme)
            found = answer(access, asked)
            line = found.line if found.allows is False else None
            acl = _lacking(line, asked) if line else None
            if line is not None and acl is not None and (key := (acl.name, port, proxy.service.name)) not in told:
                told.add(key)
                yield _denied(proxy, endpoint, asked, line, acl)


def _through(deployment: Deployment, proxy: Proxy) -> Iterator[Endpoint]:
    """The addresses that a service asks for through the proxy, by its HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""
    schemes: dict[str, set[str]] = {}
    for endpoint in deployment.endpoints:
        name = endpoint.variable.name.upper()
        if _PROXY_VARIABLE.fullmatch(name):
            found = deployment.lookup(endpoint.reader, endpoint.host.text)
            if found.reach == "reached" and found.services == (proxy.service,):
                kinds = {"ALL_PROXY": ("http", "https"), "HTTP_PROXY": ("http",)}.get(name, ("https",))
                schemes.setdefault(endpoint.reader.name, set()).update(kinds)
    for endpoint in deployment.endpoints:
        if endpoint.scheme not in schemes.get(endpoint.reader.name, ()) or "PROXY" in endpoint.variable.name.upper():
            continue
        if not endpoint.loopback and not _bypassed(endpoint.reader, endpoint.host.text.lower()):
            yield endpoint


def _bypassed(service: Service, host: str) -> bool:
    """Whether NO_PROXY keeps a host from the proxy, or may do so."""
    for name in ("NO_PROXY", "no_proxy"):
        variable = service.environment.get(name)
        if variable is None:
            continue
        if variable.value.text is None:
            return True
        for entry in variable.value.text.lower().split(","):
            tail = entry.strip().partition(":")[0].lstrip("*.")
            if entry.strip() == "*" or (tail and (host == tail or host.endswith("." + tail))) or "/" in entry:
                return True
    return False


def _lacking(line: Line, asked: Asked) -> Acl | None:
    """The acl of ports that a denying line wants and that lacks the one asked for: `deny !Safe_ports`."""
    ports = [each.acl for each in line.literals or () if each.negated and each.acl.type == "port"]
    return ports[0] if len(ports) == 1 and matched(ports[0], asked) is False else None


def _denied(proxy: Proxy, endpoint: Endpoint, asked: Asked, line: Line, acl: Acl) -> Diagnostic:
    tree = proxy.tree
    value = endpoint.variable.value
    part = endpoint.port or endpoint.host
    lines = [d for d in definitions(tree) if d.arguments[0].text.lower() == acl.name]
    name = lines[-1].arguments[0].text if lines else acl.name
    values = (
        ("variable", endpoint.variable.name),
        ("service", endpoint.reader.name),
        ("port", str(asked.port)),
        ("acl", name),
        ("squid", proxy.service.name),
        ("line", " ".join(tree.document.place(*line.directive.span).text.split())),
    )
    fixes: tuple[Fix, ...] = ()
    if lines:
        edit = squid_edits.insert_line(tree, f"acl {name} port {asked.port}", after=lines[-1])
        fixes = (Fix("Add port {port} to `{acl}`", (edit,), Applicability.UNSAFE, values),)
    return Diagnostic(
        value.place_of(part.start, part.end) or endpoint.variable.place,
        "`{service}` asks for port {port} (`{variable}`) through `{squid}`, which answers 403: `{line}` denies it, as "
        "the acl `{acl}` lacks that port",
        values,
        (
            Related(tree.document.place(*line.directive.span), "this line denies it"),
            *(Related(tree.document.place(*d.span), "the port is missing here") for d in lines[-1:]),
        ),
        fixes,
    )
