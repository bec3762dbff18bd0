"""Where the comments of a YAML file stand, found between the scalars of its tree."""

from __future__ import annotations

import re

from .document import Span
from .yaml import YamlAlias, YamlScalar, YamlTree, walk

# A `#` begins a comment after a blank, at a line's start, or right behind a token; inside a tag it is a letter.
_COMMENT = re.compile(r"(?<![^\s,\[\]{}'\":\ufeff])#[^\r\n\x85\u2028\u2029]*")
_BREAKS = re.compile(r"[\r\n\x85\u2028\u2029]")


def find_comments(tree: YamlTree) -> tuple[Span, ...]:
    """All comments in order. Linear in the text."""
    text = tree.document.text
    stop = len(text) if tree.stopped_at is None else tree.stopped_at
    found: list[Span] = []
    at = 0

    def gap(start: int, end: int) -> None:
        found.extend(Span(*match.span()) for match in _COMMENT.finditer(text, start, end))

    for node in walk(tree.roots):
        if not isinstance(node, (YamlScalar, YamlAlias)):
            continue
        start, end = node.span
        gap(at, start)
        if isinstance(node, YamlScalar) and node.style in {"|", ">"}:
            line_end = _BREAKS.search(text, start, end)
            gap(start, line_end.start() if line_end else end)
        at = end
    gap(at, stop)
    return tuple(found)
