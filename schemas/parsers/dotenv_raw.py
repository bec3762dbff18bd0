"""The `format: raw` reader: docker's own KEY=value lines, with no quotes, no expansion and no trailing comments."""

from __future__ import annotations

from .document import BOM, Document, Problem, Span
from .dotenv import DotenvEntry
from .dotenv_compose import SPACE

# bufio.MaxScanTokenSize of Go: a line that long, without its LF, stops docker's reader.
_MAX_LINE = 65_536


class RawReader:
    """Reads one document; `read` fills entries, problems and comments."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.entries: list[DotenvEntry] = []
        self.problems: list[Problem] = []
        self.comments: list[Span] = []

    def read(self) -> None:
        """Read the whole document."""
        text = self.document.text
        at = 0
        for line in text.split("\n"):
            self._line(line.removesuffix("\r"), at, len(line))
            at += len(line) + 1

    def _line(self, line: str, at: int, length: int) -> None:
        place = self.document.place
        start = at
        if at == 0 and line.startswith(BOM):
            line = line[1:]
            start = 1
        stripped = line.lstrip(SPACE)
        start += len(line) - len(stripped)
        end = start + len(stripped)
        if length * 4 >= _MAX_LINE and _bytes(self.document.text[at : at + length]) >= _MAX_LINE:
            self.problems.append(Problem("line-too-long", place(start, end), "docker reads no line of 64 KiB or more"))
            return
        if not stripped:
            return
        if stripped[0] == "#":
            self.comments.append(Span(start, end))
            return
        key, separator, value = stripped.partition("=")
        key_span = Span(start, start + len(key))
        if not key:
            self.problems.append(Problem("bad-key", place(start, start + 1), "the line has no variable name"))
        elif " " in key or "\t" in key:
            self.problems.append(Problem("blank-in-key", place(*key_span), "a variable name cannot contain a blank"))
        else:
            span = Span(key_span.end + len(separator), end)
            text = value if separator else None
            self.entries.append(DotenvEntry(Span(start, end), key_span, key, separator, span, "", text))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
