"""The files that services mount: which file on disk becomes what in the container, and its tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..files import Files, reason_of, within
from ..parsers.document import Place, Problem
from ..patterns import LatePattern
from .image import Image
from .servers import servers
from .service import Mount, Service

if TYPE_CHECKING:
    from ..parsers.json import Dialect
    from ..workspace import Tree, Workspace

MountedKind = Literal["nginx", "squid", "json", "other"]

# Patterns of which no text makes the search long.
_FILTER = LatePattern(r"\^?(?:\w+(?:\|\w+)*|\(\w+(?:\|\w+)*\))(?:\.[*+])?\$?")
MAX_DEPTH = 4
MAX_FILES = 300


@dataclass(frozen=True, slots=True, eq=False)
class MountedFile:
    """A file on disk at `path`, seen by `service` at `container_path`. `tree` is None where its kind is "other"."""

    service: Service
    mount: Mount
    path: str
    container_path: str
    kind: MountedKind
    tree: Tree | None

    @property
    def template(self) -> bool:
        """Whether `${NAME}` in it is filled in when the container starts."""
        return (
            self.path.endswith(".template") or self.container_path.endswith(".template") or self._from_image is not None
        )

    @property
    def served_path(self) -> str:
        """Where the server finds what is made of the file: a template loses its ending, and mostly goes elsewhere."""
        made = self._from_image
        return self.container_path.removesuffix(".template") if made is None else made

    @property
    def _from_image(self) -> str | None:
        """What nginx's image makes of the file (its `20-envsubst-on-templates.sh`), None where it is no template."""
        folder = self._setting("TEMPLATE_DIR", "/etc/nginx/templates").rstrip("/")
        suffix = self._setting("TEMPLATE_SUFFIX", ".template")
        path = self.container_path
        if self.kind != "nginx" or not path.startswith(f"{folder}/") or not path.endswith(suffix):
            return None
        inside = path[len(folder) : len(path) - len(suffix)]
        return self._setting("OUTPUT_DIR", "/etc/nginx/conf.d").rstrip("/") + inside

    def _setting(self, name: str, default: str) -> str:
        variable = self.service.environment.get(f"NGINX_ENVSUBST_{name}")
        return (variable.value.text if variable else None) or default

    def fills(self, name: str) -> bool:
        """Whether a variable of the environment is among those that nginx's image fills in, as far as one can tell."""
        wanted = self._setting("FILTER", "") if self._from_image is not None else ""
        return not wanted or (_FILTER.fullmatch(wanted) is not None and re.search(wanted, name) is not None)

    def filled(self, text: str) -> str | None:
        """A text of the file as the server reads it, `${NAME}` and `$NAME` taken from the service's environment.

        That is what `envsubst` makes of it when it is given the names of the environment, as nginx's image does and
        Dify's start script. None when a part of it is known only at run time: an nginx variable, or a name that the
        environment lacks.
        """
        if "$" not in text:
            return text
        if not self.template:
            return None
        environment = self.service.environment

        def value(match: re.Match[str]) -> str:
            variable = environment.get(match[1] or match[2]) if self.fills(match[1] or match[2]) else None
            return variable.value.text if variable and variable.value.text is not None else "$"

        filled = re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, text)
        return None if "$" in filled else filled


def server_name(service: Service) -> str:
    """The well-known server that a service's image is ("nginx", "postgres", …), "" when it is none we know."""
    if service.image is None or not service.image.text:
        return ""
    server = servers().get(Image.parse(service.image.text).name)
    return server.name if server else ""


def kind_of(path: str, container_path: str, server: str) -> MountedKind:
    """What a file is, from its names and the server that reads it."""
    name = container_path.removesuffix(".template").rpartition("/")[2]
    if name.endswith(".json"):
        return "json"
    conf = name.endswith(".conf") or path.endswith((".conf", ".conf.template")) or "/sites-enabled/" in container_path
    if not conf:
        return "other"
    if "/nginx/" in container_path or server == "nginx":
        return "nginx"
    if "/squid/" in container_path or server == "squid" or name.startswith("squid"):
        return "squid"
    return "other"


def mounted_files(
    workspace: Workspace,
    services: tuple[Service, ...],
    boundary: str,
    problems: list[Problem],
    json_dialect: Callable[[Service, str], Dialect],
) -> Iterator[MountedFile]:
    """Every file that a bind mount inside `boundary` brings in; what cannot be read goes to `problems`.

    `json_dialect` tells how a service reads a JSON file at a path in its container.
    """
    refused: set[str] = set()
    for service in services:
        server = server_name(service)
        for mount in service.mounts:
            if mount.kind != "bind" or mount.path is None or mount.target is None:
                continue
            if not within(mount.path, boundary):
                if kind_of(mount.path, mount.target, server) != "other":
                    problems.append(_outside(mount.source_place or mount.place, mount.path))
                continue
            for path, target in _files_below(workspace.files, mount.path, mount.target, server, boundary):
                kind = kind_of(path, target, server)
                tree = None
                if kind in ("nginx", "squid") or (kind == "json" and path not in refused):
                    try:
                        tree = _tree(workspace, path, kind, json_dialect(service, target))
                    except OSError as error:
                        if path not in refused:
                            refused.add(path)
                            problems.append(unreadable(mount.source_place or mount.place, path, error))
                yield MountedFile(service, mount, path, target, kind, tree)


def text_at(workspace: Workspace, mounted: Iterable[MountedFile], service: Service, target: str) -> str | None:
    """The text of the very file that a service has at a path; None when none is mounted there or it is not read."""
    found = next((m for m in mounted if m.service is service and m.container_path == target), None)
    try:
        return workspace.document(found.path).text if found is not None else None
    except OSError:
        return None


def unreadable(place: Place, path: str, error: OSError) -> Problem:
    """The problem of a file that is there and cannot be read."""
    reason = reason_of(error)
    return Problem("unreadable", place, "`{path}` cannot be read: {reason}", (("path", path), ("reason", reason)))


def _outside(place: Place, path: str) -> Problem:
    return Problem("outside-project", place, "{path} lies outside the project and is not read", (("path", path),))


def _tree(workspace: Workspace, path: str, kind: MountedKind, dialect: Dialect) -> Tree:
    if kind == "nginx":
        return workspace.nginx(path)
    if kind == "squid":
        return workspace.squid(path)
    return workspace.json(path, dialect)


def _files_below(files: Files, path: str, target: str, server: str, boundary: str) -> Iterator[tuple[str, str]]:
    kind = files.kind(path)
    if kind == "file":
        # A link that leads out of the project is not followed.
        if within(files.real(path), files.real(boundary)):
            yield path, target
    elif kind == "directory" and (server in ("nginx", "squid") or target.startswith(("/etc/nginx", "/etc/squid"))):
        yield from _walk(files, path, target, boundary)


def _walk(files: Files, path: str, target: str, boundary: str) -> Iterator[tuple[str, str]]:
    pending = [(path, target.rstrip("/"), 0)]
    root = files.real(boundary)
    seen: set[str] = set()
    count = 0
    while pending and count < MAX_FILES:
        folder, below, depth = pending.pop()
        real = files.real(folder)
        if real in seen or not within(real, root):
            continue
        seen.add(real)
        for name in files.entries(folder):
            child = f"{folder}/{name}"
            kind = files.kind(child)
            if kind == "directory" and depth < MAX_DEPTH:
                pending.append((child, f"{below}/{name}", depth + 1))
            elif kind == "file" and name.endswith((".conf", ".template")) and within(files.real(child), root):
                count += 1
                yield child, f"{below}/{name}"
