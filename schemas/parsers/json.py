"""JSON and JSON5 as an exact tree, with every mistake found and not only the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .document import Document, Problem, Span

Dialect = Literal["strict", "json5"]


@dataclass(slots=True, eq=False)
class JsonScalar:
    """A string, number or name. `text` is the decoded string, or the number or name as written; `span` has the quotes."""

    span: Span
    kind: Literal["string", "number", "true", "false", "null"]
    text: str


@dataclass(slots=True, eq=False)
class JsonMember:
    """A key and its value in an object. An unquoted JSON5 key is a `string` whose span has no quotes."""

    key: JsonScalar
    value: JsonNode


@dataclass(slots=True, eq=False)
class JsonObject:
    """`{…}`; the span has the braces."""

    span: Span
    members: list[JsonMember]

    def get(self, key: str) -> JsonNode | None:
        """The value of the last member with this key."""
        return next((m.value for m in reversed(self.members) if m.key.text == key), None)


@dataclass(slots=True, eq=False)
class JsonArray:
    """`[…]`; the span has the brackets."""

    span: Span
    items: list[JsonNode]


JsonNode = JsonScalar | JsonObject | JsonArray


@dataclass(frozen=True, eq=False)
class JsonTree:
    """A JSON file. `root` is None only for an empty one; after a mistake it holds what could be read."""

    document: Document
    dialect: Dialect
    root: JsonNode | None
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]
