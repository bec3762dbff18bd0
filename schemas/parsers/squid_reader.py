"""Splits the logical lines of a squid file into words, as squid does it."""

from __future__ import annotations

import re

from .document import BOM, Document, Problem, Span
from .squid import SquidDirective, SquidTree, SquidWord
from .squid_lines import BLANKS, SPACE, Line, logical_lines

_WORD = re.compile(r"[^ \t\r\n]+")
_QUOTED = re.compile(r""""[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}
_PLACEHOLDERS = re.compile(r"(?:\$\{[A-Za-z_]\w*\}[ \t]*)+|\$[A-Z_][A-Z0-9_]*[ \t]*")

# Where quotes hold a word together even though `configuration_includes_quoted_values` is off, and from which argument
# on: asked of squid 5.7, all of its directives with an open quote at the first, second and third argument.
QUOTING = {
    "adaptation_meta": 1,
    "adaptation_service_chain": 1,
    "adaptation_service_set": 1,
    "auth_schemes": 0,
    "cache_replacement_policy": 1,
    "cachemgr_passwd": 1,
    "dns_nameservers": 0,
    "hostname_aliases": 0,
    "icap_class": 1,
    "loadable_modules": 0,
    "mcast_groups": 0,
    "memory_replacement_policy": 1,
    "note": 1,
    "reply_header_add": 1,
    "request_header_add": 1,
    "store_id_extras": 0,
    "store_id_program": 0,
    "url_rewrite_extras": 0,
    "url_rewrite_program": 0,
}

_STARTS = "！＃“”‘’"
_ENDS = "；，“”‘’"
_HALF_WIDTH = {"！": "!", "＃": "#", "“": '"', "”": '"', "‘": "'", "’": "'", "；": "", "，": ""}

MESSAGES = {
    "unterminated-quote": "this quote is not closed: squid stops here",
    "text-after-quote": "after a closing quote squid wants a blank",
    "dangling-continuation": "the file ends after this `\\`: squid drops the whole directive without a word",
    "full-width": "`{found}` is a full-width character, which squid takes for a part of the word",
    "byte-order-mark": "squid takes the byte order mark for a part of the first word",
    "unexpected-endif": "`{directive}` without an `if` before it",
    "unclosed-if": "this `if` has no `endif`",
}


class Reader:
    """One pass over one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.ascii = document.text.isascii()
        self.quoted_values = False
        self.problems: list[Problem] = []
        self.comments: list[Span] = []
        self.directives: list[SquidDirective] = []

    def read(self) -> SquidTree:
        """The tree."""
        text = self.document.text
        start = 0
        if text.startswith(BOM):
            start = 1
            if text.strip(SPACE + BOM):
                self.problem("byte-order-mark", Span(0, 1))
        for line in logical_lines(text, self.comments, start):
            self._line(line)
        self._conditionals()
        problems = tuple(sorted(self.problems, key=lambda p: p.place.span))
        return SquidTree(self.document, tuple(self.directives), problems, tuple(sorted(self.comments)))

    def problem(self, kind: str, span: Span, **values: str) -> None:
        """Note a mistake at this span."""
        self.problems.append(Problem(kind, self.document.place(*span), MESSAGES[kind], tuple(values.items())))

    def _line(self, line: Line) -> None:
        if line.dangling is not None:
            self.problem("dangling-continuation", Span(line.dangling, line.dangling + 1))
        words = self._words(line)
        if not words:
            return
        name = words[0]
        # The text of the line with words only: a comment after them is not a part of the directive.
        placeholder = name.text[0] == "$" and all(_PLACEHOLDERS.fullmatch(w.text) for w in words)
        self.directives.append(
            SquidDirective(Span(name.span.start, words[-1].span.end), name, words[1:], placeholder=placeholder)
        )
        if name.text == "configuration_includes_quoted_values" and len(words) > 1:
            self.quoted_values = words[1].text.lower() in ("on", "yes", "enable", "true", "1")
        if not self.ascii:
            self._full_width(words)

    def _words(self, line: Line) -> list[SquidWord]:
        text = line.text
        found = _WORD.match(text)
        if found is None:
            found = _WORD.search(text)
            if found is None:
                return []
        name = SquidWord(line.span(*found.span()), found[0])
        words = [name]
        quoting = 0 if self.quoted_values else QUOTING.get(found[0], len(text))
        at = found.end()
        while (found := _WORD.search(text, at)) is not None:
            start, at = found.span()
            raw = found[0]
            first = raw[0]
            if first == "#":
                self.comments.append(line.span(start, len(text)))
                break
            if first in "\"'":
                word, at = self._quoted(line, start, at, holds=len(words) > quoting)
                words.append(word)
            else:
                words.append(SquidWord(line.span(start, at), raw))
        return words

    def _quoted(self, line: Line, start: int, end: int, *, holds: bool) -> tuple[SquidWord, int]:
        """The word that starts with a quote, and where to go on; `holds`: blanks within the quotes belong to it."""
        text = line.text
        quote = text[start]
        if not holds:
            raw = text[start:end]
            if len(raw) > 1 and raw[-1] == quote:
                return SquidWord(line.span(start, end), raw[1:-1], quote), end
            return SquidWord(line.span(start, end), raw), end
        found = _QUOTED.match(text, start)
        if found is None:
            rest = text[start:].rstrip(BLANKS)
            end = start + len(rest)
            self.problem("unterminated-quote", line.span(start, end))
            return SquidWord(line.span(start, end), rest[1:], quote), len(text)
        end = found.end()
        after = _WORD.match(text, end)
        if after is not None:
            self.problem("text-after-quote", line.span(end, after.end()))
        inner = found[0][1:-1]
        if "\\" in inner:
            inner = _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), inner)
        return SquidWord(line.span(start, end), inner, quote), end

    def _full_width(self, words: list[SquidWord]) -> None:
        """Punctuation of Chinese and Japanese keyboards, in directives that have no free text."""
        name = words[0]
        if name.text[0] == "＃":
            self.problem("full-width", Span(name.span.start, name.span.start + 1), found="＃", wanted="#")
            return
        if not (name.text == "acl" or name.text.endswith(("_access", "_direct", "_port", "_peer"))):
            return
        if name.text == "acl" and len(words) > 2 and words[2].text.endswith("regex"):
            words = words[:3]
        for word in words:
            start, end = word.span
            text = self.document.text
            if text[start] in _STARTS:
                self._wide(start)
            if text[end - 1] in _ENDS and end - 1 > start:
                self._wide(end - 1)

    def _wide(self, at: int) -> None:
        found = self.document.text[at]
        self.problem("full-width", Span(at, at + 1), found=found, wanted=_HALF_WIDTH[found])

    def _conditionals(self) -> None:
        """`if` and `endif` pair within one file; a placeholder may stand for either."""
        open_ifs: list[SquidDirective] = []
        unexpected: list[SquidDirective] = []
        for directive in self.directives:
            name = directive.name.text
            if directive.placeholder:
                return
            if name == "if" and directive.arguments:
                open_ifs.append(directive)
            elif name in ("elif", "else", "endif"):
                if not open_ifs:
                    unexpected.append(directive)
                elif name == "endif":
                    open_ifs.pop()
        for directive in unexpected:
            self.problem("unexpected-endif", directive.name.span, directive=directive.name.text)
        for directive in open_ifs:
            self.problem("unclosed-if", directive.name.span)
