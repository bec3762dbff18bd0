"""The lines of a squid's configuration in the order in which it reads them, those of included files in their place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from ...kit import Deployment, LatePattern, MountedFile, Service, SquidDirective, SquidTree
from .access import reads_more

_MAIN = "/etc/squid/squid.conf"
# squid itself follows sixteen; a file that includes itself ends here, too.
_MAX_DEPTH = 16
_MOST_LINES = 20_000
_GLOB = LatePattern(r"[*?\[]")


class ReadLine(NamedTuple):
    """A directive and its file. `top` is the line of the main file that stands for it: itself, or an `include`."""

    tree: SquidTree
    directive: SquidDirective
    top: SquidDirective


class Reading(NamedTuple):
    """What a squid reads: its main file, and all lines up to the first that nobody can see; `whole`: there is none."""

    main: SquidTree
    lines: tuple[ReadLine, ...]
    whole: bool


def readings(deployment: Deployment) -> Iterator[Reading]:
    """What the active squids read whose main file includes others: the rest is known from that file alone."""
    for service in deployment.project.active:
        files = _served(deployment, service)
        main = files.get(_MAIN) if files else None
        if files and main is not None and any(d.name.text == "include" for d in _tree(main).directives):
            lines: list[ReadLine] = []
            whole = True
            for line in _read(deployment, files, main, None, 0):
                if line is None or len(lines) == _MOST_LINES:
                    whole = False
                    break
                lines.append(line)
            yield Reading(_tree(main), tuple(lines), whole)


def _served(deployment: Deployment, service: Service) -> Mapping[str, MountedFile] | None:
    """The squid files of a service by the path at which it reads them, None where two claim one."""
    found: dict[str, MountedFile] = {}
    for file in deployment.mounted_by(service, "squid"):
        if found.setdefault(file.served_path, file) is not file:
            return None
    return found


def _tree(file: MountedFile) -> SquidTree:
    assert isinstance(file.tree, SquidTree)
    return file.tree


def _read(
    deployment: Deployment, files: Mapping[str, MountedFile], file: MountedFile, top: SquidDirective | None, depth: int
) -> Iterator[ReadLine | None]:
    """The lines of a file; None where some follow that nobody can see."""
    tree = _tree(file)
    for directive in tree.directives:
        if not reads_more(directive):
            yield ReadLine(tree, directive, top or directive)
            continue
        included = None if directive.placeholder else _included(deployment, files, file, directive)
        if included is None or depth == _MAX_DEPTH:
            yield None
            return
        for each in included:
            yield from _read(deployment, files, each, top or directive, depth + 1)


def _included(
    deployment: Deployment, files: Mapping[str, MountedFile], file: MountedFile, directive: SquidDirective
) -> list[MountedFile] | None:
    """The files of an `include` in squid's order, None where one cannot be seen."""
    found: list[MountedFile] = []
    for word in directive.arguments:
        path = posixpath.normpath(file.filled(word.text) or "")
        names = _matching(deployment, file.service, path) if _GLOB.search(path) else [path]
        for name in names or (None,):
            if name not in files or name is None:
                return None
            found.append(files[name])
    return found


def _matching(deployment: Deployment, service: Service, pattern: str) -> list[str] | None:
    """What a pattern matches in the container, None unless a folder of the project is all that it can match in."""
    folder, name = posixpath.split(pattern)
    mount = service.mount_over(folder)
    if _GLOB.search(folder) or mount is None or mount.kind != "bind" or mount.path is None or mount.target is None:
        return None
    entries = {*deployment.entries(mount.path + folder[len(mount.target.rstrip("/")) :])}
    targets = [mount.target or "" for mount in service.mounts]
    entries.update(posixpath.basename(target) for target in targets if posixpath.dirname(target) == folder)
    if any(entry.endswith(".template") for entry in entries):
        # Whether, and as what, a script writes those there is its own affair.
        return None
    hidden = name.startswith(".")
    return sorted(f"{folder}/{e}" for e in entries if fnmatchcase(e, name) and e.startswith(".") == hidden)
