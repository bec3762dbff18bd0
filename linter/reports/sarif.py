"""The sarif format, 2.1.0, as GitHub code scanning reads it.

Facts from OASIS SARIF 2.1.0 and from GitHub's page "SARIF support for code scanning": paths are relative to the
checkout and percent-encoded, only the first location of a result is shown, related places are shown where the message
links to them, alerts are followed by `primaryLocationLineHash`, and a run has at most 25,000 results.
"""

from __future__ import annotations

import json
import os
from typing import Any, TextIO

from ... import __version__
from ...fixers.edit import Applicability, Fix
from ...schemas.files import within
from ...schemas.parsers.document import Place
from ..report import Report, Reported, relative
from .portable import checkout, portable_edits, relative_uri, span_range, unicode_text
from .sarif_rules import LEVEL, rule_descriptor
from .summary import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS, MOST_RELATED = 25_000, 1_000


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write the log with its one run and a line end. A clean run has an empty list of results: old alerts close."""
    json.dump(log(report, verbose=verbose), out, ensure_ascii=True, indent=2)
    out.write("\n")


def log(report: Report, *, verbose: bool) -> dict[str, Any]:
    """The report as plain data."""
    shown = visible(report, verbose=verbose)
    if len(shown) > MOST_RESULTS:
        shown = sorted(shown, key=lambda d: d.severity.rank)[:MOST_RESULTS]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(report).run(shown)]}


class _Run:
    """Builds the run; numbers the rules as results name them."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._base = checkout(report.cwd, "GITHUB_WORKSPACE")
        self._rules: dict[str, int] = {}
        self._prints: dict[str, int] = {}
        self._uris: dict[str, str] = {}

    def run(self, shown: list[Reported]) -> dict[str, Any]:
        """The run with these findings."""
        report = self._report
        results = [self._result(reported) for reported in shown]
        rules = {d.rule.code: d.rule for d in shown}
        return {
            "tool": {
                "driver": {
                    "name": "stackmend",
                    "semanticVersion": __version__,
                    "rules": [rule_descriptor(rules[code]) for code in self._rules],
                }
            },
            "automationDetails": {"id": self._automation()},
            "columnKind": "unicodeCodePoints",
            "newlineSequences": ["\r\n", "\n", "\r"],
            "invocations": [
                {
                    "executionSuccessful": not report.failed,
                    "toolExecutionNotifications": [
                        {"level": "error" if report.failed else "warning", "message": {"text": unicode_text(error)}}
                        for error in report.errors
                    ],
                }
            ],
            "results": results,
        }

    def _automation(self) -> str:
        """The category up to the last slash: two folders of one checkout do not close each other's alerts."""
        inside = within(self._report.cwd, self._base) and self._report.cwd != self._base
        return f"stackmend/{relative_uri(relative(self._report.cwd, self._base))}/" if inside else "stackmend/"

    def _result(self, reported: Reported) -> dict[str, Any]:
        rule, diagnostic = reported.rule, reported.diagnostic
        related = diagnostic.related[:MOST_RELATED]
        fingerprint = reported.fingerprint
        number = self._prints[fingerprint] = self._prints.get(fingerprint, 0) + 1
        result: dict[str, Any] = {
            "ruleId": rule.code,
            "ruleIndex": self._rules.setdefault(rule.code, len(self._rules)),
            "level": LEVEL[reported.severity],
            "message": {"text": self._message(reported)},
            "locations": [self._location(reported.place)],
            "partialFingerprints": {
                "primaryLocationLineHash": f"{fingerprint}:{number}",
                "stackmend/v1": f"{fingerprint}:{number}",
            },
        }
        if self._report.known is not None:
            result["baselineState"] = "new"
        if related:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "message": {"text": _literal(self._report.text(other.message, other.values))},
                    **self._location(other.place),
                }
                for number, other in enumerate(related, 1)
            ]
        fixes = [self._fix(fix) for fix in diagnostic.fixes if fix.applicability is not Applicability.DISPLAY]
        if any(fixes):
            result["fixes"] = [fix for fix in fixes if fix]
        return result

    def _message(self, reported: Reported) -> str:
        """What is wrong, then a linked line for each other place that has a part in it."""
        lines = [_literal(reported.message)]
        for number, other in enumerate(reported.diagnostic.related[:MOST_RELATED], 1):
            where = self._report.shown_path(other.place.document.path)
            words = self._report.text(other.message, other.values)
            lines.append(f"[{_bracketed(where)}:{other.place.line}]({number}): {_literal(words)}")
        return "\n".join(lines)

    def _location(self, place: Place) -> dict[str, Any]:
        return {"physicalLocation": {"artifactLocation": {"uri": self._uri(place)}, "region": _region(_tight(place))}}

    def _uri(self, place: Place) -> str:
        path = place.document.path
        if path not in self._uris:
            self._uris[path] = relative_uri(self._inside(path))
        return self._uris[path]

    def _inside(self, path: str) -> str:
        """The path in the checkout, links followed: GitHub shows the file that a link leads to."""
        real, base = (os.path.realpath(p).replace(os.sep, "/") for p in (path, self._base))
        if within(real, base):
            return relative(real, base)
        return relative(path, self._base) if within(path, self._base) else path

    def _fix(self, fix: Fix) -> dict[str, Any] | None:
        """A fix; None for one whose edits cannot be shown."""
        changes: dict[str, list[dict[str, Any]]] = {}
        for edit in portable_edits(self._report, fix):
            replacement: dict[str, Any] = {"deletedRegion": _region(edit.place)}
            if edit.text:
                replacement["insertedContent"] = {"text": edit.text}
            changes.setdefault(self._uri(edit.place), []).append(replacement)
        if not changes:
            return None
        title = _literal(self._report.text(fix.title, fix.values))
        return {
            "description": {"text": title},
            "artifactChanges": [
                {"artifactLocation": {"uri": uri}, "replacements": replacements}
                for uri, replacements in changes.items()
            ],
            "properties": {"applicability": fix.applicability.value},
        }


def _region(place: Place) -> dict[str, int]:
    positions = span_range(place)
    start, end = positions["start"], positions["end"]
    return {
        "startLine": start["line"],
        "startColumn": start["column"],
        "endLine": end["line"],
        "endColumn": end["column"],
    }


def _tight(place: Place) -> Place:
    """The place without line ends at its end: an alert shows on a change only when all its lines are in the change."""
    text = place.text
    kept = len(text.rstrip("\r\n"))
    return place if kept == len(text) or not kept else place.document.place(place.span.start, place.span.start + kept)


def _literal(text: str) -> str:
    """Text in which nothing reads as a link (SARIF 2.1.0, 3.11.6)."""
    return _bracketed(text) if "](" in text else unicode_text(text)


def _bracketed(text: str) -> str:
    return unicode_text(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
