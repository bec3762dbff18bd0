"""The lines of a file around a place, numbered, with carets under what is meant and no secret in them."""

from __future__ import annotations

from typing import NamedTuple

from ...schemas.parsers.document import Document, Place
from ..masking import MASK, Masker
from .cells import Cells, cells
from .style import Paint

LONGEST = 160
TALLEST = 6
ELLIPSIS = "…"


class Line(NamedTuple):
    """A masked line; `offsets[i]` is where the i-th character of the file's own line stands in it (None: the same).

    All characters of a hidden part stand where its mask begins.
    """

    text: str
    offsets: list[int] | None

    def at(self, column: int) -> int:
        """The offset in the masked text for a 0-based offset in the file's line."""
        if self.offsets is None:
            return min(column, len(self.text))
        return self.offsets[min(column, len(self.offsets) - 1)]

    def part(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the masked text for a stretch of the file's line; of a mask that it ends in, all."""
        first, last = self.at(start), self.at(end)
        if start < end and last == self.at(end - 1):
            last += len(MASK)
        return first, max(first, last)


class MaskedLines:
    """The lines of files without their secrets, each masked once, so that many findings on one long line stay cheap."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._lines: dict[tuple[int, int], Line] = {}

    def line(self, document: Document, number: int) -> Line:
        """A line by its 1-based number."""
        key = (id(document), number)
        found = self._lines.get(key)
        if found is None:
            span = document.line_span(number)
            found = self._lines[key] = masked_line(document.text[span.start : span.end], self._masker)
        return found


class Excerpts:
    """Draws excerpts for a terminal."""

    def __init__(self, masker: Masker, paint: Paint) -> None:
        self._paint = paint
        self._lines = MaskedLines(masker)

    def gutter(self, places: list[Place]) -> int:
        """How many columns the line numbers of these places need."""
        return max(len(str(last_line(place))) for place in places)

    def draw(self, place: Place, *, role: str, gutter: int, label: str = "", context: bool = False) -> list[str]:
        """The numbered lines of a place with carets, as lines of text.

        `role` is the style of the carets, `label` stands behind them; `context` adds the lines next to the place.
        """
        first, last = place.line, last_line(place)
        out = [self._bar(gutter)]
        if context and first > 1:
            out += self._context(place.document, first - 1, gutter)
        if first == last:
            out += self._one_line(place, first, role, gutter, label)
        else:
            out += self._many_lines(place, last, role, gutter, label)
        if context and last < len(place.document.line_starts):
            out += self._context(place.document, last + 1, gutter)
        return out

    def _one_line(self, place: Place, number: int, role: str, gutter: int, label: str) -> list[str]:
        start_of_line = place.document.line_span(number).start
        line = self._lines.line(place.document, number)
        start, end = line.part(place.span.start - start_of_line, place.span.end - start_of_line)
        shown = window(line.text, start)
        laid, begin = shown.laid, shown.begin
        until = min(max(end - begin, start - begin), len(laid.shown))
        columns = max(laid.edges[until] - laid.edges[start - begin], 1)
        caret = "^" if role != "frame" else "-"
        marks = self._paint(caret * columns + (f" {label}" if label else ""), role)
        return [
            self._number(number, gutter) + shown.text,
            f"{self._bar(gutter)} {' ' * (len(shown.left) + laid.edges[start - begin])}{marks}",
        ]

    def _many_lines(self, place: Place, last: int, role: str, gutter: int, label: str) -> list[str]:
        first = place.line
        tall = last - first + 1 > TALLEST
        numbers = [first, first + 1, first + 2, 0, last] if tall else list(range(first, last + 1))
        out: list[str] = []
        rail = self._paint("/", role)
        for number in numbers:
            if not number:
                out.append(f"{'...':<{gutter + 3}}{rail}")
                continue
            text = window(self._lines.line(place.document, number).text, 0).text
            out.append(f"{self._number(number, gutter)}{rail} {text}")
            rail = self._paint("|", role)
        marks = "|" + "_" * 3 + "^" + (f" {label}" if label else "")
        return [*out, f"{self._bar(gutter)} {self._paint(marks, role)}"]

    def _context(self, document: Document, number: int, gutter: int) -> list[str]:
        text = window(self._lines.line(document, number).text, 0).text
        return [self._number(number, gutter) + text] if text.strip() else []

    def _number(self, number: int, gutter: int) -> str:
        return self._paint(f"{number:>{gutter}} |", "frame") + " "

    def _bar(self, gutter: int) -> str:
        return self._paint(f"{' ' * gutter} |", "frame")


def masked_line(text: str, masker: Masker) -> Line:
    """A line of a file without its secrets, and where its characters went: a hidden one to the start of its mask."""
    hidden = masker.spans(text)
    if not hidden:
        return Line(text, None)
    parts: list[str] = []
    offsets: list[int] = []
    at = size = 0
    for start, end in hidden:
        parts += (text[at:start], MASK)
        offsets += range(size, size + start - at)
        size += start - at
        offsets += [size] * (end - start)
        size += len(MASK)
        at = end
    offsets += range(size, size + len(text) - at + 1)
    return Line("".join([*parts, text[at:]]), offsets)


def last_line(place: Place) -> int:
    """The line of the last character of a place; a line end at its end is not counted."""
    start, end = place.span
    return place.document.position(max(start, end - 1))[0]


class Window(NamedTuple):
    """A line cut to what fits: its cells, the offset they begin at, and the marks for what was cut off."""

    laid: Cells
    begin: int
    left: str
    right: str

    @property
    def text(self) -> str:
        """What is shown of the line."""
        return self.left + self.laid.cut(0, len(self.laid.shown)).rstrip() + self.right

    def parts(self, start: int, end: int) -> tuple[str, str, str]:
        """What is shown before, between and behind two offsets of the whole line."""
        size = len(self.laid.shown)
        first, last = (min(max(at - self.begin, 0), size) for at in (start, end))
        return (
            self.left + self.laid.cut(0, first),
            self.laid.cut(first, last),
            self.laid.cut(last, size).rstrip() + self.right,
        )


def window(text: str, focus: int) -> Window:
    """The part of a line that fits around an offset."""
    if len(text) <= LONGEST:
        return Window(cells(text), 0, "", "")
    begin = max(0, min(focus - LONGEST // 4, len(text) - LONGEST))
    end = min(len(text), begin + LONGEST)
    return Window(cells(text[begin:end]), begin, ELLIPSIS if begin else "", ELLIPSIS if end < len(text) else "")
