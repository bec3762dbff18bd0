"""A service as Compose would run it: environment, ports, mounts, networks, dependencies, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from ..parsers.document import Place
from .node import Loss, MappingNode, Node, SequenceNode
from .value import Value


class Variable(NamedTuple):
    """One variable of a service's effective environment.

    `key_place` is where the name is written (in the compose file or in an env_file), `place` where the whole item is
    (`KEY=value` of a list, the value of a map). `shadowed` are the definitions that lost, nearest first.
    `form` says how it is written: "map", "list" (`- KEY=value`), "env_file", "inherited" (`KEY:` / `- KEY`), or
    "config" (a key of a JSON file, `place` being where the service mounts that).
    `loss` says of one that a `<<` brought, and that stands in `shadowed`, to what it lost.
    """

    name: str
    value: Value
    key_place: Place
    place: Place
    form: Literal["map", "list", "env_file", "inherited", "config"]
    shadowed: tuple[Variable, ...] = ()
    loss: Loss | None = None

    @property
    def edit_place(self) -> Place:
        """Where a person edits it: where its value comes from, else the item itself."""
        return self.value.edit_place or self.place

    def place_of(self, start: int, end: int) -> Place:
        """Where a person edits a stretch of its text: there, else where the whole is edited."""
        return self.value.place_of(start, end) or self.edit_place


class Port(NamedTuple):
    """A `ports` item; ranges are inclusive. `published` None: a random host port, `target` None: unknown."""

    place: Place
    host_ip: str
    published: tuple[int, int] | None
    target: tuple[int, int] | None
    protocol: str
    value: Value
    known: bool = True


class Mount(NamedTuple):
    """A `volumes` item. `source` is None for an anonymous volume; `path` is the absolute host path of a bind mount.

    `create` is False where a missing source is an error of Compose instead of a new folder: the long form without
    `create_host_path`.
    """

    place: Place
    kind: Literal["bind", "volume", "tmpfs", "image", "npipe", "cluster"]
    source: str | None
    target: str | None
    path: str | None
    read_only: bool
    value: Value
    source_place: Place | None
    short: bool
    create: bool = True


class Dependency(NamedTuple):
    """A `depends_on` entry, or one that follows from `links`, `network_mode: service:x` and the like (`implicit`)."""

    service: str
    place: Place
    condition: str = "service_started"
    required: bool = True
    implicit: bool = False


class Attachment(NamedTuple):
    """A service's membership in a network; `place` is None for the implicit `default`."""

    network: str
    place: Place | None
    aliases: tuple[str, ...] = ()
    ipv4: str | None = None


class EnvFile(NamedTuple):
    """An `env_file` item: `path` is absolute, or None when unknown.

    `read` is False where the file gives variables that are not known here: missing, refused, or outside the project.
    """

    path: str | None
    place: Place
    required: bool = True
    format: str = "compose"
    read: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """One service of the merged project. `active`: on under the profiles the user chose."""

    name: str
    place: Place
    node: MappingNode
    image: Value | None
    image_place: Place | None
    container_name: Value | None
    environment: Mapping[str, Variable]
    env_files: tuple[EnvFile, ...]
    ports: tuple[Port, ...]
    expose: tuple[int, ...]
    mounts: tuple[Mount, ...]
    networks: tuple[Attachment, ...]
    network_mode: str | None
    depends_on: tuple[Dependency, ...]
    profiles: tuple[str, ...]
    active: bool
    extra_hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    hostname: str | None = None
    links: tuple[str, ...] = ()

    def get(self, *path: str) -> Node | None:
        """The effective node at a path of keys below the service, e.g. `get("healthcheck", "test")`."""
        return self.node.get(*path)

    @property
    def environment_place(self) -> Place:
        """Where a variable would be added: the key `environment` of the service's own text, else the service."""
        entry, own = self.node.entries.get("environment"), self.node.place
        if entry is not None and entry.key_place.document is own.document and own.span.covers(entry.key_place.span):
            return entry.key_place
        return self.place

    def mount_over(self, path: str) -> Mount | None:
        """The innermost mount at or above a path in the container, where none is known one with an unknown target."""
        found: Mount | None = None
        for mount in self.mounts:
            target = (mount.target or "").rstrip("/")
            if (path == target or path.startswith(f"{target}/")) and len(target) >= len((found and found.target) or ""):
                found = mount
        return found

    def words(self, key: str) -> tuple[str, ...]:
        """`command` or `entrypoint` as words: a list's items, or a string split as a shell does; () when absent."""
        node = self.node.get(key)
        if isinstance(node, SequenceNode):
            return tuple(getattr(item, "text", None) or "" for item in node.items)
        text = getattr(node, "text", None)
        return _split(text) if text else ()


@lru_cache(maxsize=256)
def _split(text: str) -> tuple[str, ...]:
    """A command line as a shell splits it; the same one is asked for by many rules, and splitting it is slow."""
    import shlex

    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())
