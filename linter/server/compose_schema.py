"""What the schema of Compose says about the keys of a file: descriptions, types, allowed values, keys below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

Rule = Mapping[str, Any]
ITEM = "[]"
"""The step of a path that leads into a list."""


class KeyFact(NamedTuple):
    """A key that may stand at a path: its description, the types that it takes in words, and the values, if few."""

    name: str
    description: str
    types: tuple[str, ...]
    values: tuple[str, ...]
    default: str
    deprecated: bool

    @property
    def holds_block(self) -> bool:
        """Whether only more lines below can be its value."""
        return set(self.types) <= {"mapping", "list"}


def fact(path: Sequence[str]) -> KeyFact | None:
    """What is known about the key that a path leads to; None for a name of the user's own and for an unknown key."""
    rules = list(_at(path[:-1]))
    for rule in rules:
        for each in _alternatives(rule):
            found = each.get("properties", {}).get(path[-1]) if path else None
            if found is not None:
                return _fact(path[-1], found)
    return None


def keys(path: Sequence[str]) -> tuple[KeyFact, ...]:
    """The keys that may stand in the mapping that a path leads to."""
    found: dict[str, KeyFact] = {}
    for rule in _at(path):
        for each in _alternatives(rule):
            for name, below in each.get("properties", {}).items():
                found.setdefault(name, _fact(name, below))
    return tuple(found.values())


def values(path: Sequence[str]) -> tuple[str, ...]:
    """The few values that may stand at a path, () where anything may."""
    return tuple(dict.fromkeys(v for rule in _at(path) for v in _values(rule)))


@cache
def _schema() -> dict[str, Any]:
    import json
    import os

    from ...schemas.models.tables import DATA

    with open(os.path.join(DATA, "compose.schema.json"), encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


def _at(path: Sequence[str]) -> list[Rule]:
    rules: list[Rule] = [_schema()]
    # Deeper than any path of the schema there is only text of users.
    for step in path[:16]:
        rules = [below for rule in rules for each in _alternatives(rule) for below in _below(each, step)]
    return rules if len(path) <= 16 else []


def _below(rule: Rule, step: str) -> Iterator[Rule]:
    if step == ITEM:
        items = rule.get("items")
        if isinstance(items, dict):
            yield items
        return
    known = rule.get("properties", {}).get(step)
    if known is not None:
        yield known
        return
    for pattern, below in rule.get("patternProperties", {}).items():
        if pattern != "^x-" and re.search(pattern, step):
            yield below
    if isinstance(rule.get("additionalProperties"), dict):
        yield rule["additionalProperties"]


def _alternatives(rule: Rule, depth: int = 0) -> Iterator[Rule]:
    """A rule itself, and those that it refers to or of which one must hold."""
    yield rule
    if depth > 8:
        return
    reference = rule.get("$ref")
    if reference is not None:
        yield from _alternatives(_schema()["definitions"][reference.rpartition("/")[2]], depth + 1)
    for each in (*rule.get("oneOf", ()), *rule.get("anyOf", ()), *rule.get("allOf", ())):
        yield from _alternatives(each, depth + 1)


_WORDS = {"object": "mapping", "array": "list", "string": "text", "null": "nothing", "integer": "whole number"}


def _fact(name: str, rule: Rule) -> KeyFact:
    types: dict[str, None] = {}
    description, default, deprecated = "", "", False
    for each in _alternatives(rule):
        kind = each.get("type")
        for word in (kind,) if isinstance(kind, str) else kind or ():
            types.setdefault(_WORDS.get(word, word))
        description = description or each.get("description", "")
        if not default and "default" in each:
            default = _shown(each["default"])
        deprecated = deprecated or bool(each.get("deprecated"))
    return KeyFact(name, description, tuple(types), tuple(_values(rule)), default, deprecated)


def _values(rule: Rule) -> Iterator[str]:
    for each in _alternatives(rule):
        yield from (_shown(value) for value in each.get("enum", ()))
        if each.get("type") == "boolean" or each.get("x-cast") == "boolean":
            yield from ("true", "false")


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
