"""Paths that the product's release needs and that nginx hands to the web page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ...kit import Applicability, Deployment, Diagnostic, Diagnostics, Edit, Fix, Place, Service, Severity, rule
from .serving import Line, Server, is_understood, known_servers, location_of, target_of

# Asked for by other programs only, so that many people do without.
_FOR_OTHERS = ("/mcp", "/openapi")


class Missing(NamedTuple):
    """A path that goes to the web page, and the service that should have it."""

    path: str
    service: Service
    port: int

    @property
    def address(self) -> str:
        """Where it belongs, as nginx writes it."""
        return f"{self.service.name}:{self.port}"


@rule("NGX018", "missing-route", Deployment, Severity.WARNING, faq=("D5",), fix=Applicability.UNSAFE)
def missing_route(deployment: Deployment) -> Diagnostics:
    """A route of this release that no location names, or that goes to a container which does not know it: 404."""
    if deployment.table("dify") is None or deployment.versions.get("dify") is None:
        return
    servers = list(known_servers(deployment))
    if not servers or not all(is_understood(server) for _, server in servers):
        return
    fronts = [server for nginx, server in servers if _is_front(deployment, nginx, server)]
    if len(fronts) == 1:
        # With several, each may well be for a part of it.
        missing = _missing(deployment, servers)
        location = location_of(fronts[0], "/")
        if missing and location is not None:
            yield _diagnostic(deployment, fronts[0], location, missing)
        yield from _astray(deployment, servers)


def _is_front(deployment: Deployment, nginx: Service, server: Server) -> bool:
    """Whether a server gives the web page at `/` and something of the API beside it."""
    root = location_of(server, "/")
    if root is None or _role(deployment, nginx, server, root) != "web":
        return False
    return any(_role(deployment, nginx, server, location) == "api" for location in server.locations)


def _role(deployment: Deployment, nginx: Service, server: Server, location: Line) -> str:
    found = target_of(deployment, nginx, server, location)
    return deployment.role(found) if found else ""


def _missing(deployment: Deployment, servers: Sequence[tuple[Service, Server]]) -> list[Missing]:
    table = deployment.table("dify")
    found: list[Missing] = []
    for route in table.routes(deployment.versions["dify"]) if table else ():
        # What comes over a web socket is asked for only by those who switch that on.
        target = next(iter(deployment.playing("dify", route.role)), None)
        if route.role == "web" or route.websocket or target is None:
            continue
        path = f"{route.path.rstrip('/')}/x"
        answers = [(nginx, server, line) for nginx, server in servers if (line := location_of(server, path))]
        if answers and all(_role(deployment, *answer) == "web" for answer in answers):
            found.append(Missing(route.path, target, route.port))
    return found


def _astray(deployment: Deployment, servers: Sequence[tuple[Service, Server]]) -> Diagnostics:
    """Paths that a container of the product gets which another one of it answers."""
    table, told = deployment.table("dify"), set[int]()
    for route in table.routes(deployment.versions["dify"]) if table else ():
        target = next(iter(deployment.playing("dify", route.role)), None)
        for nginx, server in servers if target else ():
            location = location_of(server, f"{route.path.rstrip('/')}/x")
            role = _role(deployment, nginx, server, location) if location else ""
            # What goes to the web page is a missing route; a location of a wider path may be one, too.
            if not role or role in (route.role, "web") or not location or location.words[-1] == "/" or not target:
                continue
            if id(location.directive) not in told:
                told.add(id(location.directive))
                yield _gone_astray(deployment, (nginx, server, location), Missing(route.path, target, route.port))


def _gone_astray(deployment: Deployment, at: tuple[Service, Server, Line], meant: Missing) -> Diagnostic:
    nginx, server, location = at
    service = target_of(deployment, nginx, server, location)
    passing = next((d for d in location.directive.block or () if d.name.text == "proxy_pass"), None)
    word = passing.arguments[0] if passing else location.directive.arguments[-1]
    values = (("path", meant.path), ("service", service.name if service else ""), ("target", meant.address))
    edit = Edit(location.tree.document.place(*word.span), f"http://{meant.address}")
    plain = re.fullmatch(r"http://[\w.-]+(?::\d+)?", word.text) is not None and not word.quote
    return Diagnostic(
        location.tree.document.place(*word.span),
        "`{path}` goes to `{service}`, which answers 404 there; in this release `{target}` answers it",
        values,
        fixes=(Fix("Pass `{path}` on to `{target}`", (edit,), Applicability.UNSAFE, values),) if plain else (),
    )


def _diagnostic(deployment: Deployment, server: Server, location: Line, missing: Sequence[Missing]) -> Diagnostic:
    directive = location.directive
    first, last = directive.name, directive.arguments[-1]
    document = location.tree.document
    values = (
        ("paths", ", ".join(f"`{each.path}`" for each in missing)),
        ("targets", ", ".join(f"`{each.path}` to `{each.address}`" for each in missing)),
        ("version", ".".join(map(str, deployment.versions["dify"] or ()))),
    )
    return Diagnostic(
        document.place(first.span.start, last.span.end),
        "no location names {paths}, so the web page gets these requests and answers 404; Dify {version} needs "
        "{targets}",
        values,
        (),
        _added(server, location, missing, values),
        Severity.INFO if all(each.path in _FOR_OTHERS for each in missing) else None,
    )


def _added(
    server: Server, location: Line, missing: Sequence[Missing], values: tuple[tuple[str, str], ...]
) -> tuple[Fix, ...]:
    """A location for each path before the one for all others, with the same settings."""
    from ...kit import nginx_edits

    block = location.directive.block or ()
    parent = server.line.directive
    if location.directive not in (parent.block or ()) or any(d.block is not None for d in block):
        return ()
    text = "\n\n".join(_location(location, each) for each in missing)
    edit = nginx_edits.insert_directive(location.tree, parent, text + "\n", before=location.directive)
    return (Fix("Pass on {paths}", (edit,), Applicability.UNSAFE, values),)


def _location(location: Line, missing: Missing) -> str:
    source = location.tree.document.text
    lines = [f"location {missing.path} {{"]
    for directive in location.directive.block or ():
        if directive.name.text == "proxy_pass":
            lines.append(f"{_step(location)}proxy_pass http://{missing.address};")
        else:
            lines.append(_step(location) + Place(location.tree.document, directive.span).text)
    # The plugin daemon makes the addresses of plugins' endpoints of this (Dify's own template).
    if missing.path == "/e/" and "Dify-Hook-Url" not in source:
        lines.append(f"{_step(location)}proxy_set_header Dify-Hook-Url $scheme://$host$request_uri;")
    return "\n".join([*lines, "}"])


def _step(location: Line) -> str:
    """How much deeper the lines in a location stand than itself."""
    source, block = location.tree.document.text, location.directive.block or ()
    outer = location.directive.span.start
    inner = block[0].span.start if block else outer
    depth = (inner - source.rfind("\n", 0, inner)) - (outer - source.rfind("\n", 0, outer))
    return source[inner - depth : inner] if depth > 0 and "\n" in source[outer:inner] else "    "
