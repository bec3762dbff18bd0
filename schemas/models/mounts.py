"""`volumes` items: the short and the long syntax, and where on the host a bind mount comes from."""

from __future__ import annotations

import posixpath
import re
from typing import Literal, cast

from .node import MappingNode, Node, ScalarNode
from .pairs import UNKNOWN, part, skeleton
from .record import Record
from .service import Mount
from .value import Value

MountKind = Literal["bind", "volume", "tmpfs", "image", "npipe", "cluster"]

_KINDS = frozenset({"bind", "volume", "tmpfs", "image", "npipe", "cluster"})
_BRACED = re.compile(r"\$\{[^}]*\}?")
_DRIVE = re.compile(r"[A-Za-z]:")
_WINDOWS_ROOT = re.compile(r"[A-Za-z]:[\\/]")
_PATH_START = (".", "/", "~", "\\\\")


class MountError(ValueError):
    """A mount that Compose refuses; the text says why."""


def read_mounts(node: Node | None, home: str | None, record: Record) -> tuple[Mount, ...]:
    """The mounts of a `volumes` list. Of two on one target the later one takes the earlier one's place (uncity.go).

    `home` is the user's home folder for `~`, None when it is not known.
    """
    found: dict[object, Mount] = {}
    for item in getattr(node, "items", ()):
        mount = _mount(item, home, record)
        if mount is None:
            continue
        key = mount.target if mount.target is not None else id(mount)
        lost = found.get(key)
        if lost is not None:
            record.problem(
                "shadowed-mount",
                lost.place,
                "this mount on {target} is dropped: a later one has the same target",
                (mount.place, "the mount that stays"),
                target=mount.target or "",
            )
        found[key] = mount
    return tuple(found.values())


def split_short(text: str) -> tuple[tuple[int, int] | None, tuple[int, int], str]:
    """`[source:]target[:options]` as the spans of source (None: anonymous) and target, and the options.

    A letter and a colon is a Windows drive wherever it stands; a colon within `${…}` separates nothing.
    Raises MountError.
    """
    if not text:
        raise MountError("it is empty")
    if len(text) <= 2:
        return None, (0, len(text)), ""
    fields = _fields(text)
    if any(start == end for start, end in fields):
        raise MountError("nothing stands between two of its colons")
    if len(fields) > 3:
        raise MountError("it has too many colons")
    if len(fields) == 1:
        return None, fields[0], ""
    options = text[slice(*fields[2])] if len(fields) == 3 else ""
    return fields[0], fields[1], options


def is_path(source: str) -> bool:
    """Whether a short mount's source is a path on the host; else it names a volume (format/volume.go: isFilePath)."""
    return source.startswith(_PATH_START) or bool(_DRIVE.match(source))


def host_path(source: str, base: str, home: str | None) -> str | None:
    """The absolute path of a bind mount's source; None where it is unknown or a Windows path."""
    if UNKNOWN in source or not base or source.startswith("\\\\") or _WINDOWS_ROOT.match(source):
        return None
    if source.startswith("~"):
        if home is None:
            return None
        return posixpath.normpath(posixpath.join(home, source[1:].lstrip("/")))
    return posixpath.normpath(posixpath.join(base, source))


def clean(target: str) -> str:
    """A path in a container as Compose writes it: without `.`, `..`, doubled and trailing slashes."""
    path = posixpath.normpath(target)
    return path[1:] if path.startswith("//") else path


def _fields(text: str) -> list[tuple[int, int]]:
    """The spans between the colons that separate."""
    masked = _BRACED.sub(lambda m: "\1" * len(m[0]), text) if "${" in text else text
    fields: list[tuple[int, int]] = []
    start = at = 0
    while True:
        colon = masked.find(":", at)
        if colon == -1:
            fields.append((start, len(text)))
            return fields
        if colon - start == 1 and text[start].isalpha():
            at = colon + 1
            continue
        fields.append((start, colon))
        start = at = colon + 1


def _mount(item: Node, home: str | None, record: Record) -> Mount | None:
    if isinstance(item, MappingNode):
        return _long(item, home, record)
    if isinstance(item, ScalarNode) and item.kind == "str":
        return _short(item, home, record)
    record.problem("invalid-volume", item.place, "Compose refuses this volume: it is neither text nor a mapping")
    return None


def _short(item: ScalarNode, home: str | None, record: Record) -> Mount | None:
    text = skeleton(item.value)
    try:
        source_span, target_span, options = split_short(text)
    except MountError as error:
        if item.text is not None:
            record.problem("invalid-volume", item.place, "Compose refuses this volume: {why}", why=str(error))
        return None
    target = text[slice(*target_span)]
    source = text[slice(*source_span)] if source_span else None
    # Whether an unknown beginning is a path cannot be told; `${HOME}/…` and `${PWD}/…` are.
    bind = source is not None and (is_path(source) or source.startswith(UNKNOWN))
    path = host_path(source, item.base, home) if bind and source is not None else None
    source_place = part(item.value, *source_span).edit_place if source_span else None
    return Mount(
        item.place,
        "bind" if bind else "volume",
        None if source is None else source.replace(UNKNOWN, ""),
        None if UNKNOWN in target else clean(target),
        path,
        "ro" in options.split(","),
        item.value,
        source_place,
        short=True,
    )


def _long(item: MappingNode, home: str | None, record: Record) -> Mount | None:
    kind = _text(item, "type") or "volume"
    if not isinstance(item.get("target"), ScalarNode):
        record.problem("invalid-volume", item.place, "Compose refuses this volume: it names no `target`")
        return None
    source = item.get("source")
    value = source.value if isinstance(source, ScalarNode) else Value(())
    text = skeleton(value) if isinstance(source, ScalarNode) else None
    base = source.base if isinstance(source, ScalarNode) else ""
    target = _text(item, "target")
    return Mount(
        item.place,
        cast("MountKind", kind if kind in _KINDS else "volume"),
        None if text is None else text.replace(UNKNOWN, ""),
        None if target is None else clean(target),
        host_path(text, base, home) if kind == "bind" and text else None,
        _text(item, "read_only") == "true",
        value,
        value.edit_place if text is not None else None,
        short=False,
        create=_text(item, "bind", "create_host_path") == "true",
    )


def _text(node: MappingNode, *path: str) -> str | None:
    found = node.get(*path)
    return found.text if isinstance(found, ScalarNode) else None
