"""The html format: one page that needs no other file, for people who get a report by mail or as a build's artifact.

Nothing on it comes from elsewhere, and its only script filters what is there and dims arrows; a content security policy
says so, too.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple, TextIO

from ... import __version__
from ...schemas.parsers.document import Place
from ..diagnostic import Related, Severity
from ..report import DeploymentSummary, Report, Reported
from .full import HOW, why_paragraph
from .html_picture import Mark, picture
from .html_text import Snippets, plain, prose
from .summary import plural, summary, visible

MOST_PLACES = 3
WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class Numbered(NamedTuple):
    """A finding with its id on the page."""

    id: str
    reported: Reported


class Group(NamedTuple):
    """A deployment with the findings in its files; None for files that no deployment reads."""

    deployment: DeploymentSummary | None
    title: str
    findings: tuple[Numbered, ...]


def write(report: Report, out: TextIO, *, color: bool = False, verbose: bool = False) -> None:  # noqa: ARG001
    """Write the page. Characters beyond ASCII stand as references, so that any encoding of `out` is right."""
    page = _Page(report, verbose=verbose)
    out.writelines(part.encode("ascii", "xmlcharrefreplace").decode() for part in page.parts())


class _Page:
    def __init__(self, report: Report, *, verbose: bool) -> None:
        self._report = report
        self._verbose = verbose
        self._snippets = Snippets(report)
        found = visible(report, verbose=verbose)
        self._findings = [Numbered(f"f{number}", reported) for number, reported in enumerate(found, 1)]
        self._groups = _groups(report, self._findings)

    def parts(self) -> Iterator[str]:
        """The page from top to bottom."""
        style, script = _asset("html.css"), _asset("html.js")
        sources = f"style-src '{digest(style)}'; script-src '{digest(script)}'"
        policy = f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"
        yield (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f'<meta name="generator" content="stackmend {plain(__version__)}">\n'
            f"<title>{plain(self._headline())} – stackmend</title>\n<style>{style}</style>\n</head>\n<body>\n"
        )
        yield self._header()
        yield self._navigation()
        yield "<main>\n"
        for number, group in enumerate(self._groups, 1):
            yield from self._group(number, group)
        secrets = "shown" if self._report.masker.show else "masked"
        yield (
            f"</main>\n<footer>stackmend {plain(__version__)}. Secrets are {secrets}; nothing on this page is loaded "
            f"from elsewhere.</footer>\n<script>{script}</script>\n</body>\n</html>\n"
        )

    def _headline(self) -> str:
        counts = _counts(self._findings)
        return ", ".join(plural(count, noun) for noun, count in counts.items() if count) or "No problems found"

    def _header(self) -> str:
        report, counts = self._report, _counts(self._findings)
        tiles = [(word, plural(count, word).partition(" ")[2], count) for word, count in counts.items()]
        if not self._verbose:
            tiles.pop()
        tiles.append(("file", plural(report.files, "file").partition(" ")[2], report.files))
        shown = "".join(f'<li class="{kind if n else "none"}"><b>{n}</b> {noun}</li>' for kind, noun, n in tiles)
        errors = "".join(f"<li>{plain(e)}</li>" for e in report.errors)
        trouble = f'<section class="trouble"><h2>Not everything could be checked</h2><ul>{errors}</ul></section>\n'
        mood = "" if self._findings or report.failed else ' class="clean"'
        return (
            f"<header{mood}>\n<h1>{'No problems found' if mood else 'Stackmend report'}</h1>\n"
            f'<p>{prose(summary(report, verbose=self._verbose))}</p>\n<ul class="tiles">{shown}</ul>\n</header>\n'
            f"{trouble if errors else ''}{self._fixed()}"
        )

    def _fixed(self) -> str:
        if not self._report.fixed:
            return ""
        where = self._report.shown_path
        lines = "".join(
            f"<li><code>{plain(where(f.path))}:{f.line}</code> {plain(f.rule.code)} {prose(f.title)}</li>"
            for f in self._report.fixed
        )
        return f'<section class="fixed"><h2>Fixed</h2><ul>{lines}</ul></section>\n'

    def _navigation(self) -> str:
        if not self._findings:
            return ""
        boxes = "".join(
            f'<label><input type="checkbox" value="{severity.value}" checked> {word}s</label>'
            for severity, word in WORDS.items()
            if any(f.reported.severity is severity for f in self._findings)
        )
        filters = (
            f'<form id="filter" hidden>{boxes}<label class="text">Filter '
            '<input type="search" placeholder="code, file, words" autocomplete="off"></label>'
            '<output aria-live="polite"></output></form>\n'
        )
        if len(self._groups) < 2:
            return filters
        links = "".join(
            f'<li><a href="#g{number}">{plain(group.title)}</a> {_tally(group.findings) or "no problems"}</li>'
            for number, group in enumerate(self._groups, 1)
        )
        return f'<nav aria-label="Deployments"><ul>{links}</ul></nav>\n{filters}'

    def _group(self, number: int, group: Group) -> Iterator[str]:
        yield f'<section class="group" id="g{number}">\n<h2>{plain(group.title)}</h2>\n'
        deployment = group.deployment
        if deployment is not None:
            yield self._about(deployment, group.findings)
            yield self._picture(deployment, group, f"t{number}")
        by_file: dict[str, list[Numbered]] = {}
        for each in group.findings:
            by_file.setdefault(each.reported.place.document.path, []).append(each)
        if not by_file:
            yield '<p class="clean">No problems here.</p>\n'
        for path, findings in by_file.items():
            yield f'<section class="file">\n<h3>{plain(self._report.shown_path(path))} {_tally(findings)}</h3>\n'
            for each in findings:
                yield self._finding(each)
            yield "</section>\n"
        yield "</section>\n"

    def _about(self, deployment: DeploymentSummary, findings: Sequence[Numbered]) -> str:
        chips: list[str] = []
        if deployment.product:
            chips.append(" ".join(filter(None, (deployment.product, deployment.product_version))))
        chips.append(plural(len(deployment.files), "file"))
        listed = "".join(f"<span>{plain(chip)}</span>" for chip in chips)
        return f'<p class="chips">{listed}{_tally(findings)}</p>\n'

    def _picture(self, deployment: DeploymentSummary, group: Group, key: str) -> str:
        topology = deployment.topology
        if topology is None:
            return ""
        by_service: dict[str, list[Numbered]] = {}
        for each in group.findings:
            for name in topology.marked(_places(each.reported)):
                by_service.setdefault(name, []).append(each)
        marks = {name: _mark(findings) for name, findings in by_service.items()}
        return picture(topology, marks, group.title, key, self._report.masker) + "\n"

    def _finding(self, each: Numbered) -> str:
        reported, role = each.reported, each.reported.severity.value
        rule = reported.rule
        why = why_paragraph(rule)
        return "".join(
            (
                f'<article class="finding {role}" id="{each.id}" data-severity="{role}">\n<h4>'
                f'<span class="severity">{WORDS[reported.severity]}</span> {prose(reported.message)}</h4>\n'
                f'<p class="where"><code>{self._snippets.where(reported.place)}</code> '
                f'<span class="rule">{plain(rule.code)} {plain(rule.name)}</span></p>\n'
                + self._snippets.excerpt(reported.place, role, context=True),
                *self._related(reported),
                f'<p class="why"><b>Why</b> {prose(why)}</p>\n' if why else "",
                *self._fixes(reported),
                "</article>\n",
            )
        )

    def _related(self, reported: Reported) -> Iterator[str]:
        related = reported.diagnostic.related
        yield from self._places(related[:MOST_PLACES])
        if more := related[MOST_PLACES:]:
            places = plural(len(more), "more place")
            yield f"<details><summary>{places}</summary>{''.join(self._places(more))}</details>\n"

    def _places(self, places: Iterable[Related]) -> Iterator[str]:
        for related in places:
            message = prose(self._report.text(related.message, related.values))
            yield (
                f'<div class="related"><p><code>{self._snippets.where(related.place)}</code> {message}</p>'
                f"{self._snippets.excerpt(related.place, 'other', context=False)}</div>\n"
            )

    def _fixes(self, reported: Reported) -> Iterator[str]:
        for fix in reported.diagnostic.fixes:
            title = prose(self._report.text(fix.title, fix.values))
            how, _, command = HOW[fix.applicability].partition(": ")
            yield (
                f'<div class="fix"><p><b>Fix</b> {title} <span class="how {fix.applicability.value}">{how}</span> '
                f"<small>{plain(command)}</small></p>{self._snippets.diff(fix)}</div>\n"
            )


def _groups(report: Report, findings: Iterable[Numbered]) -> list[Group]:
    """The findings by the first deployment that reads their file; what none reads comes last."""
    owner: dict[str, int] = {}
    for index, deployment in enumerate(report.deployments):
        for path in deployment.files:
            owner.setdefault(path, index)
    sorted_out: dict[int, list[Numbered]] = {}
    for each in findings:
        sorted_out.setdefault(owner.get(each.reported.place.document.path, -1), []).append(each)
    titles = _titles(report)
    groups = [
        Group(deployment, titles[index], tuple(sorted_out.get(index, ())))
        for index, deployment in enumerate(report.deployments)
    ]
    if -1 in sorted_out:
        groups.append(Group(None, "Files that no deployment reads", tuple(sorted_out[-1])))
    return groups


def _titles(report: Report) -> list[str]:
    """What each deployment is called: its first Compose file, and the ones laid over it where another has that, too."""
    names: list[str] = []
    for deployment in report.deployments:
        compose = deployment.topology.files if deployment.topology is not None else ()
        name = report.shown_path((*compose, *deployment.files, deployment.root)[0])
        if name in names:
            name = " + ".join((name, *(report.shown_path(path).rpartition("/")[2] for path in compose[1:])))
        names.append(name)
    return names


def _places(reported: Reported) -> tuple[Place, ...]:
    return (reported.place, *(related.place for related in reported.diagnostic.related))


def _mark(findings: Sequence[Numbered]) -> Mark:
    worst = min(findings, key=lambda each: each.reported.severity.rank)
    return Mark(len(findings), worst.reported.severity.value, findings[0].id)


def _counts(findings: Iterable[Numbered]) -> dict[str, int]:
    counts = dict.fromkeys(WORDS.values(), 0)
    for each in findings:
        counts[WORDS[each.reported.severity]] += 1
    return counts


def _tally(findings: Iterable[Numbered]) -> str:
    """The counts as small signs."""
    return "".join(
        f'<span class="tally {severity.value}">{plural(count, word)}</span>'
        for severity, word in WORDS.items()
        if (count := sum(1 for each in findings if each.reported.severity is severity))
    )


def _asset(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="ascii", newline="\n") as file:
        return file.read()


def digest(text: str) -> str:
    """The hash by which a content security policy knows a text (CSP 3, 2.3.1)."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
