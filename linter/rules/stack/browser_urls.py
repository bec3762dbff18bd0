"""Addresses for browsers that only containers can follow."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Endpoint,
    Fix,
    Place,
    ProductTable,
    Related,
    Service,
    Severity,
    change_value,
    rule,
)

# Before this release plugins and browsers had one address for files, and many gave that to the plugins.
FILES, FILES_APART_SINCE = "FILES_URL", (1, 7, 0)
# What browsers follow, each with its scheme for pages.
SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


@rule("STK018", "browser-url-internal", Deployment, Severity.ERROR, faq=("D4",), fix=Applicability.UNSAFE)
def browser_url_internal(deployment: Deployment) -> Diagnostics:
    """A URL that is handed to browsers and names a container."""
    seen: set[Place] = set()
    for table in deployment.tables:
        for endpoint in _handed_out(deployment, table):
            host = endpoint.host
            service = _container(deployment, endpoint)
            place = endpoint.variable.place_of(host.start, host.end)
            if service is not None and place not in seen:
                seen.add(place)
                yield _said(deployment, table, endpoint, service, place)


def _handed_out(deployment: Deployment, table: ProductTable) -> Iterator[Endpoint]:
    """The addresses of a product's services that its table says browsers are given."""
    names = {name for name, fact in table.data.get("urls", {}).items() if fact["browser"]}
    version = deployment.versions.get(table.name)
    if version is None or version < FILES_APART_SINCE:
        names.discard(FILES)
    for endpoint in deployment.endpoints if names else ():
        product, _ = deployment.roles.get(endpoint.reader.name, ("", None))
        if product == table.name and endpoint.variable.name in names and endpoint.scheme in SCHEMES:
            yield endpoint


def _container(deployment: Deployment, endpoint: Endpoint) -> Service | None:
    """The service of the product, or the reverse proxy, that an address means; None for a host of the network."""
    host = endpoint.host.text
    if endpoint.loopback:
        return None
    if endpoint.single_label:
        found = deployment.lookup(endpoint.reader, host).services
    else:
        found = tuple(s for s in deployment.project.active if any(host == a.ipv4 for a in s.networks))
    for service in found:
        server = deployment.server(service)
        if service.name in deployment.roles or (server is not None and server.name == "nginx"):
            return service
    return None


def _said(
    deployment: Deployment, table: ProductTable, endpoint: Endpoint, service: Service, place: Place
) -> Diagnostic:
    variable = endpoint.variable
    values = (
        ("variable", variable.name),
        ("host", endpoint.host.text),
        ("service", service.name),
        ("reader", endpoint.reader.name),
    )
    message = (
        "`{variable}` is handed to browsers, and `{host}` is the container of `{service}`, which only containers find: "
        "what the page asks for there fails; write the address by which people reach this deployment"
    )
    if variable.name == FILES:
        message += ", and give the inner one to INTERNAL_FILES_URL"
    passed = Related(variable.place, "`{reader}` gets it here", values)
    return Diagnostic(
        place,
        message,
        values,
        (passed,) if variable.place.document is not place.document else (),
        _as_the_others(deployment, table, endpoint),
    )


def _as_the_others(deployment: Deployment, table: ProductTable, endpoint: Endpoint) -> tuple[Fix, ...]:
    """The origin on which the other addresses for browsers agree."""
    origins = {
        f"{SCHEMES[other.scheme]}://{other.host.text}" + (f":{other.port.text}" if other.port else "")
        for other in _handed_out(deployment, table)
        if not other.loopback and _container(deployment, other) is None
    }
    if len(origins) != 1:
        return ()
    origin = origins.pop()
    if endpoint.scheme.startswith("ws"):
        origin = origin.replace("http", "ws", 1)
    edit = change_value(deployment, endpoint.variable.value, origin + endpoint.rest.rstrip("/"))
    return (Fix("Use `{origin}`", (edit,), Applicability.UNSAFE, (("origin", origin),)),) if edit else ()
