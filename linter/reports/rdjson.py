"""The rdjson format: the Reviewdog Diagnostic Format, from which reviewdog comments on changes anywhere.

Facts from reviewdog's `rdf.proto`: lines and columns count from 1, columns in bytes of UTF-8, ends are exclusive; a
suggestion replaces one range of the file that the diagnostic is about.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from ...fixers.edit import Applicability, Fix
from ...schemas.parsers.document import Document, Place
from ..diagnostic import Severity
from ..report import Report, Reported
from .portable import portable_edits, shown_file, unicode_text
from .summary import visible

SEVERITY = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}
LONGEST = 20_000  # characters of a suggestion; a longer one is no comment any more


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write the document and a line end."""
    json.dump(result(report, verbose=verbose), out, ensure_ascii=True, indent=2)
    out.write("\n")


def result(report: Report, *, verbose: bool) -> dict[str, Any]:
    """The report as plain data; `severity` is the worst that is in it."""
    shown = visible(report, verbose=verbose)
    worst = min((d.severity for d in shown), key=lambda severity: severity.rank, default=Severity.INFO)
    return {
        "source": {"name": "stackmend"},
        "severity": SEVERITY[worst],
        "diagnostics": [_diagnostic(report, reported) for reported in shown],
    }


def _diagnostic(report: Report, reported: Reported) -> dict[str, Any]:
    rule, diagnostic = reported.rule, reported.diagnostic
    found: dict[str, Any] = {
        "message": unicode_text(f"{rule.name}: {reported.message}"),
        "location": _location(report, reported.place),
        "severity": SEVERITY[reported.severity],
        "code": {"value": rule.code},
    }
    suggestions = [s for fix in diagnostic.fixes if (s := _suggestion(report, fix, reported.place.document))]
    if suggestions:
        found["suggestions"] = suggestions
    if diagnostic.related:
        found["related_locations"] = [
            {
                "message": unicode_text(report.text(related.message, related.values)),
                "location": _location(report, related.place),
            }
            for related in diagnostic.related
        ]
    return found


def _suggestion(report: Report, fix: Fix, document: Document) -> dict[str, Any] | None:
    """A safe fix of the diagnostic's own file as one replacement, with what stands between its edits; else None."""
    edits = sorted(portable_edits(report, fix), key=lambda edit: edit.place.span)
    if fix.applicability is not Applicability.SAFE or any(e.place.document is not document for e in edits):
        return None
    if not edits:
        return None
    start, at = edits[0].place.span.start, edits[0].place.span.start
    parts: list[str] = []
    for edit in edits:
        parts += (document.text[at : edit.place.span.start], edit.text)
        at = edit.place.span.end
    text = "".join(parts)
    if len(text) > LONGEST or report.masker.holds_secret(text) or unicode_text(text) != text:
        return None
    return {"range": _range(document.place(start, at)), "text": text}


def _location(report: Report, place: Place) -> dict[str, Any]:
    return {"path": shown_file(report.cwd, place.document.path), "range": _range(place)}


def _range(place: Place) -> dict[str, dict[str, int]]:
    return {
        "start": byte_position(place.document, place.span.start),
        "end": byte_position(place.document, place.span.end),
    }


def byte_position(document: Document, offset: int) -> dict[str, int]:
    """Line and column in bytes; a byte order mark counts, as it does for who reads the line from the file."""
    line = document.position(offset)[0]
    before = document.text[document.line_starts[line - 1] : offset]
    return {"line": line, "column": len(before.encode("utf-8", "surrogateescape")) + 1}
