"""Addresses in a service's environment: URLs, `host:port` and host variables, taken apart with their positions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .service import Service, Variable

HOST_SUFFIXES = ("HOST", "HOSTNAME", "SERVER", "ADDRESS", "ADDR", "ENDPOINT", "BROKER")

DATASTORE_SCHEMES = frozenset(
    [
        *("postgres", "postgresql", "mysql", "mariadb", "mongodb", "redis", "rediss", "valkey", "amqp", "amqps"),
        *("clickhouse", "nats", "memcached", "cassandra", "oceanbase", "kafka", "elasticsearch"),
    ]
)

# Nobody writes longer addresses, and the pattern below is not linear in every text.
MAX_LENGTH = 4000

LOOPBACK = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1", "[::1]"})  # noqa: S104

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?:(?P<user>[^:/?#\s@]*)(?::(?P<password>[^\s]*?))?@(?=[^@/?#\s]*(?:[/?#\s]|$)))?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/?#\s@,]*)"
    r"(?::(?P<port>\d+))?"
    r"(?P<rest>[/?#][^\s]*)?"
)
_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>\d+))?$")


class Part(NamedTuple):
    """A piece of an address: its text, and where it stands in the variable's effective text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """An address that a service is given in `variable`. `scheme` is lower case, "" for a bare host."""

    reader: Service
    variable: Variable
    scheme: str
    user: Part | None
    password: Part | None
    host: Part
    port: Part | None
    rest: str

    @property
    def protocol(self) -> str:
        """The scheme without a driver (`postgresql+asyncpg` → `postgresql`, `mongodb+srv` stays)."""
        return self.scheme if self.scheme.endswith("+srv") else self.scheme.partition("+")[0]

    @property
    def loopback(self) -> bool:
        """Whether the host is this very container."""
        return self.host.text.lower() in LOOPBACK

    @property
    def single_label(self) -> bool:
        """Whether the host is a bare name, as services have it."""
        return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", self.host.text))


def endpoints(service: Service) -> Iterator[Endpoint]:
    """Every address in a service's effective environment; unknown values give none."""
    for variable in service.environment.values():
        text = variable.value.text
        if not text or len(text) > MAX_LENGTH:
            continue
        if "://" in text:
            match = _URL.fullmatch(text.strip())
        elif variable.name.rpartition("_")[2] in HOST_SUFFIXES:
            match = _HOST_PORT.match(text.strip())
        else:
            continue
        # An `@` behind the host means that a character of the password was not encoded: nobody can say which is which.
        if match is not None and match["host"] and "@" not in (match.groupdict().get("rest") or ""):
            yield _endpoint(service, variable, match, len(text) - len(text.lstrip()))


def _endpoint(service: Service, variable: Variable, match: re.Match[str], shift: int) -> Endpoint:
    groups = match.groupdict()

    def part(name: str) -> Part | None:
        if groups.get(name) is None:
            return None
        return Part(groups[name], match.start(name) + shift, match.end(name) + shift)

    host = part("host")
    assert host is not None
    return Endpoint(
        service,
        variable,
        (groups.get("scheme") or "").lower(),
        part("user"),
        part("password"),
        host,
        part("port"),
        groups.get("rest") or "",
    )
