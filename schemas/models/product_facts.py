"""What a product's table says about the stack as a whole: what must agree, what is needed, what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .image import Version, in_range

Choices = Mapping[str, tuple[str, ...]]
"""Variables with the values that make something so; all of them must fit."""


class Member(NamedTuple):
    """One place of a value that must be the same elsewhere: a variable of the services of these roles or servers.

    `part` is "" for the whole text, `password` for that of a URL, `list` for one item among others, parted by commas.
    `via` is the variable whose address must lead to the server that the group is about; "" where none is needed.
    """

    roles: tuple[str, ...]
    variable: str
    part: str
    via: str
    since: str
    until: str


class Group(NamedTuple):
    """Members that must hold one value wherever they are set, by the choices in the asking service's environment."""

    name: str
    members: tuple[Member, ...]
    when: Choices
    unless: Choices
    since: str
    until: str


class Required(NamedTuple):
    """A service that others need: one of these roles or servers. `variable` is where they take its address from.

    Without one that is for a `part` the product runs, and only some of its features fail. `unless` are the choices of a
    reader that does without.
    """

    roles: tuple[str, ...]
    needed_by: tuple[str, ...]
    variable: str
    since: str
    until: str
    part: bool
    unless: Choices


class Route(NamedTuple):
    """A path prefix that the reverse proxy passes to a role's port; `stream` answers come bit by bit."""

    path: str
    role: str
    port: int
    stream: bool
    websocket: bool
    since: str
    until: str


class Need(NamedTuple):
    """Variables without which a choice does not start: of one of the alternatives, all must be set and not empty."""

    any_of: tuple[tuple[str, ...], ...]
    when: Choices
    since: str
    until: str


class Store(NamedTuple):
    """A vector store: its needs, the servers that answer (() for one elsewhere), its port (0: none) and profile."""

    name: str
    needs: tuple[Need, ...]
    servers: tuple[str, ...]
    port: int
    profile: str
    profile_since: str
    since: str
    until: str


class Choice(NamedTuple):
    """A value of a variable that selects an implementation (`STORAGE_TYPE`), with what this one needs."""

    variable: str
    value: str
    roles: tuple[str, ...]
    needs: tuple[Need, ...]
    since: str
    until: str


class Shared(NamedTuple):
    """Variables that all services of these roles must have with one value.

    Up to the release `alone_until` it is usual that only some of the services are given them.
    """

    roles: tuple[str, ...]
    variables: tuple[str, ...]
    alone_until: str
    since: str
    until: str


class Suited(NamedTuple):
    """What a server must be that the address in a variable of these roles leads to, by the choices made there.

    `at_least` is the oldest release that will do, "" for any; images in `without` lack the `extension`.
    """

    server: str
    asked_in: str
    roles: tuple[str, ...]
    when: Choices
    at_least: str
    extension: str
    without: tuple[str, ...]
    since: str
    until: str


def _span(data: Mapping[str, Any]) -> tuple[str, str]:
    return data.get("since", ""), data.get("until", "")


def _choices(data: Mapping[str, Sequence[str]]) -> Choices:
    return {name: tuple(values) for name, values in data.items()}


def _member(data: Mapping[str, Any]) -> Member:
    return Member(tuple(data["roles"]), data["variable"], data.get("part", ""), data.get("via", ""), *_span(data))


def groups(data: Iterable[Mapping[str, Any]]) -> tuple[Group, ...]:
    """The groups that must agree, from the table's JSON."""
    return tuple(
        Group(
            each["name"],
            tuple(map(_member, each["members"])),
            _choices(each.get("when", {})),
            _choices(each.get("unless", {})),
            *_span(each),
        )
        for each in data
    )


def required(data: Iterable[Mapping[str, Any]]) -> tuple[Required, ...]:
    """The services that others need, from the table's JSON."""
    return tuple(
        Required(
            tuple(each["roles"]),
            tuple(each["needed_by"]),
            each.get("variable", ""),
            *_span(each),
            each.get("part", False),
            _choices(each.get("unless", {})),
        )
        for each in data
    )


def routes(data: Iterable[Mapping[str, Any]]) -> tuple[Route, ...]:
    """The reverse proxy's paths, from the table's JSON."""
    return tuple(
        Route(
            each["path"],
            each["role"],
            each["port"],
            each.get("stream", False),
            each.get("websocket", False),
            *_span(each),
        )
        for each in data
    )


def shared(data: Iterable[Mapping[str, Any]]) -> tuple[Shared, ...]:
    """The variables that twins share, from the table's JSON."""
    return tuple(
        Shared(tuple(each["roles"]), tuple(each["variables"]), each.get("alone_until", ""), *_span(each))
        for each in data
    )


def suited(data: Iterable[Mapping[str, Any]]) -> tuple[Suited, ...]:
    """What servers must be, from the table's JSON."""
    return tuple(
        Suited(
            each["server"],
            each["asked_in"],
            tuple(each["roles"]),
            _choices(each.get("when", {})),
            each.get("at_least", ""),
            each.get("extension", ""),
            tuple(each.get("without", ())),
            *_span(each),
        )
        for each in data
    )


def store(name: str, data: Mapping[str, Any], version: Version | None) -> Store:
    """A vector store with the needs that hold for a release; for an unknown one those that hold for all."""
    profile = data.get("profile", {"name": "", "since": ""})
    span = _span(data)
    servers, port = tuple(data["servers"]), data.get("port", 0)
    return Store(name, _needs(data["needs"], version), servers, port, profile["name"], profile["since"], *span)


def choice(data: Mapping[str, Any], version: Version | None) -> Choice:
    """A value of a selecting variable, with the needs that hold for a release as in `store`."""
    needs = _needs(data["needs"], version)
    return Choice(data["variable"], data["value"], tuple(data["roles"]), needs, *_span(data))


def _needs(data: Iterable[Mapping[str, Any]], version: Version | None) -> tuple[Need, ...]:
    all_needs = (
        Need(tuple(tuple(names) for names in each["any_of"]), _choices(each.get("when", {})), *_span(each))
        for each in data
    )
    return tuple(need for need in all_needs if in_range(version, need.since, need.until) is True)
