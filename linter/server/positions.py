"""Between offsets in a document and the positions of the protocol, in the encoding that client and server agreed on."""

from __future__ import annotations

import re
from collections.abc import Container

from lsprotocol import types

from ...schemas.parsers.document import Document, Place, Span

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


_CONTINUATIONS = bytes(range(0x80, 0xC0))


class Positions:
    """Converts for one encoding: "utf-16" (what every client knows), "utf-8" or "utf-32".

    Lines and characters count from 0 (LSP 3.17, Position). A byte order mark on the disk takes no character, since
    editors keep it out of the text; in the text of one of the `opened` paths, which a client sent, it is a character
    like any other.
    """

    def __init__(self, encoding: str = "utf-16", opened: Container[str] = ()) -> None:
        self.encoding = encoding
        self._opened = opened

    def units(self, text: str) -> int:
        """How many characters of the protocol a part of a line takes."""
        if self.encoding == "utf-32" or text.isascii():
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + len(_ASTRAL.findall(text))

    def position(self, document: Document, offset: int) -> types.Position:
        """The position of an offset."""
        line, _ = document.position(offset)
        start = max(document.line_starts[line - 1], min(self._hidden(document), offset))
        return types.Position(line - 1, self.units(document.text[start:offset]))

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
        start = max(start, self._hidden(document))
        text = document.text[start:end]
        return start + min(self._letters(text, max(position.character, 0)), len(text))

    def span(self, document: Document, asked: types.Range) -> Span:
        """The span of a range, never backwards."""
        start, end = self.offset(document, asked.start), self.offset(document, asked.end)
        return Span(min(start, end), max(start, end))

    def _hidden(self, document: Document) -> int:
        """How many characters at the start of a text the client does not see."""
        return int(document.has_bom and document.path not in self._opened)

    def _letters(self, text: str, units: int) -> int:
        """How many letters of a line the protocol's characters are."""
        if self.encoding == "utf-32" or text.isascii():
            return units
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "surrogatepass")[:units].translate(None, _CONTINUATIONS))
        pairs = 0
        for pair in _ASTRAL.finditer(text):
            if pair.start() + pairs >= units:
                break
            pairs += 1
        return units - pairs
