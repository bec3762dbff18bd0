"""Who can reach whom: the names that resolve on each network, and the ports that containers listen on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from .image import Image
from .product import Role
from .servers import ListenPort, servers
from .service import Service

Reach = Literal["reached", "apart", "inactive", "extra-host", "maybe", "none"]


class HostLookup(NamedTuple):
    """What a host name is for a reading service.

    "reached": `services` answer; "apart": they exist but share no network; "inactive": their profile is off;
    "extra-host": `/etc/hosts` has it; "maybe": only the running system knows; "none": nothing here has this name.
    """

    reach: Reach
    services: tuple[Service, ...] = ()


# The start script of the official images of databases.
_OWN_SCRIPT = "docker-entrypoint.sh"

# With these a name may be known to a resolver, or to a container, outside of the project.
_RESOLVERS = ("dns", "dns_search", "external_links")


def names_of(service: Service, project: str) -> frozenset[str]:
    """Every name by which other containers find a service, aliases of all its networks included."""
    names = {service.name, f"{project}-{service.name}-1", f"{project}_{service.name}_1", f"tasks.{service.name}"}
    if service.container_name is not None and service.container_name.text:
        names.add(service.container_name.text)
    for attachment in service.networks:
        names.update(attachment.aliases)
    if service.hostname:
        names.add(service.hostname)
    return frozenset(names)


class Reachability:
    """Host lookup over one project's services. `external` are the networks that other projects may be on, too."""

    def __init__(self, services: Mapping[str, Service], project: str, external: frozenset[str]) -> None:
        self._services = services
        self._external = external
        self._by_name: dict[str, list[Service]] = {}
        self._looked_up: dict[tuple[str, str], HostLookup] = {}
        for service in services.values():
            for name in names_of(service, project):
                self._by_name.setdefault(name.lower(), []).append(service)

    def lookup(self, reader: Service, host: str) -> HostLookup:
        """What `host` is inside the containers of `reader`."""
        key = reader.name, host.lower()
        found = self._looked_up.get(key)
        if found is None:
            found = self._looked_up[key] = self._lookup(reader, key[1])
        return found

    def _lookup(self, reader: Service, host: str) -> HostLookup:
        if host in {name.lower() for name in reader.extra_hosts}:
            return HostLookup("extra-host")
        linked = [link.partition(":") for link in reader.links]
        for target, _, alias in linked:
            if alias.lower() == host and target in self._services:
                return self._judge(reader, (self._services[target],))
        found = tuple(self._by_name.get(host, ()))
        if found:
            return self._judge(reader, found)
        networks = self.networks(reader)
        if networks is None or networks & self._external or any(reader.get(key) for key in _RESOLVERS):
            return HostLookup("maybe")
        return HostLookup("none")

    def networks(self, service: Service) -> frozenset[str] | None:
        """The networks of a service or of the one whose network stack it shares; None when it uses the host's."""
        seen: set[str] = set()
        while service.network_mode:
            mode, _, target = service.network_mode.partition(":")
            if mode != "service" or target not in self._services or target in seen:
                return None
            seen.add(target)
            service = self._services[target]
        return frozenset(a.network for a in service.networks)

    def _judge(self, reader: Service, found: tuple[Service, ...]) -> HostLookup:
        own = self.networks(reader)
        if own is None:
            return HostLookup("maybe", found)
        near: list[Service] = []
        for service in found:
            theirs = self.networks(service)
            if theirs is None:
                return HostLookup("maybe", found)
            if own & theirs or service is reader:
                near.append(service)
        if not near:
            return HostLookup("apart", found)
        active = tuple(s for s in near if s.active)
        return HostLookup("reached", active) if active else HostLookup("inactive", tuple(near))


def listening(service: Service, role: Role | None) -> frozenset[int] | None:
    """The container ports on which a service listens by its image's table; None when that cannot be told.

    Unknown are images without a table, changed entrypoints, and configuration files that could move the port.
    """
    found = _listening(service, role)
    return None if found is None else frozenset(found)


def first_port(service: Service, role: Role | None) -> int | None:
    """The container port of the table's first entry, moved by the service's settings; None when it cannot be told."""
    found = _listening(service, role)
    return found[0] if found else None


def _listening(service: Service, role: Role | None) -> list[int] | None:
    table = _table(service, role)
    if table is None or not _starts_as_usual(service, table):
        return None
    if any(_is_configuration(m.target or "") for m in service.mounts):
        return None
    words = " ".join(service.words("command"))
    if re.search(r"\.(conf|cnf|ya?ml|ini|toml|json|sh)\b", words):
        return None
    ports: list[int] = []
    for listen in table:
        port = _moved(listen, service, words)
        if port is None:
            return None
        ports.append(port)
    return ports


def _starts_as_usual(service: Service, table: tuple[ListenPort, ...]) -> bool:
    """Whether the image's own start script is what runs in the end, told of no port by a script before it."""
    if service.get("entrypoint") is None:
        return True
    words = " ".join(service.words("entrypoint"))
    if _OWN_SCRIPT not in words or re.search(r"\.(conf|cnf|ya?ml|ini|toml|json|sh)\b", words.replace(_OWN_SCRIPT, "")):
        return False
    return not any(re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", words) for each in table for flag in each.flags)


def offered(service: Service) -> frozenset[int]:
    """The container ports that the compose file itself names: targets of `ports`, and `expose`."""
    ports: set[int] = set(service.expose)
    for port in service.ports:
        if port.target is not None and port.target[1] - port.target[0] < 1000:
            ports.update(range(port.target[0], port.target[1] + 1))
    return frozenset(ports)


def _table(service: Service, role: Role | None) -> tuple[ListenPort, ...] | None:
    if role is not None:
        return role.ports
    if service.image is None or not service.image.text:
        return None
    server = servers().get(Image.parse(service.image.text).name)
    return server.ports if server and server.ports else None


def _is_configuration(target: str) -> bool:
    return target.endswith((".conf", ".cnf", ".yaml", ".yml", ".ini", ".toml", "/conf.d", "/config"))


def _moved(listen: ListenPort, service: Service, words: str) -> int | None:
    if listen.variable and listen.variable in service.environment:
        text = service.environment[listen.variable].value.text
        if text is None:
            return None
        tail = text.strip().rpartition(":")[2]
        if tail.isascii() and tail.isdigit():
            return int(tail)
        return listen.port if not text.strip() else None
    for flag in listen.flags:
        match = re.search(rf"(?:^|\s){re.escape(flag)}[=\s]+\"?(?:[\w.]*:)?(\S+)", words)
        if match:
            digits = match.group(1).strip("\"'")
            return int(digits) if digits.isascii() and digits.isdigit() else None
    return listen.port
