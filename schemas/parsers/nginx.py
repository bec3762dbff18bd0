"""nginx configuration and its `${…}` templates as an exact tree of directives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .document import Document, Problem, Span


@dataclass(slots=True, eq=False)
class NginxWord:
    """A name or argument. `span` has the quotes, `text` has not (escapes undone); `quote` is "", ' or "."""

    span: Span
    text: str
    quote: str = ""

    def __repr__(self) -> str:
        return f"<NginxWord {self.span.start}:{self.span.end}>"


@dataclass(slots=True, eq=False)
class NginxDirective:
    """`name args;` or `name args { … }`.

    `span` runs from the name to the `;` or `}`. `block` is None for a simple directive; `block_span` has the braces.
    `end` is the span of the `;` or `}` that ends it (empty when it is missing: after the last word, or for a block at
    the end of what was read). `placeholder` marks a template line such as `${HTTPS_CONFIG}` that stands for whole
    directives. `raw` blocks (lua) hold no directives.
    """

    span: Span
    name: NginxWord
    arguments: list[NginxWord]
    end: Span
    block: list[NginxDirective] | None = None
    block_span: Span | None = None
    placeholder: bool = False
    raw: bool = False

    def __repr__(self) -> str:
        return f"<NginxDirective {self.name.text} {self.span.start}:{self.span.end}>"


@dataclass(frozen=True, eq=False)
class NginxTree:
    """An nginx file: top-level directives in order (of the main context or of an included part), problems, comments.

    `template` is set where tags of a template language other than `${…}` stand outside of quotes (`{{ … }}`, `{% … %}`,
    `<% … %>`): what nginx will read is unknown then, the directives are a guess and problems are not told.
    """

    document: Document
    directives: tuple[NginxDirective, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Span, ...]
    template: bool = False

    def walk(self) -> Iterator[tuple[NginxDirective, tuple[NginxDirective, ...]]]:
        """Every directive, in the order of the text, with the blocks around it, outermost first."""
        stack: list[tuple[Iterator[NginxDirective], tuple[NginxDirective, ...]]] = [(iter(self.directives), ())]
        while stack:
            siblings, parents = stack[-1]
            directive = next(siblings, None)
            if directive is None:
                stack.pop()
                continue
            yield directive, parents
            if directive.block:
                stack.append((iter(directive.block), (*parents, directive)))


def parse_nginx(document: Document) -> NginxTree:
    """The tree of an nginx file, a part of one, or a template of one. Never raises: mistakes are `problems`.

    Words, quotes, escapes and comments are split as nginx does it (`ngx_conf_read_token`, nginx 1.27). Kinds of
    problems: missing-semicolon, unexpected-end, unclosed-block, unexpected-close, unexpected-open, unterminated-quote,
    text-after-quote, empty-directive, full-width, byte-order-mark, utf-16, nesting-depth.
    """
    if document.utf16_codec:
        return NginxTree(document, (), (document.utf16_problem,), ())
    from .nginx_reader import Reader

    return Reader(document).read()
