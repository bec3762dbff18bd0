"""The addresses under which the containers of a stack look for its squid, against the ports where it listens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Endpoint,
    Fix,
    LatePattern,
    Place,
    Related,
    Severity,
    change_part,
    rule,
)
from .ports import Proxy, proxies

# HTTP_PROXY and its like, and Dify's SSRF_PROXY_HTTP_URL, SSRF_PROXY_HTTPS_URL, SSRF_PROXY_ALL_URL.
_PROXY_VARIABLE = LatePattern(r"(?:.*_)?(?:(?:HTTPS?|ALL)_PROXY(?:_URL)?|PROXY_(?:HTTPS?|ALL)_URL)", re.IGNORECASE)
_NO_PORT = (
    "`{variable}` names no port, and `{service}` listens on {ports}: nothing gets through the proxy; write "
    "`{service}:{right}`"
)
_WRONG_PORT = (
    "`{variable}` asks for port {port}, and `{service}` listens on {ports} for its clients: nothing gets through the "
    "proxy"
)
_REVERSE_PORT = (
    "`{variable}` asks for port {port}, which `{service}` keeps for requests that know of no proxy (`accel` and the "
    "like); its clients reach it on {ports}"
)
_ENCRYPTED = (
    "`{variable}` begins with `https://`, and `{service}` speaks plain HTTP on port {port}, for requests to https "
    "addresses, too: the connection to the proxy fails; write `http://`"
)


@rule("SQD009", "proxy-address-mismatch", Deployment, Severity.ERROR, faq=("D18",), fix=Applicability.UNSAFE)
def proxy_address_mismatch(deployment: Deployment) -> Diagnostics:
    """A proxy that is looked for where it is not: every request that should go through it fails."""
    told: set[tuple[str, int, int]] = set()
    for proxy in proxies(deployment):
        for endpoint in _clients(deployment, proxy):
            found = _judged(deployment, proxy, endpoint)
            # One line of `.env` serves many containers.
            if found is None:
                continue
            start, end = found.place.span
            if (key := (found.place.document.path, start, end)) not in told:
                told.add(key)
                yield found


def _clients(deployment: Deployment, proxy: Proxy) -> Iterator[Endpoint]:
    for endpoint in deployment.endpoints:
        if endpoint.scheme not in ("http", "https") or not _PROXY_VARIABLE.fullmatch(endpoint.variable.name):
            continue
        found = deployment.lookup(endpoint.reader, endpoint.host.text)
        if found.reach == "reached" and found.services == (proxy.service,) and endpoint.reader is not proxy.service:
            yield endpoint


def _judged(deployment: Deployment, proxy: Proxy, endpoint: Endpoint) -> Diagnostic | None:
    value = endpoint.variable.value
    port = int(endpoint.port.text) if endpoint.port else None
    if port is None:
        part = endpoint.host
        message = _NO_PORT
    elif port not in proxy.forward | proxy.encrypted:
        if any(p.published and p.published[0] <= port <= p.published[1] for p in proxy.service.ports):
            return None
        assert endpoint.port is not None
        part = endpoint.port
        message = _REVERSE_PORT if port in proxy.others else _WRONG_PORT
    elif endpoint.scheme == "https" and port in proxy.forward:
        part = endpoint.host._replace(text="https", start=(at := (value.text or "").index("https")), end=at + 5)
        message = _ENCRYPTED
    else:
        return None
    right = _only(proxy)
    values = (
        ("variable", endpoint.variable.name),
        ("service", proxy.service.name),
        ("port", str(port)),
        ("ports", ", ".join(map(str, sorted(proxy.forward or proxy.encrypted)))),
        ("right", str(right)),
    )
    wanted = "http" if message is _ENCRYPTED else f"{part.text}:{right}" if port is None else str(right)
    edit = change_part(deployment, value, part, wanted) if right is not None or message is _ENCRYPTED else None
    return Diagnostic(
        value.place_of(part.start, part.end) or endpoint.variable.place,
        message,
        values,
        tuple(Related(place, "`{service}` listens here", values) for place in _listening(proxy)),
        (Fix("Write `{wanted}`", (edit,), Applicability.UNSAFE, (("wanted", wanted),)),) if edit else (),
    )


def _only(proxy: Proxy) -> int | None:
    ports = proxy.forward or proxy.encrypted
    return next(iter(ports)) if len(ports) == 1 else None


def _listening(proxy: Proxy) -> Iterator[Place]:
    for directive in proxy.tree.directives:
        if directive.name.text in ("http_port", "https_port"):
            yield proxy.tree.document.place(*directive.span)
