"""The key file that a mongo container's start script makes: whether mongo may read it, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import Applicability, Deployment, Diagnostic, Fix, LatePattern, change_part
from .mongo_server import Start

# The image's own script hands these folders to its user, and starts mongo as that one.
_OWN_FOLDERS = ("/data/db/", "/data/configdb/")
_OWN_SCRIPT = "docker-entrypoint.sh"
_LIMITS_ACCESS = LatePattern(r"(?<![\w-])(?:chmod|umask|install)(?![\w-])")
_GIVES_AWAY = LatePattern(r"(?<![\w-])(?:chown|install|gosu|setpriv|su|runuser)(?![\w-])")


def badly_made(deployment: Deployment, start: Start, path: str) -> Iterator[Diagnostic]:
    """A key file that the script leaves open to others, or in the hands of root."""
    made = start.written(re.compile(rf">\s*[\"']?({re.escape(path)})(?![\w./-])"))
    if made is None or _OWN_SCRIPT not in start.text or start.service.get("user") is not None:
        return
    values = (("service", start.service.name), ("path", path), ("mode", ""))
    place = made[2] or start.place
    mode = start.written(
        re.compile(rf"(?<![\w-])chmod\s+(0?[0-7]*[1-7][0-7]|0?[0-7]+[1-7])\s+[\"']?{re.escape(path)}(?![\w./-])")
    )
    if mode is not None:
        edit = change_part(deployment, mode[0], mode[1], "400")
        yield Diagnostic(
            mode[2] or place,
            "with the mode {mode} others may use the key `{path}`, and mongo stops with `permissions on {path} are too "
            "open`: only its owner may read it, mode 400",
            (*values[:2], ("mode", mode[1][0])),
            fixes=(Fix("Write 400", (edit,), Applicability.UNSAFE),) if edit else (),
        )
    elif not _LIMITS_ACCESS.search(start.text):
        yield Diagnostic(
            place,
            "the script of `{service}` makes the key `{path}` so that others may read it, and mongo stops with "
            "`permissions on {path} are too open`: add the line `chmod 400 {path}` behind it",
            values,
        )
    if not path.startswith(_OWN_FOLDERS) and not _GIVES_AWAY.search(start.text):
        yield Diagnostic(
            place,
            "the script of `{service}` makes the key `{path}` as root, and mongo, which runs as the user 999, may not "
            "read it: add the line `chown 999:999 {path}` behind it",
            values,
        )
