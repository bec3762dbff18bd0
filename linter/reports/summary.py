"""Counts in words: what was found, and what of it a fix would mend."""

from __future__ import annotations

from collections.abc import Iterable

from ...fixers.edit import Applicability
from ..diagnostic import Severity
from ..report import Report, Reported


def visible(report: Report, *, verbose: bool) -> list[Reported]:
    """The findings that a person is shown: information only when asked for."""
    return [d for d in report.diagnostics if verbose or d.severity is not Severity.INFO]


def best_fix(reported: Reported) -> Applicability | None:
    """The most trusted applicability among the fixes of a finding."""
    offered = {fix.applicability for fix in reported.diagnostic.fixes}
    return next((a for a in Applicability if a in offered), None)


def fixable(reported: Iterable[Reported]) -> int:
    """How many findings `--fix` alone would mend."""
    return sum(1 for d in reported if best_fix(d) is Applicability.SAFE)


def plural(count: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summary(report: Report, *, verbose: bool) -> str:
    """One line about the whole run, without a line end."""
    shown = visible(report, verbose=verbose)
    counts = [
        plural(count, noun)
        for severity, noun in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"))
        if (count := sum(1 for d in shown if d.severity is severity))
    ]
    hidden = len(report.diagnostics) - len(shown)
    tail = f" ({plural(hidden, 'note')} not shown, see -v)" if hidden else ""
    if report.known:
        tail += f" {plural(report.known, 'finding')} known from the baseline."
    if report.failed:
        tail += " Not everything could be checked: see the messages on standard error."
    if not counts:
        return f"No problems found in {plural(report.files, 'file')}.{tail}"
    return f"Found {', '.join(counts)}{_mendable(shown)}.{tail}"


def _mendable(shown: list[Reported]) -> str:
    safe = fixable(shown)
    unsafe = sum(1 for d in shown if best_fix(d) is Applicability.UNSAFE)
    if safe and unsafe:
        return f"; {safe} fixable with --fix, {unsafe} more with --unsafe-fixes"
    if safe:
        return f"; {safe} fixable with --fix"
    return f"; {unsafe} fixable with --fix --unsafe-fixes" if unsafe else ""
