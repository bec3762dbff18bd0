"""Answers that come word by word, held back by nginx: the stack's own, and one on the host in front of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Place,
    Port,
    Related,
    Severity,
    rule,
)
from .front import called_port, host_servers, lines_of
from .serving import (
    Line,
    Server,
    is_understood,
    known_servers,
    location_of,
    setting,
    target_of,
)


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
    lines = lines_of(server, location)
    # A header can switch buffering off for one answer (nginx, `X-Accel-Buffering`).
    if lines is None or any("X-Accel-Buffering" in line.words for line in lines):
        return False
    line = setting(server, location, "proxy_buffering")
    return line is None or line.filled(line.words[0]) == "on"


def _in_front(deployment: Deployment, paths: Sequence[str]) -> Iterator[Held]:
    """Locations of an nginx on the host that pass streaming paths to a port which the stack publishes."""
    for server, ports in host_servers(deployment):
        for location, passed in _answering(server, paths):
            port = called_port(server, location, ports)
            if port is not None and _is_buffered(server, location):
                yield Held(server, (location,), passed, port)
