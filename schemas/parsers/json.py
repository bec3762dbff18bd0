"""JSON and JSON5 as an exact tree, with every mistake found and not only the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .document import Document, Problem, Span

Dialect = Literal["strict", "json5"]

_HARMLESS = frozenset({"comment", "duplicate-key", "trailing-comma"})


@dataclass(slots=True, eq=False)
class JsonScalar:
    """A string, number or name. `text` is the decoded string, or the number or name as written; `span` has quotes."""

    span: Span
    kind: Literal["string", "number", "true", "false", "null"]
    text: str = field(repr=False)


@dataclass(slots=True, eq=False)
class JsonMember:
    """A key and its value in an object. An unquoted JSON5 key is a `string` whose span has no quotes."""

    key: JsonScalar
    value: JsonNode


@dataclass(slots=True, eq=False)
class JsonObject:
    """`{…}`; the span has the braces."""

    span: Span
    members: list[JsonMember] = field(repr=False)

    def get(self, key: str) -> JsonNode | None:
        """The value of the last member with this key."""
        return next((m.value for m in reversed(self.members) if m.key.text == key), None)


@dataclass(slots=True, eq=False)
class JsonArray:
    """`[…]`; the span has the brackets."""

    span: Span
    items: list[JsonNode] = field(repr=False)


JsonNode = JsonScalar | JsonObject | JsonArray


@dataclass(frozen=True, eq=False)
class JsonTree:
    """A JSON file. `root` is None only for an empty one; after a mistake it holds what could be read."""

    document: Document
    dialect: Dialect
    root: JsonNode | None
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]

    @property
    def whole(self) -> bool:
        """Whether its mistakes, if it has any, hide no part of it."""
        return all(problem.kind in _HARMLESS for problem in self.problems)


def parse_json(document: Document, dialect: Dialect = "strict") -> JsonTree:
    """Read a document as JSON (`strict`: what JSON.parse takes) or as JSON5.

    Never raises: every mistake is a problem at its place, and reading goes on behind it. A file without problems, or
    with none but "duplicate-key", is one that the reader takes.
    """
    if document.utf16_codec:
        return JsonTree(document, dialect, None, (document.utf16_problem,), ())
    from .json_parse import JsonParser

    parser = JsonParser(document, json5=dialect == "json5")
    root = parser.read()
    problems = tuple(sorted(parser.problems, key=lambda p: p.place.span))
    return JsonTree(document, dialect, root, problems, tuple(parser.tokens.comments))
