"""squid configuration and its `${…}` templates as an exact list of directives."""

from __future__ import annotations

from dataclasses import dataclass

from .document import Document, Problem, Span


@dataclass(slots=True, eq=False)
class SquidWord:
    """A name or argument. `span` has the quotes, `text` has not."""

    span: Span
    text: str
    quote: str = ""


@dataclass(slots=True, eq=False)
class SquidDirective:
    """One logical line (continuations joined). `span` runs from the name to the end of the last argument."""

    span: Span
    name: SquidWord
    arguments: list[SquidWord]
    placeholder: bool = False


@dataclass(frozen=True, eq=False)
class SquidTree:
    """A squid file: directives in order, problems, comments."""

    document: Document
    directives: tuple[SquidDirective, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]
