"""Edits of squid files: one line changes or moves, every other byte stays."""

from __future__ import annotations

from collections.abc import Sequence

from ..schemas.parsers.document import Span
from ..schemas.parsers.squid import SquidDirective, SquidTree, SquidWord
from .edit import Edit


def set_argument(tree: SquidTree, directive: SquidDirective, index: int, text: str) -> Edit:
    """Make `text` the argument at a 0-based index, within the quotes that stand there.

    squid has no escape for a blank outside of quotes: raises ValueError for text that would become another number of
    words, a comment or a continuation.
    """
    word = directive.arguments[index]
    if "\n" in text or "\r" in text or (not word.quote and _splits(text)):
        raise ValueError("not one word of a squid file")
    if not word.quote:
        return Edit(tree.document.place(*word.span), text)
    if word.quote in text or "\\" in text or (_splits(text or "-") and not _holds(directive, word)):
        raise ValueError("not one word within these quotes")
    return Edit(tree.document.place(*word.span), word.quote + text + word.quote)


def _holds(directive: SquidDirective, word: SquidWord) -> bool:
    """Whether blanks within quotes belong to the word: by the directive, or because they do so already."""
    from ..schemas.parsers.squid_reader import QUOTING

    return directive.name.text in QUOTING or _splits(word.text or "-")


def _splits(text: str) -> bool:
    return not text or " " in text or "\t" in text or text[0] in "#\"'" or text[-1] == "\\"


def insert_line(
    tree: SquidTree, text: str, *, before: SquidDirective | None = None, after: SquidDirective | None = None
) -> Edit:
    """Put a line (without its line end) before or after a directive, or at the end of the file."""
    document = tree.document
    source, newline = document.text, document.newline
    if before is not None:
        start = _first(source, before)
        indent = source[start : before.span.start]
        return Edit(document.place(start, start), indent + text + newline)
    if after is not None:
        line = _logical(tree, after)
        indent = source[line.start : after.span.start]
        if _has_end(source, line):
            return Edit(document.place(line.end, line.end), indent + text + newline)
        return Edit(document.place(line.end, line.end), newline + indent + text)
    end = len(source)
    if source in ("", "\ufeff") or source.endswith("\n"):
        return Edit(document.place(end, end), text + newline)
    return Edit(document.place(end, end), newline + text)


def remove_line(tree: SquidTree, directive: SquidDirective) -> Edit:
    """Remove a directive's logical line with its continuations and the comment at its end."""
    source = tree.document.text
    line = _logical(tree, directive)
    start, end = line
    if not _has_end(source, line) and start > 0:
        # The last line, which has no line end: take the one before it, so that the file still has none.
        start -= 2 if source[start - 2 : start] == "\r\n" else 1
    return Edit(tree.document.place(start, end), "")


def move_line(tree: SquidTree, directive: SquidDirective, before: SquidDirective) -> tuple[Edit, ...]:
    """Move a directive's logical line, comment at its end included, before another directive; () if it is there."""
    line = _logical(tree, directive)
    if line.start <= _first(tree.document.text, before) <= line.end:
        return ()
    return move_lines(tree, (directive,), before)


def move_lines(tree: SquidTree, directives: Sequence[SquidDirective], before: SquidDirective) -> tuple[Edit, ...]:
    """Move the logical lines of directives, in this order, before another one that stands above all of them."""
    target = _first(tree.document.text, before)
    text = "".join(_whole(tree, each) for each in directives)
    return Edit(tree.document.place(target, target), text), *(remove_line(tree, each) for each in directives)


def move_line_after(tree: SquidTree, directive: SquidDirective, after: SquidDirective) -> tuple[Edit, ...]:
    """Move a directive's logical line, comment at its end included, behind another directive that stands below it."""
    document = tree.document
    line = _logical(tree, after)
    text = _whole(tree, directive)
    if not _has_end(document.text, line):
        text = document.newline + text.removesuffix(document.newline)
    return Edit(document.place(line.end, line.end), text), remove_line(tree, directive)


def _whole(tree: SquidTree, directive: SquidDirective) -> str:
    """A directive's logical line with its line end."""
    source = tree.document.text
    line = _logical(tree, directive)
    return source[line.start : line.end] + ("" if _has_end(source, line) else tree.document.newline)


def _first(source: str, directive: SquidDirective) -> int:
    """Where the line of the directive's name starts (after a byte order mark)."""
    start = source.rfind("\n", 0, directive.span.start) + 1
    return start + 1 if source.startswith("\ufeff", start) and start == 0 else start


def _has_end(source: str, line: Span) -> bool:
    return source[line.end - 1] == "\n"


def _logical(tree: SquidTree, directive: SquidDirective) -> Span:
    """The directive's logical line: from the start of its first line past the line end of its last."""
    from ..schemas.parsers.squid_lines import physical_end

    source = tree.document.text
    start = _first(source, directive)
    return Span(start, physical_end(source, start))
