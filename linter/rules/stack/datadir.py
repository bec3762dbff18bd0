"""Two database servers on one data directory."""

from __future__ import annotations

from typing import NamedTuple

from ...kit import (
    Deployment,
    Diagnostic,
    Diagnostics,
    MappingNode,
    Mount,
    Related,
    SequenceNode,
    Service,
    Severity,
    rule,
)

# What the images start; a container with another command makes a backup, imports, migrates, and ends.
PROGRAMS = frozenset(
    [
        *("postgres", "mysqld", "mariadbd", "mongod", "redis-server", "valkey-server", "keydb-server", "dragonfly"),
        *("eswrapper", "opensearch", "elasticsearch", "clickhouse", "clickhouse-server", "weaviate", "qdrant"),
    ]
)


class DataFolder(NamedTuple):
    """Where on the host a server's data lies: kind of mount, volume or absolute path, the way below it."""

    kind: str
    source: str
    below: str


@rule("STK012", "shared-datadir", Deployment, Severity.ERROR)
def shared_datadir(deployment: Deployment) -> Diagnostics:
    """A server whose data folder another running server writes to."""
    owners: dict[DataFolder, tuple[Service, Mount]] = {}
    for service in deployment.project.active:
        found = _data_folder(deployment, service)
        if found is None:
            continue
        folder, mount = found
        owner = owners.setdefault(folder, (service, mount))
        if owner[0] is not service:
            yield Diagnostic(
                mount.source_place or mount.place,
                "`{service}` keeps its data in `{folder}`, where the server `{other}` keeps its own: the second one "
                "does not start, or both destroy the data; give each a folder or volume of its own",
                (("service", service.name), ("folder", mount.source or folder.source), ("other", owner[0].name)),
                (Related(owner[1].source_place or owner[1].place, "`{other}` uses it", (("other", owner[0].name),)),),
            )


def _data_folder(deployment: Deployment, service: Service) -> tuple[DataFolder, Mount] | None:
    """Where a container that runs a database server writes its data, None when that cannot be told."""
    server = deployment.server(service)
    data = server.facts.get("data") if server else None
    if not data or not _runs_the_server(service):
        return None
    path = str(data["path"])
    variable = service.environment.get(data.get("variable", ""))
    if variable is not None:
        path = variable.value.text or ""
    path = path.rstrip("/")
    mount = service.mount_over(path) if path else None
    if mount is None or not mount.target:
        return None
    target = mount.target.rstrip("/")
    if not path.startswith("/") or mount.read_only or (target != path and variable is None):
        # The images make the folder itself a volume: one mounted above it is not written to.
        return None
    source = mount.path if mount.kind == "bind" else mount.source
    if mount.kind not in ("bind", "volume") or not source or _is_partial(service, mount):
        return None
    return DataFolder(mount.kind, source, path.removeprefix(target)), mount


def _is_partial(service: Service, mount: Mount) -> bool:
    """Whether only a folder inside a volume is mounted (`subpath`)."""
    node = service.get("volumes")
    items = node.items if isinstance(node, SequenceNode) else ()
    return any(
        item.place == mount.place and isinstance(item, MappingNode) and item.get(mount.kind, "subpath") is not None
        for item in items
    )


def _runs_the_server(service: Service) -> bool:
    if service.get("entrypoint") is not None:
        return False
    words = service.words("command")
    return not words or words[0].startswith("-") or words[0].rpartition("/")[2] in PROGRAMS
