"""The lines of a squid's configuration in the order in which it reads them, those of included files in their place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from ...kit import (
    Deployment,
    Document,
    LatePattern,
    MountedFile,
    Service,
    Span,
    SquidDirective,
    SquidTree,
    SquidWord,
)
from .access import reads_more

_MAIN = "/etc/squid/squid.conf"
# squid itself follows sixteen; a file that includes itself ends here, too.
_MAX_DEPTH = 16
_MOST_LINES = 20_000
GLOB = LatePattern(r"[*?\[]")


class ReadLine(NamedTuple):
    """A directive and its file. `top` is the line of the main file that stands for it: itself, or an `include`."""

    tree: SquidTree
    directive: SquidDirective
    top: SquidDirective


_NOTHING = SquidTree(Document("", ""), (), (), ())
_WORD = SquidWord(Span(0, 0), "include")
# The files that Ubuntu's image has in `conf.d`: they define no acl, and one of them allows `localnet`.
_OF_IMAGE = ReadLine(_NOTHING, SquidDirective(Span(0, 0), _WORD, []), SquidDirective(Span(0, 0), _WORD, []))
_IMAGE = LatePattern(r"(?:docker\.io/)?ubuntu/squid(?:[:@].*)?")


class Reading(NamedTuple):
    """What a squid reads: its main file, and all lines up to the first that nobody can see.

    `defined`: no line that is left out defines an acl. `whole`: none is left out at all.
    """

    main: SquidTree
    lines: tuple[ReadLine, ...]
    defined: bool
    whole: bool


def readings(deployment: Deployment) -> tuple[Reading, ...]:
    """What the active squids read whose main file includes others: the rest is known from that file alone."""
    return deployment.all_of(_readings)


def _readings(deployment: Deployment) -> Iterator[Reading]:
    for service in deployment.project.active:
        files = _served(deployment, service)
        main = files.get(_MAIN) if files else None
        if files and main is not None and any(d.name.text == "include" for d in _tree(main).directives):
            lines: list[ReadLine] = []
            defined = whole = True
            for line in _read(deployment, files, main, None, 0):
                if line is _OF_IMAGE:
                    whole = False
                elif line is None or len(lines) == _MOST_LINES:
                    defined = whole = False
                    break
                else:
                    lines.append(line)
            yield Reading(_tree(main), tuple(lines), defined, whole)


def _served(deployment: Deployment, service: Service) -> Mapping[str, MountedFile] | None:
    """The squid files of a service by the path at which it reads them, None where two claim one or one is no text."""
    found: dict[str, MountedFile] = {}
    for file in deployment.mounted_by(service, "squid"):
        if not isinstance(file.tree, SquidTree) or found.setdefault(file.served_path, file) is not file:
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
        if directive.placeholder or depth == _MAX_DEPTH:
            yield None
            return
        for word in directive.arguments:
            included = _included(deployment, files, file, word)
            if included is None:
                yield None
                return
            for each in included:
                if each is None:
                    yield _OF_IMAGE
                else:
                    yield from _read(deployment, files, each, top or directive, depth + 1)


def _included(
    deployment: Deployment, files: Mapping[str, MountedFile], file: MountedFile, word: SquidWord
) -> list[MountedFile | None] | None:
    """The files of an `include` in squid's order, with None for those of the image; None where one cannot be seen."""
    path = posixpath.normpath(file.filled(word.text) or "")
    if not GLOB.search(path):
        return [files[path]] if path in files else None
    folder, name = posixpath.split(path)
    mount = file.service.mount_over(folder)
    if path == "/etc/squid/conf.d/*.conf" and mount is None and is_ubuntus(file.service):
        found = sorted(p for p in files if posixpath.dirname(p) == folder and fnmatchcase(posixpath.basename(p), name))
        return [None, *(files[p] for p in found)]
    names = _matching(deployment, file.service, folder, name)
    return None if not names or any(p not in files for p in names) else [files[p] for p in names]


def is_ubuntus(service: Service, *others: str) -> bool:
    """Whether the container is Ubuntu's image of squid, with nothing from elsewhere in it, nor any of `others` keys."""
    image = (service.image.text or "") if service.image else ""
    keys = ("build", "configs", "secrets", "volumes_from", *others)
    return _IMAGE.fullmatch(image) is not None and all(service.get(key) is None for key in keys)


def _matching(deployment: Deployment, service: Service, folder: str, name: str) -> list[str] | None:
    """What a pattern matches in the container, None unless a folder of the project is all that it can match in."""
    mount = service.mount_over(folder)
    if GLOB.search(folder) or mount is None or mount.kind != "bind" or mount.path is None or mount.target is None:
        return None
    entries = {*deployment.entries(mount.path + folder[len(mount.target.rstrip("/")) :])}
    targets = [mount.target or "" for mount in service.mounts]
    entries.update(posixpath.basename(target) for target in targets if posixpath.dirname(target) == folder)
    if any(entry.endswith(".template") for entry in entries):
        # Whether, and as what, a script writes those there is its own affair.
        return None
    hidden = name.startswith(".")
    return sorted(f"{folder}/{e}" for e in entries if fnmatchcase(e, name) and e.startswith(".") == hidden)
