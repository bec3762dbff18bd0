"""Mounts that do not bring in what they should: a source that is missing, of the wrong kind, or taken for a volume."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Mount,
    Service,
    Severity,
    example_beside,
    rule,
    said,
    within,
)
from .files import is_at_home, shown

# Kinds of files that a program reads at its start; a folder in the place of one is never meant.
_CONFIGURATION = frozenset(
    (
        *("cfg", "cnf", "conf", "config", "crt", "cer", "env", "html", "ini", "jks", "json", "json5", "key", "lua"),
        *("p12", "pem", "pfx", "php", "properties", "py", "rb", "service", "sh", "sql", "template", "tmpl", "toml"),
        *("xml", "yaml", "yml"),
    )
)
# Certificates are made by other programs; databases pass over a folder among the scripts of their first start.
_FILLED_LATER = frozenset(
    (
        *("acme", "cert", "certbot", "certificates", "certs", "letsencrypt", "ssl", "tls"),
        "docker-entrypoint-initdb.d",
    )
)


def is_file_name(path: str) -> bool:
    """Whether a path certainly names a file that is configuration, a script, a key or a certificate."""
    name = path.rstrip("/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return bool(dot) and bool(stem or suffix == "env") and suffix.lower() in _CONFIGURATION


def _binds(deployment: Deployment) -> Iterator[tuple[Service, Mount, str]]:
    """The bind mounts of active services whose source lies in the project, with the source's absolute path."""
    for service in deployment.project.active:
        for mount in service.mounts:
            if mount.kind == "bind" and mount.path and mount.target and within(mount.path, deployment.boundary):
                yield service, mount, mount.path


@rule("CMP021", "mount-source-missing", Deployment, Severity.ERROR, faq=("D16", "F3.2"))
def mount_source_missing(deployment: Deployment) -> Diagnostics:
    """A file to be mounted that is not there: Docker makes a folder of its name."""
    at_home = is_at_home(deployment)
    for service, mount, path in _binds(deployment):
        if deployment.exists(path) or not _wants_file(mount) or not (at_home or deployment.role(service)):
            continue
        example = example_beside(deployment.workspace, path)
        hint = ": copy `{example}` to that name" if example else ": put the file there before the first start"
        message = (
            "`{source}` is not there: Docker makes an empty folder of that name, and `{service}` finds a folder at "
            "{target}"
            if mount.create or mount.short
            else "`{source}` is not there, and Docker refuses to start `{service}`, which mounts it on {target}"
        )
        values = (
            ("source", shown(deployment, path)),
            ("service", service.name),
            ("target", mount.target or ""),
            ("example", shown(deployment, example) if example else ""),
        )
        yield Diagnostic(mount.source_place or mount.place, message + hint, values)


def _wants_file(mount: Mount) -> bool:
    """Whether only a file will do, and a person puts it there: no certificate, no script that may be missing."""
    folders = {*(mount.path or "").lower().split("/")[:-1], *(mount.target or "").lower().split("/")[:-1]}
    return is_file_name(mount.target or "") and not folders & _FILLED_LATER


@rule("CMP022", "mount-kind-mismatch", Deployment, Severity.ERROR, faq=("D16", "F3.3"))
def mount_kind_mismatch(deployment: Deployment) -> Diagnostics:
    """A folder mounted where a file belongs, or a file where a folder belongs."""
    for service, mount, path in _binds(deployment):
        kind = deployment.workspace.files.kind(path)
        target = mount.target or ""
        values = (("source", shown(deployment, path)), ("service", service.name), ("target", target))
        place = mount.source_place or mount.place
        if kind == "directory" and is_file_name(target):
            empty = not deployment.workspace.files.entries(path)
            hint = (
                "; Docker made it when the file was not there: remove it and put the file in its place" if empty else ""
            )
            yield Diagnostic(
                place, "`{source}` is a folder, but `{service}` mounts it as the file {target}" + hint, values
            )
        elif kind == "file" and _is_folder_target(deployment, service, mount):
            yield Diagnostic(
                place,
                "`{source}` is a file, but {target} is a folder in `{service}`: name the file in the target too",
                values,
            )


def _is_folder_target(deployment: Deployment, service: Service, mount: Mount) -> bool:
    """Whether a target is a folder: written with a slash, named `*.d`, or a folder for a service of that image."""
    target = mount.target or ""
    if _written_target(mount).endswith("/") or target.endswith(".d"):
        return True
    image = service.image.text if service.image is not None else None
    files = deployment.workspace.files
    return any(
        other.target == target and other.kind == "bind" and other.path and files.kind(other.path) == "directory"
        for neighbour in deployment.services.values()
        if image and neighbour is not service and neighbour.image is not None and neighbour.image.text == image
        for other in neighbour.mounts
    )


def _written_target(mount: Mount) -> str:
    """The target of a short mount as it is written, "" where that is not known."""
    text = mount.value.text
    if not mount.short or text is None or mount.source is None or not text.startswith(mount.source + ":"):
        return ""
    return text[len(mount.source) + 1 :].partition(":")[0]


def means_path(deployment: Deployment, mount: Mount) -> bool:
    """Whether a mount's source is read as the name of a volume and can only mean a file or folder of the project."""
    name = mount.source
    if mount.kind != "volume" or not mount.short or not name or name in deployment.project.volumes:
        return False
    return "/" in name or is_file_name(name) or deployment.workspace.files.kind(f"{deployment.root}/{name}") == "file"


@rule("CMP023", "bare-name-mount", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def bare_name_mount(deployment: Deployment) -> Diagnostics:
    """A path without `./`, which Compose takes for the name of a volume."""
    for service in deployment.project.active:
        for mount in service.mounts:
            if not mount.value.known or not means_path(deployment, mount) or mount.source is None:
                continue
            place = mount.source_place or mount.place
            values = (("source", mount.source), ("service", service.name))
            fixes: tuple[Fix, ...] = ()
            if deployment.exists(f"{deployment.root}/{mount.source}") and place.text.startswith(mount.source):
                edit = Edit(place.document.place(place.span.start, place.span.start), "./")
                fixes = (Fix("Write `./{source}`", (edit,), Applicability.SAFE, values),)
            yield Diagnostic(
                place,
                "without `./` Compose takes `{source}` for the name of a volume, and refuses it: write `./{source}`",
                values,
                fixes=fixes,
            )


@rule("CMP024", "duplicate-mount-target", Deployment, Severity.ERROR)
def duplicate_mount_target(deployment: Deployment) -> Diagnostics:
    """Two mounts on one path of a container."""
    for problem in deployment.project.problems:
        if problem.kind == "duplicate-mount-target":
            yield said(problem)
        elif problem.kind == "shadowed-mount" and problem.related[0][0].document is problem.place.document:
            # In an override file the same target is the way to put another mount in the place of the first.
            yield said(problem, severity=Severity.WARNING)
