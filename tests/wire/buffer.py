"""The text of an open file in the test editor, by a reading of the protocol of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

Json = dict[str, Any]
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Buffer:
    """The text of an open file, changed by positions that count characters in one encoding."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self.version = 1
        self._codec, self._size = UNITS[encoding]

    def lines(self) -> list[str]:
        """The lines with their ends: LF, CRLF or CR."""
        found: list[str] = []
        start = at = 0
        while at < len(self.text):
            at += 2 if self.text[at : at + 2] == "\r\n" else 1
            if self.text[at - 1] in "\r\n":
                found.append(self.text[start:at])
                start = at
        return [*found, self.text[start:]]

    def position(self, offset: int) -> Json:
        """The position of an offset in code points."""
        line, rest = 0, offset
        lines = self.lines()
        while line < len(lines) - 1 and rest >= len(lines[line]):
            rest -= len(lines[line])
            line += 1
        return {"line": line, "character": self._count(lines[line][:rest])}

    def range(self, start: int, end: int) -> Json:
        """The range between two offsets."""
        return {"start": self.position(start), "end": self.position(end)}

    def of(self, words: str) -> Json:
        """The range in which words stand first."""
        start = self.text.index(words)
        return self.range(start, start + len(words))

    def at(self, where: Json) -> str:
        """The text in a range."""
        return self.text[self.offset(where["start"]) : self.offset(where["end"])]

    def offset(self, position: Json) -> int:
        """The offset of a position; past the end of a line its end."""
        lines = self.lines()
        if position["line"] >= len(lines):
            return len(self.text)
        number: int = position["line"]
        line = lines[number].rstrip("\r\n")
        units = line.encode(self._codec, "surrogatepass")[: position["character"] * self._size]
        return sum(map(len, lines[:number])) + len(units.decode(self._codec, "surrogatepass"))

    def change(self, edits: list[Json]) -> None:
        """Apply text edits that all refer to the text of now; of those at one place the first comes first."""
        done = [(self.offset(e["range"]["start"]), self.offset(e["range"]["end"]), e["newText"]) for e in edits]
        order = sorted(range(len(done)), key=lambda i: (done[i][:2], i))
        for before, after in pairwise(order):
            assert done[before][1] <= done[after][0], "edits overlap"
        for index in reversed(order):
            start, end, text = done[index]
            self.text = self.text[:start] + text + self.text[end:]

    def _count(self, text: str) -> int:
        return len(text.encode(self._codec, "surrogatepass")) // self._size
