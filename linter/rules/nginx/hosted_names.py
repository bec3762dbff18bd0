"""An nginx on the host against the addresses by which browsers know the product behind it."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    rule,
)
from .front import Call, fronts, lines_of, public_urls, published
from .serving import Server, is_understood, location_of

_URL = LatePattern(r"http://([\w.-]+)(?:/.*)?")
_SENDING = LatePattern(r"\b(?:return|rewrite)\b[^;]*https://")
# Pages of these roles ask for paths at the root of the site, wherever they were loaded from.
_PAGES = ("web", "app")
_OWN_PATHS = LatePattern(r"/(?:_next|console|api|v1|files|e|mcp|triggers|socket\.io|openapi|explore|apps?|chat\w*)\b")


@rule("NGX028", "front-subpath", Deployment, Severity.WARNING, faq=("D8",))
def front_subpath(deployment: Deployment) -> Diagnostics:
    """The published images of Dify and FastGPT are built for the root of a site."""
    offered = published(deployment)
    for _, _, calls in fronts(deployment):
        for call in calls:
            service = offered.get(call.port, (None,))[0]
            path = _prefix(call)
            if service is None or not path or not _gives_pages(deployment, service) or _has_root(call, calls):
                continue
            name, arguments = call.location.directive.name, call.location.directive.arguments
            values = (("path", path.rstrip("/")),)
            yield Diagnostic(
                call.location.tree.document.place(name.span.start, arguments[-1].span.end),
                "the pages behind ask for `/_next/…` and the like at the root of the site, and not below `{path}`: "
                "they stay blank; give them a name (or a port) of their own, with `location /`",
                values,
            )


def _prefix(call: Call) -> str:
    """The path below which a location serves; "" for the root, for patterns, and for paths of the product itself."""
    words = [word for word in call.location.words if word != "^~"]
    if len(words) != 1 or not words[0].startswith("/") or not words[0].strip("/") or _OWN_PATHS.match(words[0]):
        return ""
    return words[0]


def _has_root(call: Call, calls: list[Call]) -> bool:
    """Whether the root of the site goes to the stack, too, or nobody knows where."""
    if not is_understood(call.server) or lines_of(call.server, call.location) is None:
        return True
    root = location_of(call.server, "/")
    return any(each.location == root and each.port == call.port for each in calls)


def _gives_pages(deployment: Deployment, service: Service) -> bool:
    """Whether a service gives a product's pages, itself or as the stack's own nginx; with a path set, on purpose."""
    if any(name.startswith("NEXT_PUBLIC_BASE_") for s in _of_pages(deployment) for name in s.environment):
        return False
    if deployment.role(service) in _PAGES:
        return True
    server = deployment.server(service)
    return server is not None and server.name == "nginx" and bool(_of_pages(deployment))


def _of_pages(deployment: Deployment) -> list[Service]:
    return [s for s in deployment.project.active if deployment.role(s) in _PAGES]


@rule("NGX029", "front-scheme", Deployment, Severity.WARNING, faq=("D3", "D4"), fix=Applicability.UNSAFE)
def front_scheme(deployment: Deployment) -> Diagnostics:
    """The nginx in front serves a name over https, and the product tells browsers to come by http."""
    told: set[object] = set()
    for _, servers, calls in fronts(deployment):
        names = {name: call.server for call in calls for name in _names(call.server, secure=True)}
        plain = {name for server in servers if not _redirects(server) for name in _names(server, secure=False)}
        for table in deployment.tables:
            for variable in public_urls(deployment, table):
                match = _URL.fullmatch((variable.value.text or "").strip())
                server = names.get(match[1].lower()) if match else None
                place = variable.edit_place
                if match is None or server is None or match[1].lower() in plain or place in told:
                    continue
                told.add(place)
                yield _insecure(deployment, variable, match[1], server)


def _insecure(deployment: Deployment, variable: Variable, host: str, server: Server) -> Diagnostic:
    text = (variable.value.text or "").strip()
    values = (("variable", variable.name), ("host", host))
    edit = change_value(deployment, variable.value, "https" + text.removeprefix("http"))
    return Diagnostic(
        variable.edit_place,
        "`{variable}` says `http`, and the nginx in front serves `{host}` over https: browsers block what comes over "
        "http into such a page",
        values,
        (Related(server.line.tree.document.place(*server.line.directive.name.span), "it is served here"),),
        (Fix("Write `https`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


def _names(server: Server, *, secure: bool) -> Iterator[str]:
    """The names of a server that listens with TLS, or without."""
    listening = [line.words for line in server.lines if line.name == "listen"]
    if any(("ssl" in words) == secure for words in listening):
        for line in server.lines:
            if line.name == "server_name":
                yield from (word.lower() for word in line.words)


def _redirects(server: Server) -> bool:
    """Whether a server sends people on to https."""
    text = server.line.tree.document.place(*server.line.directive.span).text
    return _SENDING.search(text) is not None
