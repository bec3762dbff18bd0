"""YAML syntax errors in words that people know, placed on the text that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from .document import Document, Place, Problem, Span

_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7}) .*|^={7}$", re.MULTILINE)
# The line above: a key without the blank after its colon, or with a colon of another script.
_GLUED = re.compile(r"^[ \ufeff]*([A-Za-z][\w.-]*(?::(?!//)(?=[^\s:])|(：)))[^\n]*\n\s*\Z", re.MULTILINE)
_BLOCK_BEFORE = re.compile(r": *[|>][-+0-9]*[ \t]*\n\s*\Z")
_TOKEN = re.compile(r"[-?:,\[\]{}](?=\s|\Z)|[\[\]{},]|[^\s,\[\]{}:]+|\S")


class _Failure(NamedTuple):
    """What the parser said: its words, where it stopped, and where the thing it was reading began."""

    document: Document
    problem: str
    context: str
    at: int
    begun: int | None

    @property
    def found(self) -> str:
        """The character where the parser stopped, "" at the end of the file."""
        return self.document.text[self.at : self.at + 1]

    def token(self) -> Place:
        """The word or sign where it stopped; at the end of the file the end of the last line with text."""
        if self.found.strip():
            return _token(self.document, self.at)
        end = len(self.document.text[: self.at].rstrip())
        return self.document.place(end, end)

    def opening(self, length: int = 1) -> Place:
        """The sign that began it."""
        begun = self.at if self.begun is None else self.begun
        return self.document.place(begun, min(begun + length, len(self.document.text)))


def syntax_problem(document: Document, error: Exception, shift: int) -> Problem:
    """The problem for an error of either parser, whose marks count from `shift`."""
    mark = getattr(error, "problem_mark", None)
    context_mark = getattr(error, "context_mark", None)
    failure = _Failure(
        document,
        str(getattr(error, "problem", "") or ""),
        str(getattr(error, "context", "") or ""),
        min(mark.index + shift, len(document.text)) if mark is not None else shift,
        context_mark.index + shift if context_mark is not None else None,
    )
    conflict = _CONFLICT.search(document.text)
    if conflict is not None and conflict.start() <= failure.at:
        message = "a merge conflict is left here: keep one of the two sides, and take the lines with the marks out"
        return _say(document.place(*conflict.span()), message)
    tab = _tab_run(document, failure.at)
    if tab is not None and "quoted" not in failure.context:
        message = "a tab in the indentation; YAML indents with spaces only"
        return Problem("tab-indent", Place(document, tab), message)
    for pattern, explain in _EXPLANATIONS:
        if re.search(pattern, failure.problem):
            return explain(failure)
    return _say(failure.token(), "this is not valid YAML here")


def _tab_run(document: Document, at: int) -> Span | None:
    """The tabs at `at` when nothing but blanks (and dashes of list items) stands before them on the line."""
    text = document.text
    if text[at : at + 1] != "\t":
        return None
    line = document.line_span(document.position(at)[0])
    if text[line.start : at].strip("\ufeff \t-"):
        return None
    start = end = at
    while start > line.start and text[start - 1] == "\t":
        start -= 1
    while text[end : end + 1] == "\t":
        end += 1
    return Span(start, end)


def _say(
    place: Place,
    message: str,
    values: tuple[tuple[str, str], ...] = (),
    opened: Place | None = None,
    why: str = "opened here",
) -> Problem:
    related = ((opened, why),) if opened is not None else ()
    return Problem("syntax", place, message, values, related)


def _second_colon(failure: _Failure) -> Problem:
    text = failure.document.text
    line = failure.document.line_span(failure.document.position(failure.at)[0])
    before = text[line.start : failure.at]
    if re.search(r":\s", before):
        return _say(
            failure.token(),
            "a second `: ` on this line; put the value in quotes, or begin the inner key on its own line",
        )
    glued = _GLUED.search(text[: line.start])
    if glued is not None:
        place = failure.document.place(*glued.span(1))
        if glued[2]:
            return _say(place, "a key ends with `: `, and this is the full-width sign `：`")
        return _say(place, "a blank is missing after the `:`")
    return _say(
        failure.token(),
        "a key cannot stand here: the value above it goes on into this line; check the indentation of this line",
    )


def _no_list_item(failure: _Failure) -> Problem:
    return _say(failure.token(), "a list item `- ` cannot begin here; put it on a line of its own")


def _no_key(failure: _Failure) -> Problem:
    return _say(failure.token(), "a key with `? ` cannot begin here; put the value in quotes if the `?` is part of it")


def _no_colon(failure: _Failure) -> Problem:
    line = failure.document.line_span(failure.document.position(failure.opening().span.start)[0])
    start = failure.opening().span.start
    text = failure.document.text[start : line.end].partition(" #")[0].rstrip()
    place = failure.document.place(start, start + max(len(text), 1))
    if text.startswith("-") and len(text) > 1:
        return _say(place, "neither a key with `: ` nor a list item; a list item has a space after its `-`")
    if "：" in text:
        return _say(place, "expected `key: value`, and this is the full-width sign `：`")
    if _BLOCK_BEFORE.search(failure.document.text[:start]):
        return _say(place, "the text of a `|` or `>` must be indented further than the key above")
    if ":" in text:
        return _say(place, "expected `key: value`; a `:` needs a space after it")
    if "=" in text:
        return _say(place, "expected `key: value`, found `=`; this looks like a line of an .env file or a lost `- `")
    return _say(place, "expected `key: value`, but there is no `:` on this line")


def _bad_start(failure: _Failure) -> Problem:
    if failure.found == "\t":
        return _say(failure.token(), "a tab cannot stand here; use spaces")
    place = failure.document.place(failure.at, failure.at + 1)
    return _say(place, "a value cannot begin with the sign {sign}; put it in quotes", (("sign", failure.found),))


def _unclosed_quote(failure: _Failure) -> Problem:
    return _say(failure.opening(), "this quote is never closed")


def _unknown_escape(failure: _Failure) -> Problem:
    text = failure.document.text
    start = failure.at if failure.found == "\\" else max(text.rfind("\\", 0, failure.at + 1), 0)
    place = failure.document.place(start, min(start + 2, len(text)))
    return _say(
        place,
        "`{escape}` is no escape that YAML knows; write `\\\\` for a backslash, or use single quotes",
        (("escape", text[start : start + 2]),),
    )


def _unclosed_flow(failure: _Failure) -> Problem:
    opened = failure.opening()
    bracket = opened.text if opened.text in {"[", "{"} else "["
    closing = "]" if bracket == "[" else "}"
    values = (("open", bracket), ("close", closing))
    if failure.found == "{" and failure.document.text[failure.at - 1 : failure.at] == "$":
        place = failure.document.place(failure.at - 1, failure.at + 1)
        return _say(place, "a value with `${…}` between brackets must stand in quotes", (), opened)
    if not failure.found.strip():
        return _say(opened, "this `{open}` is never closed", values)
    return _say(failure.token(), "expected `,` or `{close}` before this", values, opened)


def _no_content(failure: _Failure) -> Problem:
    if not failure.found.strip():
        return _say(failure.token(), "the file ends where a value is expected")
    return _say(
        failure.token(),
        "expected a value, found `{found}`; put it in quotes if it is part of a value",
        (("found", failure.found),),
    )


def _no_document(failure: _Failure) -> Problem:
    if failure.found in {"}", "]"}:
        return _say(failure.token(), "this `{found}` closes nothing", (("found", failure.found),))
    return _say(
        failure.token(), "the content has ended before this; check the indentation, or begin a new document with `---`"
    )


def _no_block_key(failure: _Failure) -> Problem:
    document, text = failure.document, failure.document.text
    line, column = document.position(failure.at)
    before = text[document.line_span(line).start : failure.at].strip("\ufeff")
    if before.strip():
        return _say(failure.token(), "the value has ended before this; put the whole value in quotes")
    if text[failure.at : failure.at + 2].rstrip() == "-":
        return _say(failure.token(), "expected a key, found a list item; check the indentation")
    if failure.found and failure.begun is not None and ":" in text[failure.at : document.line_span(line).end]:
        expected = document.position(failure.begun)[1] - 1
        values = (("found", str(column - 1)), ("expected", str(expected)))
        if column - 1 != expected:
            message = (
                "indented by {found} spaces, where no key above stands; the keys around it are indented by {expected}"
            )
            return _say(
                failure.token(), message, values, _token(document, failure.begun), "the keys around it begin here"
            )
    return _say(failure.token(), "expected a key; check the indentation and the quotes of the line above")


def _token(document: Document, at: int) -> Place:
    """The word or sign that begins at an offset."""
    match = _TOKEN.match(document.text, at)
    return document.place(*match.span()) if match else document.place(at, at)


def _no_dash(failure: _Failure) -> Problem:
    return _say(
        failure.token(), "expected a list item `- `, as above; check the indentation", (), failure.opening(), "the list"
    )


def _block_header(failure: _Failure) -> Problem:
    return _say(
        failure.token(),
        "after `|` or `>` only `+`, `-`, a digit from 1 to 9 or a comment may stand; the text begins on the next line",
    )


def _no_name(failure: _Failure) -> Problem:
    sign = "*" if "alias" in failure.context else "&"
    message = (
        "`{sign}` needs a name of letters, digits, `-` and `_`; put the value in quotes if the `{sign}` is part of it"
    )
    return _say(failure.opening(), message, (("sign", sign),))


def _bad_tag(failure: _Failure) -> Problem:
    return _say(
        failure.opening(), "`!` begins a tag that YAML cannot read; put the value in quotes if the `!` is part of it"
    )


def _bad_directive(failure: _Failure) -> Problem:
    return _say(failure.token(), "a line that begins with `%` is a directive, and YAML does not know this one")


def _flow_colon(failure: _Failure) -> Problem:
    return _say(failure.token(), "a `:` inside a value between brackets; put the value in quotes")


# The parsers' own words (libyaml's, then ruamel's where they differ) and who explains them.
_EXPLANATIONS: tuple[tuple[str, Callable[[_Failure], Problem]], ...] = (
    ("^mapping values are not allowed", _second_colon),
    ("^(?:block )?sequence entries are not allowed", _no_list_item),
    ("^mapping keys are not allowed", _no_key),
    ("could not find expected ':'", _no_colon),
    ("cannot start any token", _bad_start),
    ("^found unexpected (?:end of stream|document (?:indicator|separator))", _unclosed_quote),
    ("unknown escape|invalid Unicode|hexdecimal|hexadecimal", _unknown_escape),
    ("expected ',' or", _unclosed_flow),
    ("node content", _no_content),
    ("<document start>", _no_document),
    ("expected '-' indicator", _no_dash),
    ("expected key|<block end>", _no_block_key),
    ("comment or line break|indentation indicator|chomping", _block_header),
    ("alphabetic or numeric", _no_name),
    ("tag|URI|expected '!'|'>'", _bad_tag),
    ("directive|version|YAML document", _bad_directive),
    ("unexpected ':'", _flow_colon),
)
