"""Edits of nginx files: one directive changes, every other byte stays."""

from __future__ import annotations

import re

from ..schemas.parsers.nginx import NginxDirective, NginxTree, NginxWord
from .edit import Edit

# A backslash that nginx would undo (ngx_conf_read_token) or that would take the end of the word with it.
_UNDONE = re.compile(r"""\\(?=["'\\trn]|\Z)""")
# What ends or begins something outside of quotes; full-width marks stand safe within them.
_NEEDS_QUOTES = re.compile(r"""\A["'#]|[ \t\r\n;；｛｝“”‘’]|(?<!\$)\{|\A[^{]*\}|\\\$|\A\Z""")
_BLANKS = " \t"


def set_argument(tree: NginxTree, directive: NginxDirective, index: int, text: str) -> Edit:
    """Make `text` the argument at a 0-based index; quotes stay, and are put where nginx would split the text."""
    return _word_edit(tree, directive.arguments[index], text)


def rename(tree: NginxTree, directive: NginxDirective, name: str) -> Edit:
    """Give the directive another name."""
    return _word_edit(tree, directive.name, name)


def quoted(text: str, quote: str = "") -> str:
    """The text as a word of an nginx file, within these quotes, or if need be within double ones."""
    if not quote and _NEEDS_QUOTES.search(text):
        quote = '"'
    escaped = _UNDONE.sub(r"\\\\", text)
    return quote + (escaped.replace(quote, "\\" + quote) if quote else escaped) + quote


def add_semicolon(tree: NginxTree, directive: NginxDirective) -> Edit:
    """End a directive that lacks its `;`."""
    end = directive.end
    return Edit(tree.document.place(end.start, end.start), ";")


def insert_directive(
    tree: NginxTree,
    parent: NginxDirective | None,
    text: str,
    *,
    after: NginxDirective | None = None,
    before: NginxDirective | None = None,
) -> Edit:
    """Put `text` (one or more lines, with its `;` or `}`) into a block, or with None at the top level.

    It goes on lines of its own `after` or `before` a directive of that block, at the end of the block if neither is
    given, in the indentation of the directives there; where the neighbour shares its line, on that line.
    """
    if after is None and before is None:
        siblings = tree.directives if parent is None else parent.block or ()
        if siblings:
            after = siblings[-1]
        elif parent is not None:
            return _into_empty(tree, parent, text)
        else:
            return _at_end(tree, text)
    if before is not None:
        return _insert_before(tree, before, text)
    assert after is not None
    return _insert_after(tree, after, text)


def remove_directive(tree: NginxTree, directive: NginxDirective) -> Edit:
    """Remove a directive with its block; with its lines where they hold nothing else. A comment beside it stays."""
    source = tree.document.text
    start, end = directive.span
    line = _line_start(source, start)
    stop = _line_stop(source, end)
    if source[line:start].strip(_BLANKS) or source[end:stop].strip(_BLANKS + "\r"):
        while end < stop and source[end] in _BLANKS:
            end += 1
        if source[end:stop] in ("", "\r"):
            while start > line and source[start - 1] in _BLANKS:
                start -= 1
        return Edit(tree.document.place(start, end), "")
    if stop < len(source):
        return Edit(tree.document.place(line, stop + 1), "")
    # The last line, which has no line end: take the one before it, so that the file still has none.
    if line > 0:
        line -= 2 if source[line - 2 : line] == "\r\n" else 1
    return Edit(tree.document.place(line, stop), "")


def _word_edit(tree: NginxTree, word: NginxWord, text: str) -> Edit:
    return Edit(tree.document.place(*word.span), quoted(text, word.quote))


def _line_start(source: str, at: int) -> int:
    return source.rfind("\n", 0, at) + 1


def _line_stop(source: str, at: int) -> int:
    """The offset of the line's `\\n`, or the end of the text."""
    stop = source.find("\n", at)
    return len(source) if stop < 0 else stop


def _indent(source: str, at: int) -> str:
    line = source[_line_start(source, at) : at]
    return line[: len(line) - len(line.lstrip(_BLANKS))]


def _lines(tree: NginxTree, text: str, indent: str) -> str:
    """The text's lines, each but empty ones with the indentation, joined with the file's line end."""
    return tree.document.newline.join(
        indent + line if line else line for line in text.replace("\r\n", "\n").split("\n")
    )


def _inline(tree: NginxTree, text: str) -> str:
    """The text for the middle of a line; with a comment in it, it ends that line."""
    newline = tree.document.newline
    return _lines(tree, text, "") + newline if "#" in text else " ".join(line.strip() for line in text.split("\n"))


def _insert_before(tree: NginxTree, before: NginxDirective, text: str) -> Edit:
    source = tree.document.text
    start = before.span.start
    indent = _indent(source, start)
    if source[_line_start(source, start) : start] != indent:
        return Edit(tree.document.place(start, start), _inline(tree, text) + " ")
    newline = tree.document.newline
    return Edit(tree.document.place(start, start), _lines(tree, text, indent)[len(indent) :] + newline + indent)


def _insert_after(tree: NginxTree, after: NginxDirective, text: str) -> Edit:
    source = tree.document.text
    end = after.span.end
    stop = _line_stop(source, end)
    rest = source[end:stop].strip(_BLANKS + "\r")
    if rest and not rest.startswith("#"):
        return Edit(tree.document.place(end, end), " " + _inline(tree, text))
    at = stop - 1 if source[stop - 1 : stop] == "\r" and stop > end else stop
    return Edit(
        tree.document.place(at, at), tree.document.newline + _lines(tree, text, _indent(source, after.span.start))
    )


def _into_empty(tree: NginxTree, parent: NginxDirective, text: str) -> Edit:
    """Into a block without directives: on a line of its own, one step deeper than the block's."""
    source, newline = tree.document.text, tree.document.newline
    assert parent.block_span is not None
    at = parent.block_span.start + 1
    outer = _indent(source, parent.span.start)
    written = _lines(tree, text, outer + _step(tree))
    if source[at : parent.end.start].strip(_BLANKS):
        # The brace or a comment stands on a later line.
        stop = _line_stop(source, at)
        stop -= source[stop - 1 : stop] == "\r"
        return Edit(tree.document.place(stop, stop), newline + written)
    return Edit(tree.document.place(at, parent.end.start), newline + written + newline + outer)


def _at_end(tree: NginxTree, text: str) -> Edit:
    """At the end of a file without directives, which may hold comments."""
    source, newline = tree.document.text, tree.document.newline
    end = len(source)
    if not source or source.endswith("\n") or not source.strip("\ufeff"):
        return Edit(tree.document.place(end, end), _lines(tree, text, "") + newline)
    return Edit(tree.document.place(end, end), newline + _lines(tree, text, ""))


def _step(tree: NginxTree) -> str:
    """The indentation that one level adds in this file: the first that is seen, else four blanks."""
    source = tree.document.text
    for directive, parents in tree.walk():
        if parents:
            outer, inner = _indent(source, parents[-1].span.start), _indent(source, directive.span.start)
            if inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "    "
