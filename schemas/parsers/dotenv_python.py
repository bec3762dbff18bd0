"""The python-dotenv reader: the library's own parser splits the file, its pieces are put back on their places."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Literal, cast

from .document import Document, Problem, Span
from .dotenv import DotenvEntry
from .interpolation import Reference, Template, Text

if TYPE_CHECKING:
    from dotenv.parser import Binding

# The same pieces as dotenv.parser reads, in one pattern that matches every binding that has a key.
_BINDING = re.compile(
    r"\s*(export[^\S\r\n]+)?('[^']+'|[^=#\s]+)[^\S\r\n]*(?:(=)([^\S\r\n]*))?"
    r"""('[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|[^\r\n]*)[^\S\r\n]*(#[^\r\n]*)?""",
    re.DOTALL,
)
_COMMENT = re.compile(r"\s+(#.*)")
_VARIABLE = re.compile(r"\$\{([^\}:]*)(?::-([^\}]*))?\}")


class PythonReader:
    """Reads one document; `read` fills entries, problems and comments."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.entries: list[DotenvEntry] = []
        self.problems: list[Problem] = []
        self.comments: list[Span] = []
        # python-dotenv opens files with universal newlines; these are the offsets, in that text, of each CRLF.
        self.text = document.text
        self.pairs: list[int] = []
        if "\r" in self.text:
            halves = self.text.split("\r\n")
            at = 0
            for half in halves[:-1]:
                at += len(half)
                self.pairs.append(at)
                at += 1
            self.text = "\n".join(halves).replace("\r", "\n")

    def read(self) -> None:
        """Read the whole document."""
        import io

        from dotenv.parser import parse_stream

        bindings = list(parse_stream(io.StringIO(self.text)))
        # Newer versions of the library drop a byte order mark, older ones read it as part of the first key.
        at = len(self.text) - sum(len(b.original.string) for b in bindings)
        for binding in bindings:
            original = binding.original.string
            if binding.error:
                self._refused(original, at)
            elif binding.key is not None:
                self._entry(binding, at)
            elif original.lstrip().startswith("#"):
                start = at + len(original) - len(original.lstrip())
                self.comments.append(self._span(start, start + len(original.strip())))
            at += len(original)

    def _span(self, start: int, end: int) -> Span:
        """A span of the document for a span of the text with universal newlines."""
        if self.pairs:
            return Span(start + bisect_left(self.pairs, start), end + bisect_left(self.pairs, end))
        return Span(start, end)

    def _entry(self, binding: Binding, at: int) -> None:
        found = _BINDING.match(self.text, at, at + len(binding.original.string))
        if found is None or binding.key is None:
            return
        start, end = found.span(5)
        written = found[5]
        value, quote, comment = binding.value, "", None
        if not found[3]:
            # No value: what the pattern's last parts took is a comment or nothing.
            start = end = found.end(2)
            hash_at = self.text.find("#", end, found.end())
            comment = None if hash_at == -1 else self._span(hash_at, found.end())
        elif written[:1] in {"'", '"'}:
            quote = written[0]
            comment = self._span(*found.span(6)) if found[6] else None
        elif found[4] and written.startswith("#"):
            comment = self._span(start, end)
            start = end = found.end(3)
        else:
            trailing = _COMMENT.search(written)
            comment = self._span(start + trailing.start(1), end) if trailing else None
            start, end = (start, start + len(value)) if value else (found.end(3), found.end(3))
        if comment is not None:
            self.comments.append(comment)
        first = found.start(1) if found[1] else found.start(2)
        span = self._span(first, end if found[3] else found.end(2))
        value_span = self._span(start, end)
        template = self._template(value, written, start, quote) if value and "${" in value else None
        self.entries.append(
            DotenvEntry(
                span,
                self._span(*found.span(2)),
                binding.key,
                found[3] or "",
                value_span,
                cast('Literal["", "\'", \'"\']', quote),
                value,
                template,
                bool(found[1]),
                comment,
            )
        )

    def _template(self, value: str, written: str, start: int, quote: str) -> Template | None:
        """The `${NAME}` and `${NAME:-default}` of a value, which python-dotenv expands inside every kind of quote.

        A default is taken only for a variable that is not set, so its operator is `-`. Where escapes were undone, an
        expression is placed on the whole value.
        """
        exact = written[len(quote) :].startswith(value)
        base = start + len(quote)

        def span(low: int, high: int) -> Span:
            return self._span(base + low, base + high) if exact else self._span(start, start + len(written))

        parts: list[Text | Reference] = []
        at = 0
        for found in _VARIABLE.finditer(value):
            if found.start() > at:
                parts.append(Text(span(at, found.start()), value[at : found.start()]))
            argument = None
            if found[2] is not None:
                default = (Text(span(*found.span(2)), found[2]),) if found[2] else ()
                argument = Template(default, ())
            name = span(*found.span(1))
            operator: Literal["-", ""] = "" if argument is None else "-"
            parts.append(Reference(span(*found.span()), name, found[1], operator, argument))
            at = found.end()
        if not parts:
            return None
        if at < len(value):
            parts.append(Text(span(at, len(value)), value[at:]))
        return Template(tuple(parts), ())

    def _refused(self, original: str, at: int) -> None:
        """Report a line that python-dotenv skips."""
        start = at + len(original) - len(original.lstrip())
        end = at + len(original.rstrip())
        found = _BINDING.match(self.text, start, max(end, start))
        quote = self.text[found.start(5) : found.start(5) + 1] if found else ""
        if found and found[3] and quote in {"'", '"'}:
            if found.end(5) - found.start(5) > 1 and self.text[found.end(5) - 1] == quote and found.end() < end:
                place = self.document.place(*self._span(found.end(), end))
                self.problems.append(Problem("bad-line", place, "python-dotenv skips a line with text after the quote"))
                return
            place = self.document.place(*self._span(found.start(5), found.start(5) + 1))
            self.problems.append(Problem("unterminated-quote", place, "the quote is never closed"))
            return
        place = self.document.place(*self._span(start, max(end, start)))
        self.problems.append(Problem("bad-line", place, "python-dotenv cannot read this line and skips it"))
