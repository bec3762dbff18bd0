"""Reads an nginx file as nginx does, and goes on after each mistake."""

from __future__ import annotations

from functools import cached_property

from .document import BOM, Document, Problem, Span
from .nginx import NginxDirective, NginxTree, NginxWord
from .nginx_words import (
    BLANKS,
    COMMENT,
    CURLY_QUOTES,
    FULL_WIDTH,
    FULL_WIDTH_END,
    LINE_END,
    LONE_QUOTE,
    MESSAGES,
    PLACEHOLDER,
    PLACEHOLDER_REST,
    PUNCTUATION,
    QUOTED,
    TOKEN,
    WORD,
    lua_end,
    unescaped,
)

MAX_DEPTH = 100


class Reader:
    """One pass over one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.ascii = document.text.isascii()
        self.template = False
        self.problems: list[Problem] = []
        self.comments: list[Span] = []
        self.top: list[NginxDirective] = []
        self.siblings = self.top
        self.open: list[NginxDirective] = []
        # The blocks that a `}` has closed, kept to find out which one lacked its own.
        self.closed: list[NginxDirective] = []
        self.words: list[NginxWord] = []

    @cached_property
    def tags(self) -> bool:
        """Whether the text has what ends a tag of a template language."""
        return "}}" in self.text or "%}" in self.text

    def read(self) -> NginxTree:
        """The tree."""
        at = 0
        if self.text.startswith(BOM):
            at = 1
            if self.text.strip(BLANKS + BOM):
                self.problem("byte-order-mark", 0, 1)
        self._tokens(at)
        self._finish()
        problems = () if self.template else tuple(sorted(self.problems, key=lambda p: p.place.span))
        return NginxTree(self.document, tuple(self.top), problems, tuple(self.comments), self.template)

    def problem(self, kind: str, start: int, end: int, **values: str) -> None:
        """Note a mistake at these offsets."""
        self.problems.append(Problem(kind, self.document.place(start, end), MESSAGES[kind], tuple(values.items())))

    def _tokens(self, at: int) -> None:
        text, match = self.text, TOKEN.match
        while (token := match(text, at)) is not None and (kind := token.lastindex):
            start, at = token.span(kind)
            if kind == WORD:
                at = self._word(start, at, token[WORD])
            elif kind == PUNCTUATION:
                if text[start] == ";":
                    self._semicolon(start, at)
                elif text[start] == "{":
                    at = self._block(start, at)
                else:
                    self._close(start, at)
            elif kind == QUOTED:
                at = self._quoted(start, at)
            elif kind == COMMENT:
                self.comments.append(Span(start, at))
            elif kind == LONE_QUOTE:
                at = self._unterminated(start)

    def _word(self, start: int, end: int, raw: str) -> int:
        words = self.words
        if not self.ascii and not raw.isascii():
            end, raw, after = self._full_width(start, end, raw)
            if not raw:
                return after
        else:
            after = end
        text = unescaped(raw) if "\\" in raw else raw
        word = NginxWord(Span(start, end), text)
        if not words:
            if raw[0] == "$" and self._placeholder(word):
                return after
            if raw.startswith(("<%", "{{", "{%")):
                self.template = True
        elif raw[-1] == "}" and after == end and self._swallowed_brace(start, end, raw):
            return end
        words.append(word)
        return after if after == end else self._punctuation(end, after)

    def _full_width(self, start: int, end: int, raw: str) -> tuple[int, str, int]:
        """Cut the word before a full-width `；`, `｛` or `｝`: its end, its text, and where to go on."""
        found = FULL_WIDTH_END.search(raw)
        after = end
        if found is not None and self.text[end : end + 1] not in (";", "{"):
            cut = start + found.start()
            wanted = FULL_WIDTH[found[0]]
            self.problem("full-width", cut, cut + 1, found=found[0], wanted=wanted)
            end, raw, after = cut, raw[: found.start()], cut + 1
            if not raw:
                after = self._punctuation(cut, after)
        for at in {0, len(raw) - 1} if raw else ():
            if raw[at] in CURLY_QUOTES:
                wanted = '"' if raw[at] in "“”" else "'"
                self.problem("full-width", start + at, start + at + 1, found=raw[at], wanted=wanted)
        return end, raw, after

    def _punctuation(self, start: int, end: int) -> int:
        """A full-width character in the place of `;`, `{` or `}`; where to go on."""
        wanted = FULL_WIDTH[self.text[start]]
        if wanted == ";":
            self._semicolon(start, end)
        elif wanted == "{":
            return self._block(start, end)
        else:
            self._close(start, end)
        return end

    def _placeholder(self, word: NginxWord) -> bool:
        """Whether the word is a line that stands for whole directives; it is put into the tree then."""
        end = word.span.end
        if PLACEHOLDER.fullmatch(word.text) is None or PLACEHOLDER_REST.match(self.text, end) is None:
            return False
        self.siblings.append(NginxDirective(word.span, word, [], Span(end, end), placeholder=True))
        return True

    def _swallowed_brace(self, start: int, end: int, raw: str) -> bool:
        """`return 404}` at the end of a line: to nginx the brace is a part of the word, which nobody means."""
        if not self.open or "{" in raw or "\\" in raw or LINE_END.match(self.text, end) is None:
            return False
        if len(raw) > 1:
            self.words.append(NginxWord(Span(start, end - 1), raw[:-1]))
        self._close(end - 1, end)
        return True

    def _quoted(self, start: int, end: int) -> int:
        text = self.text
        after = text[end : end + 1]
        if after and after not in " \t\r\n;{)":
            if after in FULL_WIDTH:
                self._push_quoted(start, end)
                self.problem("full-width", end, end + 1, found=after, wanted=FULL_WIDTH[after])
                return self._punctuation(end, end + 1)
            line_end = text.find("\n", start, end)
            if line_end >= 0 and text[start + 1 : line_end].strip(BLANKS):
                return self._unterminated(start)
            if after != "}":
                self.problem("text-after-quote", end, self._run_end(end))
        self._push_quoted(start, end)
        return end

    def _run_end(self, at: int) -> int:
        token = TOKEN.match(self.text, at)
        end = token.end() if token is not None else at
        line_end = self.text.find("\n", at, end)
        return line_end if line_end >= 0 else end

    def _push_quoted(self, start: int, end: int) -> None:
        raw = self.text[start + 1 : end - 1]
        text = unescaped(raw) if "\\" in raw else raw
        self.words.append(NginxWord(Span(start, end), text, self.text[start]))

    def _unterminated(self, start: int) -> int:
        """A quote that nobody closes where it should be: take the rest of its line, without a `;`, as the word."""
        text = self.text
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)].rstrip(BLANKS)
        block = line.endswith("{")
        line = line.removesuffix("{").removesuffix(";").rstrip(BLANKS)
        end = max(start + len(line), start + 1)
        self.problem("unterminated-quote", start, end)
        raw = text[start + 1 : end]
        self.words.append(NginxWord(Span(start, end), unescaped(raw), text[start]))
        return end if block or text[end : end + 1] else len(text)

    def _semicolon(self, start: int, end: int) -> None:
        if not self.words:
            self.problem("empty-directive", start, end)
            return
        words = self._rest(";")
        self.words = []
        self.siblings.append(_simple(words, Span(start, end)))

    def _rest(self, ended: str) -> list[NginxWord]:
        """The words that belong to the `;` or `{` just read; those before a missing `;` are put into the tree."""
        words = self.words
        if len(words) > 1 and self.text.find("\n", words[0].span.end, words[-1].span.start) >= 0 and self._runs_on():
            from .nginx_lines import missing_ends

            begin = 0
            for index in missing_ends(self.text, words, [d.name.text for d in self.open], ended):
                self._unended("missing-semicolon", words[begin:index])
                begin = index
            if begin:
                return words[begin:]
        return words

    def _runs_on(self) -> bool:
        """Whether a word without quotes is the first on a line; the table of directives is read only then."""
        at = self.words[0].span.end
        for word in self.words:
            if not word.quote and self.text.find("\n", at, word.span.start) >= 0:
                return True
            at = word.span.end
        return False

    def _unended(self, kind: str, words: list[NginxWord]) -> None:
        end = words[-1].span.end
        placeholder = len(words) == 1 and PLACEHOLDER.fullmatch(words[0].text) is not None
        if not placeholder:
            self.problem(kind, end, end, directive=words[0].text)
        directive = _simple(words, Span(end, end))
        directive.placeholder = placeholder
        self.siblings.append(directive)

    def _block(self, start: int, end: int) -> int:
        if self.text[end : end + 1] in ("{", "%") and self.tags:
            self.template = True
        if self.words:
            words = self._rest("{")
        else:
            self.problem("unexpected-open", start, end)
            words = [NginxWord(Span(start, start), "")]
        if len(self.open) >= MAX_DEPTH:
            self.problem("nesting-depth", start, end)
            return len(self.text)
        self.words = []
        first = words[0].span.start
        span = Span(start, end)
        directive = NginxDirective(Span(first, end), words[0], words[1:], span, block=[], block_span=span)
        self.siblings.append(directive)
        self.open.append(directive)
        self.siblings = directive.block = []
        if words[0].text.endswith("_by_lua_block"):
            directive.raw = True
            close = lua_end(self.text, end)
            if close < 0:
                return len(self.text)
            self._close(close, close + 1)
            return close + 1
        return end

    def _close(self, start: int, end: int) -> None:
        if self.words:
            words = self._rest("")
            self.words = []
            self._unended("unexpected-end", words)
        if not self.open:
            self.problem("unexpected-close", start, end)
            return
        directive = self.open.pop()
        self._seal(directive, start, end)
        self.closed.append(directive)
        self.siblings = self._siblings()

    def _siblings(self) -> list[NginxDirective]:
        block = self.open[-1].block if self.open else self.top
        assert block is not None
        return block

    @staticmethod
    def _seal(directive: NginxDirective, start: int, end: int) -> None:
        assert directive.block_span is not None
        directive.end = Span(start, end)
        directive.span = Span(directive.span.start, end)
        directive.block_span = Span(directive.block_span.start, end)

    def _finish(self) -> None:
        if self.words:
            words = self._rest("")
            self._unended("unexpected-end", words)
        end = len(self.text)
        if not self.open:
            return
        if not any(p.kind == "nesting-depth" for p in self.problems):
            from .nginx_lines import lacking_close

            for directive in lacking_close(self.text, self.closed, self.open):
                self._note_unclosed(directive, end)
        for directive in self.open:
            self._seal(directive, end, end)

    def _note_unclosed(self, directive: NginxDirective, end: int) -> None:
        assert directive.block_span is not None
        brace = directive.block_span.start
        self.problems.append(
            Problem(
                "unclosed-block",
                self.document.place(brace, brace + 1),
                MESSAGES["unclosed-block"],
                (("directive", directive.name.text),),
                ((self.document.place(end, end), "the file ends here"),),
            )
        )


def _simple(words: list[NginxWord], end: Span) -> NginxDirective:
    return NginxDirective(Span(words[0].span.start, end.end), words[0], words[1:], end)
