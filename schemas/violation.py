"""What is wrong at one place of a tree that does not fit its schema, in words for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from .conformance import Schema, resolved
from .instances import Instance, Odd
from .parsers.document import Place

Kind = Literal[
    "unknown-key",
    "misplaced-key",
    "misplaced-service",
    "bad-name",
    "missing-key",
    "wrong-type",
    "unquoted-text",
    "mapping-item",
    "empty",
    "empty-mapping",
    "not-allowed",
    "bad-format",
    "out-of-range",
    "repeated-item",
]
Path = tuple[str | int, ...]


class Violation(NamedTuple):
    """One mistake against a schema.

    `place` is the key or value to look at; `key` the key's place where a key is the mistake. `message` is an English
    template whose holes `values` fill; `path` leads to the value in the tree. `near` is the name that was probably
    meant. `unquoted-text` is a number, boolean or date where only a text may stand, `mapping-item` a mapping where a
    list wants texts, `empty-mapping` nothing where a mapping or list belongs.
    """

    kind: Kind
    place: Place
    message: str
    values: tuple[tuple[str, str], ...]
    path: Path
    near: str | None = None
    key: Place | None = None


_FOUND: dict[type, str] = {
    str: "a text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "empty",
    dict: "a mapping",
    list: "a list",
    Odd: "a date",
}
_WANTED = {
    "string": "a text",
    "boolean": "a boolean",
    "integer": "a whole number",
    "number": "a number",
    "null": "empty",
    "object": "a mapping",
    "array": "a list",
}


def found_words(value: Instance) -> str:
    """What a value is: "a list", "a date", …"""
    return _FOUND[type(value)]


def wanted_types(schema: Schema, root: Schema) -> list[str]:
    """JSON Schema's names of all types that a schema takes, over its branches, in order."""
    schema = resolved(schema, root)
    if "oneOf" in schema:
        names = [name for option in schema["oneOf"] for name in wanted_types(option, root)]
    else:
        types = schema.get("type", ())
        names = [types] if isinstance(types, str) else list(types)
    if "x-cast" in schema:  # a text is taken there only for what it is turned into
        names = [schema["x-cast"], *(name for name in names if name in ("object", "array"))]
    return list(dict.fromkeys(names))


def wanted_words(names: Iterable[str]) -> str:
    """Types in words: "a text or a list"."""
    return alternatives([_WANTED[name] for name in names if name != "null"] or ["empty"])


def alternatives(words: Sequence[str]) -> str:
    """Words joined as a choice: "a, b or c"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def dotted(path: Path) -> str:
    """A path as people write it: `services.api.ports[0].target`."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return steps.removeprefix(".") or "(the file)"


def close(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, None when none is near."""
    from difflib import get_close_matches

    folded = {option.lower().replace("-", "_"): option for option in known}
    near = get_close_matches(name.lower().replace("-", "_"), folded, 1, 0.75) if len(name) <= 100 else []
    return folded[near[0]] if near else None


def type_kind(value: Instance, wanted: Sequence[str]) -> Kind:
    """Which sort of wrong type it is."""
    if value is None:
        return "empty-mapping" if "object" in wanted or "array" in wanted else "empty"
    if "string" in wanted and isinstance(value, (bool, int, float, Odd)):
        return "unquoted-text"
    return "wrong-type"


def title(schema: Schema, path: Path) -> str:
    """How a message names the mapping at a path: its schema's title, or its key."""
    named: Any = schema.get("title")
    if named:
        return str(named)
    key = next((step for step in reversed(path) if isinstance(step, str)), None)
    return f"`{key}`" if key else "the file"
