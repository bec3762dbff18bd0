"""Between offsets in a document and the positions of the protocol, in the encoding that client and server agreed on."""

from __future__ import annotations

import re

from lsprotocol import types

from ...schemas.parsers.document import Document, Place, Span

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Positions:
    """Converts for one encoding: "utf-16" (what every client knows), "utf-8" or "utf-32".

    Lines and characters count from 0 (LSP 3.17, Position); a byte order mark takes no character, since editors keep it
    out of the text.
    """

    def __init__(self, encoding: str = "utf-16") -> None:
        self.encoding = encoding

    def units(self, text: str) -> int:
        """How many characters of the protocol a part of a line takes."""
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + len(_ASTRAL.findall(text))

    def position(self, document: Document, offset: int) -> types.Position:
        """The position of an offset."""
        line, column = document.position(offset)
        return types.Position(line - 1, self.units(document.text[offset - column + 1 : offset]))

    def range(self, document: Document, span: Span) -> types.Range:
        """The range of a span."""
        return types.Range(self.position(document, span.start), self.position(document, span.end))

    def of_place(self, place: Place) -> types.Range:
        """The range of a place."""
        return self.range(place.document, place.span)

    def offset(self, document: Document, position: types.Position) -> int:
        """The offset of a position; past the end of a line its end, past the last line the end of the text."""
        if position.line >= len(document.line_starts):
            return len(document.text)
        start, end = document.line_span(max(position.line, 0) + 1)
        if start == 0 and document.has_bom:
            start = 1
        text = document.text[start:end]
        if self.encoding == "utf-32" or text.isascii():
            return start + min(max(position.character, 0), len(text))
        left = position.character
        for index, letter in enumerate(text):
            if left <= 0:
                return start + index
            left -= self.units(letter)
        return end

    def span(self, document: Document, asked: types.Range) -> Span:
        """The span of a range, never backwards."""
        start, end = self.offset(document, asked.start), self.offset(document, asked.end)
        return Span(min(start, end), max(start, end))
