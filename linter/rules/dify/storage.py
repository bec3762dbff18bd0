"""The folder in which Dify keeps uploads and private keys: mounted, shared by api and worker, and whole."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    MappingNode,
    Mount,
    Place,
    Related,
    Service,
    Severity,
    append_to,
    rule,
)
from .settings import text_of

HOME = "/app/api"
UPLOADS, KEYS = "upload_files", "privkeys"
Where = tuple[str, str]
_DRIVE = LatePattern(r"[A-Za-z]:[\\/]")


@rule("DFY030", "storage-split", Deployment, Severity.ERROR, faq=("D2", "D9"), fix=Applicability.UNSAFE)
def storage_split(deployment: Deployment) -> Diagnostics:
    """Uploads and keys stay in the container, or api and worker keep them in different places."""
    if any(tree.problems for tree in deployment.project.files):
        # Behind a mistake in the YAML may stand the very volume.
        return
    services = deployment.playing("dify", "api", "worker")
    roots = {service.name: root for service in services if (root := storage_root(service))}
    kept: list[tuple[Service, Mount]] = []
    done: set[str] = set()
    for service in services:
        root = roots.get(service.name)
        if root is None:
            continue
        holders = {part: holder(service, f"{root}/{part}") for part in (KEYS, UPLOADS)}
        lost = [part for part, mount in holders.items() if mount is None]
        # One that has the mount is the one that stores files; others of its role may do something else.
        done |= set() if lost else {deployment.role(service)}
        if lost and deployment.role(service) not in done:
            yield _lost(deployment, service, root, lost, services)
        mount = holders[UPLOADS]
        if mount is not None:
            kept.append((service, mount))
    yield from _apart(deployment, kept, roots)


def storage_root(service: Service) -> str | None:
    """The folder in the container where files are stored; None when they go elsewhere, or when nobody says where."""
    kind = text_of(service, "STORAGE_TYPE")
    if kind == "opendal" and text_of(service, "OPENDAL_SCHEME") in ("fs", ""):
        folder = text_of(service, "OPENDAL_FS_ROOT")
    elif kind == "local":
        folder = text_of(service, "STORAGE_LOCAL_PATH")
    else:
        return None
    if folder is None or service.get("working_dir") is not None or service.get("volumes_from") is not None:
        return None
    # A mount whose target is unknown, or one in memory, may be the very one.
    if any(mount.target is None or mount.kind == "tmpfs" for mount in service.mounts):
        return None
    return posixpath.normpath(posixpath.join(HOME, folder or "storage"))


def holder(service: Service, path: str) -> Mount | None:
    """The mount that holds a path of a container: the innermost one around it."""
    around = [m for m in service.mounts if m.target and _below(path, posixpath.normpath(m.target)) is not None]
    return max(around, key=lambda mount: len(posixpath.normpath(mount.target or "")), default=None)


def _below(path: str, folder: str) -> str | None:
    """What is left of a path below a folder, None when it lies elsewhere."""
    if path == folder:
        return ""
    return path[len(folder.rstrip("/")) + 1 :] if path.startswith(folder.rstrip("/") + "/") else None


def _lost(
    deployment: Deployment, service: Service, root: str, lost: Sequence[str], services: Sequence[Service]
) -> Diagnostic:
    inside = next((m for m in service.mounts if m.target and _below(posixpath.normpath(m.target), root)), None)
    values = (
        ("service", service.name),
        ("root", root),
        ("target", inside.target or "" if inside else ""),
        ("lost", " and ".join(f"`{part}`" for part in lost)),
    )
    message = (
        "`{service}` has no volume for `{root}`: uploads and private keys (`privkeys`) are lost with the container, "
        "and api and worker do not see each other's files; mount one folder there in both"
        if inside is None
        else "`{service}` mounts only `{target}`, and Dify keeps {lost} elsewhere in `{root}`: they are lost with the "
        "container; mount the whole folder `{root}`, where `privkeys` lies"
    )
    edit = append_to(deployment, service, "volumes", _item(services, root))
    return Diagnostic(
        inside.place if inside else service_key(deployment, service),
        message,
        values,
        (),
        (Fix("Mount `{root}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )


def service_key(deployment: Deployment, service: Service) -> Place:
    """Where the name of a service is written."""
    services = deployment.project.tree.get("services")
    entry = services.entries.get(service.name) if isinstance(services, MappingNode) else None
    return entry.key_place if entry is not None else service.place


def _item(services: Sequence[Service], root: str) -> str:
    """The mount that the other service has, else the one that Dify comes with."""
    for service in services:
        for mount in service.mounts:
            if mount.target and posixpath.normpath(mount.target) == root and mount.short and mount.value.text:
                return mount.value.text
    return f"./volumes/app/storage:{root}"


def _apart(deployment: Deployment, kept: Sequence[tuple[Service, Mount]], roots: dict[str, str]) -> Diagnostics:
    api = next((each for each in kept if deployment.role(each[0]) == "api"), None)
    if api is None:
        return
    ours = _where(deployment, api[1], roots[api[0].name])
    for service, mount in kept:
        theirs = _where(deployment, mount, roots[service.name])
        if deployment.role(service) != "worker" or ours is None or theirs is None or ours == theirs:
            continue
        if {ours[0], theirs[0]} == {"bind", "drive"}:
            # The project itself lies on some drive.
            continue
        values = (("service", service.name), ("other", api[0].name), ("here", theirs[1]), ("there", ours[1]))
        yield Diagnostic(
            mount.source_place or mount.place,
            "`{service}` keeps files in `{here}`, `{other}` in `{there}`: the worker does not find what was uploaded, "
            "so documents fail; mount the same folder in both",
            values,
            (Related(api[1].source_place or api[1].place, "`{other}` keeps them here", values),),
        )


def _where(deployment: Deployment, mount: Mount, root: str) -> Where | None:
    """What stands behind a mount, with the folder in it; None when two names may well be one place."""
    rest = _below(f"{root}/{UPLOADS}", posixpath.normpath(mount.target or "")) or ""
    if mount.source is not None and _DRIVE.match(mount.source):
        # Windows takes no notice of case.
        folder = mount.source.replace("\\", "/").rstrip("/").lower()
        return "drive", f"{folder}/{rest}".removesuffix(f"/{UPLOADS}")
    if mount.kind == "bind" and mount.path:
        return "bind", posixpath.normpath(f"{mount.path}/{rest}").removesuffix(f"/{UPLOADS}")
    if mount.kind != "volume" or mount.source is None:
        return None
    volume = deployment.project.volumes.get(mount.source)
    if volume is not None and (volume.get("driver_opts") or volume.get("external") or volume.get("name")):
        return None
    return "volume", mount.source if rest == UPLOADS else f"{mount.source}/{rest}"


@rule("DFY031", "keys-lost", Deployment, Severity.ERROR, faq=("D2",))
def keys_lost(deployment: Deployment) -> Diagnostics:
    """Files were uploaded, so there is a workspace, and the folder of its private key is gone."""
    seen: set[str] = set()
    for service in deployment.playing("dify", "api"):
        root = storage_root(service)
        mount = holder(service, f"{root}/{KEYS}") if root else None
        if root is None or mount is None or mount.kind != "bind" or not mount.path:
            continue
        rest = _below(root, posixpath.normpath(mount.target or ""))
        if rest is None or holder(service, f"{root}/{UPLOADS}") is not mount:
            continue
        folder = posixpath.normpath(f"{mount.path}/{rest}")
        if folder in seen or not _keys_gone(deployment, folder):
            continue
        seen.add(folder)
        yield Diagnostic(
            mount.source_place or mount.place,
            "`{folder}` holds uploads but no `privkeys`: without its private keys Dify cannot read the model "
            "credentials it has stored, and answers `File not found`; bring `privkeys` back from a backup, or as the "
            "last resort run `flask reset-encrypt-key-pair` in `{service}`, which throws all stored credentials away "
            "for good",
            (("folder", posixpath.relpath(folder, deployment.root)), ("service", service.name)),
        )


def _keys_gone(deployment: Deployment, folder: str) -> bool:
    return (
        KEYS not in (there := deployment.entries(folder))
        and UPLOADS in there
        and bool(deployment.entries(f"{folder}/{UPLOADS}"))
    )
