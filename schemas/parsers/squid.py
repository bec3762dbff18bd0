"""squid configuration and its `${…}` templates as an exact list of directives."""

from __future__ import annotations

from dataclasses import dataclass

from .document import Document, Problem, Span


@dataclass(slots=True, eq=False)
class SquidWord:
    """A name or argument. `span` has the quotes, `text` has not; `quote` is "", ' or ".

    A word that a continuation breaks in two is joined in `text`, its `span` runs over the break.
    """

    span: Span
    text: str
    quote: str = ""

    def __repr__(self) -> str:
        return f"<SquidWord {self.span.start}:{self.span.end}>"


@dataclass(slots=True, eq=False)
class SquidDirective:
    """One logical line (continuations joined). `span` runs from the name to the end of the last argument.

    `placeholder` marks a template line such as `${ALLOWED}` that stands for whole directives. The conditionals `if`,
    `elif`, `else` and `endif` stand as directives.
    """

    span: Span
    name: SquidWord
    arguments: list[SquidWord]
    placeholder: bool = False

    def __repr__(self) -> str:
        return f"<SquidDirective {self.name.text} {self.span.start}:{self.span.end}>"


@dataclass(frozen=True, eq=False)
class SquidTree:
    """A squid file: directives in order, problems, comments."""

    document: Document
    directives: tuple[SquidDirective, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]


def parse_squid(document: Document) -> SquidTree:
    """The tree of a squid file, a part of one, or a template of one. Never raises: mistakes are `problems`.

    Lines are joined and words split as squid 5.7 does it. Kinds of problems: unterminated-quote, text-after-quote,
    dangling-continuation, full-width, byte-order-mark, utf-16, unexpected-endif, unclosed-if.
    """
    if document.utf16_codec:
        return SquidTree(document, (), (document.utf16_problem,), ())
    from .squid_reader import Reader

    return Reader(document).read()
