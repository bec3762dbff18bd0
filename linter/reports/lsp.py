"""The lsp format: diagnostics as the Language Server Protocol 3.17 has them, for editors that run linters.

Positions are 0-based and count UTF-16 code units. Each item of `data.fixes` is a WorkspaceEdit (`changes`) that also
says its `title` and `applicability`; `changes` is empty where an edit would spell out a secret.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, NamedTuple, TextIO

from ...fixers.edit import Fix
from ...schemas.parsers.document import Place
from ..report import Report, Reported
from .portable import docs_uri, file_uri, portable_edits, unicode_text

SOURCE = "stackmend"
SEVERITY = {"error": 1, "warning": 2, "info": 3}
UNNECESSARY, DEPRECATED = 1, 2
TAGS = {
    "obsolete-version": DEPRECATED,
    "renamed-or-removed-variable": DEPRECATED,
    "unused-suppression": UNNECESSARY,
    "unused-variable": UNNECESSARY,
    "overlapping-acl": UNNECESSARY,
    "unreachable-rule": UNNECESSARY,
}


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write `[{"uri", "diagnostics"}]`, one item for each file with findings or linted in a deployment."""
    json.dump(published(report), out, ensure_ascii=True, indent=2)
    out.write("\n")


def published(report: Report) -> list[dict[str, Any]]:
    """What `textDocument/publishDiagnostics` would send: clean files with an empty list, so that old marks go."""
    found: dict[str, list[dict[str, Any]]] = {
        path: [] for deployment in report.deployments for path in deployment.files
    }
    for reported in report.diagnostics:
        found.setdefault(reported.place.document.path, []).append(lsp_diagnostic(report, reported))
    return [{"uri": file_uri(path), "diagnostics": diagnostics} for path, diagnostics in sorted(found.items())]


class Finding(NamedTuple):
    """What a Diagnostic of the protocol says, before positions are counted; `tag` is 0 for none."""

    place: Place
    severity: int
    code: str
    href: str
    message: str
    tag: int
    related: tuple[tuple[Place, str], ...]
    data: dict[str, str]


def finding_of(report: Report, reported: Reported) -> Finding:
    """One finding in the words of the protocol."""
    rule = reported.rule
    related = tuple(
        (each.place, unicode_text(report.text(each.message, each.values))) for each in reported.diagnostic.related
    )
    return Finding(
        reported.place,
        SEVERITY[reported.severity.value],
        rule.code,
        docs_uri(rule),
        unicode_text(reported.message),
        TAGS.get(rule.name, 0),
        related,
        {"name": rule.name, "fingerprint": reported.fingerprint},
    )


def lsp_diagnostic(report: Report, reported: Reported) -> dict[str, Any]:
    """One finding as an LSP Diagnostic."""
    finding = finding_of(report, reported)
    diagnostic: dict[str, Any] = {
        "range": lsp_range(finding.place),
        "severity": finding.severity,
        "code": finding.code,
        "codeDescription": {"href": finding.href},
        "source": SOURCE,
        "message": finding.message,
    }
    if finding.tag:
        diagnostic["tags"] = [finding.tag]
    if finding.related:
        diagnostic["relatedInformation"] = [
            {"location": {"uri": file_uri(place.document.path), "range": lsp_range(place)}, "message": message}
            for place, message in finding.related
        ]
    diagnostic["data"] = {**finding.data, "fixes": [_workspace_edit(report, f) for f in reported.diagnostic.fixes]}
    return diagnostic


def lsp_range(place: Place) -> dict[str, dict[str, int]]:
    """A place as 0-based lines and UTF-16 characters."""
    document, span = place
    (start_line, start), (end_line, end) = document.utf16(span.start), document.utf16(span.end)
    return {"start": {"line": start_line, "character": start}, "end": {"line": end_line, "character": end}}


def _workspace_edit(report: Report, fix: Fix) -> dict[str, Any]:
    changes: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for edit in portable_edits(report, fix):
        changes[file_uri(edit.place.document.path)].append({"range": lsp_range(edit.place), "newText": edit.text})
    return {
        "title": unicode_text(report.text(fix.title, fix.values)),
        "applicability": fix.applicability.value,
        "changes": dict(changes),
    }
