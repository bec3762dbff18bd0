"""Which span goes when an entry or an item is taken out of a YAML file: its lines, its own comment, no other."""

from __future__ import annotations

import re

from ..schemas.parsers.document import Document, Span
from ..schemas.parsers.yaml import YamlEntry, YamlMapping, YamlNode, YamlSequence

# Blanks, comments and line ends, as far as they go.
_GAP = r"(?:[ \t\r\n]+|#[^\r\n]*)*"
_PROPERTIES = r"(?:[&!][^\s,\[\]{}]*\s+)+\Z"


def line_end(document: Document, offset: int) -> int:
    """The end of the line on which an offset stands, without its line end."""
    text = document.text
    end = text.find("\n", offset)
    end = len(text) if end == -1 else end - 1 if text[end - 1 : end] == "\r" and end - 1 >= offset else end
    return end if (lone := text.find("\r", offset, end)) == -1 else lone


def line_start(document: Document, offset: int) -> int:
    """The start of the line on which an offset stands, after a byte order mark."""
    text = document.text
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return start + 1 if start == 0 and document.has_bom and offset > 0 else start


def outer_start(document: Document, node: YamlNode, floor: int) -> int:
    """Where a node begins with its anchor and tag, not before `floor`."""
    start = node.span.start
    if getattr(node, "anchor", None) is None and getattr(node, "tag", None) is None:
        return start
    match = re.compile(_PROPERTIES).search(document.text, floor, start)
    return match.start() if match else start


def part_spans(document: Document, node: YamlMapping | YamlSequence) -> list[Span]:
    """The spans of a collection's entries or items, with `?`, dash, anchor and tag."""
    spans: list[Span] = []
    floor = node.span.start
    for part in node.entries if isinstance(node, YamlMapping) else node.items:
        first, last = (part.key, part.value) if isinstance(part, YamlEntry) else (part, part)
        start = outer_start(document, first, floor)
        if not node.flow and isinstance(part, YamlEntry):
            start = _before_sign(document, floor, start, "?")
        elif not node.flow:
            start = _before_sign(document, floor, start, "-")
        end = max(last.span.end, start)
        spans.append(Span(start, end))
        floor = end
    return spans


def _before_sign(document: Document, floor: int, start: int, sign: str) -> int:
    """The place of a `-` or `?` that stands between `floor` and `start` outside of comments, else `start`."""
    match = re.compile(_GAP).match(document.text, floor, start)
    at = match.end() if match else floor
    return at if at < start and document.text[at] == sign else start


def block_removal(document: Document, node: YamlMapping | YamlSequence, at: int, floor: int) -> tuple[Span, str]:
    """What to replace, and by what, to take part `at` out of a block collection.

    `floor` is the end of what stands before the collection, like its parent's `:`, or the collection's start when a
    comment is between. The only part leaves `{}` or `[]`.
    """
    text = document.text
    spans = part_spans(document, node)
    start, end = spans[at]
    end = line_end(document, end)
    if len(spans) == 1:
        empty = "{}" if isinstance(node, YamlMapping) else "[]"
        if floor == start:
            # A list may stand as far left as its key, brackets may not.
            indent = "  " if isinstance(node, YamlSequence) and text[:start].strip("\ufeff") else ""
            return Span(start, end), indent + empty
        blank = "" if floor == 0 or (floor == 1 and document.has_bom) else " "
        return Span(floor, end), blank + empty
    begun = line_start(document, start)
    if not text[begun:start].strip(" \t"):
        return Span(begun, _past_break(text, end)), ""
    # It stands behind a dash, as in `- a: 1`: the next part moves up, unless a comment stands between.
    following = spans[at + 1].start
    if "#" in text[end:following]:
        while start > begun and text[start - 1] in " \t":
            start -= 1
        return Span(start, end), ""
    return Span(start, following), ""


def _past_break(text: str, end: int) -> int:
    if text[end : end + 2] == "\r\n":
        return end + 2
    return end + 1 if end < len(text) else end


def flow_removal(document: Document, node: YamlMapping | YamlSequence, at: int) -> Span:
    """What to delete to take part `at` out of a collection in brackets, with the comma that it no longer needs."""
    text = document.text
    spans = part_spans(document, node)
    start, end = spans[at]
    close = node.span.end
    blank = re.compile(_GAP).match(text, end, close)
    comma = blank.end() if blank and text[blank.end() : blank.end() + 1] == "," else None
    past = comma + 1 if comma is not None else end
    begun = line_start(document, start)
    stop = line_end(document, past)
    if begun > node.span.start and not text[begun:start].strip(" \t") and stop < close:
        rest = text[past:stop].strip(" \t")
        if not rest or rest.startswith("#"):
            return Span(begun, _past_break(text, stop))
    if at + 1 < len(spans):
        following = spans[at + 1].start
        if not text[past:following].strip(" \t"):
            return Span(start, following)
    elif at > 0 and not text[spans[at - 1].end : start].strip(", \t"):
        before = spans[at - 1].end
        # `{a:}` would be the key `a:`, so the blank behind a colon stays.
        return Span(text.index(",", before) if text[before - 1] == ":" else before, end)
    return Span(start, past)
