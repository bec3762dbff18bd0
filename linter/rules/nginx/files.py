"""Files that nginx is told to read and that are not in its container: certificates, and parts of its configuration."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Mount,
    MountedFile,
    NginxWord,
    Place,
    Related,
    Service,
    Severity,
    change_value,
    near,
    rule,
)
from .targets import in_image, is_plain_nginx, trees

_CERTIFICATES = frozenset(
    ("ssl_certificate", "ssl_certificate_key", "ssl_trusted_certificate", "ssl_client_certificate")
)
_NO_INCLUDE = "no mount of `{service}` brings `{path}` into the container: nginx stops with `open() failed`"
_LACKS_INCLUDE = (
    "`{path}` comes from the folder mounted on `{target}`, and there is no `{inside}` in it: nginx stops with "
    "`open() failed`"
)
_NO_CERTIFICATE = (
    "no mount of `{service}` brings `{path}` into the container: nginx stops with `cannot load certificate`"
)
_LACKS_CERTIFICATE = (
    "`{path}` comes from the folder mounted on `{target}`, and there is no `{inside}` in it: nginx stops with "
    "`cannot load certificate`"
)


class _Named(NamedTuple):
    """A file that a directive names: the word, and the path in the container."""

    file: MountedFile
    word: NginxWord
    path: str


@rule("NGX005", "include-missing", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def include_missing(deployment: Deployment) -> Diagnostics:
    """nginx does not start without a file that it is told to include by its whole name."""
    for service in deployment.project.active:
        if not _brings_nothing_of_its_own(service):
            continue
        made = {file.served_path for file in deployment.mounted if file.service is service}
        for named in _named(deployment, service, ("include",)):
            # A pattern may match nothing.
            if not any(c in named.path for c in "*?[") and named.path not in made and not in_image(named.path):
                yield from _missing(deployment, named, _NO_INCLUDE, _LACKS_INCLUDE)


@rule("NGX021", "certificate-not-mounted", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def certificate_not_mounted(deployment: Deployment) -> Diagnostics:
    """nginx does not start without the file of a certificate or key that it is told to load."""
    for service in deployment.project.active:
        if _brings_nothing_of_its_own(service):
            for named in _named(deployment, service, _CERTIFICATES):
                yield from _missing(deployment, named, _NO_CERTIFICATE, _LACKS_CERTIFICATE)

    for table in deployment.tables:
        if "certificates" in table.data:
            yield from _of_the_start_script(deployment, table.data["certificates"])


def _of_the_start_script(deployment: Deployment, facts: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """The certificate that a product's own start script writes into the configuration of its nginx."""
    for service in deployment.project.active:
        if not _is_true(service, facts["switch"]) or any(_is_true(service, name) for name in facts["unless"]):
            continue
        for name in facts["files"]:
            variable = service.environment.get(name)
            text = variable.value.text if variable is not None else None
            path = posixpath.normpath(posixpath.join(facts["folder"], text or "."))
            mount = service.mount_over(path)
            if variable is None or not text or mount is None or not _lacks(deployment, service, mount, path):
                continue
            values = (
                ("path", path),
                ("service", service.name),
                ("target", mount.target or ""),
                ("inside", posixpath.relpath(path, mount.target or "/")),
            )
            meant = _beside(deployment, mount, path, certificate=True)
            edit = change_value(deployment, variable.value, meant) if meant and "/" not in text else None
            yield _lacking(variable.edit_place, _LACKS_CERTIFICATE, (*values, ("near", meant)), mount, edit)


def _is_true(service: Service, name: str) -> bool:
    variable = service.environment.get(name)
    # The script compares letter by letter.
    return variable is not None and variable.value.text == "true"


def _missing(deployment: Deployment, named: _Named, unmounted: str, lacking: str) -> Iterator[Diagnostic]:
    """What to say of a file, unless it is there or may be: `unmounted` without a mount, `lacking` of its folder."""
    file, word, path = named
    assert file.tree is not None
    mount = file.service.mount_over(path)
    values: tuple[tuple[str, str], ...] = (("path", path), ("service", file.service.name))
    place = file.tree.document.place(*word.span)
    if mount is None:
        related = Related(file.mount.place, "`{service}` mounts this file here", values)
        yield Diagnostic(place, unmounted, values, (related,))
    elif mount.target is not None and _lacks(deployment, file.service, mount, path):
        inside = posixpath.relpath(path, mount.target)
        meant = _beside(deployment, mount, path, certificate=lacking is _LACKS_CERTIFICATE)
        values += (("target", mount.target), ("inside", inside), ("near", meant))
        edit = None
        if meant and not word.quote and word.text.endswith(posixpath.basename(path)):
            document = file.tree.document
            edit = Edit(document.place(word.span.end - len(posixpath.basename(path)), word.span.end), meant)
        yield _lacking(place, lacking, values, mount, edit)


def _lacking(
    place: Place, message: str, values: tuple[tuple[str, str], ...], mount: Mount, edit: Edit | None
) -> Diagnostic:
    """What is not in a folder, and what may be meant of that which is."""
    return Diagnostic(
        place,
        message + ("; did you mean `{near}`, which is?" if dict(values)["near"] else ""),
        values,
        (Related(mount.place, "the folder is mounted here"),),
        (Fix("Write `{near}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


def _beside(deployment: Deployment, mount: Mount, path: str, *, certificate: bool) -> str:
    """What may be meant of the files in a missing one's folder: one with a like name, or the only such certificate.

    A key is no certificate, though both may end with `.pem`. "" for none or several.
    """
    folder, name = posixpath.split(path)
    entries = deployment.entries((mount.path or "") + folder[len((mount.target or "").rstrip("/")) :])
    ending = posixpath.splitext(name)[1]
    alike = [each for each in entries if ending and each.endswith(ending) and ("key" in each) == ("key" in name)]
    return alike[0] if certificate and len(alike) == 1 else near(name, alike) or ""


def _brings_nothing_of_its_own(service: Service) -> bool:
    """Whether the container is nginx's own image, with nothing that could make files before nginx starts."""
    keys = ("entrypoint", "command", "configs", "secrets", "volumes_from", "post_start")
    return (
        is_plain_nginx(service)
        and all(service.get(key) is None for key in keys)
        and all(m.target is not None and "docker-entrypoint" not in m.target for m in service.mounts)
    )


def _named(deployment: Deployment, service: Service, directives: Collection[str]) -> Iterator[_Named]:
    """The files that directives of one argument name, as paths in the container."""
    for file, tree in trees(deployment, service):
        for directive, _ in tree.walk():
            if directive.name.text not in directives or len(directive.arguments) != 1:
                continue
            word = directive.arguments[0]
            text = file.filled(word.text)
            # `data:` and `engine:` name no file.
            if text and ":" not in text:
                # Relative paths start at the folder of nginx.conf (ngx_conf_full_name).
                yield _Named(file, word, posixpath.normpath(posixpath.join("/etc/nginx", text)))


def _lacks(deployment: Deployment, service: Service, mount: Mount, path: str) -> bool:
    """Whether a mounted folder of the project is there, holds files, and not this one.

    An empty folder, and one into which another service may write, are filled when the stack runs.
    """
    target = (mount.target or "").rstrip("/")
    if mount.kind != "bind" or mount.path is None or not path.startswith(f"{target}/"):
        return False
    if not any(not name.startswith(".") for name in deployment.entries(mount.path)):
        return False
    if deployment.exists(mount.path + path[len(target) :]):
        return False
    return not any(
        other is not service and not each.read_only and each.path is not None and _overlap(each.path, mount.path)
        for other in deployment.services.values()
        for each in other.mounts
        if each.kind == "bind"
    )


def _overlap(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
