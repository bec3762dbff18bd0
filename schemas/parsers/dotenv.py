"""dotenv files as an exact list of statements, split as each of their readers splits them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .document import Document, Problem, Span
from .interpolation import Template

Dialect = Literal["compose", "raw", "python-dotenv"]


@dataclass(slots=True, eq=False)
class DotenvEntry:
    """One statement `KEY=value`.

    `span` runs from `export` or the key to the end of the value (comments left out). `separator` is "=", ":" or "" for an
    inherited key (`value_span` is then empty, `text` None). `value_span` has the quotes. `text` is the value with quotes
    and escapes taken away and `${…}` not yet expanded; `template` is the same parsed, None when nothing in it expands;
    its offsets count in the document. `comment` is the trailing comment's span, if any.
    """

    span: Span
    key_span: Span
    key: str
    separator: str
    value_span: Span
    quote: Literal["", "'", '"']
    text: str | None
    template: Template | None = None
    export: bool = False
    comment: Span | None = None


@dataclass(frozen=True, eq=False)
class DotenvTree:
    """A dotenv file: its statements in order, its comments, and what its reader would refuse."""

    document: Document
    dialect: Dialect
    entries: tuple[DotenvEntry, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]

    def last(self, key: str) -> DotenvEntry | None:
        """The statement that wins for a key."""
        return next((e for e in reversed(self.entries) if e.key == key), None)
