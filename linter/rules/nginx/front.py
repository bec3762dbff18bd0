"""An nginx on the host in front of the stack, whose files lie in the project's folder without being mounted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from ...kit import Deployment, LatePattern, NginxTree, NginxWord, Place, Port, ProductTable, Service, Variable, within
from .serving import Line, Server, address_of, expanded, is_understood, servers_of
from .targets import in_image, upstreams

# Folders in which people keep the files of the nginx on the host.
_FOLDER = LatePattern(r".*nginx.*|.*proxy.*|sites-.*|conf\.d", re.IGNORECASE)
_HOST = LatePattern(r"\s*https?://([\w.-]+\.[A-Za-z]\w+)")
_LOOPBACK = ("127.0.0.1", "localhost", "0.0.0.0")  # noqa: S104
_HARMLESS = LatePattern(r"(?:.*/)?(?:mime\.types|proxy_params|options-ssl-nginx\.conf|modules-enabled/.*)")
_MAX_FILES = 30
_MOST_PORTS = 100


class Call(NamedTuple):
    """A location of the host's nginx that passes to a port of this machine."""

    server: Server
    location: Line
    word: NginxWord
    port: int

    @property
    def place(self) -> Place:
        """The address."""
        return self.location.tree.document.place(*self.word.span)

    def is_meant(self, deployment: Deployment) -> bool:
        """Whether the server has the name by which the product sends people to itself, and passes all on from here."""
        names = {word.lower() for line in self.server.lines if line.name == "server_name" for word in line.words}
        urls = (
            _HOST.match(variable.value.text or "") for t in deployment.tables for variable in public_urls(deployment, t)
        )
        return self.location.words[-1:] == ["/"] and any(match and match[1].lower() in names for match in urls)


def fronts(deployment: Deployment) -> Iterator[tuple[NginxTree, list[Server], list[Call]]]:
    """The files of the host's nginx, with their servers, and their locations that pass to this machine.

    Only those in which a location passes to a port that the stack publishes, or a server has the name by which the
    product sends people to itself: others may be for anything.
    """
    offered = published(deployment)
    for tree in _host_files(deployment) if offered else ():
        servers = list(servers_of(((None, tree),)))
        calls = [call for server in servers for location in server.locations if (call := _call(server, location))]
        if any(call.port in offered or call.is_meant(deployment) for call in calls):
            yield tree, servers, calls


def public_urls(deployment: Deployment, table: ProductTable) -> Iterator[Variable]:
    """The set variables by which a product tells browsers where to come."""
    facts: dict[str, dict[str, Any]] = table.data.get("urls") or table.data.get("public_urls") or {}
    names = [name for name, fact in facts.items() if fact.get("browser", True)]
    for service in deployment.project.active:
        if deployment.role(service):
            yield from (service.environment[name] for name in names if name in service.environment)


def published(deployment: Deployment) -> dict[int, tuple[Service, Port]]:
    """The ports of the machine that the stack publishes."""
    return {
        number: (service, port)
        for service in deployment.project.active
        for port in service.ports
        if port.published and port.protocol == "tcp"
        for number in range(port.published[0], min(port.published[1], port.published[0] + _MOST_PORTS) + 1)
    }


def _call(server: Server, location: Line) -> Call | None:
    passing = [line for line in expanded(location, server.mounted) if line.name == "proxy_pass" and line.words]
    host, port = address_of(server, location) or ("", "")
    if len(passing) != 1 or host not in _LOOPBACK or passing[0].tree is not location.tree:
        return None
    secure = passing[0].words[0].startswith("https:")
    return Call(server, location, passing[0].directive.arguments[0], int(port or (443 if secure else 80)))


def host_servers(
    deployment: Deployment, names: Collection[str] | None = None
) -> Iterator[tuple[Server, dict[int, Port]]]:
    """The servers of the host's nginx, with the ports behind which services answer, those of Dify's API by default."""
    if names is None:
        names = [service.name for service in deployment.playing("dify", "api")]
    ports = _leading_to(deployment, frozenset(names))
    for tree in _host_files(deployment) if ports else ():
        for server in servers_of(((None, tree),)):
            if is_understood(server):
                yield server, ports


def called_port(server: Server, location: Line, ports: dict[int, Port]) -> Port | None:
    """The port of the stack to which a location of the host's nginx passes everything."""
    host, port = address_of(server, location) or ("", "")
    return ports.get(int(port or 80)) if host in _LOOPBACK else None


def lines_of(server: Server, location: Line) -> list[Line] | None:
    """All lines that count in a location; None where some of them stand in files that are not seen."""
    lines = [*server.lines, *server.outer, *expanded(location, server.mounted)]
    if any(line.name == "include" and not _harmless(line.words[0]) for line in lines if line.words):
        return None
    return lines


def _harmless(path: str) -> bool:
    """Whether an included file is known to say nothing about what passes."""
    return in_image(posixpath.join("/etc/nginx/", path)) or _HARMLESS.fullmatch(path) is not None


def _leading_to(deployment: Deployment, answering: frozenset[str]) -> dict[int, Port]:
    """The host's ports behind which services answer, by themselves or through the stack's own nginx."""
    fronts = {
        upstream.nginx.name
        for upstream in upstreams(deployment)
        if not answering.isdisjoint(s.name for s in deployment.lookup(upstream.nginx, upstream.host).services)
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
        if name.endswith(".conf") or (folder.startswith("sites-") and "." not in name)
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
