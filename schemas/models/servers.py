"""Well-known server images: where they listen, what their first start reads, and whom they call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from .service import Variable
from .tables import read_table


class ListenPort(NamedTuple):
    """A port that an image listens on; `variable` or a command `flags` word moves it.

    The first is where others ask; one that is `apart` answers something else: its console, its members, a debugger.
    """

    port: int
    variable: str = ""
    flags: tuple[str, ...] = ()
    apart: bool = False


class Server(NamedTuple):
    """A well-known server image: where it listens, and the variables its first start reads credentials from."""

    name: str
    images: frozenset[str]
    ports: tuple[ListenPort, ...]
    facts: Mapping[str, Any]

    def variables(self, fact: str) -> tuple[str, ...]:
        """The names of the variables that give a credential, the first that is set counts: `user`, `password`, …"""
        return tuple(filter(None, str(self.facts.get(fact, "")).split("|")))

    def contacts(self, environment: Mapping[str, Variable]) -> Mapping[str, tuple[str, ...]]:
        """The variables from which it takes the addresses of servers that it needs, with the kinds that may answer."""
        found: dict[str, tuple[str, ...]] = {}
        for fact in self.facts.get("calls", ()):
            if not left_out(environment, fact.get("unless", {})):
                found.update({name: tuple(targets) for name, targets in fact["variables"].items()})
        return found


def left_out(environment: Mapping[str, Variable], choices: Mapping[str, Sequence[str]]) -> bool:
    """Whether a service was given, or may be given, a value with which it does without, as a table's `unless` says."""
    return any(_may_be(environment, name, values) for name, values in choices.items())


def _may_be(environment: Mapping[str, Variable], name: str, values: Sequence[str]) -> bool:
    variable = environment.get(name)
    return variable is not None and (variable.value.text is None or variable.value.text.strip().lower() in values)


def listen_ports(data: Iterable[Mapping[str, Any]]) -> tuple[ListenPort, ...]:
    """The ports of a role or server as a table writes them."""
    return tuple(
        ListenPort(p["port"], p.get("variable", ""), tuple(p.get("flags", ())), p.get("apart", False)) for p in data
    )


@cache
def servers() -> Mapping[str, Server]:
    """The well-known server images by image name."""
    found: dict[str, Server] = {}
    for name, facts in read_table("images")["servers"].items():
        server = Server(name, frozenset(facts["images"]), listen_ports(facts["ports"]), facts)
        found.update(dict.fromkeys(facts["images"], server))
    return found
