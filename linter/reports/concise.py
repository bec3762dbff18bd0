"""The concise format: one line for each finding, as compilers and `grep -n` print them."""

from __future__ import annotations

from typing import TextIO

from ..report import Report
from .style import painter
from .summary import summary, visible


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:
    """Write `file:line:column: CODE message` lines and, when there are any, a line with the counts."""
    paint = painter(color=color)
    shown = visible(report, verbose=verbose)
    for reported in shown:
        document, span = reported.place
        line, column = document.position(span.start)
        code = paint(reported.rule.code, reported.severity.value)
        where = paint(report.shown_path(document.path), "strong")
        out.write(f"{where}:{line}:{column}: {code} {report.masker.escape(reported.message)}\n")
    if shown:
        out.write(summary(report, verbose=verbose) + "\n")
