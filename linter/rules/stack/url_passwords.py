"""Passwords that stand raw in a URL although a character of theirs has a meaning there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...kit import (
    DATASTORE_SCHEMES,
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    Source,
    Variable,
    change_part,
    rule,
)
from .addresses import listed

# Longer texts are no addresses that a person wrote.
MAX_LENGTH = 4000

CHECKED = DATASTORE_SCHEMES | {"http", "https", "socks5", "socks5h", "smtp", "smtps", "ldap", "ldaps"}
# SQLAlchemy and libpq read up to the `@`, whatever stands before it; most other readers of these end the host at `/?#`.
SQL = frozenset({"postgres", "postgresql", "mysql", "mariadb", "clickhouse", "oceanbase"})

_CREDENTIALS = LatePattern(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<user>[^:/?#\s@]*):(?P<rest>\S+)")
_SEVERAL = LatePattern(r"[;,|][A-Za-z][\w+.-]*://")
_AUTHORITY = LatePattern(r"[^/?#]*")
_HOST = LatePattern(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?=[:,/?#]|$)")
_ENCODED = LatePattern(r"%[0-9A-Fa-f]{2}")

ENDS = (
    "the password in `{variable}` of {services} has {characters} as it is, and that ends the host part of a URL: host "
    "and port are lost, and the program cannot connect; "
)
MONGO = (
    "the password in `{variable}` of {services} has {characters} as it is, and MongoDB's drivers refuse such an "
    "address; "
)
SPLIT = (
    "the password in `{variable}` of {services} has {characters} as it is, and SQLAlchemy takes what stands behind the "
    "first one for the host; "
)
BRACKETS = (
    "the password in `{variable}` of {services} has {characters} as it is, and many programs refuse a URL with a "
    "bracket there; "
)
HERE = "write {encoded} instead"
ELSEWHERE = (
    "it comes from a variable that is also used as it is, so give the URL a variable of its own, in which {encoded} "
    "stands instead"
)


class Raw(NamedTuple):
    """A password in a URL, with those of its characters that mean something else there. The repr shows no text."""

    reader: Service
    variable: Variable
    start: int
    end: int
    characters: str
    message: str
    severity: Severity

    @property
    def text(self) -> str:
        """The password as it stands in the URL."""
        return (self.variable.value.text or "")[self.start : self.end]

    def __repr__(self) -> str:
        return f"<Raw {self.variable.name}>"


@rule("STK006", "url-credentials-not-encoded", Deployment, Severity.ERROR, fix=Applicability.SAFE)
def url_credentials_not_encoded(deployment: Deployment) -> Diagnostics:
    """A character of a password that ends the host part of a URL, or that its readers refuse there."""
    found: dict[Place, list[Raw]] = {}
    for service in deployment.project.active:
        for raw in _raw_passwords(deployment, service):
            found.setdefault(_place(raw), []).append(raw)
    for place, group in found.items():
        yield _finding(deployment, place, group)


def _finding(deployment: Deployment, place: Place, group: list[Raw]) -> Diagnostic:
    raw = group[0]
    severity = min((each.severity for each in group), key=lambda s: s.rank)
    values = (
        ("variable", raw.variable.name),
        ("services", listed([each.reader for each in group])),
        ("characters", ", ".join(f"`{c}`" for c in raw.characters)),
        ("encoded", ", ".join(f"`%{ord(c):02X}` for `{c}`" for c in raw.characters)),
    )
    if not _written_in_url(raw):
        piece = raw.variable.value.piece_at(_first(raw))
        here = (Related(piece.place, "the password is written here"),) if piece and piece.place else ()
        return Diagnostic(place, raw.message + ELSEWHERE, values, here, severity=severity)
    passed = raw.variable.place
    related = (Related(passed, "it is passed on here"),) if passed.document is not place.document else ()
    return Diagnostic(place, raw.message + HERE, values, related, _encoded(deployment, raw), severity)


def _encoded(deployment: Deployment, raw: Raw) -> tuple[Fix, ...]:
    from urllib.parse import quote

    # What looks encoded may be, or may be the password itself: then it stays, and a person has to look.
    partly = _ENCODED.search(raw.text) is not None
    text = quote(raw.text, safe="%" if partly else "")
    edit = change_part(deployment, raw.variable.value, (raw.text, raw.start, raw.end), text)
    if edit is None:
        return ()
    level = Applicability.UNSAFE if partly else Applicability.SAFE
    return (Fix("Percent-encode the password in `{name}`", (edit,), level, (("name", raw.variable.name),)),)


def _first(raw: Raw) -> int:
    return min(raw.start + raw.text.index(character) for character in raw.characters)


def _written_in_url(raw: Raw) -> bool:
    """Whether the place that gives the password gives the URL around it, too, so that it is used as a URL only."""
    piece = raw.variable.value.piece_at(_first(raw))
    text = raw.variable.value.text or ""
    return piece is not None and "://" in piece.text and text[: raw.end] in piece.text and piece.source != Source.SHELL


def _place(raw: Raw) -> Place:
    value = raw.variable.value
    if _written_in_url(raw):
        return value.place_of(raw.start, raw.end) or raw.variable.place
    piece = value.piece_at(_first(raw))
    return piece.via[0] if piece is not None and piece.via else raw.variable.place


def _raw_passwords(deployment: Deployment, service: Service) -> Iterator[Raw]:
    for variable in service.environment.values():
        text = variable.value.text
        if not text or "@" not in text or len(text) > MAX_LENGTH:
            continue
        match = _CREDENTIALS.fullmatch(text)
        if match is None or _SEVERAL.search(text):
            continue
        scheme = match["scheme"].lower()
        if scheme.partition("+")[0] not in CHECKED:
            continue
        end = _password_end(deployment, service, match)
        if end is None:
            continue
        start = match.start("rest")
        judged = _judged(scheme, text[start:end], product=service.name in deployment.roles)
        if judged is not None:
            yield Raw(service, variable, start, end, *judged)


def _password_end(deployment: Deployment, reader: Service, match: re.Match[str]) -> int | None:
    """Where the `@` behind the password stands, None when that cannot be told.

    As URLs are read (RFC 3986, 3.2), it is the last one before the first `/`, `?` or `#`. Where there is none, or a
    later one may be meant, the `@` counts before which a person must have written the host: one that the stack knows.
    """
    text, start = match.string, match.start("rest")
    authority = _AUTHORITY.match(text, start)
    assert authority is not None
    proper = text.rfind("@", start, authority.end())
    later = [at for at in range(authority.end(), len(text)) if text[at] == "@"]
    if not later:
        return proper if proper != -1 else None
    known = [at for at in later if _is_known(deployment, reader, text, at)]
    if proper != -1:
        return known[0] if len(known) == 1 and not _is_known(deployment, reader, text, proper) else proper
    if len(known) == 1:
        return known[0]
    # `//host:443/@scope`: a port and a path, no password.
    port = match["user"] != "" and text[start : authority.end()].isdigit()
    return later[0] if len(later) == 1 and not port and _HOST.match(text, later[0] + 1) else None


def _is_known(deployment: Deployment, reader: Service, text: str, at: int) -> bool:
    host = _HOST.match(text, at + 1)
    return host is not None and deployment.lookup(reader, host[1]).reach not in ("none", "maybe")


def _judged(scheme: str, password: str, *, product: bool) -> tuple[str, str, Severity] | None:
    """The characters that are read as something else, the message, and how sure it is."""
    protocol, _, driver = scheme.partition("+")
    if protocol == "mongodb":
        # Connection String specification: all of these must be percent-encoded; the drivers refuse the address.
        found = _of(password, ":/?#[]@") + ("%" if "%" in _ENCODED.sub("", password) else "")
        return (found, MONGO, Severity.ERROR) if found else None
    if protocol in SQL and driver:
        # `dialect+driver` is SQLAlchemy's way of writing; its pattern takes everything up to the first `@`.
        found = _of(password, "@")
        return (found, SPLIT, Severity.ERROR) if found else None
    found = _of(password, "/?#")
    if found:
        return found, ENDS, Severity.WARNING if protocol in SQL and not product else Severity.ERROR
    found = _of(password, "[]") if protocol not in SQL else ""
    return (found, BRACKETS, Severity.WARNING) if found else None


def _of(text: str, characters: str) -> str:
    return "".join(c for c in characters if c in text)
