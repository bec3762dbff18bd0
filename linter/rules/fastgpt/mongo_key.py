"""The key file of a mongo container: what a mounted one holds, and who may read one that the start script makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import Applicability, Deployment, Diagnostic, Fix, LatePattern, Mount, Service, change_part
from .mongo_server import Start

# The image's own script hands these folders to its user, and starts mongo as that one.
_OWN_FOLDERS = ("/data/db/", "/data/configdb/")
_OWN_SCRIPT = "docker-entrypoint.sh"
_LIMITS_ACCESS = LatePattern(r"(?<![\w-])(?:chmod|umask|install)(?![\w-])")
_GIVES_AWAY = LatePattern(r"(?<![\w-])(?:chown|install|gosu|setpriv|su|runuser)(?![\w-])")


# A key of one line or several, as `openssl rand -base64` writes it; mongo leaves blanks and line ends alone.
_KEY = LatePattern(r"[A-Za-z0-9+/=\s]*")
# From 4.2 on the file may also be YAML: a text in quotes, or a list of keys.
_YAML = LatePattern(r"\s*(?:['\"\[]|-\s)")
SHORTEST, LONGEST = 6, 1024


def badly_filled(deployment: Deployment, service: Service, mount: Mount) -> Iterator[Diagnostic]:
    """A mounted key that mongo refuses: too short, too long, or no key at all. Nothing of it is shown."""
    text = deployment.mounted_text(service, mount.target or "")
    if text is None or _YAML.match(text):
        return
    length = len("".join(text.split()))
    values = (("service", service.name), ("path", mount.target or ""), ("length", str(length)))
    place = mount.source_place or mount.place
    if not _KEY.fullmatch(text):
        yield Diagnostic(
            place,
            "what is mounted at `{path}` is no key as `{service}` takes it, so mongo stops at once: it may hold "
            "letters, digits, `+`, `/` and `=` only; make a new one with `openssl rand -base64 756`",
            values,
        )
    elif not SHORTEST <= length <= LONGEST:
        yield Diagnostic(
            place,
            "the key that is mounted at `{path}` has {length} characters, and `{service}` wants 6 to 1024, so mongo "
            "stops at once: make a new one with `openssl rand -base64 756`",
            values,
        )


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
