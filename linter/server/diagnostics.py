"""Findings as diagnostics of the protocol, and which of them an editor does not have yet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lsprotocol import types

from ..report import Report, Reported
from ..reports.lsp import SOURCE, finding_of
from ..reports.portable import file_uri
from .client import Client
from .positions import Positions


class Said(NamedTuple):
    """What is said of one file: `id` is equal as long as it is the same."""

    items: list[types.Diagnostic]
    id: str


class Writer:
    """Writes findings for one client; `uris` keeps the client's own spelling of its open files."""

    def __init__(self, client: Client, positions: Positions, uris: Mapping[str, str]) -> None:
        self._client = client
        self._positions = positions
        self._uris = uris

    def uri(self, path: str) -> str:
        """The URI of a path, as the client spells it where it has the file open."""
        return self._uris.get(path) or file_uri(path)

    def location(self, path: str, where: types.Range) -> types.Location:
        """A range in a file."""
        return types.Location(self.uri(path), where)

    def diagnostic(self, report: Report, reported: Reported) -> types.Diagnostic:
        """One finding, as far as the client can show it."""
        finding, client = finding_of(report, reported), self._client
        made = types.Diagnostic(
            self._positions.of_place(finding.place),
            finding.message,
            severity=types.DiagnosticSeverity(finding.severity),
            code=finding.code,
            source=SOURCE,
            data=finding.data,
        )
        if client.code_description:
            made.code_description = types.CodeDescription(finding.href)
        if finding.tag in client.tags:
            made.tags = [types.DiagnosticTag(finding.tag)]
        if client.related and finding.related:
            made.related_information = [
                types.DiagnosticRelatedInformation(
                    self.location(place.document.path, self._positions.of_place(place)), message
                )
                for place, message in finding.related
            ]
        return made

    def all(self, reports: Iterable[Report]) -> dict[str, Said]:
        """What is said of every file that was read, by path; of a clean file, that nothing is said.

        Of a file that several reports speak of the first one counts.
        """
        found: dict[str, list[types.Diagnostic]] = {}
        for report in reports:
            said: dict[str, list[types.Diagnostic]] = {path: [] for path in report.paths}
            for reported in report.diagnostics:
                said.setdefault(reported.place.document.path, []).append(self.diagnostic(report, reported))
            found = said | found
        return {path: Said(items, _id(items)) for path, items in found.items()}


def _id(items: list[types.Diagnostic]) -> str:
    """A digest of what is said; positions count, so that a moved finding is sent again."""
    digest = hashlib.blake2b(digest_size=12)
    for item in items:
        digest.update(repr(item).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
