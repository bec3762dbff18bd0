"""Strings of JSON and JSON5: escapes, and where a string ends that nobody closed."""

from __future__ import annotations

import re

from .document import Document, Problem

_PLAIN = {
    '"': re.compile(r'[^"\\\x00-\x1f]*'),
    "'": re.compile(r"[^'\\\x00-\x1f]*"),
}
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]+")
_STRICT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LINE_END = re.compile(r"[\n\r]")
_UNICODE = re.compile(r"\\u([0-9a-fA-F]{4})")
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
# The rest of a string whose line was broken: up to a quote that a sign or the end of the file follows.
_REST = {
    '"': re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"(?=\s*(?:[,:}\]]|\Z))', re.DOTALL),
    "'": re.compile(r"[^'\\]*(?:\\.[^'\\]*)*'(?=\s*(?:[,:}\]]|\Z))", re.DOTALL),
}
_MAX_BROKEN_LINES = 50


class StringReader:
    """Reads the strings of one document."""

    def __init__(self, document: Document, problems: list[Problem], *, json5: bool) -> None:
        self.document = document
        self.text = document.text
        self.problems = problems
        self.json5 = json5

    def read(self, start: int, *, key: bool, lenient: bool = False) -> tuple[str, int, bool]:
        """The decoded string whose quote stands at `start`, its end, and whether it is closed.

        `lenient` takes JSON5's escapes in a strict file, for a string that is a mistake as a whole.
        """
        text, quote = self.text, self.text[start]
        plain = _PLAIN[quote].match
        pieces: list[str] = []
        at = start + 1
        json5 = self.json5 or lenient
        while found := plain(text, at):
            if found.end() > at:
                pieces.append(found[0])
            at = found.end()
            char = text[at : at + 1]
            if char == quote:
                return "".join(pieces), at + 1, True
            if char == "\\" and at + 1 < len(text):
                piece, end = self._escape(at, quote, json5=json5)
                if piece is None:
                    break
                pieces.append(piece)
                at = end
            elif char in {"\n", "\r"} and self._goes_on(at, quote):
                end = at + 2 if text.startswith("\r\n", at) else at + 1
                self._note("control-character", at, end, r"a line end inside a string is written \n")
                pieces.append("\n")
                at = end
            elif char and char < " " and char not in {"\n", "\r"}:
                control = _CONTROL.match(text, at)
                end = control.end() if control else at + 1
                if not json5:
                    self._note("control-character", at, end, "a control character in a string must be escaped")
                pieces.append(text[at:end])
                at = end
            else:
                break
        return self._unterminated(start, at, key=key)

    def _escape(self, at: int, quote: str, *, json5: bool) -> tuple[str | None, int]:
        """The character of an escape and its end; None where the line ends behind a backslash in a strict file."""
        text = self.text
        char = text[at + 1]
        if char == "u":
            found = _UNICODE.match(text, at)
            if found:
                return self._unicode(found)
        elif char in _STRICT:
            return _STRICT[char], at + 2
        elif json5:
            if char in "\n\r\u2028\u2029":
                return "", at + 3 if text.startswith("\r\n", at + 1) else at + 2
            if char == "x":
                found = _HEX.match(text, at)
                if found:
                    return chr(int(found[1], 16)), found.end()
            elif char == "0" and not text[at + 2 : at + 3].isdecimal():
                return "\0", at + 2
            elif char not in "0123456789":
                return {"v": "\v"}.get(char, char), at + 2
        elif char in "\n\r":
            if not self._goes_on(at + 1, quote):
                return None, at
            char = ""
        self._note("bad-escape", at, at + 2, "this escape does not exist")
        return char, at + 2

    def _unicode(self, found: re.Match[str]) -> tuple[str, int]:
        code = int(found[1], 16)
        if 0xD800 <= code < 0xDC00:
            low = _UNICODE.match(self.text, found.end())
            if low and 0xDC00 <= (second := int(low[1], 16)) < 0xE000:
                return chr(0x10000 + (code - 0xD800) * 0x400 + second - 0xDC00), low.end()
        return chr(code), found.end()

    def _goes_on(self, at: int, quote: str) -> bool:
        """Whether a string whose line ends at `at` is closed further down: then the line end stands inside it."""
        found = _REST[quote].match(self.text, at)
        if found is None:
            return False
        rest = found[0]
        return bool(rest[:-1].strip()) and rest.count("\n") <= _MAX_BROKEN_LINES

    def _unterminated(self, start: int, at: int, *, key: bool) -> tuple[str, int, bool]:
        """End a string that nobody closed: at its line's end before the signs there, a key at its colon."""
        line_end = _LINE_END.search(self.text, at)
        rest = self.text[start + 1 : line_end.start() if line_end else None]
        value = rest.rstrip(" \t,}]")
        if key and ":" in value:
            value = value[: value.index(":")].rstrip()
        self._note("unterminated-string", start, start + 1, "the string is never closed")
        return value, start + 1 + len(value), False

    def _note(self, kind: str, start: int, end: int, message: str) -> None:
        self.problems.append(Problem(kind, self.document.place(start, end), message))
