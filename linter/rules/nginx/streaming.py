"""Answers that come word by word, held back by nginx: the stack's own, and one on the host in front of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    NginxTree,
    Place,
    Port,
    Related,
    Severity,
    rule,
    within,
)
from .serving import (
    Line,
    Server,
    address_of,
    expanded,
    is_understood,
    known_servers,
    location_of,
    servers_of,
    setting,
    target_of,
)
from .targets import in_image, upstreams

# Folders in which people keep the files of the nginx on the host, and what those hold there.
_FOLDER = re.compile(r".*nginx.*|.*proxy.*|sites-.*|conf\.d", re.IGNORECASE)
_LOOPBACK = ("127.0.0.1", "localhost", "0.0.0.0")  # noqa: S104
_HARMLESS = re.compile(r"(?:.*/)?(?:mime\.types|proxy_params|options-ssl-nginx\.conf|modules-enabled/.*)")
_MAX_FILES = 30


class Held(NamedTuple):
    """Locations that pass streaming paths on with buffering; `port` is the one that the host's nginx calls."""

    server: Server
    locations: tuple[Line, ...]
    paths: tuple[str, ...]
    port: Port | None = None


@rule("NGX015", "buffered-stream", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def buffered_stream(deployment: Deployment) -> Diagnostics:
    """Dify sends answers bit by bit, and an nginx with buffering collects them."""
    table, version = deployment.table("dify"), deployment.versions.get("dify")
    if table is None or version is None or version > table.newest:
        # Without the release, or with one yet to come, the API may well tell nginx by a header not to buffer.
        return
    paths = [route.path for route in table.routes(version) if route.stream]
    for held in (*_inside(deployment, paths), *_in_front(deployment, paths)):
        yield _diagnostic(held)


def _diagnostic(held: Held) -> Diagnostic:
    places = [_head(location) for location in held.locations]
    timeout = setting(held.server, held.locations[0], "proxy_read_timeout")
    values = (("paths", ", ".join(f"`{path}`" for path in held.paths)),)
    message = (
        "{paths} of Dify are streams, and this nginx passes them on with `proxy_buffering` on: answers come in bursts; "
        "switch it off here"
    )
    if timeout is None:
        message = (
            "{paths} of Dify are streams, and this nginx passes them on with `proxy_buffering` on and the usual "
            "`proxy_read_timeout` of 60 s: answers come in bursts, and slow ones end in 504; set both here"
        )
    related = [Related(place, "and here") for place in places[1:]]
    related += [Related(held.port.place, "the stack answers on this port")] if held.port else []
    edits = tuple(_unbuffered(location, with_timeout=timeout is None) for location in held.locations)
    fix = Fix("Pass answers on as they come", edits, Applicability.UNSAFE, values)
    return Diagnostic(places[0], message, values, tuple(related), (fix,))


def _head(location: Line) -> Place:
    """`location /path`, without its block."""
    directive = location.directive
    return location.tree.document.place(directive.name.span.start, directive.arguments[-1].span.end)


def _unbuffered(location: Line, *, with_timeout: bool) -> Edit:
    from ...kit import nginx_edits

    block = location.directive.block or ()
    own = next((d for d in block if d.name.text == "proxy_buffering"), None)
    if own is not None:
        return nginx_edits.set_argument(location.tree, own, 0, "off")
    lines = "proxy_buffering off;" + ("\nproxy_read_timeout 3600s;" if with_timeout else "")
    passing = next((d for d in block if d.name.text == "proxy_pass"), None)
    return nginx_edits.insert_directive(location.tree, location.directive, lines, after=passing)


def _inside(deployment: Deployment, paths: Sequence[str]) -> Iterator[Held]:
    """Locations of the stack's own nginx that pass a streaming path to the API."""
    for nginx, server in known_servers(deployment):
        if not is_understood(server):
            continue
        held: dict[Line, tuple[str, ...]] = {}
        for location, passed in _answering(server, paths):
            target = target_of(deployment, nginx, server, location)
            if target is not None and deployment.role(target) == "api" and _is_buffered(server, location):
                held[location] = passed
        if held:
            yield Held(server, tuple(held), tuple(path for passed in held.values() for path in passed))


def _answering(server: Server, paths: Sequence[str]) -> Iterator[tuple[Line, tuple[str, ...]]]:
    """The locations that answer some of the paths, each with those that it answers."""
    found: dict[int, tuple[Line, list[str]]] = {}
    for path in paths:
        location = location_of(server, f"{path.rstrip('/')}/x")
        if location is not None:
            found.setdefault(id(location.directive), (location, []))[1].append(path)
    return ((location, tuple(passed)) for location, passed in found.values())


def _is_buffered(server: Server, location: Line) -> bool:
    """Whether nginx surely buffers what a location passes on: nothing, known or not, switches that off."""
    block = [*server.lines, *server.outer, *expanded(location, server.mounted)]
    if any(line.name == "include" and not _harmless(line.words[0]) for line in block if line.words):
        return False
    # A header can switch buffering off for one answer (nginx, `X-Accel-Buffering`).
    if any("X-Accel-Buffering" in line.words for line in block):
        return False
    line = setting(server, location, "proxy_buffering")
    return line is None or line.filled(line.words[0]) == "on"


def _harmless(path: str) -> bool:
    """Whether an included file is known to say nothing about buffering."""
    return in_image(posixpath.join("/etc/nginx/", path)) or _HARMLESS.fullmatch(path) is not None


def _in_front(deployment: Deployment, paths: Sequence[str]) -> Iterator[Held]:
    """Locations of an nginx on the host that pass streaming paths to a port which the stack publishes."""
    ports = _published(deployment)
    for tree in _host_files(deployment) if ports else ():
        for server in servers_of(((None, tree),)):
            if not is_understood(server):
                continue
            for location, passed in _answering(server, paths):
                host, port = address_of(server, location) or ("", "")
                number = int(port or 80)
                if host in _LOOPBACK and number in ports and _is_buffered(server, location):
                    yield Held(server, (location,), passed, ports[number])


def _published(deployment: Deployment) -> dict[int, Port]:
    """The host's ports behind which Dify's API answers, by itself or through the stack's own nginx."""
    answering = {service.name for service in deployment.playing("dify", "api")}
    fronts = {
        upstream.nginx.name
        for upstream in upstreams(deployment)
        if {service.name for service in deployment.lookup(upstream.nginx, upstream.host).services} & answering
    }
    found: dict[int, Port] = {}
    for service in deployment.project.active:
        if service.name in fronts | answering:
            found.update({port.published[0]: port for port in service.ports if port.published})
    return found


def _host_files(deployment: Deployment) -> Iterator[NginxTree]:
    """The nginx files in the project's folder that no service mounts, in folders whose names speak of nginx."""
    mounted = {file.path for file in deployment.mounted}
    folders = [name for name in deployment.entries(deployment.root) if _FOLDER.fullmatch(name)]
    paths = [
        f"{deployment.root}/{folder}/{name}"
        for folder in folders
        for name in deployment.entries(f"{deployment.root}/{folder}")
        if name.endswith(".conf")
    ]
    files, boundary = deployment.workspace.files, deployment.boundary
    for path in paths[:_MAX_FILES]:
        if path in mounted or not within(files.real(path), files.real(boundary)):
            continue
        try:
            tree = deployment.workspace.nginx(path)
        except (OSError, ValueError):
            continue
        if not tree.problems and not tree.template:
            yield tree
