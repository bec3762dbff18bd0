"""Text and lines of linted files as HTML: masked, nothing in it markup, and what has no shape of its own an escape."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ...fixers.apply import apply_fix, unified_diff
from ...fixers.edit import Applicability, Edit, Fix
from ...schemas.parsers.document import Document, Place
from ..report import Report
from .cells import visible
from .excerpt import TALLEST, MaskedLines, last_line, window

CONTEXT = 2
LONGEST_DIFF = 200


def plain(text: str) -> str:
    """A text that is masked already, as HTML and as an attribute's value."""
    return html.escape(text if text.isascii() and text.isprintable() else "".join(map(visible, text)))


def prose(text: str) -> str:
    """A masked message with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", plain(text))


class Snippets:
    """Draws the lines of a report's files."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lines = MaskedLines(report.masker)

    def where(self, place: Place) -> str:
        """`file:line:column`."""
        line, column = place.document.position(place.span.start)
        return f"{plain(self._report.shown_path(place.document.path))}:{line}:{column}"

    def excerpt(self, place: Place, role: str, *, context: bool) -> str:
        """The lines of a place with the span marked; `context` adds the lines next to it."""
        first, last = place.line, last_line(place)
        numbers = list(range(first, last + 1))
        if len(numbers) > TALLEST:
            numbers = [first, first + 1, first + 2, 0, last]
        out = [self._line(place, number, role) if number else '<span class="cut">⋮\n</span>' for number in numbers]
        if context:
            out = [self._beside(place.document, first - 1), *out, self._beside(place.document, last + 1)]
        return f'<pre class="excerpt {role}" tabindex="0">{"".join(out)}</pre>'

    def _line(self, place: Place, number: int, role: str) -> str:
        span = place.document.line_span(number)
        line = self._lines.line(place.document, number)
        start, end = line.part(max(place.span.start - span.start, 0), min(place.span.end, span.end) - span.start)
        before, marked, after = map(plain, window(line.text, start).parts(start, end))
        empty = "" if marked else " empty"
        return _numbered(number, f'{before}<mark class="{role}{empty}">{marked}</mark>{after}', "hit")

    def _beside(self, document: Document, number: int) -> str:
        if not 1 <= number <= len(document.line_starts):
            return ""
        text = window(self._lines.line(document, number).text, 0).text
        return _numbered(number, plain(text), "near") if text.strip() else ""

    def diff(self, fix: Fix) -> str:
        """What a fix changes, a figure for each file; "" for one without edits."""
        by_file = groupby(_hunks(fix), lambda edits: edits[0].place.document)
        return "".join(self._file(list(hunks)) for _, hunks in by_file)

    def _file(self, hunks: Sequence[Sequence[Edit]]) -> str:
        document = hunks[0][0].place.document
        path = plain(self._report.shown_path(document.path))
        shown = '<span class="cut">\u22ee\n</span>'.join(map(self._hunk, hunks))
        return f'<figure class="diff"><figcaption>{path}</figcaption><pre tabindex="0">{shown}</pre></figure>'

    def _hunk(self, edits: Sequence[Edit]) -> str:
        document = edits[0].place.document
        first = max(edits[0].place.line - CONTEXT, 1)
        last = min(document.position(edits[-1].place.span.end)[0] + CONTEXT, len(document.line_starts))
        if last - first > LONGEST_DIFF:
            return f'<span class="cut">{last - first - 2 * CONTEXT + 1} lines change; --diff shows them\n</span>'
        start, end = document.line_starts[first - 1], document.line_span(last).end
        part = Document(document.path, document.text[start:end])
        moved = [Edit(part.place(e.place.span.start - start, e.place.span.end - start), e.text) for e in edits]
        after = apply_fix(Fix("", tuple(moved), Applicability.DISPLAY)).get(document.path, part.text)
        lines = unified_diff(part.text, after, "")[2:]
        return "".join(self._diff_line(line) for line in lines if not line.startswith(("@@", "\\")))

    def _diff_line(self, line: str) -> str:
        kind = {"+": "ins", "-": "del"}.get(line[:1], "span")
        text = plain(line[:1] + window(self._report.masker.mask(line[1:].rstrip("\r\n")), 0).text)
        return f"<{kind}>{text}\n</{kind}>"


def _numbered(number: int, markup: str, kind: str) -> str:
    return f'<span class="{kind}"><i>{number}</i>{markup}\n</span>'


def _hunks(fix: Fix) -> Iterator[list[Edit]]:
    """The edits of a fix, those together that stand near each other in one file."""
    hunk: list[Edit] = []
    for edit in sorted(dict.fromkeys(fix.edits), key=lambda e: (e.place.document.path, e.place.span)):
        document = edit.place.document
        if hunk and (
            document is not hunk[-1].place.document
            or edit.place.line - document.position(hunk[-1].place.span.end)[0] > 2 * CONTEXT
        ):
            yield hunk
            hunk = []
        hunk.append(edit)
    if hunk:
        yield hunk
