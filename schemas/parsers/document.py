"""A file's text with its positions: spans, places, line table, byte order mark, line ends."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

BOM = "\ufeff"


class Span(NamedTuple):
    """A half-open range of code points in `Document.text`."""

    start: int
    end: int

    def covers(self, other: Span) -> bool:
        """Whether the other span lies within this one."""
        return self.start <= other.start and other.end <= self.end


class Place(NamedTuple):
    """A span of one document."""

    document: Document
    span: Span

    @property
    def text(self) -> str:
        """The text that stands there. May hold a secret: mask before it is shown."""
        return self.document.text[self.span.start : self.span.end]

    @property
    def line(self) -> int:
        """The 1-based line on which the place starts."""
        return self.document.position(self.span.start)[0]

    def __repr__(self) -> str:
        line, column = self.document.position(self.span.start)
        return f"<{self.document.path}:{line}:{column}>"


class Problem(NamedTuple):
    """A mistake in the syntax or the structure of a file, as data.

    `kind` is a kebab-case name that rules select by; `message` is an English template whose holes `values` fill.
    """

    kind: str
    place: Place
    message: str
    values: tuple[tuple[str, str], ...] = ()
    related: tuple[tuple[Place, str], ...] = ()


UTF16 = "utf-16"
"""The kind of problem of a file that is written in UTF-16."""


@dataclass(frozen=True, eq=False)
class Document:
    """The text of a file, byte for byte.

    `path` is absolute with `/`. Bytes that are not UTF-8 stand in the text as lone surrogates (PEP 383), so that
    `encode()` gives back the input whatever it was. Line ends are kept. A byte order mark stays as first code point.
    Documents compare by identity.
    """

    path: str
    text: str

    @classmethod
    def decode(cls, path: str, data: bytes) -> Document:
        """Make a document of a file's bytes."""
        return cls(path, data.decode("utf-8", "surrogateescape"))

    def encode(self) -> bytes:
        """The bytes of the file."""
        return self.text.encode("utf-8", "surrogateescape")

    @property
    def utf16_codec(self) -> str:
        """The codec of a file with the mark of UTF-16, which tells the order of its bytes; "" for any other."""
        if not self.text.startswith(("\udcff\udcfe", "\udcfe\udcff")):
            return ""
        return "utf-16-le" if self.text[0] == "\udcff" else "utf-16-be"

    @property
    def utf16_problem(self) -> Problem:
        """What is to be said of a file in UTF-16 whose reader knows UTF-8 only: that it can make nothing of it."""
        message = "the file is written in UTF-16, and its reader wants UTF-8: it can make nothing of it"
        return Problem(UTF16, self.place(0, 1), message)

    @property
    def has_bom(self) -> bool:
        """Whether the text starts with a byte order mark."""
        return self.text.startswith(BOM)

    @cached_property
    def newline(self) -> str:
        """The line end that the file uses first, `\\n` when it has none."""
        at = self.text.find("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"

    @cached_property
    def undecodable(self) -> int | None:
        """The offset of the first byte that is not UTF-8, or None."""
        if self.text.isascii():
            return None
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            return error.start
        return None

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset at which each line starts; a line ends with LF, CRLF or CR (LSP 3.17, text documents)."""
        starts = [0]
        text = self.text
        if "\r" in text:
            at = 0
            for line in text.replace("\r\n", "\n\n").replace("\r", "\n").split("\n")[:-1]:
                at += len(line) + 1
                starts.append(at)
            # A CRLF was two breaks above: drop the start between its halves.
            return [s for s in starts if not (s > 0 and text[s - 1] == "\r" and text[s : s + 1] == "\n")]
        find = text.find
        at = find("\n")
        while at != -1:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and the 1-based column in code points; a byte order mark takes no column."""
        line = bisect_right(self.line_starts, offset)
        start = self.line_starts[line - 1]
        if line == 1 and offset > 0 and self.has_bom:
            start = 1
        return line, offset - start + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and column, the reverse of `position`; clamped to the line."""
        start, end = self.line_span(line)
        if line == 1 and self.has_bom:
            start = 1
        return min(start + column - 1, end)

    def line_span(self, line: int) -> Span:
        """The span of a 1-based line without its line end."""
        starts = self.line_starts
        start = starts[line - 1]
        end = starts[line] if line < len(starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def utf16(self, offset: int) -> tuple[int, int]:
        """The 0-based line and the 0-based character in UTF-16 code units, as LSP counts."""
        line, column = self.position(offset)
        pairs = self._pairs
        before = bisect_left(pairs, offset) - bisect_left(pairs, offset - (column - 1)) if pairs else 0
        return line - 1, column - 1 + before

    @cached_property
    def _pairs(self) -> list[int]:
        """The offsets of the characters that take two code units in UTF-16."""
        if self.text.isascii():
            return []
        return [match.start() for match in re.finditer("[\U00010000-\U0010ffff]", self.text)]

    def place(self, start: int, end: int) -> Place:
        """A place in this document."""
        return Place(self, Span(start, end))

    def __repr__(self) -> str:
        return f"<Document {self.path}>"
