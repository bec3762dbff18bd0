"""The json format, version 1: one document with everything that was found, for programs.

Positions are 1-based, columns count code points, ends are exclusive. A fix whose edits would spell out a secret keeps
its title and applicability and has no edits.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from ... import __version__
from ...fixers.edit import Fix
from ..diagnostic import Severity
from ..report import Report, Reported
from .portable import docs_uri, portable_edits, shown_file, span_range, unicode_text
from .summary import fixable

VERSION = 1


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write the document and a line end. Every severity is in it, whatever `verbose` says."""
    json.dump(document(report), out, ensure_ascii=True, indent=2)
    out.write("\n")


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "version": VERSION,
        "tool": {"name": "stackmend", "version": __version__},
        "deployments": [
            {
                "root": shown_file(report.cwd, deployment.root),
                "files": [shown_file(report.cwd, path) for path in deployment.files],
                "product": deployment.product,
                "product_version": deployment.product_version,
            }
            for deployment in report.deployments
        ],
        "diagnostics": [_diagnostic(report, reported) for reported in report.diagnostics],
        "summary": {
            **{severity.value: report.count(severity) for severity in Severity},
            "fixable": fixable(report.diagnostics),
            "fixed": len(report.fixed),
            "files": report.files,
        },
        "errors": [unicode_text(error) for error in report.errors],
    }


def _diagnostic(report: Report, reported: Reported) -> dict[str, Any]:
    rule, diagnostic = reported.rule, reported.diagnostic
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": reported.severity.value,
        "message": unicode_text(reported.message),
        "file": shown_file(report.cwd, reported.place.document.path),
        "range": span_range(reported.place),
        "related": [
            {
                "file": shown_file(report.cwd, related.place.document.path),
                "range": span_range(related.place),
                "message": unicode_text(report.text(related.message, related.values)),
            }
            for related in diagnostic.related
        ],
        "faq": list(rule.faq),
        "fixes": [_fix(report, fix) for fix in diagnostic.fixes],
        "docs": docs_uri(rule),
        "fingerprint": reported.fingerprint,
    }


def _fix(report: Report, fix: Fix) -> dict[str, Any]:
    return {
        "title": unicode_text(report.text(fix.title, fix.values)),
        "applicability": fix.applicability.value,
        "edits": [
            {
                "file": shown_file(report.cwd, edit.place.document.path),
                "range": span_range(edit.place),
                "text": edit.text,
            }
            for edit in portable_edits(report, fix)
        ],
    }
