"""The github format: workflow commands that GitHub shows beside the changed lines, and a table for the job summary.

Facts from GitHub's page "Workflow commands": data and properties are escaped differently, a step shows at most ten
errors and ten warnings, and columns are only understood within one line.
"""

from __future__ import annotations

import os
from typing import TextIO

from ...schemas.files import reason_of
from ..diagnostic import Severity
from ..masking import escape
from ..report import Report, Reported, relative
from .portable import checkout, unicode_text
from .summary import summary, visible

COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
SUMMARY_BYTES = 1_000_000  # GitHub takes up to 1 MiB for each step


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write one command for each finding, worst first, and for what could not be checked, and a line with the counts.

    Where GitHub gives a summary file (`GITHUB_STEP_SUMMARY`), the whole table is appended to it.
    """
    shown = sorted(visible(report, verbose=verbose), key=lambda d: d.severity.rank)
    base = checkout(report.cwd, "GITHUB_WORKSPACE")
    out.writelines(command(report, reported, base) + "\n" for reported in shown)
    out.writelines(remark("error" if report.failed else "warning", error) for error in report.errors)
    total = summary(report, verbose=verbose)
    out.write(total + "\n")
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path and shown:
        try:
            with open(path, "ab") as file:
                file.write(step_summary(report, shown, base, total))
        except OSError as error:
            out.write(remark("warning", f"no job summary: {reason_of(error)}"))


def remark(level: str, text: str) -> str:
    """A command, with its line end, that belongs to no place."""
    return f"::{level} title=stackmend::{escape_data(text)}\n"


def command(report: Report, reported: Reported, base: str) -> str:
    """One finding as a workflow command, paths relative to `base`."""
    document, span = reported.place
    line, column = document.position(span.start)
    end_line, end_column = document.position(span.end)
    properties = [("file", relative(document.path, base)), ("line", str(line)), ("endLine", str(end_line))]
    if line == end_line:
        properties += [("col", str(column)), ("endColumn", str(end_column))]
    properties.append(("title", f"{reported.rule.code} {reported.rule.name}"))
    listed = ",".join(f"{name}={escape_property(value)}" for name, value in properties)
    return f"::{COMMAND[reported.severity]} {listed}::{escape_data(_message(report, reported, base))}"


def escape_data(text: str) -> str:
    """Text for the part after the second `::`; control characters that GitHub has no escape for become visible."""
    return escape(unicode_text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def escape_property(text: str) -> str:
    """Text for the value of a property."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def step_summary(report: Report, shown: list[Reported], base: str, total: str) -> bytes:
    """The findings as a Markdown table, cut at a row where GitHub's limit is reached."""
    rows = [f"### stackmend\n\n{total}\n\n| | rule | place | what |\n|---|---|---|---|\n".encode()]
    size = len(rows[0])
    for reported in shown:
        rule = reported.rule
        where = f"{relative(reported.place.document.path, base)}:{reported.place.line}"
        columns = (reported.severity.value, f"{rule.code} {rule.name}", where, report.masker.escape(reported.message))
        row = ("| " + " | ".join(_markdown(c) for c in columns) + " |\n").encode()
        size += len(row)
        if size > SUMMARY_BYTES:
            break
        rows.append(row)
    return b"".join(rows)


def _message(report: Report, reported: Reported, base: str) -> str:
    lines = [reported.message]
    for related in reported.diagnostic.related:
        where = f"{relative(related.place.document.path, base)}:{related.place.line}"
        lines.append(f"{where}: {report.text(related.message, related.values)}")
    return "\n".join(lines)


def _markdown(text: str) -> str:
    """Text that stays text in a Markdown table."""
    text = unicode_text(text).replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\")
    for mark in "`|[]*_#!":
        text = text.replace(mark, "\\" + mark)
    return text.replace("\r", " ").replace("\n", " ")
