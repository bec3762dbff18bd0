"""The tokens of JSON and JSON5, with every mistake inside a token as data."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .document import BOM, Document, Place, Problem, Span
from .json_strings import StringReader

Kind = Literal["{", "}", "[", "]", ":", ",", "string", "word", "odd", "end"]


class Token(NamedTuple):
    """A bracket, a sign, a string (`text` is decoded), a number or name, a character that has no place, or the end.

    `broken` marks a string that was never closed: what surely follows it may have been swallowed.
    """

    kind: Kind
    start: int
    end: int
    text: str
    broken: bool = False


_SIGNS: dict[str, Kind] = {"{": "{", "}": "}", "[": "[", "]": "]", ":": ":", ",": ","}
_FULL_WIDTH: dict[str, Kind] = {
    "，": ",",
    "、": ",",
    "：": ":",
    "｛": "{",
    "｝": "}",
    "［": "[",
    "］": "]",
    "【": "[",
    "】": "]",
}
_QUOTES = {"“": '"', "”": '"', "＂": '"', "‘": "'", "’": "'", "＇": "'"}

# The fast path: a sign, a string of plain characters, or a number or name that a sign or a blank ends.
_CLEAN = re.compile(
    r'[ \t\n\r]*(?:([{}\[\]:,])|"([^"\\\x00-\x1f]*)"'
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?=[ \t\n\r,:{}\[\]]|\Z)|(\Z))"
)
_BLANKS = re.compile(r"[ \t\n\r]*")
# White space of JSON5 (ECMAScript's WhiteSpace and LineTerminator) that is none in JSON.
_WIDE_BLANKS = re.compile(r"[\v\f\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
_WORD = re.compile(r"(?:[^\s{}\[\],:\"'/=;#，、：｛｝［］【】“”＂‘’＇\ufeff]|/(?![/*])|(?<=[^\s,:{}\[\]])#)+[\"']?")
_FULL_WIDTH_TEXT = re.compile(r"[^\n\r“”＂‘’＇\"]*")
_LINE_COMMENT = re.compile(r"[^\n\r\u2028\u2029]*")


class Tokens:
    """Gives one token after the other; mistakes and comments are collected on the way."""

    def __init__(self, document: Document, *, json5: bool) -> None:
        self.document = document
        self.text = document.text
        self.json5 = json5
        self.problems: list[Problem] = []
        self.comments: list[Span] = []
        self.at = 0
        self._strings = StringReader(document, self.problems, json5=json5)
        if self.text.startswith(BOM):
            self.at = 1
            if not json5:
                self.problem("bom", 0, 1, "JSON must not begin with a byte order mark")

    def problem(
        self,
        kind: str,
        start: int,
        end: int,
        message: str,
        values: tuple[tuple[str, str], ...] = (),
        *,
        related: tuple[tuple[Place, str], ...] = (),
    ) -> None:
        """Note a mistake."""
        self.problems.append(Problem(kind, self.document.place(start, end), message, values, related))

    def next(self, *, key: bool) -> Token:
        """The next token; `key` says that a key may stand here, which helps to end a string that nobody closed."""
        found = _CLEAN.match(self.text, self.at)
        if found is None:
            return self._odd(key=key)
        group = found.lastindex or 4
        start, end = found.span(group)
        self.at = found.end()
        if group == 1:
            return Token(_SIGNS[found[1]], start, end, found[1])
        if group == 2:
            return Token("string", start - 1, end + 1, found[2])
        if group == 3:
            return Token("word", start, end, found[3])
        return Token("end", end, end, "")

    def skip_line(self) -> int:
        """Go to the end of the line, before the signs that close it; return where that is."""
        line_end = self.text.find("\n", self.at)
        rest = self.text[self.at : None if line_end == -1 else line_end].rstrip(" \t\r,}]")
        self.at += len(rest)
        return self.at

    def _odd(self, *, key: bool) -> Token:
        """The next token where the fast path ended: after comments and foreign blanks, or an unusual one."""
        text = self.text
        while True:
            at = self._blanks()
            char = text[at : at + 1]
            if char == "#" or text[at : at + 2] in {"//", "/*"}:
                self._comment(at)
            elif found := _WIDE_BLANKS.match(text, at):
                self.at = found.end()
                if not self.json5:
                    self.problem("foreign-blank", at, self.at, "this blank is none that JSON allows; use a space")
            else:
                break
        if not char:
            return Token("end", at, at, "")
        if char in _SIGNS:
            self.at = at + 1
            return Token(_SIGNS[char], at, at + 1, char)
        if char in {'"', "'"}:
            return self._string(at, key=key)
        if char in _FULL_WIDTH:
            meant = _FULL_WIDTH[char]
            self.at = at + 1
            self._full_width(at, char, meant)
            return Token(meant, at, at + 1, meant)
        if char in _QUOTES:
            return self._full_width_string(at)
        return self._word(at)

    def _blanks(self) -> int:
        found = _BLANKS.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def _word(self, at: int) -> Token:
        found = _WORD.match(self.text, at)
        if found is None:
            self.at = at + 1
            return Token("odd", at, at + 1, self.text[at])
        self.at = found.end()
        return Token("word", at, self.at, found[0])

    def _string(self, at: int, *, key: bool) -> Token:
        if self.text[at] == "'" and not self.json5:
            value, end, closed = self._strings.read(at, key=key, lenient=True)
            if closed:
                self.problem("single-quote", at, end, "JSON strings stand in double quotes")
        else:
            value, end, closed = self._strings.read(at, key=key)
        self.at = end
        return Token("string", at, end, value, broken=not closed)

    def _full_width_string(self, at: int) -> Token:
        """A string in full-width quotes: it ends at the next one on the line, or at an ASCII quote."""
        text = self.text
        meant = _QUOTES[text[at]]
        found = _FULL_WIDTH_TEXT.match(text, at + 1)
        end = found.end() if found else at + 1
        value = text[at + 1 : end]
        related: tuple[tuple[Place, str], ...] = ()
        if text[end : end + 1] not in {"", "\n", "\r"}:
            related = ((self.document.place(end, end + 1), "it ends here"),)
            self.at = end + 1
        else:
            value = value.rstrip(" \t,}]")
            self.at = at + 1 + len(value)
        self._full_width(at, text[at], meant, related)
        return Token("string", at, self.at, value, broken=not related)

    def _full_width(self, at: int, char: str, meant: str, related: tuple[tuple[Place, str], ...] = ()) -> None:
        message = "full-width {character} where {meant} is meant"
        self.problem("full-width", at, at + 1, message, (("character", char), ("meant", meant)), related=related)

    def _comment(self, at: int) -> None:
        text = self.text
        if text[at : at + 2] == "/*":
            close = text.find("*/", at + 2)
            self.at = len(text) if close == -1 else close + 2
            if close == -1 and self.json5:
                related = ((self.document.place(self.at, self.at), "the file ends here"),)
                self.problem("unclosed", at, at + 2, "the comment is never closed", related=related)
        else:
            found = _LINE_COMMENT.match(text, at)
            self.at = found.end() if found else at + 1
        span = Span(at, self.at)
        self.comments.append(span)
        if not self.json5:
            self.problem("comment", at, self.at, "JSON has no comments: the reader refuses the whole file")
        elif text[at] == "#":
            self.problem("comment", at, self.at, "`#` begins no comment here: write it with `//`")
