"""Whether a tree fits a JSON Schema: a quick yes or no, without the cost of a schema library."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from .instances import EFFECTIVE, Instance, Odd

if TYPE_CHECKING:
    from .instances import Reader

Schema = dict[str, Any]

# What `conforms` understands. Tests hold every schema in data/ to it, and to `oneOf` branches of different types.
KEYWORDS = frozenset(
    (
        *("$ref", "type", "enum", "pattern", "minimum", "maximum", "oneOf", "items", "uniqueItems"),
        *("properties", "patternProperties", "additionalProperties", "required", "x-cast", "x-joined"),
    )
)
ANNOTATIONS = frozenset(
    ("$schema", "$comment", "title", "description", "default", "deprecated", "definitions", "x-form")
)

_TYPES: dict[type, tuple[str, ...]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    type(None): ("null",),
    dict: ("object",),
    list: ("array",),
    Odd: (),
}
_SCALARS = ("string", "boolean", "integer", "number", "null")
_NARROW = frozenset(("x-cast", "enum", "pattern", "minimum", "maximum"))
_REFERENCE = len("#/definitions/")


@cache
def load_schema(name: str) -> Schema:
    """The schema `data/<name>.schema.json` of this package."""
    with open(os.path.join(os.path.dirname(__file__), "data", f"{name}.schema.json"), encoding="utf-8") as file:
        schema: Schema = json.load(file)
    return schema


def conforms(schema: Schema, node: Any, reader: Reader = EFFECTIVE) -> bool:
    """Whether a tree fits a schema after Compose's casts; an unknown value fits everywhere.

    Agrees with `validation.violations`, which says what is wrong and costs more.
    """
    return _Walk(schema, reader).fits(schema, node)


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema to which `$ref` leads; only `#/definitions/…` is known."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"][_REFERENCE:]]
    return schema


def is_type(value: Instance, types: str | list[str]) -> bool:
    """Whether a value is of one of JSON Schema's types; a float without fraction is an integer too (draft 6 on)."""
    for name in _TYPES[type(value)]:
        if name == types or (name in types and type(types) is list):
            return True
    return type(value) is float and "integer" in types and value.is_integer()


def branch(schema: Schema, value: Instance, root: Schema) -> Schema | None:
    """The `oneOf` branch that takes a value's type, the schema itself when it has none, None when no type fits."""
    schema = resolved(schema, root)
    for option in schema.get("oneOf", ()):
        found = branch(option, value, root)
        if found is not None:
            return found
    if "oneOf" in schema or ("type" in schema and not is_type(value, schema["type"])):
        return None
    return schema


def below(schema: Schema, key: str) -> Schema | bool | None:
    """What an object schema says about a key: a schema, False when it refuses it, None when it says nothing."""
    found: Schema | bool | None = schema.get("properties", {}).get(key)
    if found is not None:
        return found
    patterns: dict[str, Schema] = schema.get("patternProperties", {})
    for pattern, option in patterns.items():
        if searcher(pattern)(key):
            return option
    rest: Schema | bool | None = schema.get("additionalProperties")
    return rest


def cast(kind: str, text: str) -> bool | int | float | None:
    """A text as Compose turns it into a `boolean`, `integer` or `number` after interpolation; None when it refuses.

    Source: compose-go, loader/interpolate.go. Booleans take YAML 1.1's words; numbers are Go's Atoi and ParseFloat.
    """
    if kind == "boolean":
        word = text.lower()
        return True if word in ("true", "yes", "y", "on") else False if word in ("false", "no", "n", "off") else None
    if not text.isascii() or len(text) > 400 or text != text.strip():
        return None
    try:
        if kind == "integer":
            return int(text) if "_" not in text and -(2**63) <= int(text) < 2**63 else None
        return float.fromhex(text) if "x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        return None


@cache
def searcher(pattern: str) -> Callable[[str], object]:
    """A test for a pattern anywhere in a text; a plain `^prefix` needs no regular expression."""
    if re.fullmatch(r"\^[a-z-]+", pattern):
        prefix = pattern[1:]
        return lambda text: text.startswith(prefix)
    return re.compile(pattern).search


def repeated(items: Iterable[Instance]) -> int | None:
    """The index of the first scalar that equals an earlier one (JSON's equality: 1 is 1.0, but not true)."""
    seen: set[tuple[bool, Instance]] = set()
    for index, item in enumerate(items):
        if isinstance(item, (dict, list, Odd)):
            continue
        key = (isinstance(item, bool), item)
        if key in seen:
            return index
        seen.add(key)
    return None


class _Walk:
    """One pass over a tree; depth is bounded by the schema, which is not recursive."""

    def __init__(self, root: Schema, reader: Reader) -> None:
        self.root = root
        self.read = reader.instance
        self.free: dict[int, frozenset[type]] = {}

    def fits(self, schema: Schema, node: Any) -> bool:
        """Whether a node fits."""
        if not schema:
            return True
        value = self.read(node)
        free = self.free.get(id(schema))
        if free is None:
            free = self.free[id(schema)] = frozenset(_free_types(schema, self.root))
        return value.__class__ in free or value is Odd.UNKNOWN or self.fits_value(schema, value)

    def fits_value(self, schema: Schema, value: Any) -> bool:
        """Whether a value, whose children are nodes, fits."""
        schema = resolved(schema, self.root)
        if "x-cast" in schema and type(value) is str:
            value = cast(schema["x-cast"], value)
            if value is None:
                return False
        if "oneOf" in schema:
            return any(self.fits_value(option, value) for option in schema["oneOf"])
        types = schema.get("type")
        if types is not None and not is_type(value, types):
            return False
        if value.__class__ is dict:
            return self.fits_object(schema, value)
        if value.__class__ is list:
            return self.fits_array(schema, value)
        return _fits_scalar(schema, value)

    def fits_object(self, schema: Schema, value: dict[str, Any]) -> bool:
        """Whether each key is allowed, each value fits, and no required key is missing."""
        properties = schema.get("properties", {})
        patterns = [(searcher(p), option) for p, option in schema.get("patternProperties", {}).items()]
        rest = schema.get("additionalProperties", True)
        for key, node in value.items():
            option = properties.get(key)
            if option is None:
                option = rest
                for search, candidate in patterns:
                    if search(key):
                        option = candidate
                        break
                if option is False:
                    return False
                if option is True:
                    continue
            if not self.fits(option, node):
                return False
        return all(key in value for key in schema.get("required", ()))

    def fits_array(self, schema: Schema, value: list[Any]) -> bool:
        """Whether each item fits, and none is repeated where that is refused."""
        items = schema.get("items")
        if items and not all(self.fits(items, node) for node in value):
            return False
        unique = schema.get("uniqueItems", False) and "x-joined" not in schema
        return not unique or repeated(map(self.read, value)) is None


def _free_types(schema: Schema, root: Schema) -> Iterator[type]:
    """The types of scalars of which every value fits: most scalars of a file are of one, and need no closer look."""
    schema = resolved(schema, root)
    if not _NARROW.isdisjoint(schema):
        return
    if "oneOf" in schema:
        for option in schema["oneOf"]:
            yield from _free_types(option, root)
    else:
        types = schema.get("type", _SCALARS)
        allowed = (types,) if type(types) is str else types
        yield from (kind for kind, names in _TYPES.items() if names and names[-1] in _SCALARS and names[-1] in allowed)


def _fits_scalar(schema: Schema, value: Any) -> bool:
    if "enum" in schema and value not in schema["enum"]:
        return False
    if type(value) is str:
        return "pattern" not in schema or bool(searcher(schema["pattern"])(value))
    if type(value) is int or type(value) is float:
        return not (value < schema.get("minimum", value) or value > schema.get("maximum", value))
    return True
