"""The dotenv reader of Docker Compose (compose-go's `dotenv` package), statement by statement."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal

from .document import BOM, Document, Place, Problem, Span
from .dotenv import LOOK_ALIKES, DotenvEntry, expanding
from .interpolation import Template, invalid_spans, moved

# unicode.IsSpace of Go, and the part of it that compose-go takes as blanks inside a line.
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_BLANK = "\t\v\f\r \x85\xa0"

# A comment; or `export`, the characters of a key and of the blanks around it, a separator, blanks. Matches everywhere.
_STATEMENT = re.compile(
    rf"[{SPACE}]*(?:(#[^\n]*)|(export(?=[\t\n\f\r ])[{_BLANK}]*)?([\w.\-\[\]{_BLANK}]*)([=:\n]?)[{_BLANK}]*)"
)
_DOUBLE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SINGLE = re.compile(r"'[^'\\]*(?:\\.[^'\\]*)*'", re.DOTALL)
_KEY_END = re.compile(r"[=:\n]|\Z")
_ESCAPE = re.compile(r"\\(?:0[0-9]{0,3}|.)", re.DOTALL)
_ESCAPES = {
    "\\a": "\a",
    "\\b": "\b",
    "\\f": "\f",
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\v": "\v",
    "\\\\": "\\",
    '\\"': '"',
    "\\$": "$$",
}
_OPENING = "“‘＂＇"
_CLOSING = "”’＂＇"


class ComposeReader:
    """Reads one document; `read` fills entries, problems and comments."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.entries: list[DotenvEntry] = []
        self.problems: list[Problem] = []
        self.comments: list[Span] = []
        # The statement before, if its value is quoted: what follows on its last line is a comment or a surprise.
        self.quoted: DotenvEntry | None = None

    def read(self) -> None:
        """Read the whole document."""
        text = self.text
        at = 1 if text.startswith(BOM) else 0
        end = len(text)
        match = _STATEMENT.match
        while at < end and (found := match(text, at)):
            if found.start(1) != -1:
                self._comment(found)
                at = found.end()
            elif found.end() == end and not found[4] and not found[2] and found.start(3) == end:
                break
            else:
                at = self._statement(found)

    def _statement(self, found: re.Match[str]) -> int:
        """Take a statement and return where the next one is looked for."""
        text = self.text
        start, end = found.start(3), found.end(3)
        separator = found[4]
        key = found[3].rstrip(SPACE)
        first = found.start(2) if found[2] else start
        accepted = True
        if not separator:
            accepted = end == len(text) and bool(key)
        elif " " in key:
            accepted = False
        quoted = self._quoted_before(first) if self.quoted is not None else None
        if not accepted:
            return self._refuse(found, key, quoted)
        if quoted is not None:
            self._text_after(first)
        key_span = Span(start, start + len(key))
        if separator == "\n":
            if key:
                span = Span(first, key_span.end)
                empty = Span(key_span.end, key_span.end)
                self.entries.append(DotenvEntry(span, key_span, key, "", empty, "", None, export=bool(found[2])))
            return end + 1
        if not separator:
            return self._name_at_end(first, key_span)
        at = found.end()
        if text[at : at + 1] in {'"', "'"}:
            return self._quoted(found, key_span, key)
        return self._unquoted(found, key_span, key, first)

    def _unquoted(self, found: re.Match[str], key_span: Span, key: str, first: int) -> int:
        text = self.text
        at = found.end()
        line_end = text.find("\n", at)
        if line_end == -1:
            line_end = len(text)
        value = text[at:line_end]
        hash_at = value.find(" #")
        comment = None
        if hash_at != -1:
            comment = Span(at + hash_at + 1, at + len(value.rstrip("\r")))
            self.comments.append(comment)
            value = value[:hash_at]
        value = value.rstrip(SPACE)
        span = Span(at, at + len(value)) if value else Span(found.end(4), found.end(4))
        template = None
        if "$" in value:
            template = self._template(expanding(value, at))
        entry = DotenvEntry(
            Span(first, span.end), key_span, key, found[4], span, "", value, template, bool(found[2]), comment
        )
        self.entries.append(entry)
        if value and value[0] in _OPENING:
            self._full_width_quotes(value, span)
        return line_end

    def _quoted(self, found: re.Match[str], key_span: Span, key: str) -> int:
        text = self.text
        at = found.end()
        quote: Literal["'", '"'] = '"' if text[at] == '"' else "'"
        closed = (_DOUBLE if quote == '"' else _SINGLE).match(text, at)
        if closed is None:
            place = self.document.place(at, at + 1)
            self.problems.append(
                Problem("unterminated-quote", place, "the quote is never closed: Compose refuses the whole file")
            )
            line_end = text.find("\n", at)
            return len(text) if line_end == -1 else line_end
        end = closed.end()
        template = None
        value = text[at + 1 : end - 1]
        if quote == "'":
            value = value.replace("\\'", "'") if "\\\\" not in value else _ESCAPE.sub(_single, value)
        elif "\\" in value:
            value, template = _decoded(value, at + 1)
        else:
            template = expanding(value, at + 1)
        first = found.start(2) if found[2] else key_span.start
        entry = DotenvEntry(
            Span(first, end), key_span, key, found[4], Span(at, end), quote, value, self._template(template)
        )
        entry.export = bool(found[2])
        self.entries.append(entry)
        self.quoted = entry
        return end

    def _template(self, template: Template | None) -> Template | None:
        """Report the expressions of a template that Compose refuses."""
        if template is not None:
            for span in invalid_spans(template):
                place = self.document.place(span.start, span.end)
                message = (
                    "this is no variable expression, so Compose refuses the whole file; write `$$` for a dollar sign"
                )
                self.problems.append(Problem("invalid-template", place, message))
        return template

    def _comment(self, found: re.Match[str]) -> None:
        start, end = found.span(1)
        if self.text[end - 1] == "\r":
            end -= 1
        span = Span(start, end)
        self.comments.append(span)
        quoted = self._quoted_before(start)
        if quoted is not None:
            quoted.comment = span

    def _quoted_before(self, start: int) -> DotenvEntry | None:
        """The statement with a quoted value that ends on the line on which something starts; asked once."""
        quoted, self.quoted = self.quoted, None
        if quoted is None or self.text.find("\n", quoted.span.end, start) != -1:
            return None
        return quoted

    def _text_after(self, start: int) -> None:
        """Report a statement that begins on the line on which a quoted value was closed."""
        line_end = self.text.find("\n", start)
        tail = self.text[start : None if line_end == -1 else line_end].rstrip(SPACE)
        message = "Compose reads what follows the closing quote as a statement of its own"
        self.problems.append(Problem("text-after-quote", self.document.place(start, start + len(tail)), message))

    def _refuse(self, found: re.Match[str], key: str, quoted: DotenvEntry | None) -> int:
        """Report a key that Compose refuses and return the end of its line."""
        text, place = self.text, self.document.place
        start, bad = found.span(3)
        values: tuple[tuple[str, str], ...] = ()
        related: tuple[tuple[Place, str], ...] = ()
        stop = _KEY_END.search(text, bad)
        written = text[start : stop.start() if stop else None].rstrip(SPACE)
        where = place(start, start + len(written))
        meant = LOOK_ALIKES.get(text[bad : bad + 1])
        if found[4]:
            kind, message = "blank-in-key", "a variable name cannot contain a blank: Compose refuses the whole file"
            where = place(start, start + len(key))
        elif bad == len(text):
            kind, message = "bad-key", "no variable name follows: Compose refuses the whole file"
            where = place(found.start(2), found.start(2) + len("export"))
        elif meant is not None:
            kind, message = (
                "full-width",
                "full-width `{character}` where `{meant}` is meant: Compose refuses the whole file",
            )
            values = (("character", text[bad]), ("meant", meant))
            where = place(bad, bad + 1)
        else:
            kind, message = (
                "bad-key",
                "unexpected character `{character}` in a variable name: Compose refuses the whole file",
            )
            values = (("character", text[bad]),)
        if quoted is not None:
            # Behind a value of several lines the missing quote is the likely mistake.
            opening = quoted.value_span.start
            related = ((place(opening, opening + 1), "the value before it begins here"),)
        self.problems.append(Problem(kind, where, message, values, related))
        line_end = text.find("\n", bad)
        return len(text) if line_end == -1 else line_end

    def _name_at_end(self, first: int, written: Span) -> int:
        """Take a last line without separator and line end: Compose makes it the value of a variable without a name."""
        text = self.text[written.start : written.end]
        none = Span(written.start, written.start)
        self.entries.append(DotenvEntry(Span(first, written.end), none, "", "", written, "", text))
        message = "the last line has no line end, so Compose does not read this as a name"
        self.problems.append(Problem("name-at-end", self.document.place(*written), message))
        return len(self.text)

    def _full_width_quotes(self, value: str, span: Span) -> None:
        if len(value) < 2 or value[-1] not in _CLOSING:
            return
        place = self.document.place
        related = ((place(span.end - 1, span.end), "and here"),)
        message = "full-width `{character}` is no quote: it becomes part of the value"
        first = place(span.start, span.start + 1)
        self.problems.append(Problem("full-width-quote", first, message, (("character", value[0]),), related))


def _single(escape: re.Match[str]) -> str:
    return "'" if escape[0] == "\\'" else escape[0]


def _double(escape: re.Match[str]) -> str:
    written = escape[0]
    decoded = _ESCAPES.get(written)
    if decoded is not None:
        return decoded
    if written[1] == "0":
        # compose-go drops the zero and lets Go read the rest, which needs three octal digits that fit into a byte.
        digits = written[2:]
        if len(digits) == 3 and digits.strip("01234567") == "" and int(digits, 8) < 256:
            return chr(int(digits, 8))
        return "\\" + digits
    return written


def _decoded(inner: str, start: int) -> tuple[str, Template | None]:
    """The text of a double-quoted value with escapes, and its template with offsets of the document.

    Escapes are undone first and the result is expanded (compose-go), so the template is parsed from the decoded text;
    `before` and `after` are the offsets of both ends of every escape in the decoded and in the written text.
    """
    pieces: list[str] = []
    before, after = [0], [start]
    at = length = 0
    for escape in _ESCAPE.finditer(inner):
        decoded = _double(escape)
        pieces += inner[at : escape.start()], decoded
        length += escape.start() - at
        before += length, length + len(decoded)
        after += start + escape.start(), start + escape.end()
        length += len(decoded)
        at = escape.end()
    pieces.append(inner[at:])
    text = "".join(pieces)
    template = expanding(text, 0)
    if template is None:
        return text, None

    def place(offset: int) -> int:
        nearest = bisect_right(before, offset) - 1
        return after[nearest] + offset - before[nearest]

    return text, moved(template, place)
