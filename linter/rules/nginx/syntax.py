"""What nginx cannot read: a missing `;`, a brace or quote that does not close, punctuation of another keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from ...kit import UTF16, Applicability, Diagnostics, Edit, Fix, NginxTree, Problem, Severity, rule, said
from ..encoding import in_utf8

_UNENDED = ("missing-semicolon", "unexpected-end")


@rule("NGX001", "syntax", NginxTree, Severity.ERROR, fix=Applicability.SAFE)
def syntax(tree: NginxTree) -> Diagnostics:
    """nginx stops at the first mistake of this kind, so no site of it is served."""
    for problem in tree.problems:
        yield said(problem, _fixes(problem, tree.problems))


def _fixes(problem: Problem, problems: Sequence[Problem]) -> tuple[Fix, ...]:
    if problem.kind in _UNENDED:
        return (Fix("Add the missing `;`", (Edit(problem.place, ";"),), Applicability.SAFE),)
    if problem.kind == UTF16:
        return in_utf8(problem.place.document, problem.place.document.utf16_codec)
    if problem.kind == "byte-order-mark":
        return (Fix("Remove the byte order mark", (Edit(problem.place, ""),), Applicability.SAFE),)
    if problem.kind == "full-width":
        wanted = dict(problem.values)["wanted"]
        if wanted not in ('"', "'"):
            return (_exchanged((problem,)),)
        # A quote is of use only together with the one that closes it.
        line = problem.place.line
        return (_exchanged([p for p in problems if p.kind == "full-width" and p.place.line == line]),)
    return ()


def _exchanged(problems: Sequence[Problem]) -> Fix:
    edits = tuple(Edit(p.place, dict(p.values)["wanted"]) for p in problems)
    return Fix("Write `{wanted}`", edits, Applicability.SAFE, (("wanted", edits[0].text),))
