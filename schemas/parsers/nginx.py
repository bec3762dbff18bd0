"""nginx configuration and its `${…}` templates as an exact tree of directives."""

from __future__ import annotations

from dataclasses import dataclass

from .document import Document, Problem, Span


@dataclass(slots=True, eq=False)
class NginxWord:
    """A name or argument. `span` has the quotes, `text` has not (escapes undone); `quote` is "", ' or "."""

    span: Span
    text: str
    quote: str = ""


@dataclass(slots=True, eq=False)
class NginxDirective:
    """`name args;` or `name args { … }`.

    `span` runs from the name to the `;` or `}`. `block` is None for a simple directive; `block_span` has the braces.
    `end` is the span of the `;` (empty, after the last word, when it is missing). `placeholder` marks a template line such
    as `${HTTPS_CONFIG}` that stands for whole directives. `raw` blocks (lua) hold no directives.
    """

    span: Span
    name: NginxWord
    arguments: list[NginxWord]
    end: Span
    block: list[NginxDirective] | None = None
    block_span: Span | None = None
    placeholder: bool = False


@dataclass(frozen=True, eq=False)
class NginxTree:
    """An nginx file: top-level directives in order (of the main context or of an included part), problems, comments."""

    document: Document
    directives: tuple[NginxDirective, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]
