"""Where the comments of a YAML file stand: every `#` behind a blank or a sign that is in no scalar."""

from __future__ import annotations

import re

from .document import Span
from .yaml import YamlTree

# A `#` begins a comment after a blank, at a line's start, or right behind a token; inside a tag it is a letter.
_COMMENT = re.compile(r"#(?<![^\s,\[\]{}'\":\ufeff]#)[^\r\n\x85\u2028\u2029]*")


def find_comments(tree: YamlTree) -> tuple[Span, ...]:
    """All comments in order. Linear in the text."""
    text = tree.document.text
    stop = len(text) if tree.stopped_at is None else tree.stopped_at
    found: list[Span] = []
    scalars = iter(tree.hash_scalars)
    scalar = next(scalars, None)
    match = _COMMENT.search(text, 0, stop)
    while match is not None:
        start, end = match.span()
        while scalar is not None and scalar.end <= start:
            scalar = next(scalars, None)
        if scalar is not None and scalar.start <= start:
            end = scalar.end
        else:
            found.append(Span(start, end))
        match = _COMMENT.search(text, end, stop)
    return tuple(found)
