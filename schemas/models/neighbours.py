"""The other compose files of a folder: what they start shares the project's name, hence its default network."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ..parsers.yaml import YamlMapping, YamlScalar

if TYPE_CHECKING:
    from ..workspace import Workspace

MAX_FILES = 20
# A file that defines so many of the project's own services anew is started in its place, not beside it.
ALTERNATIVE = 2


def neighbour_names(
    workspace: Workspace, root: str, own: frozenset[str], services: Collection[str] = ()
) -> frozenset[str]:
    """The names, in lower case, by which services of the folder's other compose files can be found.

    `own` are the paths that the project itself reads, `services` the names of its services. Files that cannot be read
    give none, nor do those that define the same services anew: one project cannot run them twice.
    """
    names = (n for n in workspace.files.entries(root) if "compose" in n and n.endswith((".yml", ".yaml")))
    paths = [path for name in names if (path := f"{root}/{name}") not in own][:MAX_FILES]
    return frozenset(name.lower() for path in paths for name in _services(workspace, path, services))


def _services(workspace: Workspace, path: str, ours: Collection[str]) -> Iterator[str]:
    try:
        tree = workspace.yaml(path)
    except (OSError, ValueError):
        return
    services = _child(tree.roots[0], "services") if tree.roots else None
    if not isinstance(services, YamlMapping):
        return
    anew = [
        entry
        for entry in services.entries
        if isinstance(entry.key, YamlScalar) and entry.key.text in ours and _child(entry.value, "image") is not None
    ]
    if len(anew) >= ALTERNATIVE:
        return
    for entry in services.entries:
        if isinstance(entry.key, YamlScalar):
            yield entry.key.text
        name = _child(entry.value, "container_name")
        if isinstance(name, YamlScalar):
            yield name.text


def _child(node: object, key: str) -> object:
    if not isinstance(node, YamlMapping):
        return None
    found = (e.value for e in node.entries if isinstance(e.key, YamlScalar) and e.key.text == key)
    return next(found, None)
