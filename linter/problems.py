"""What a parser or the model found wrong, as a diagnostic."""

from __future__ import annotations

from ..fixers.edit import Fix
from ..schemas.parsers.document import Problem
from .diagnostic import Diagnostic, Related, Severity


def said(problem: Problem, fixes: tuple[Fix, ...] = (), *, severity: Severity | None = None) -> Diagnostic:
    """The diagnostic of a problem: its place, words and related places as they are, with the fixes of the rule.

    `severity` is given where it differs from the rule's own.
    """
    related = tuple(Related(place, message) for place, message in problem.related)
    return Diagnostic(problem.place, problem.message, problem.values, related, fixes, severity)
