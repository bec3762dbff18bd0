"""Where the characters of a decoded YAML scalar stand in the file, through quotes, escapes, folding and indentation."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from .document import Document, Span
from .yaml import YamlScalar

_BREAKS = r"(?:\r\n?|\n|\x85)(?:[ \t]*(?:\r\n?|\n|\x85))*[ \t]*"
_BREAK = re.compile(r"\r\n?|\n|\x85")
_TOKENS = {
    "": re.compile(_BREAKS),
    "'": re.compile(f"''|{_BREAKS}"),
    '"': re.compile(rf"\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|{_BREAKS}|[^\r\n\x85])|{_BREAKS}"),
}
_ESCAPES = dict(zip("0abtnvfreN_LP", "\0\a\b\t\n\v\f\r\x1b\x85\xa0\u2028\u2029", strict=True))


class _Run(NamedTuple):
    """Decoded text and the source range that gives it; equal lengths mean character for character."""

    text: str
    at: int
    length: int


class SourceMap:
    """Where each character of a scalar stands whose text differs from what is written; walked once."""

    def __init__(self, document: Document, scalar: YamlScalar) -> None:
        self._span = scalar.span
        quotes = 1 if scalar.style in {"'", '"'} else 0
        block = scalar.style in {"|", ">"}
        raw = document.text[scalar.span.start : scalar.span.end]
        self._runs = list(
            _block_runs(raw, scalar) if block else _flow_runs(raw[quotes : len(raw) - quotes], scalar.style, quotes)
        )
        self._matches = "".join([run.text for run in self._runs]) == scalar.text
        self._offsets = list(accumulate((len(run.text) for run in self._runs), initial=0))[:-1]

    def span(self, start: int, end: int) -> Span:
        """The source of the characters [start, end) of the text; the whole scalar where the two cannot be matched."""
        if not self._matches:
            return self._span
        base = self._span.start
        first = _source(self._runs, self._offsets, start)
        last = _source(self._runs, self._offsets, end - 1) if end > start else first
        return Span(base + first[0], base + (last[1] if end > start else first[0]))


def _source(runs: list[_Run], offsets: list[int], offset: int) -> tuple[int, int]:
    """The source range of one decoded character; one past the last gives the end of the last run."""
    if not runs:
        return 0, 0
    at = bisect_right(offsets, offset) - 1
    run = runs[at]
    inside = offset - offsets[at]
    if inside >= len(run.text):
        return run.at + run.length, run.at + run.length
    if len(run.text) == run.length:
        return run.at + inside, run.at + inside + 1
    return run.at, run.at + run.length


def _flow_runs(body: str, style: str, shift: int) -> Iterator[_Run]:
    """The runs of a plain or quoted scalar's body, which starts `shift` after the scalar."""
    at = 0
    for match in _TOKENS[style].finditer(body):
        written = match.group()
        start, end = match.span()
        chunk = body[at:start]
        if written[0] not in "\\'":
            chunk = chunk.rstrip(" \t")
        if chunk:
            yield _Run(chunk, shift + at, len(chunk))
            at += len(chunk)
        breaks = list(_BREAK.finditer(written))
        if not breaks:
            yield _Run(_unescaped(written), shift + at, end - at)
        elif len(breaks) == 1:
            yield _Run("" if written[0] == "\\" else " ", shift + at, end - at)
        # Of several line breaks the first only folds; each of the others is a newline.
        for line_break in breaks[1:]:
            stop = end if line_break is breaks[-1] else start + line_break.end()
            yield _Run("\n", shift + at, stop - at)
            at = stop
        at = end
    if at < len(body):
        yield _Run(body[at:], shift + at, len(body) - at)


def _unescaped(written: str) -> str:
    """What an escape or a doubled quote stands for."""
    if written == "''":
        return "'"
    letter = written[1]
    if letter in "xuU" and len(written) > 2:
        return chr(int(f"0x{written[2:]}", 0))
    return _ESCAPES.get(letter, letter)


def _block_runs(raw: str, scalar: YamlScalar) -> Iterator[_Run]:
    """The runs of a block scalar; `raw` starts with its header line."""
    text = scalar.text
    lines = list(_lines(raw))[1:]
    decoded = next((line for line in text.split("\n") if line.strip(" ")), "")
    source = next((raw[at:end] for at, end, _ in lines if raw[at:end].strip(" ")), "")
    # With line ends only, every line is blank, whatever its width.
    indent = _width(source) - _width(decoded) if text.strip("\n") else len(raw)
    folded = scalar.style == ">"
    blank_before = True
    pending: _Run | None = None
    empty: list[_Run] = []
    for at, end, after in lines:
        if end - at <= indent:
            empty.append(_Run("\n", at, after - at))
            continue
        blank = raw[at + indent] in " \t"
        if pending is not None:
            joined = folded and not blank_before and not blank
            yield pending._replace(text=(" " if not empty else "") if joined else "\n")
        yield from empty
        empty.clear()
        blank_before = blank
        yield _Run(raw[at + indent : end], at + indent, end - at - indent)
        pending = _Run("\n", end, after - end)
    if pending is None:
        yield from empty[: len(text)]
    elif text.endswith("\n"):
        yield pending
        missing = len(text) - len(text.rstrip("\n")) - 1
        yield from (_Run("\n", run.at, run.length) for run in empty[:missing])
        yield from (_Run("\n", len(raw), 0) for _ in range(missing - len(empty)))


def _lines(raw: str) -> Iterator[tuple[int, int, int]]:
    """Start, end without the break, end with it, of every line."""
    at = 0
    for match in _BREAK.finditer(raw):
        yield at, match.start(), match.end()
        at = match.end()
    yield at, len(raw), len(raw)


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
