"""The gitlab format: a Code Quality report, which GitLab shows in merge requests.

Facts from GitLab's page "Code Quality": the report is one array; findings with equal fingerprints are merged; paths are
relative to the checkout and have no `./`; `check_name` is not shown, so the description names the rule too.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from ...schemas.parsers.document import Place
from ..diagnostic import Severity
from ..report import Report, Reported
from .portable import checkout, shown_file, span_range, unicode_text
from .summary import visible

SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write the array, an empty one for a clean run, and a line end."""
    json.dump(issues(report, verbose=verbose), out, ensure_ascii=True, indent=2)
    out.write("\n")


def issues(report: Report, *, verbose: bool) -> list[dict[str, Any]]:
    """The findings as plain data."""
    base = checkout(report.cwd, "CI_PROJECT_DIR")
    taken: set[str] = set()
    return [_issue(report, reported, base, taken) for reported in visible(report, verbose=verbose)]


def _issue(report: Report, reported: Reported, base: str, taken: set[str]) -> dict[str, Any]:
    rule = reported.rule
    return {
        "description": f"{rule.code} {rule.name}: {_message(report, reported, base)}",
        "check_name": rule.code,
        "fingerprint": _unique(reported.fingerprint, taken),
        "severity": SEVERITY[reported.severity],
        "location": {"path": shown_file(base, reported.place.document.path), "positions": _positions(reported.place)},
    }


def _message(report: Report, reported: Reported, base: str) -> str:
    """The message with the other places that have a part in it: the format has no field for those."""
    parts = [reported.message]
    for related in reported.diagnostic.related:
        where = f"{shown_file(base, related.place.document.path)}:{related.place.line}"
        parts.append(f"{where}: {report.text(related.message, related.values)}")
    return unicode_text("; ".join(parts))


def _positions(place: Place) -> dict[str, dict[str, int]]:
    positions = span_range(place)
    return {"begin": positions["start"], "end": positions["end"]}


def _unique(fingerprint: str, taken: set[str]) -> str:
    """The fingerprint, hashed again as often as it takes to be one that no other finding has."""
    while fingerprint in taken:
        from hashlib import sha256

        fingerprint = sha256(fingerprint.encode()).hexdigest()[:16]
    taken.add(fingerprint)
    return fingerprint
