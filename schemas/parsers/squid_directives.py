"""What squid knows: its directives, which of them allow or deny by acls, and the acls that it brings itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

# Defined by squid before it reads a file: 5.7, and `to_linklocal` since 6. Name (in lower case) → type.
BUILT_IN = {
    "all": "src",
    "connect": "method",
    "localhost": "src",
    "manager": "url_regex",
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


def acl_types() -> tuple[str, ...]:
    """The types of acls that squid 5.7 knows."""
    return tuple(_table()["acl_types"])
