"""The logical lines of a squid file: continuations joined, with the way back to the offsets in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from .document import Span

# squid skips these at the start of a line (isspace); between words only the blanks of `BLANKS` count.
SPACE = " \t\r\n\v\f"
BLANKS = " \t\r\n"


class Line:
    """A logical line. `text` is what squid reads, `start` where its first character stands in the file."""

    __slots__ = ("_offsets", "_starts", "dangling", "start", "text")

    def __init__(self, text: str, start: int) -> None:
        self.text = text.rstrip(SPACE)
        self.start = start
        # The offset of the backslash after which the file ends.
        self.dangling: int | None = None
        self._starts: list[int] = []
        self._offsets: list[int] = []

    @classmethod
    def joined(cls, parts: list[tuple[str, int]]) -> Line:
        """A line of several parts, each a text and its offset in the file."""
        parts = [part for part in parts if part[0]] or parts[:1]
        line = cls("".join(text for text, _ in parts), parts[0][1])
        length = 0
        for text, offset in parts:
            line._starts.append(length)
            line._offsets.append(offset)
            length += len(text)
        return line

    def span(self, start: int, end: int) -> Span:
        """The span in the file of a non-empty range of `text`."""
        if not self._starts:
            return Span(self.start + start, self.start + end)
        return Span(self._offset(start), self._offset(end - 1) + 1)

    def _offset(self, at: int) -> int:
        part = bisect_right(self._starts, at) - 1
        return self._offsets[part] + at - self._starts[part]


def logical_lines(text: str, comments: list[Span], start: int = 0) -> Iterator[Line]:
    """The logical lines that are neither blank nor comments; comment lines are added to `comments`.

    Comment and blank lines do not end a continuation: squid drops them first (cache_cf.cc, parseOneConfigFile).
    """
    parts: list[tuple[str, int]] = []
    end = len(text)
    while start < end:
        stop = text.find("\n", start)
        stop = end if stop < 0 else stop
        raw = text[start:stop]
        if "\r" in raw:
            raw = raw[: raw.index("\r")]
        line = raw.lstrip(SPACE)
        at = start + len(raw) - len(line)
        start = stop + 1
        if not line:
            continue
        if line[0] == "#":
            comments.append(Span(at, at + len(line)))
        elif line[-1] == "\\":
            parts.append((line[:-1], at))
        elif parts:
            parts.append((line, at))
            yield Line.joined(parts)
            parts = []
        else:
            yield Line(line, at)
    if parts:
        last = Line.joined(parts)
        last.dangling = parts[-1][1] + len(parts[-1][0])
        yield last


def physical_end(text: str, start: int) -> int:
    """Where the logical line that starts at this line start ends, its line end included."""
    end = len(text)
    open_line = False
    while start < end:
        stop = text.find("\n", start)
        stop = end if stop < 0 else stop
        line = text[start:stop].partition("\r")[0].lstrip(SPACE)
        start = min(stop + 1, end)
        if open_line and (not line or line[0] == "#"):
            continue
        open_line = line.endswith("\\")
        if not open_line:
            return start
    return end
