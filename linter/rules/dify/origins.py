"""Dify's public URLs, read as browsers read them: origin, host, port, site."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...kit import Deployment, LatePattern, Place, Service, Variable

_ORIGIN = LatePattern(r"(https?|wss?)://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(/[^\s?#]*)?(?:[?#]\S*)?$")

# What stands for the host inside containers, and for nothing on another machine.
_GATEWAYS = ("host.docker.internal", "gateway.docker.internal", "host.containers.internal")

# Endings under which registries sell names; a site is one label more.
_TWO_LABEL_ENDINGS = frozenset({"co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go"})


SECURE = ("https", "wss")


class PublicUrl(NamedTuple):
    """A URL variable with a usable value. `port` is the explicit one or the scheme's."""

    name: str
    service: Service
    variable: Variable
    text: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as a browser sends them in `Origin`."""
        standard = 443 if self.scheme in SECURE else 80
        return f"{self.scheme}://{self.host}" + ("" if self.port == standard else f":{self.port}")

    @property
    def place(self) -> Place:
        """Where a person edits it."""
        return self.variable.edit_place

    @property
    def local(self) -> bool:
        """Whether only the machine itself can mean it."""
        return self.host in ("localhost", "127.0.0.1", "0.0.0.0", "[::1]")  # noqa: S104

    @property
    def named(self) -> bool:
        """Whether other machines may reach it: a domain or an address, and not this machine's own."""
        return not self.local and "." in self.host and self.host not in _GATEWAYS


def site(host: str) -> str:
    """The registrable domain of a host, as browsers draw the line for cookies; an address is its own site."""
    labels = host.rstrip(".").split(".")
    if labels[-1].isdigit() or host.startswith("[") or len(labels) < 3:
        return host
    count = 3 if len(labels[-1]) == 2 and labels[-2] in _TWO_LABEL_ENDINGS else 2
    return ".".join(labels[-count:])


def url_facts(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """The table's URL variables, {} when Dify is not in the stack."""
    table = deployment.table("dify")
    return dict(table.data["urls"]) if table else {}


def url_variables(deployment: Deployment) -> list[tuple[Service, Variable]]:
    """Every known, set URL variable of the services that read it; one entry for each place where it is written."""
    facts = url_facts(deployment)
    found: dict[tuple[str, Place], tuple[Service, Variable]] = {}
    for service in deployment.playing("dify", "api", "worker", "beat", "web"):
        for name in facts:
            variable = service.environment.get(name)
            if variable is not None and variable.value.text:
                place = variable.edit_place
                found.setdefault((name, place), (service, variable))
    return list(found.values())


def parse_public(service: Service, variable: Variable) -> PublicUrl | None:
    """The URL in a variable, None when it is malformed."""
    text = variable.value.text or ""
    match = _ORIGIN.match(text)
    if match is None:
        return None
    scheme, host, port, path = match.groups(default="")
    number = int(port) if port else 443 if scheme in SECURE else 80
    if not 0 < number < 65536:
        return None
    return PublicUrl(variable.name, service, variable, text, scheme, host.lower(), number, path)


def public_urls(deployment: Deployment, *names: str) -> list[PublicUrl]:
    """The well-formed URLs among these variables (all of the table but those of web sockets when none are named)."""
    facts = url_facts(deployment)
    wanted = names or [name for name, fact in facts.items() if fact["shape"] != "socket"]
    urls = [parse_public(s, v) for s, v in url_variables(deployment) if v.name in wanted]
    return [url for url in urls if url is not None]


def agreed_origin(urls: list[PublicUrl], but: str) -> str:
    """The one origin of all these URLs, the variable `but` left out; "" when they differ or there are none."""
    origins = {url.origin for url in urls if url.name != but and not url.local}
    return origins.pop() if len(origins) == 1 else ""


def https_port(deployment: Deployment) -> int | None:
    """The host's port on which the stack's own nginx serves https, None when it does not."""
    for service in deployment.project.active:
        switch = service.environment.get("NGINX_HTTPS_ENABLED")
        if switch is None or (switch.value.text or "").lower() != "true":
            continue
        inner = service.environment.get("NGINX_SSL_PORT")
        wanted = inner.value.text if inner is not None else "443"
        for port in service.ports:
            if port.published and port.target and str(port.target[0]) == wanted:
                return port.published[0]
    return None


def agreed_scheme(deployment: Deployment) -> str:
    """The scheme of the other URLs; where they do not say it, https when the stack's own nginx serves it."""
    schemes = {url.scheme for url in public_urls(deployment) if not url.local}
    if len(schemes) == 1:
        return schemes.pop()
    return "https" if https_port(deployment) else "http"


def published(deployment: Deployment, *roles: str) -> dict[int, str]:
    """Host port → role, for the ports that Dify's services or an nginx of the stack publish."""
    found: dict[int, str] = {}
    for service in deployment.project.active:
        server = deployment.server(service)
        role = deployment.role(service) or (server.name if server else "")
        if roles and role not in roles:
            continue
        for port in service.ports:
            if port.published is not None and port.published[1] - port.published[0] < 100:
                found.update(dict.fromkeys(range(port.published[0], port.published[1] + 1), role))
    return found


def answering(deployment: Deployment) -> dict[str, int] | None:
    """The host's port on which the stack's own nginx answers each scheme.

    None where a proxy may stand before it: when only this machine reaches its ports, or nobody knows them.
    """
    fronts = [s for s in deployment.project.active if "NGINX_HTTPS_ENABLED" in s.environment and not deployment.role(s)]
    if len(fronts) != 1 or any(port.published is None or port.target is None for port in fronts[0].ports):
        return None
    if any(port.host_ip in ("127.0.0.1", "::1") for port in fronts[0].ports):
        return None
    inner = fronts[0].environment.get("NGINX_PORT")
    wanted = (inner.value.text if inner is not None else "80") or "80"
    plain = [p.published[0] for p in fronts[0].ports if p.published and p.target and str(p.target[0]) == wanted]
    found = {"http": plain[0]} if len(plain) == 1 else {}
    secure = https_port(deployment)
    return {**found, **({"https": secure} if secure else {})}
