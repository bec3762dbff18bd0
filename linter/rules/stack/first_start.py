"""Official images of databases that stop at their start: without a password, or with what their script refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Fix,
    Mount,
    Related,
    ServerDetails,
    Service,
    change_part,
    server_details,
)

ABSENT = "`{service}` is given no password, and its image makes no database without one, but stops: set `{variable}`"
EMPTY = "`{variable}` of `{service}` is empty, and its image makes no database without a password, but stops"
ALONE = (
    "`{service}` is given `{variable}` without `{other}`, and its image stops instead of making a database: it wants "
    "both or none"
)
REFUSED = (
    "`{variable}` of `{service}` names the user `{refused}`, which there is anyway, and its image stops instead of "
    "making the database: leave the variable out, or name another user"
)
MOVED = (
    "from release {since} on the image of `{service}` keeps its data elsewhere, and stops when something is mounted at "
    "`{old}`: mount it at `{new}` (what an older release has written must be migrated)"
)


def without_password(deployment: Deployment) -> Iterator[Diagnostic]:
    """Databases to be made without a word about their password."""
    for service, details in _official(deployment):
        if not details.password_from or not _is_to_be_made(deployment, service):
            continue
        release = _release(deployment, service)
        if release is not None and release < details.password_since:
            continue
        given = [service.environment[name] for name in details.password_from if name in service.environment]
        if any(_counts(details.password_from[variable.name], variable.value.text) for variable in given):
            continue
        if any(piece.variable for variable in given for piece in variable.value.pieces):
            # A variable that nobody sets: CMP005 says it.
            continue
        if _is_given_elsewhere(deployment, details.password_from):
            continue
        empty = next((variable for variable in given if not variable.value.text), None)
        name = empty.name if empty is not None else next(iter(details.password_from))
        yield Diagnostic(
            empty.edit_place if empty is not None else service.place,
            EMPTY if empty is not None else ABSENT,
            (("service", service.name), ("variable", name)),
        )


def with_half_a_login(deployment: Deployment) -> Iterator[Diagnostic]:
    """Databases that are given a user without a password, or the reverse."""
    for service, details in _official(deployment):
        given = [name for name in details.together if _may_be_given(service, name)]
        if len(given) != 1 or not _is_to_be_made(deployment, service):
            continue
        variable = service.environment.get(given[0])
        other = next(name for name in details.together if name not in given)
        # A variable that nobody sets: CMP005 says it.
        if variable is None or variable.value.text is None or _is_asked_for(service, other):
            continue
        if not _is_given_elsewhere(deployment, (other,)):
            values = (("service", service.name), ("variable", given[0]), ("other", other))
            yield Diagnostic(variable.key_place, ALONE, values)


def _may_be_given(service: Service, name: str) -> bool:
    """Whether a variable has a text, or may have one, also by way of a file."""
    found = [service.environment[each] for each in (name, f"{name}_FILE") if each in service.environment]
    return any(variable.value.text is None or variable.value.text for variable in found)


def _is_asked_for(service: Service, name: str) -> bool:
    variable = service.environment.get(name)
    return variable is not None and any(piece.variable for piece in variable.value.pieces)


def with_refused_values(deployment: Deployment) -> Iterator[Diagnostic]:
    """Values for which the start script of a database stops."""
    for service, details in _official(deployment):
        for name, refused in details.refused.items():
            variable = service.environment.get(name)
            if variable is None or variable.value.text != refused or not _is_to_be_made(deployment, service):
                continue
            yield Diagnostic(
                variable.edit_place,
                REFUSED,
                (("variable", name), ("service", service.name), ("refused", refused)),
            )


def mounted_where_data_was(deployment: Deployment) -> Iterator[Diagnostic]:
    """Mounts at the folder in which older releases of an image kept their data."""
    for service, details in _official(deployment):
        moved, release = details.moved, _release(deployment, service)
        if moved is None or release is None or release < moved.since or not _is_as_made(service):
            continue
        if details.data_variable in service.environment:
            continue
        for mount in service.mounts:
            if (mount.target or "").rstrip("/") == moved.old:
                values = (
                    ("service", service.name),
                    ("old", moved.old),
                    ("new", moved.new),
                    ("since", str(moved.since)),
                )
                related = (Related(service.image_place, "this release"),) if service.image_place else ()
                yield Diagnostic(
                    mount.place,
                    MOVED,
                    values,
                    related,
                    _at(deployment, mount, moved.old, moved.new),
                )


def _release(deployment: Deployment, service: Service) -> int | None:
    """The major release that the tag of an image names."""
    image = deployment.image(service)
    match = re.match(r"(?:pg|v)?(\d+)(?!\d)", image.tag) if image is not None else None
    return int(match[1]) if match is not None else None


def _at(deployment: Deployment, mount: Mount, old: str, new: str) -> tuple[Fix, ...]:
    text = mount.value.text or ""
    start = text.find(f":{old}") + 1
    if not mount.short or not start:
        return ()
    edit = change_part(deployment, mount.value, (old, start, start + len(old)), new)
    return (Fix("Mount it at `{new}`", (edit,), Applicability.UNSAFE, (("new", new),)),) if edit else ()


def _official(deployment: Deployment) -> Iterator[tuple[Service, ServerDetails]]:
    """The active services of official images, which all start with the script that their authors describe."""
    for service in deployment.project.active if not deployment.project.cut_off else ():
        server, image = deployment.server(service), deployment.image(service)
        if server is None or image is None or service.get("build") is not None:
            continue
        details = server_details(server.name)
        if details is not None and image.hub_name in server.facts.get("official", ()):
            yield service, details


def _is_as_made(service: Service) -> bool:
    """Whether the image's own script starts the server, with settings that are all known."""
    if service.get("entrypoint") is not None or not all(file.read for file in service.env_files):
        return False
    words = service.words("command")
    return not words or words[0].startswith("-") or words[0] in ("postgres", "mysqld", "mariadbd", "mongod")


def _is_to_be_made(deployment: Deployment, service: Service) -> bool:
    """Whether the database is still to be made: nothing stands where its data is mounted from."""
    if not _is_as_made(service) or service.get("volumes_from") is not None:
        return False
    volumes = deployment.project.volumes
    for mount in service.mounts:
        if mount.target is None or "initdb" in mount.target or mount.target.startswith("/etc/"):
            continue
        if mount.path is not None and deployment.exists(mount.path):
            return False
        volume = volumes.get(mount.source or "")
        if mount.kind != "bind" and volume is not None and (volume.get("external") or volume.get("driver_opts")):
            return False
        if mount.kind == "bind" and mount.path is None:
            return False
    return True


def _is_given_elsewhere(deployment: Deployment, names: Iterable[str]) -> bool:
    """Whether a Compose file that is meant to be laid over these gives the password."""
    ours = {tree.document.path for tree in deployment.project.files}
    for name in deployment.entries(deployment.root):
        path = f"{deployment.root}/{name}"
        if "compose" in name and name.endswith((".yml", ".yaml")) and path not in ours:
            try:
                text = deployment.workspace.document(path).text
            except (OSError, ValueError):
                return True
            if any(each in text for each in names):
                return True
    return False


def _counts(wanted: str, text: str | None) -> bool:
    """Whether a variable settles the password; one whose text is not known may."""
    return text is None or (text == wanted if wanted else bool(text))
