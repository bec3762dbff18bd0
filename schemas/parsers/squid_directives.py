"""What squid knows: its directives, which of them allow or deny by acls, and the acls that it brings itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

# Defined by squid before it reads a file: 5.7, `to_linklocal` since 6, those of certificates where it is built with
# OpenSSL. Name (in lower case) → type.
BUILT_IN = {
    "all": "src",
    "connect": "method",
    "localhost": "src",
    "manager": "url_regex",
    "ssl::certdomainmismatch": "ssl_error",
    "ssl::certhasexpired": "ssl_error",
    "ssl::certnotyetvalid": "ssl_error",
    "ssl::certselfsigned": "ssl_error",
    "ssl::certuntrusted": "ssl_error",
    "to_linklocal": "dst",
    "to_localhost": "dst",
}


@cache
def _table() -> dict[str, Any]:
    import json
    import os

    path = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "squid.json")
    with open(path, encoding="utf-8") as file:
        table: dict[str, Any] = json.load(file)
    return table


@cache
def names() -> frozenset[str]:
    """The directives that squid 5.7 accepts; names are case-sensitive."""
    return frozenset(_table()["directives"])


@cache
def known() -> frozenset[str]:
    """The directives that squid 5.7 or another release accepts."""
    return names() | frozenset(_table()["other"])


def access() -> Mapping[str, int]:
    """Directives of the form `allow|deny ACL…` → the number of words that stand before that."""
    found: dict[str, int] = _table()["access"]
    return found


@cache
def _kinds() -> Mapping[str, str]:
    kinds: dict[str, list[str]] = _table()["kinds"]
    return {name: kind for kind, names in kinds.items() for name in names}


def kind(name: str) -> str:
    """What a directive takes: a `flag`, `number`, `size`, `time` or `port`; "" for anything else."""
    return _kinds().get(name, "")


def wants_argument(name: str) -> bool:
    """Whether squid 5.7 stops at a directive that has no argument."""
    return name in names() and name not in _table()["bare"] and name not in access()


def form(name: str) -> tuple[int, str]:
    """How many arguments a directive wants at least, where that is more than one, and what they are; else 0 and ""."""
    text: str = _table()["forms"].get(name, "")
    return len(text.split()), text


def choices(name: str) -> Sequence[str]:
    """The words of which a directive takes one, () where it takes others."""
    words: str = _table()["choices"].get(name, "")
    return words.split()


def acls_after(name: str) -> int | None:
    """After how many arguments the acls of a directive come that neither allows nor denies; None: it has none."""
    before: int | None = _table()["acls_after"].get(name)
    return before


@cache
def options(name: str) -> frozenset[str]:
    """The options of `http_port` or `cache_peer`, whatever libraries squid is built with."""
    return frozenset(_table()["options"][name])


@cache
def acl_type(name: str) -> tuple[str, Sequence[str]] | None:
    """The grammar of the values of an acl type, "" where they may be anything, and the options before them."""
    text: str | None = _table()["acl_types"].get(name)
    if text is None:
        return None
    grammar, *allowed = text.split(" ")
    return grammar, allowed


def acl_type_meant(name: str) -> str:
    """The type that somebody means who writes a name that suggests itself and that squid does not have; or ""."""
    meant: str = _table()["acl_types_meant"].get(name.lower(), "")
    return meant


def acl_types() -> Sequence[str]:
    """The types of acls, those first that are named most often."""
    return ("src", "dst", "port", "dstdomain", "method", *_table()["acl_types"])


@cache
def log_codes() -> Sequence[str]:
    """What may follow the `%` of a log format, behind its flags; squid takes the first that fits for the code."""
    return tuple(code for line in _table()["log_codes"] for code in line.split())
