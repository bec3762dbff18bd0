"""More about well-known servers: where they keep data, which variables hold credentials, what their flags change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple

from .tables import read_table


class Moved(NamedTuple):
    """A data folder that is another one from a major release on: the image stops when something is mounted at `old`."""

    since: int
    old: str
    new: str


class ServerDetails(NamedTuple):
    """What is known about a server's container beside its ports.

    `data` are the folders that must outlive it and `data_variable` what moves them; `credentials` maps `user`,
    `password`, `database`, `key` or `keys` (several, by commas) to variables, the first that is set counts; with
    `first_start_only` they count only while the data folder is empty. `flags` maps words of the command line to what
    they change. `health` is a command of the image that succeeds once the server answers. `ports` are those of clients.

    The official image stops with an empty data folder unless one of `password_from` is set (to the text given there, if
    any), when a variable has the text in `refused`, and when it is given one of the variables `together` without the
    other. Images before the major release `password_since` may want none.
    """

    data: tuple[str, ...]
    data_variable: str
    credentials: Mapping[str, tuple[str, ...]]
    flags: Mapping[str, str]
    health: str
    first_start_only: bool
    ports: tuple[int, ...]
    password_from: Mapping[str, str]
    password_since: int
    refused: Mapping[str, str]
    moved: Moved | None
    together: tuple[str, ...]


def server_details(name: str) -> ServerDetails | None:
    """The details of a server by its name in images.json, None where there are none."""
    return _all().get(name)


def known_servers() -> Collection[ServerDetails]:
    """The details of all well-known servers."""
    return _all().values()


@cache
def _all() -> Mapping[str, ServerDetails]:
    servers = read_table("images.details")["servers"]
    return {
        name: ServerDetails(
            tuple(facts.get("data", ())),
            facts.get("data_variable", ""),
            {what: tuple(names) for what, names in facts.get("credentials", {}).items()},
            facts.get("flags", {}),
            facts.get("health", ""),
            facts.get("first_start_only", False),
            tuple(facts.get("ports", ())),
            facts.get("password_from", {}),
            facts.get("password_since", 0),
            facts.get("refused", {}),
            Moved(moved["since"], moved["from"], moved["to"]) if (moved := facts.get("moved")) else None,
            tuple(facts.get("together", ())),
        )
        for name, facts in servers.items()
    }
