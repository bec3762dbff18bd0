"""WebSockets through nginx: the handshake only passes with two headers, over HTTP/1.1."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    MountedFile,
    NginxDirective,
    NginxTree,
    Severity,
    nginx_edits,
    rule,
)
from .front import called_port, host_servers, lines_of
from .inheritance import Configuration, Line, locations
from .serving import Line as ServedLine
from .serving import location_of
from .targets import upstreams

# Paths that say by themselves what is spoken there; Dify has /socket.io/ since 1.14.
_WEBSOCKET = LatePattern(r"(?:\^?/|^)(?:[\w/.-]*/)?(?:socket\\?\.io|websockets?|sockjs)(?:/|$|\W)", re.IGNORECASE)
_PATH = LatePattern(r"/(?:socket\.io|websockets?|sockjs)/?", re.IGNORECASE)
_UPGRADE = ("Upgrade", "$http_upgrade")
_CONNECTION = ("Connection", '"upgrade"')


@rule("NGX017", "websocket-headers", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def websocket_headers(deployment: Deployment) -> Diagnostics:
    """Without `Upgrade` and `Connection` the application sees a plain request where a WebSocket should begin."""
    for service in deployment.project.active:
        configuration = Configuration(deployment, service)
        for file, tree in configuration.files:
            for chain in locations(tree):
                location = chain[-1]
                passes = next((d for d in location.block or () if d.name.text == "proxy_pass"), None)
                if passes is not None and _WEBSOCKET.search(location.arguments[-1].text):
                    found = _judged(configuration, file, tree, chain)
                    if found is not None:
                        yield found
    yield from _in_front(deployment)


def _in_front(deployment: Deployment) -> Diagnostics:
    """Locations of an nginx on the host that pass the path of a WebSocket to the stack, and not its headers."""
    wanted = {
        service.name: upstream.location.arguments[-1].text
        for upstream in upstreams(deployment)
        if upstream.location is not None and _PATH.fullmatch(upstream.location.arguments[-1].text)
        for service in deployment.lookup(upstream.nginx, upstream.host).services
        if deployment.lookup(upstream.nginx, upstream.host).reach == "reached"
    }
    for name, path in wanted.items():
        for server, ports in host_servers(deployment, (name,)):
            location = location_of(server, f"{path.rstrip('/')}/x")
            lines = lines_of(server, location) if location is not None else None
            if location is None or lines is None or called_port(server, location, ports) is None:
                continue
            headers = [line for line in lines if line.name == "proxy_set_header"]
            if not any("upgrade" in " ".join(line.words).lower() for line in headers):
                yield _shut(location, path, name, headers)


def _shut(location: ServedLine, path: str, service: str, headers: Sequence[ServedLine]) -> Diagnostic:
    own = location.directive.block or ()
    passing = next((d for d in own if d.name.text == "proxy_pass"), None)
    fixes: tuple[Fix, ...] = ()
    if passing is not None and (not headers or any(d.name.text == "proxy_set_header" for d in own)):
        # With one of its own a location inherits no more headers.
        version = [] if any(d.name.text == "proxy_http_version" for d in own) else ["proxy_http_version 1.1;"]
        text = "\n".join((*version, *(f"proxy_set_header {name} {value};" for name, value in (_UPGRADE, _CONNECTION))))
        edit = nginx_edits.insert_directive(location.tree, location.directive, text, after=passing)
        fixes = (Fix("Pass the headers of the handshake on", (edit,), Applicability.UNSAFE),)
    head = location.directive
    return Diagnostic(
        location.tree.document.place(head.name.span.start, head.arguments[-1].span.end),
        "`{service}` of the stack wants WebSockets at `{path}`, and this nginx in front of it does not pass `Upgrade` "
        "and `Connection` on: none gets through; set them with `proxy_set_header`",
        (("service", service), ("path", path)),
        fixes=fixes,
    )


def _judged(
    configuration: Configuration,
    file: MountedFile,
    tree: NginxTree,
    chain: Sequence[NginxDirective],
) -> Diagnostic | None:
    found = configuration.in_force(file, chain, "proxy_set_header")
    if found is None or (found[1] is None and not configuration.is_whole):
        return None
    headers, owner = found
    lacking = [header for header in (_UPGRADE, _CONNECTION) if not _sets(headers, header[0].lower())]
    if not lacking:
        return None
    location = chain[-1]
    path = location.arguments[-1].text
    names = " and ".join(f"`{name}`" for name, _ in lacking)
    return Diagnostic(
        tree.document.place(location.name.span.start, location.arguments[-1].span.end),
        "{headers} is not passed on here: no WebSocket of `{path}` gets through nginx; set it with `proxy_set_header`"
        if len(lacking) == 1
        else "{headers} are not passed on here: no WebSocket of `{path}` gets through nginx; set them with "
        "`proxy_set_header`",
        (("headers", names), ("path", path)),
        fixes=_mended(configuration, (file, tree), chain, lacking, headers if owner is not location else []),
    )


def _sets(headers: Sequence[Line], name: str) -> bool:
    """Whether a header is set to something; nginx sends none that is set to the empty text."""
    return any(
        len(words := line.directive.arguments) > 1 and words[0].text.lower() == name and words[1].text
        for line in headers
    )


def _mended(
    configuration: Configuration,
    source: tuple[MountedFile, NginxTree],
    chain: Sequence[NginxDirective],
    lacking: Sequence[tuple[str, str]],
    inherited: Sequence[Line],
) -> tuple[Fix, ...]:
    """Add what lacks; what the location inherited comes along: with one of its own it inherits no more."""
    file, tree = source
    location = chain[-1]
    wanted: list[str] = []
    version = configuration.in_force(file, chain, "proxy_http_version")
    if version is None:
        return ()
    if not version[0]:
        wanted.append("proxy_http_version 1.1;")
    for line in inherited:
        if line.file is not file and line.origin is line.directive:
            return ()
        text = tree.document.place(*line.origin.span).text
        if text not in wanted:
            wanted.append(text)
    wanted += [f"proxy_set_header {name} {value};" for name, value in lacking]
    edit = nginx_edits.insert_directive(
        tree, location, "\n".join(wanted), after=location.block[-1] if location.block else None
    )
    return (Fix("Pass the headers of the handshake on", (edit,), Applicability.UNSAFE),)
