"""What Compose refuses in the shape of a merged project, whatever refers to what: empty keys, contradictions."""

from __future__ import annotations

from .merge import is_null
from .node import Entry, MappingNode
from .record import Record
from .services import text_of

# Keys of a service that Compose refuses when nothing stands below them, and those of the whole file.
_WANTS_CONTENT = frozenset({
    "build", "cap_add", "cap_drop", "configs", "container_name", "depends_on", "devices", "dns", "dns_opt",
    "dns_search", "env_file", "environment", "expose", "external_links", "extra_hosts", "group_add", "healthcheck",
    "hostname", "image", "labels", "links", "logging", "network_mode", "networks", "ports", "profiles", "restart",
    "secrets", "security_opt", "sysctls", "tmpfs", "ulimits", "user", "volumes", "volumes_from", "working_dir",
})  # fmt: skip
_SECTIONS = ("services", "networks", "volumes", "secrets", "configs")


def check_shape(model: MappingNode, record: Record) -> None:
    """Note keys with nothing below them and services that are no mappings."""
    for section in _SECTIONS:
        entry = model.entries.get(section)
        if entry is None:
            continue
        if is_null(entry.node):
            _empty(entry, record)
        elif not isinstance(entry.node, MappingNode) and section != "services":
            record.problem("not-a-mapping", entry.node.place, "{what} must be a mapping", what=f"`{section}`")
    services = model.get("services")
    for entry in services if isinstance(services, MappingNode) else ():
        if is_null(entry.node):
            _empty(entry, record)
        elif not isinstance(entry.node, MappingNode):
            what = f"the service `{entry.key}`"
            record.problem(
                "not-a-mapping", entry.node.place, "{what} must be a mapping (`key: value` lines)", what=what
            )
        else:
            for below in entry.node:
                if below.key in _WANTS_CONTENT and is_null(below.node):
                    _empty(below, record)


def check_resources(model: MappingNode, record: Record) -> None:
    """Note volumes, secrets and configs whose definition contradicts itself or says nothing."""
    volumes = model.get("volumes")
    for entry in volumes if isinstance(volumes, MappingNode) else ():
        node = entry.node
        if isinstance(node, MappingNode) and text_of(node.get("external")) == "true":
            other = next((key for key in node.entries if key not in {"external", "name"} and key[:2] != "x-"), None)
            if other is not None:
                record.problem(
                    "invalid-resource",
                    node.entries[other].key_place,
                    "`{name}` is external, so Compose takes no `{key}` for it",
                    name=entry.key,
                    key=other,
                )
    for section, sources in (("secrets", ("file", "environment")), ("configs", ("file", "environment", "content"))):
        resources = model.get(section)
        for entry in resources if isinstance(resources, MappingNode) else ():
            _check_source(entry, sources, record)


def _check_source(entry: Entry, sources: tuple[str, ...], record: Record) -> None:
    node = entry.node
    if not isinstance(node, MappingNode):
        return
    given = [key for key in sources if key in node.entries]
    if len(given) > 1:
        message = "`{name}` must have one of {sources}, not several"
    elif not given and not {"driver", "external"} & node.entries.keys():
        message = "`{name}` must have one of {sources}"
    else:
        return
    listed = ", ".join(f"`{key}`" for key in sources)
    record.problem("invalid-resource", entry.key_place, message, name=entry.key, sources=listed)


def _empty(entry: Entry, record: Record) -> None:
    record.problem(
        "empty-mapping",
        entry.key_place,
        "nothing stands under `{key}`; Compose refuses the file: take the key out, or fill it",
        key=entry.key,
    )
