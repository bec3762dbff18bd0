"""The full format, for people: message, lines with carets, other places, why it matters and what mends it."""

from __future__ import annotations

import os
from typing import TextIO

from ...fixers.edit import Applicability
from ...schemas.parsers.document import Place
from ..report import Report, Reported
from ..rule import Rule
from .excerpt import Excerpts
from .style import Paint, painter
from .summary import summary, visible

HOW = {
    Applicability.SAFE: "safe: apply with --fix",
    Applicability.UNSAFE: "unsafe: apply with --fix --unsafe-fixes",
    Applicability.DISPLAY: "not applied: do it by hand",
}
NARROWEST, WIDEST = 60, 120


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:
    """Write every finding with its excerpt, then one line with the counts. Why a rule matters is said once a rule."""
    paint = painter(color=color)
    page = _Page(report, Excerpts(report.masker, paint), paint, _width(out))
    out.writelines("\n".join(page.finding(reported)) + "\n\n" for reported in visible(report, verbose=verbose))
    out.write(paint(summary(report, verbose=verbose), "strong") + "\n")


class _Page:
    """Lays out findings; remembers which rules have been explained."""

    def __init__(self, report: Report, excerpts: Excerpts, paint: Paint, width: int) -> None:
        self._report = report
        self._excerpts = excerpts
        self._paint = paint
        self._width = width
        self._explained: set[str] = set()

    def finding(self, reported: Reported) -> list[str]:
        """The lines of one finding."""
        related = reported.diagnostic.related
        gutter = self._excerpts.gutter([reported.place, *(r.place for r in related)])
        role = reported.severity.value
        out = [self._headline(reported), self._location(reported.place, "-->", gutter)]
        out += self._excerpts.draw(reported.place, role=role, gutter=gutter, context=True)
        for other in related:
            out.append(self._location(other.place, ":::", gutter))
            label = self._report.text(other.message, other.values)
            out += self._excerpts.draw(other.place, role="frame", gutter=gutter, label=label)
        notes = [*self._why(reported), *self._fixes(reported)]
        if notes:
            out.append(self._paint(f"{' ' * gutter} |", "frame"))
            for word, text in notes:
                out += self._note(word, text, gutter)
        return out

    def _headline(self, reported: Reported) -> str:
        rule, role = reported.rule, reported.severity.value
        head = self._paint(f"{role}[{rule.code}]", role)
        return f"{head} {rule.name}: {self._paint(self._report.masker.escape(reported.message), 'strong')}"

    def _location(self, place: Place, arrow: str, gutter: int) -> str:
        line, column = place.document.position(place.span.start)
        where = f"{self._report.shown_path(place.document.path)}:{line}:{column}"
        return f"{' ' * gutter}{self._paint(arrow, 'frame')} {where}"

    def _why(self, reported: Reported) -> list[tuple[str, str]]:
        if reported.rule.code in self._explained:
            return []
        self._explained.add(reported.rule.code)
        why = why_paragraph(reported.rule)
        return [("why", why)] if why else []

    def _fixes(self, reported: Reported) -> list[tuple[str, str]]:
        return [
            ("fix", f"{self._report.text(fix.title, fix.values)} ({HOW[fix.applicability]})")
            for fix in reported.diagnostic.fixes
        ]

    def _note(self, word: str, text: str, gutter: int) -> list[str]:
        from textwrap import wrap

        indent = gutter + len(word) + 5
        lines = wrap(text, max(self._width - indent, NARROWEST // 2), break_on_hyphens=False)
        head = f"{' ' * gutter} {self._paint('=', 'frame')} {self._paint(word + ':', 'strong')} "
        return [head + lines[0], *(" " * indent + line for line in lines[1:])] if lines else []


def why_paragraph(rule: Rule) -> str:
    """The first paragraph of the page's `## Why` on one line, links as their words; "" for a rule without a page."""
    import re

    from ..pages import PageError, read_page

    try:
        why = read_page(rule).why
    except (OSError, PageError):
        return ""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(why.split("\n\n", 1)[0].split()))


def _width(out: TextIO) -> int:
    """The columns to wrap prose at: the terminal's, within reason; 100 where there is no terminal."""
    try:
        columns = os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        return 100
    return max(NARROWEST, min(columns, WIDEST))
