"""What may be written in a Compose file at an offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...schemas.parsers.document import Span
from . import compose_schema, offers
from .compose_schema import ITEM
from .offers import Completion, Sort
from .yaml_text import Cursor, cursor_at, keys_below

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment

_PLAIN = {
    "depends_on": "service", "links": "service", "volumes_from": "service", "networks": "network", "secrets": "secret",
    "configs": "config", "profiles": "profile",
}  # fmt: skip
_SECTION = {"service": "services", "network": "networks", "volume": "volumes", "secret": "secrets", "config": "configs"}
_STACKS = ("network_mode", "ipc", "pid")
_RESTART = ("no", "always", "on-failure", "unless-stopped")
_PULL = ("always", "never", "missing", "build", "daily", "weekly")
_VALUES = {
    "restart": _RESTART, "pull_policy": _PULL, "network_mode": ("host", "none", "bridge"), "pid": ("host",),
    "ipc": ("host", "private", "shareable", "none"),
}  # fmt: skip


def complete_compose(deployments: tuple[Deployment, ...], text: str, offset: int) -> Iterator[Completion]:
    """The offers at an offset, those of `${…}` left out."""
    cursor = cursor_at(text, offset)
    if cursor is None:
        return
    path = cursor.path
    if path[:1] == ("services",) and len(path) >= 2:
        service, below = path[1], path[2:]
    elif path and path[0].startswith("x-"):
        # What services take over by `<<`: a whole service, or, as the name tells, its environment alone.
        environment = "env" in path[0]
        service, below = "", ("environment", *path[1:]) if environment else path[1:]
    else:
        service, below = "", ()
    if below[:1] == ("environment",) and len(below) <= 2:
        yield from _environment(deployments, service, below, cursor)
    elif below:
        yield from _names(deployments, service, below, cursor, text)
    if path[:1] == ("services",) and len(path) == 1:
        return
    yield from _by_schema(_schema_path(path), cursor)


def _schema_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """The path in the schema, where an extension field is a service."""
    if not path or not path[0].startswith("x-"):
        return path
    return ("services", "x", *(("environment",) if "env" in path[0] else ()), *path[1:])


def _environment(
    deployments: tuple[Deployment, ...], service: str, below: tuple[str, ...], cursor: Cursor
) -> Iterator[Completion]:
    for deployment in deployments:
        names = [service] if service in deployment.services else []
        if cursor.item:
            name, equals, _ = cursor.prefix.partition("=")
            if equals:
                span = Span(cursor.word.start + len(name) + 1, cursor.word.end)
                yield from offers.values(deployment, name, service, span)
                continue
            form = "{name}=" if cursor.line_end else "{name}"
            for each in names or ("",):
                yield from offers.environment_names(deployment, each, cursor.word, form)
        elif len(below) == 1:
            form = "{name}: " if cursor.line_end and not cursor.value else "{name}"
            for each in names or ("",):
                yield from offers.environment_names(deployment, each, cursor.word, form)
        elif below[1] != ITEM:
            yield from offers.values(deployment, below[1], service, cursor.word)


def _names(
    deployments: tuple[Deployment, ...], service: str, below: tuple[str, ...], cursor: Cursor, text: str
) -> Iterator[Completion]:
    """Names of other things of the deployment, where one is asked for."""
    head, rest = below[0], below[1:]
    kind = ""
    if head in _PLAIN and rest in ((), (ITEM,)) and (rest or head != "volumes"):
        kind = _PLAIN[head]
    elif (head in ("secrets", "configs") and rest == (ITEM, "source")) or (head, rest) == ("volumes", (ITEM, "source")):
        kind = head.removesuffix("s")
    elif head == "volumes" and rest == (ITEM,) and ":" not in cursor.prefix:
        kind = "volume"
    elif head == "extends" and rest in ((), ("service",)) and cursor.value:
        kind = "service"
    elif head in _STACKS and not rest:
        yield from _stacks(deployments, service, cursor, text)
    if not kind or (head in _PLAIN and not rest and cursor.value and not cursor.item):
        return
    # In the long form more keys stand below each name.
    form = "{name}:" if not rest and cursor.key and cursor.line_end and not cursor.item else "{name}"
    span = cursor.word
    if kind == "volume" and ":" in text[span.start : span.end]:
        # The name stands before the path in the container.
        span = Span(span.start, text.index(":", span.start))
    for each in offers.things(deployments, kind, keys_below(text, _SECTION.get(kind, "")), span):
        if not (kind == "service" and each.label == service):
            yield each._replace(text=form.replace("{name}", each.text))


def _stacks(deployments: Iterable[Deployment], service: str, cursor: Cursor, text: str) -> Iterator[Completion]:
    for each in offers.things(deployments, "service", keys_below(text, "services"), cursor.word):
        if each.label != service:
            name = f"service:{each.text}"
            yield each._replace(label=name, text=name)


def _by_schema(path: tuple[str, ...], cursor: Cursor) -> Iterator[Completion]:
    """Keys and values that the schema knows at a path."""
    if cursor.key or cursor.item:
        for fact in compose_schema.keys(path):
            colon = ":" if fact.holds_block else ": "
            text = fact.name + colon if cursor.line_end else fact.name
            key = f"compose:{'/'.join((*path, fact.name))}"
            yield Completion(fact.name, Sort.KEY, ", ".join(fact.types), cursor.word, text, key)
    if cursor.value and path:
        for text in dict.fromkeys((*compose_schema.values(path), *_VALUES.get(path[-1], ()))):
            quoted = f'"{text}"' if text == "no" else text
            yield Completion(text, Sort.VALUE, path[-1], cursor.word, quoted, f"compose:{'/'.join(path)}")
