"""Parts of squid's configuration that are not where squid looks for them: it stops, or never reads them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    MountedFile,
    Related,
    Service,
    Severity,
    SquidTree,
    SquidWord,
    near,
    rule,
    squid_directives,
)
from .reading import GLOB, is_ubuntus

_MISPLACED = (
    "nothing brings `{path}` into the container of `{service}`, and squid stops where it does not find a file; what is "
    "mounted there is `{near}`"
)
_MISSING = (
    "no mount of `{service}` brings `{path}` into the container, and squid stops where it does not find a file: mount "
    "it, or remove the line"
)
_UNREAD = (
    "squid never reads this file: `{service}` includes `{pattern}`, and `{name}` is no such name; call it `{wanted}`"
)
# Names that editors and systems give to a part, and nobody to one that is switched off.
_TEXT = frozenset((".txt", ".cfg", ".config", ".cnf"))


class Include(NamedTuple):
    """A path that a mounted file includes."""

    file: MountedFile
    tree: SquidTree
    word: SquidWord
    path: str


@rule("SQD012", "include-missing", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def include_missing(deployment: Deployment) -> Diagnostics:
    """squid does not start without a file that it includes by its name, and reads only what a pattern matches."""
    for service in deployment.project.active:
        includes = list(_includes(deployment, service))
        there = {file.container_path.removesuffix(".template") for file in deployment.mounted_by(service, "squid")}
        unclaimed = there - {include.path for include in includes} - {"/etc/squid/squid.conf"}
        for include in includes:
            if GLOB.search(include.path):
                yield from _unread(deployment, include)
            elif include.path not in there and not _may_be_there(deployment, service, include.path):
                yield from _missing(service, include, unclaimed)


def _includes(deployment: Deployment, service: Service) -> Iterator[Include]:
    for file in deployment.mounted_by(service, "squid"):
        if isinstance(file.tree, SquidTree):
            for directive in file.tree.directives:
                for word in directive.arguments if directive.name.text == "include" else ():
                    path = file.filled(word.text)
                    # A relative path starts wherever squid was started.
                    if path and path.startswith("/"):
                        yield Include(file, file.tree, word, posixpath.normpath(path))


def _may_be_there(deployment: Deployment, service: Service, path: str) -> bool:
    mount = service.mount_over(path)
    if mount is None or mount.target is None:
        return False
    return mount.path is None or deployment.exists(mount.path + path[len(mount.target.rstrip("/")) :])


def _missing(service: Service, include: Include, unclaimed: set[str]) -> Iterator[Diagnostic]:
    place = include.tree.document.place(*include.word.span)
    folder, name = posixpath.split(include.path)
    moved = [path for path in unclaimed if posixpath.basename(path) == name]
    siblings = {posixpath.basename(path): path for path in unclaimed if posixpath.dirname(path) == folder}
    meant = moved[0] if len(moved) == 1 else siblings.get(near(name, sorted(siblings)) or "")
    values = (("path", include.path), ("service", service.name), ("near", meant or ""))
    if meant is not None:
        fixes: tuple[Fix, ...] = ()
        if include.word.text == include.path and not include.word.quote:
            fixes = (Fix("Include `{near}`", (Edit(place, meant),), Applicability.UNSAFE, values),)
        yield Diagnostic(place, _MISPLACED, values, fixes=fixes)
    elif is_ubuntus(service, "entrypoint", "command", "post_start") and not include.path.startswith(
        "/etc/squid/conf.d/"
    ):
        yield Diagnostic(
            place, _MISSING, values, (Related(include.file.mount.place, "`{service}` mounts this file here", values),)
        )


def _unread(deployment: Deployment, include: Include) -> Iterator[Diagnostic]:
    """Parts that somebody mounts into an included folder under a name that the pattern does not match."""
    folder, pattern = posixpath.split(include.path)
    for mount in include.file.service.mounts:
        target = mount.target or ""
        root, extension = posixpath.splitext(posixpath.basename(target))
        wanted = f"{root.removesuffix('.conf')}.conf"
        if mount.kind != "bind" or mount.path is None or posixpath.dirname(target) != folder or extension not in _TEXT:
            continue
        if fnmatchcase(root + extension, pattern) or not fnmatchcase(wanted, pattern):
            continue
        if not _mentioned(deployment, include.file.service, target) and _is_part(deployment, mount.path):
            values = (
                *(("service", include.file.service.name), ("pattern", include.path)),
                *(("name", root + extension), ("wanted", wanted)),
            )
            related = Related(include.tree.document.place(*include.word.span), "this line includes the folder")
            yield Diagnostic(mount.place, _UNREAD, values, (related,), severity=Severity.WARNING)


def _mentioned(deployment: Deployment, service: Service, path: str) -> bool:
    """Whether a line of squid's files names a file, as a list of values for an acl."""
    return any(
        word.text == path
        for file in deployment.mounted_by(service, "squid")
        if isinstance(file.tree, SquidTree)
        for directive in file.tree.directives
        for word in directive.arguments
    )


def _is_part(deployment: Deployment, path: str) -> bool:
    """Whether a file on disk is made of directives of squid."""
    files = deployment.workspace.files
    if files.kind(path) != "file" or not deployment.exists(path):
        return False
    directives = deployment.workspace.squid(path).directives
    return bool(directives) and all(d.name.text in squid_directives.names() and d.arguments for d in directives)
