"""Certificates that nginx is told to load and that are not in its container."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from ...kit import Deployment, Diagnostic, Diagnostics, Mount, MountedFile, NginxWord, Related, Service, Severity, rule
from .targets import is_plain_nginx, trees

_LOADS = frozenset(("ssl_certificate", "ssl_certificate_key", "ssl_trusted_certificate", "ssl_client_certificate"))


@rule("NGX021", "certificate-not-mounted", Deployment, Severity.ERROR)
def certificate_not_mounted(deployment: Deployment) -> Diagnostics:
    """nginx does not start without the file of a certificate or key that it is told to load."""
    for service in deployment.project.active:
        if not _brings_nothing_of_its_own(service):
            continue
        for file, word, path in _loaded(deployment, service):
            mount = _covering(service, path)
            if mount is not None and not _lacks(deployment, service, mount, path):
                continue
            yield _missing(file, word, path, mount)


def _missing(file: MountedFile, word: NginxWord, path: str, mount: Mount | None) -> Diagnostic:
    assert file.tree is not None
    values = (("path", path), ("service", file.service.name))
    place = file.tree.document.place(*word.span)
    if mount is None:
        return Diagnostic(
            place,
            "no mount of `{service}` brings `{path}` into the container: nginx stops with `cannot load certificate`",
            values,
            (Related(file.mount.place, "`{service}` mounts this file here", values),),
        )
    assert mount.target is not None
    inside = posixpath.relpath(path, mount.target)
    return Diagnostic(
        place,
        "`{path}` comes from the folder mounted on `{target}`, and there is no `{inside}` in it: nginx stops with "
        "`cannot load certificate`",
        (*values, ("target", mount.target), ("inside", inside)),
        (Related(mount.place, "the folder is mounted here"),),
    )


def _brings_nothing_of_its_own(service: Service) -> bool:
    """Whether the container is nginx's own image, with nothing that could make a certificate before nginx starts."""
    keys = ("entrypoint", "command", "configs", "secrets", "volumes_from", "post_start")
    return (
        is_plain_nginx(service)
        and all(service.get(key) is None for key in keys)
        and all(m.target is not None and "docker-entrypoint" not in m.target for m in service.mounts)
    )


def _loaded(deployment: Deployment, service: Service) -> Iterator[tuple[MountedFile, NginxWord, str]]:
    for file, tree in trees(deployment, service):
        for directive, _ in tree.walk():
            if directive.name.text not in _LOADS or len(directive.arguments) != 1:
                continue
            word = directive.arguments[0]
            text = file.filled(word.text)
            # `data:` and `engine:` name no file.
            if text and ":" not in text:
                # Relative paths start at the folder of nginx.conf (ngx_conf_full_name).
                yield file, word, posixpath.normpath(posixpath.join("/etc/nginx", text))


def _covering(service: Service, path: str) -> Mount | None:
    """The innermost mount at or above a path in the container."""
    found: Mount | None = None
    for mount in service.mounts:
        target = (mount.target or "").rstrip("/")
        if (path == target or path.startswith(f"{target}/")) and len(target) >= len((found and found.target) or ""):
            found = mount
    return found


def _lacks(deployment: Deployment, service: Service, mount: Mount, path: str) -> bool:
    """Whether a mounted folder of the project is there, holds files, and not this one.

    An empty folder, and one into which another service may write, are filled when the stack runs.
    """
    if mount.kind != "bind" or mount.path is None or mount.target is None or not path.startswith(f"{mount.target}/"):
        return False
    if not any(not name.startswith(".") for name in deployment.entries(mount.path)):
        return False
    if deployment.exists(mount.path + path[len(mount.target) :]):
        return False
    return not any(
        other is not service and not each.read_only and each.path is not None and _overlap(each.path, mount.path)
        for other in deployment.services.values()
        for each in other.mounts
        if each.kind == "bind"
    )


def _overlap(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
