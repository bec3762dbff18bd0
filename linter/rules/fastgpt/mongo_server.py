"""What a mongo container is told at its start: replica set, key file, root user, and what a script of its own does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...kit import Deployment, Endpoint, LatePattern, Node, Place, ScalarNode, SequenceNode, Service, Value, in_range

USER, PASSWORD = "MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"
URI = "MONGODB_URI"

# With a configuration file, or a script that is not written in the compose file, nobody can tell from here.
_ELSEWHERE = LatePattern(r"(?:^|\s)(?:--config|-f)(?:[=\s]|$)|(?<!docker-entrypoint)\.sh\b|\.conf\b|\.py\b")

MEMBER = LatePattern(r"host[\"']?\s*:\s*[\"']([\w.-]+):\d+[\"']")


class Start(NamedTuple):
    """How a mongo container starts.

    `text` is all of `command` and `entrypoint`; `known` says that nothing of it is hidden in files or values that only
    the running system has. `place` is where a person would add a flag.
    """

    service: Service
    text: str
    known: bool
    place: Place

    def flag(self, name: str) -> str | None:
        """The word behind a flag, "" when nothing stands behind it, None when it is not there."""
        match = re.search(rf"(?<![\w-])--{name}(?![\w-])(?:[=\s]+([^\s\"'&;\\-][^\s\"'&;\\]*))?", self.text)
        return None if match is None else match.group(1) or ""

    def written(self, pattern: re.Pattern[str]) -> tuple[Value, tuple[str, int, int], Place | None] | None:
        """The value that holds the first group of a pattern, that part of it, and where it stands; None for nowhere."""
        for key in ("command", "entrypoint"):
            node = self.service.get(key)
            for scalar in node.items if isinstance(node, SequenceNode) else (node,):
                match = pattern.search(scalar.text or "") if isinstance(scalar, ScalarNode) else None
                if match is not None and isinstance(scalar, ScalarNode):
                    part = (match.group(1), *match.span(1))
                    return scalar.value, part, scalar.value.place_of(*match.span(1))
        return None

    @property
    def has_root(self) -> bool:
        """Whether the image makes a root user at its first start, and asks for log-ins from then on."""
        return self.flag("noauth") is None and all(self.given(name) for name in (USER, PASSWORD))

    @property
    def member(self) -> str | None:
        """The name under which the set lists its only member, None where its script does not tell or it is loopback."""
        if "rs.initiate" not in self.text:
            return None
        found: set[str] = set(MEMBER.findall(self.text))
        return found.pop() if len(found) == 1 and not found & {"localhost", "127.0.0.1"} else None

    def given(self, name: str) -> str | None:
        """The text of a variable of the container, None when it is unknown or not there."""
        variable = self.service.environment.get(name)
        return variable.value.text if variable is not None else None


def start_of(service: Service) -> Start:
    """Read how a mongo container starts."""
    nodes = [node for node in (service.get("command"), service.get("entrypoint")) if node is not None]
    texts = [text for node in nodes for text in _texts(node)]
    text = " ".join(t for t in texts if t is not None)
    known = None not in texts and not _ELSEWHERE.search(text) and all(file.read for file in service.env_files)
    command = service.node.entries.get("command")
    return Start(service, text, known, command.node.place if command is not None else service.place)


def _texts(node: Node) -> Iterator[str | None]:
    if isinstance(node, ScalarNode):
        yield node.text
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield item.text if isinstance(item, ScalarNode) else None


def mongo_of(deployment: Deployment, endpoint: Endpoint) -> Service | None:
    """The container of the official mongo image that answers an address; None for every other server."""
    found = deployment.lookup(endpoint.reader, endpoint.host.text)
    if found.reach != "reached" or len(found.services) != 1:
        return None
    image = deployment.image(found.services[0])
    return found.services[0] if image is not None and image.name == "mongo" else None


def clients(deployment: Deployment, *, since: str = "") -> Iterator[Endpoint]:
    """The mongo addresses of FastGPT's own services, from a release on."""
    version = deployment.versions.get("fastgpt")
    if since and in_range(version, since, "") is not True:
        return
    readers = {id(service) for service in deployment.playing("fastgpt")}
    for endpoint in deployment.endpoints:
        if endpoint.variable.name == URI and id(endpoint.reader) in readers and endpoint.scheme == "mongodb":
            yield endpoint


def servers_used(deployment: Deployment, *, since: str) -> dict[str, tuple[Start, Endpoint]]:
    """The mongo containers that FastGPT uses, by name, each with the first address that leads there."""
    found: dict[str, tuple[Start, Endpoint]] = {}
    for endpoint in clients(deployment, since=since):
        service = mongo_of(deployment, endpoint)
        if service is not None and service.name not in found:
            found[service.name] = (start_of(service), endpoint)
    return found
