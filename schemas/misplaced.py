"""Where an unknown key may have been meant to stand: in a mapping around it, or in one below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .conformance import Schema, branch, resolved
from .instances import Odd

DEPTH = 2


def owner_above(key: str, value: Any, ancestors: list[Schema]) -> Schema | None:
    """The nearest mapping around that knows the key; `ancestors` from the outermost to the nearest.

    The outermost one counts only for mappings and lists: its few plain keys (`name`) mean other things below.
    """
    for schema in reversed(ancestors):
        if key in schema.get("properties", {}):
            return schema if schema is not ancestors[0] or isinstance(value, (dict, list)) else None
    return None


def owner_below(key: str, value: Any, schema: Schema, root: Schema) -> Schema | None:
    """The only mapping among those that may stand below a schema's keys that knows the key with such a value."""
    owners = {id(found): found for found in _objects(schema, root, DEPTH) if _takes(found, key, value, root)}
    return owners.popitem()[1] if len(owners) == 1 else None


def looks_like_service(value: Any) -> bool:
    """Whether a mapping can hardly be anything but a service."""
    return isinstance(value, Mapping) and ("image" in value or "build" in value)


def _takes(schema: Schema, key: str, value: Any, root: Schema) -> bool:
    option = schema.get("properties", {}).get(key)
    return option is not None and (value is Odd.UNKNOWN or branch(option, value, root) is not None)


def _objects(schema: Schema, root: Schema, depth: int) -> Iterator[Schema]:
    """The object schemas below an object schema, down to some depth; a map of names counts as no level."""
    options: dict[str, Schema] = schema.get("properties", {})
    for option in options.values():
        for found in _branches(option, root):
            named = [b for p in found.get("patternProperties", {}).values() for b in _branches(p, root)]
            for below in (found, *named) if schema is root else (found,):
                yield below
                if depth > 1 and schema is not root:
                    yield from _objects(below, root, depth - 1)


def _branches(schema: Schema, root: Schema) -> list[Schema]:
    """The schema itself, or the branches of its `oneOf`, references followed."""
    schema = resolved(schema, root)
    return [b for option in schema["oneOf"] for b in _branches(option, root)] if "oneOf" in schema else [schema]
