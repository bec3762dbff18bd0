"""Zones of shared memory, for limits and caches: used under a name that no line makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    NginxTree,
    Place,
    Severity,
    near,
    rule,
)
from .reading import Read, alone, readings

# What makes the zone that a directive uses.
_MAKERS = {
    "limit_req": "limit_req_zone",
    "limit_conn": "limit_conn_zone",
    "proxy_cache": "proxy_cache_path",
    "fastcgi_cache": "fastcgi_cache_path",
    "uwsgi_cache": "uwsgi_cache_path",
    "scgi_cache": "scgi_cache_path",
}
_SWITCHED_OFF = ("proxy_cache", "fastcgi_cache", "uwsgi_cache", "scgi_cache")


class Zone(NamedTuple):
    """A name of a zone: what makes it, and where it stands."""

    maker: str
    name: str
    place: Place


def _of_stacks(deployment: Deployment) -> Diagnostics:
    """A zone may be made in another file than the one that uses it."""
    for reads in readings(deployment):
        yield from _unknown(reads)


@rule("NGX030", "unknown-zone", NginxTree, Severity.ERROR, fix=Applicability.UNSAFE, together=_of_stacks)
def unknown_zone(tree: NginxTree) -> Diagnostics:
    """nginx does not start with a limit or cache whose zone nothing makes."""
    yield from _unknown(alone(tree) or ())


def _unknown(reads: Sequence[Read]) -> Diagnostics:
    used: list[Zone] = []
    made: dict[str, str] = {}
    for read in reads:
        name = read.line.name
        if name in _MAKERS:
            used += _used(read)
        elif name in _MAKERS.values():
            for text, _ in _parameters(read, "keys_zone=" if name.endswith("_path") else "zone="):
                if text is None:
                    # Any name may be this one.
                    return
                made[text.partition(":")[0]] = name
    yield from (_told(zone, made) for zone in used if made.get(zone.name) != zone.maker)


def _used(read: Read) -> Iterator[Zone]:
    """The zone that a line uses."""
    directive, line = read.line.directive, read.line
    maker = _MAKERS[line.name]
    if line.name == "limit_req":
        found = _parameters(read, "zone=")
    else:
        found = [(line.filled(word.text), line.tree.document.place(*word.span)) for word in directive.arguments[:1]]
    for name, place in found:
        if name and "$" not in name and not (name == "off" and line.name in _SWITCHED_OFF):
            yield Zone(maker, name, place)


def _parameters(read: Read, prefix: str) -> list[tuple[str | None, Place]]:
    """The values of a line's parameter as nginx reads them, None for unknown ones."""
    document = read.line.tree.document
    return [
        (read.line.filled(text[len(prefix) :]), document.place(word.span.end - len(text) + len(prefix), word.span.end))
        for word in read.line.directive.arguments
        if not word.quote and (text := word.text).startswith(prefix)
    ]


def _told(zone: Zone, made: dict[str, str]) -> Diagnostic:
    other = made.get(zone.name)
    meant = near(zone.name, (name for name, maker in made.items() if maker == zone.maker)) if other is None else None
    values = (("zone", zone.name), ("maker", zone.maker), ("other", other or ""), ("near", meant or ""))
    if other is not None:
        message = "the zone `{zone}` is made by `{other}`, and nginx wants one of `{maker}` here: it does not start"
    elif meant is not None:
        message = "no `{maker}` makes a zone `{zone}`, and nginx does not start; did you mean `{near}`?"
    else:
        message = "no `{maker}` makes a zone `{zone}`, and nginx does not start: add one to `http`, outside of `server`"
    fixes: tuple[Fix, ...] = ()
    if meant is not None and zone.place.text == zone.name:
        fixes = (Fix("Write `{near}`", (Edit(zone.place, meant),), Applicability.UNSAFE, values),)
    return Diagnostic(zone.place, message, values, fixes=fixes)
