"""Turns what the rules said into a report: words filled in, secrets masked, fingerprints added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..schemas.files import Files
from .diagnostic import Diagnostic
from .examination import Examination, Key, key_of
from .masking import Masker
from .report import FixedDiagnostic, Report, Reported, relative


def masker_of(examinations: Sequence[Examination], *, show: bool) -> Masker:
    """A masker for the secrets of all the deployments and files that were examined."""

    def secrets() -> Iterable[str]:
        for examination in examinations:
            for source in examination.secrets:
                yield from source()

    public: set[str] = set()
    for examination in examinations:
        public |= examination.services
    return Masker(secrets, public=public, show=show)


def build_report(
    examination: Examination, masker: Masker, files: Files, cwd: str, fixed: tuple[FixedDiagnostic, ...] = ()
) -> Report:
    """The report of an examination. `files` is asked for the folder that fingerprints are relative to."""
    prints = _Fingerprints(files, masker)
    return Report(
        tuple(prints.add(d) for d in examination.diagnostics),
        tuple(examination.deployments),
        tuple(masker.mask(e) for e in examination.errors),
        fixed,
        len(examination.read),
        masker,
        cwd,
        examination.failed,
        tuple(sorted(examination.read)),
    )


def merged(reports: Sequence[Report]) -> Report:
    """One report of several that were made of different paths with one masker."""
    if len(reports) == 1:
        return reports[0]
    first: dict[Key, Reported] = {}
    for report in reports:
        for each in report.diagnostics:
            first.setdefault(key_of(each.diagnostic), each)
    return Report(
        tuple(sorted(first.values(), key=_place_order)),
        tuple(d for r in reports for d in r.deployments),
        tuple(dict.fromkeys(e for r in reports for e in r.errors)),
        tuple(f for r in reports for f in r.fixed),
        sum(r.files for r in reports),
        reports[0].masker,
        reports[0].cwd,
        any(r.failed for r in reports),
        tuple(sorted({p for r in reports for p in r.paths})),
        sum(r.known or 0 for r in reports) if any(r.known is not None for r in reports) else None,
    )


def _place_order(reported: Reported) -> tuple[str, tuple[int, int], str]:
    return reported.place.document.path, reported.place.span, reported.rule.code


class _Fingerprints:
    """Names findings so that the same one has the same name in another run, checkout or line.

    A fingerprint is made of the code, the path in the checkout, the masked message and the masked line; equal ones are
    numbered in the order of the report, so the first that is asked for makes all.
    """

    def __init__(self, files: Files, masker: Masker) -> None:
        self.files = files
        self.masker = masker
        self.tops: dict[str, str] = {}
        self.reported: list[Reported] = []
        self.names: list[str] = []

    def add(self, diagnostic: Diagnostic) -> Reported:
        """The diagnostic with its words and its fingerprint to come."""
        index = len(self.reported)
        reported = Reported(
            diagnostic,
            lambda: self.masker.message(diagnostic.message, diagnostic.values),
            lambda: self.all()[index],
        )
        self.reported.append(reported)
        return reported

    def all(self) -> list[str]:
        """The fingerprints of all that was added, in order."""
        if not self.names:
            from hashlib import sha256

            seen: dict[str, int] = {}
            for each in self.reported:
                material = self.material(each)
                number = seen[material] = seen.get(material, 0) + 1
                self.names.append(sha256(f"{material}\0{number}".encode()).hexdigest()[:16])
        return self.names

    def material(self, reported: Reported) -> str:
        """What a fingerprint is made of."""
        document, span = reported.place
        start, end = document.line_span(document.position(span.start)[0])
        line = " ".join(self.masker.mask(document.text[start : min(end, start + 500)]).split())
        path = relative(document.path, self.top(document.path.rpartition("/")[0]))
        return "\0".join((reported.rule.code, self.masker.escape(path), reported.message, line))

    def top(self, folder: str) -> str:
        """The checkout that a folder lies in, else the folder itself."""
        if folder not in self.tops:
            from ..schemas.models.deployment import find_boundary

            self.tops[folder] = find_boundary(self.files, folder)
        return self.tops[folder]
