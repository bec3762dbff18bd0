"""Addresses of FastGPT that browsers are given: whether a browser can follow them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    in_range,
    rule,
)
from .misplaced import given_elsewhere

_URL = LatePattern(r"(https?)://(\[[0-9a-f:.]+\]|[^/:?#\s\[\]@]+)(?::(\d+))?(/\S*)?", re.IGNORECASE)
_LOOPBACK = LatePattern(r"localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]", re.IGNORECASE)
_BARE = LatePattern(r"[\w.-]+(?::\d+)?/?")
# To these FastGPT adds paths that begin with a slash.
_NO_SLASH = ("FE_DOMAIN", "FILE_DOMAIN")
# Of this it makes addresses that people enter into their clients.
_FOR_CLIENTS = ("SSE_MCP_SERVER_PROXY_ENDPOINT", "mcpServerProxyEndpoint")

# By who knows the host, and whether it is for clients.
MESSAGES = {
    ("here", False): (
        "`{variable}` says `{host}`, which is another machine for everybody else: files and pictures do not appear in "
        "their browsers, and no model can fetch them; write the name or address of this machine for others"
    ),
    ("here", True): (
        "`{variable}` says `{host}`, which is another machine for everybody else: the address that FastGPT shows for "
        "its MCP server leads their clients nowhere; write the name or address of this machine for others"
    ),
    ("inside", False): (
        "`{variable}` says `{host}`, a name that only containers know: browsers cannot follow it; write the name or "
        "address by which others reach this machine"
    ),
    ("inside", True): (
        "`{variable}` says `{host}`, a name that only containers know: the address that FastGPT shows for its MCP "
        "server leads clients nowhere; write the name or address by which others reach this machine"
    ),
}


@rule("FGP060", "front-end-domain", Deployment, Severity.WARNING, fix=Applicability.SAFE)
def front_end_domain(deployment: Deployment) -> Diagnostics:
    """An address for browsers that no browser can follow."""
    version = deployment.versions.get("fastgpt")
    seen: set[Place] = set()
    for service, variable, fact in _given(deployment):
        if not variable.value.text or not variable.value.text.strip():
            continue
        if in_range(version, fact["since"], fact.get("until", "")) is False:
            continue
        place = variable.edit_place
        shipped = variable.value.text == fact.get("shipped") and in_range(
            version, fact["shipped_since"], fact["shipped_until"]
        )
        if place not in seen and not shipped:
            seen.add(place)
            yield from _judged(deployment, service, variable)
    table = deployment.table("fastgpt")
    if table is not None:
        yield from given_elsewhere(deployment, table)


def _given(deployment: Deployment) -> Iterator[tuple[Service, Variable, Mapping[str, str]]]:
    """The addresses for browsers that FastGPT has from its environment and from its configuration."""
    facts = _facts(deployment)
    for service in deployment.playing("fastgpt", "app"):
        for name, fact in facts.items():
            if name in service.environment:
                yield service, service.environment[name], fact
    for each in deployment.configured:
        if each.path in facts:
            yield each.service, each.variable, facts[each.path]


def _facts(deployment: Deployment) -> Mapping[str, Mapping[str, str]]:
    table = deployment.table("fastgpt")
    return table.data["public_urls"] if table is not None else {}


def _judged(deployment: Deployment, service: Service, variable: Variable) -> Iterator[Diagnostic]:
    text = (variable.value.text or "").strip()
    match = _URL.fullmatch(text)
    if match is None:
        stops = deployment.roles[service.name][1].judges(deployment.versions.get("fastgpt"))
        if _BARE.fullmatch(text):
            message = (
                "`{variable}` has no scheme, and `{service}` does not start with it: write `http://` before it"
                if stops
                else "`{variable}` has no scheme, so browsers take it for a path: write `http://` before it"
            )
            fix = _fix(deployment, variable, f"http://{text}", "Write `http://` before it", Applicability.UNSAFE)
            yield _said(service, variable, message, "", fix, severity=Severity.ERROR if stops else None)
        elif "://" not in text:
            yield _said(service, variable, "`{variable}` is no address that a browser could follow", "", ())
        return
    host = match.group(2)
    if _LOOPBACK.fullmatch(host):
        yield _said(
            service,
            variable,
            MESSAGES["here", variable.name in _FOR_CLIENTS],
            host,
            _public_instead(deployment, service, variable, match),
        )
    elif _is_service(deployment, service, host):
        yield _said(
            service,
            variable,
            MESSAGES["inside", variable.name in _FOR_CLIENTS],
            host,
            _public_instead(deployment, service, variable, match),
        )
    elif variable.name in _NO_SLASH and text.endswith("/"):
        message = "`{variable}` ends with a slash, and FastGPT adds paths that begin with one: leave it out"
        fix = _fix(deployment, variable, text.rstrip("/"), "Leave the slash out", Applicability.SAFE)
        yield _said(service, variable, message, host, fix)


def _is_service(deployment: Deployment, service: Service, host: str) -> bool:
    # A name with a dot may be an alias that stands for the public one inside the networks.
    return "." not in host and deployment.lookup(service, host).reach in ("reached", "apart", "inactive")


def _said(
    service: Service,
    variable: Variable,
    message: str,
    host: str,
    fixes: tuple[Fix, ...],
    *,
    severity: Severity | None = None,
) -> Diagnostic:
    values = (("variable", variable.name), ("host", host), ("service", service.name))
    place = variable.edit_place
    elsewhere = place.document is not variable.place.document
    related = (Related(variable.place, "`{service}` gets it here", values),) if elsewhere else ()
    return Diagnostic(place, message, values, related, fixes, severity)


def _fix(
    deployment: Deployment, variable: Variable, text: str, title: str, applicability: Applicability
) -> tuple[Fix, ...]:
    edit = change_value(deployment, variable.value, text)
    return (Fix(title, (edit,), applicability, (("text", text),)),) if edit else ()


def _public_instead(
    deployment: Deployment, service: Service, variable: Variable, match: re.Match[str]
) -> tuple[Fix, ...]:
    """The public host that another of these addresses has, with the port under which the service is published."""
    host = _public_host(deployment, service, variable)
    found = deployment.lookup(service, match.group(2)).services
    target = found[0] if len(found) == 1 else None
    if host is None:
        return ()
    port = match.group(3)
    if target is not None:
        inner = int(port or "80")
        mapping = next((p for p in target.ports if p.target == (inner, inner) and p.published), None)
        if mapping is None or mapping.published is None:
            return ()
        port = str(mapping.published[0])
    text = f"{match.group(1)}://{host}{f':{port}' if port else ''}{match.group(4) or ''}"
    return _fix(deployment, variable, text, "Write `{text}`", Applicability.UNSAFE)


def _public_host(deployment: Deployment, service: Service, variable: Variable) -> str | None:
    hosts: set[str] = set()
    for name, fact in _facts(deployment).items():
        other = service.environment.get(name)
        text = (other.value.text or "").strip() if other is not None and name != variable.name else ""
        # The address that the compose files ship stands for nobody's machine.
        match = _URL.fullmatch(text) if text != fact.get("shipped") else None
        if match and not _LOOPBACK.fullmatch(match.group(2)) and not _is_service(deployment, service, match.group(2)):
            hosts.add(match.group(2))
    return hosts.pop() if len(hosts) == 1 else None
