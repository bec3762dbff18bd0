"""Addresses in a service's environment: URLs, connection strings, host variables, taken apart with their positions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..patterns import LatePattern
from .service import Service, Variable

HOST_SUFFIXES = ("HOST", "HOSTNAME", "SERVER", "ADDRESS", "ADDR", "ENDPOINT", "ENDPOINTS", "BROKER")

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


# What Go's MySQL driver reads: `user:password@tcp(host:port)/database`, nothing in it encoded.
_GO_MYSQL = LatePattern(
    r"(?P<user>[^:@/\s]*)(?::(?P<password>\S*))?@tcp\((?P<host>[A-Za-z0-9_.-]+)(?::(?P<port>\d+))?\)(?P<rest>/\S*)?"
)
# What libpq reads (`host=db port=5432 user=…`), and Npgsql with semicolons between (`Host=db;Username=…`).
_PAIR = LatePattern(r"\s*([A-Za-z ]{2,20}?)\s*=\s*('[^']*'|[^\s;']*)\s*;?")
_KEYS = {"host": "host", "port": "port", "user": "user", "username": "user", "user id": "user", "password": "password"}
_LOGIN = LatePattern(r"[?&;](user|password)=([^&;\s]*)")
_JDBC = "jdbc:"


class Part(NamedTuple):
    """A piece of an address: its text, and where it stands in the variable's effective text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """An address that a service is given in `variable`. `scheme` is lower case, "" for a bare host.

    `encoded` says that user and password are written percent-encoded, as in a URL.
    """

    reader: Service
    variable: Variable
    scheme: str
    user: Part | None
    password: Part | None
    host: Part
    port: Part | None
    rest: str
    encoded: bool = True

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
    return endpoints_in(service, service.environment.values())


def endpoints_in(service: Service, variables: Iterable[Variable]) -> Iterator[Endpoint]:
    """Every address in some variables that a service is given."""
    for variable in variables:
        text = variable.value.text
        if not text or len(text) > MAX_LENGTH:
            continue
        url, pairs = "://" in text, "=" in text
        if not url and not pairs and "@tcp(" not in text and variable.name.rpartition("_")[2] not in HOST_SUFFIXES:
            continue
        shift = len(text) - len(text.lstrip())
        if text.startswith(_JDBC, shift):
            shift += len(_JDBC)
        if url:
            match = _URL.fullmatch(text[shift:].rstrip())
        elif "@tcp(" in text:
            match = _GO_MYSQL.fullmatch(text.strip())
        elif pairs:
            yield from _of_pairs(service, variable, text)
            continue
        else:
            match = _HOST_PORT.match(text.strip())
        # An `@` behind the host means that a character of the password was not encoded: nobody can say which is which.
        if match is not None and match["host"] and "@" not in (match.groupdict().get("rest") or ""):
            yield _endpoint(service, variable, match, shift)


def _of_pairs(service: Service, variable: Variable, text: str) -> Iterator[Endpoint]:
    """The server of a connection string that consists of `key=value`, all of it."""
    if "host=" not in text.lower():
        return
    found: dict[str, Part] = {}
    end = 0
    for match in _PAIR.finditer(text):
        if match.start() != end:
            return
        end = match.end()
        key = _KEYS.get(match[1].lower())
        quotes = match[2].startswith("'")
        if key is not None:
            found[key] = Part(match[2].strip("'"), match.start(2) + quotes, match.end(2) - quotes)
    host, port = found.get("host"), found.get("port")
    if end == len(text) and host is not None and _HOST_PORT.fullmatch(host.text) and "user" in found:
        port = port if port and port.text.isdigit() else None
        yield Endpoint(
            service, variable, "postgresql", found["user"], found.get("password"), host, port, "", encoded=False
        )


def _endpoint(service: Service, variable: Variable, match: re.Match[str], shift: int) -> Endpoint:
    groups = match.groupdict()

    def part(name: str) -> Part | None:
        if groups.get(name) is None:
            return None
        return Part(groups[name], match.start(name) + shift, match.end(name) + shift)

    host = part("host")
    assert host is not None
    go = "scheme" not in groups and "user" in groups
    login = {"user": part("user"), "password": part("password")}
    if login["user"] is None and (variable.value.text or "").lstrip().startswith(_JDBC):
        base = match.start("rest") + shift
        for found in _LOGIN.finditer(groups.get("rest") or ""):
            login[found[1]] = Part(found[2], found.start(2) + base, found.end(2) + base)
    return Endpoint(
        service,
        variable,
        "mysql" if go else (groups.get("scheme") or "").lower(),
        login["user"],
        login["password"],
        host,
        part("port"),
        groups.get("rest") or "",
        encoded=not go,
    )
