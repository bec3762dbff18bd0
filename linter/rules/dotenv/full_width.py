"""Full-width punctuation of an input method, where a dotenv file wants ASCII."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    DotenvTree,
    Edit,
    Fix,
    Problem,
    Related,
    Severity,
    rule,
    said,
)

_QUOTES = {"“": '"', "”": '"', "＂": '"', "‘": "'", "’": "'", "＇": "'"}
_IDEOGRAPHIC = "\u3000"


@rule("ENV008", "full-width-punctuation", DotenvTree, Severity.ERROR, fix=Applicability.SAFE)
def full_width_punctuation(tree: DotenvTree) -> Diagnostics:
    """A character that looks like `=`, a quote or a blank and is none."""
    for problem in tree.problems:
        if problem.kind == "full-width":
            yield _sign(problem)
        elif problem.kind == "full-width-quote":
            yield from _quotes(problem)
    if _IDEOGRAPHIC in tree.document.text:
        yield from _blanks(tree)


def _sign(problem: Problem) -> Diagnostic:
    meant = dict(problem.values)["meant"]
    title = "Write a plain blank" if meant == " " else "Write `{meant}`"
    return said(problem, (Fix(title, (Edit(problem.place, meant),), Applicability.SAFE, (("meant", meant),)),))


def _quotes(problem: Problem) -> Iterator[Diagnostic]:
    """A value in full-width quotes; one that only begins and ends with quoted words keeps them."""
    document, (start, _) = problem.place
    end = problem.related[0][0].span.end
    inner = document.text[start + 1 : end - 1]
    if any(quote in inner for quote in _QUOTES):
        return
    meant = _QUOTES[document.text[start]]
    if meant in inner or "\\" in inner or "$" in inner:
        yield said(problem)
        return
    edits = (Edit(problem.place, meant), Edit(document.place(end - 1, end), meant))
    yield said(problem, (Fix("Write ASCII quotes", edits, Applicability.SAFE),))


def _blanks(tree: DotenvTree) -> Iterator[Diagnostic]:
    """Values that begin with an ideographic space, which readers keep."""
    for entry in tree.entries:
        if entry.quote or not entry.text or entry.text[0] != _IDEOGRAPHIC:
            continue
        start = entry.value_span.start
        place = tree.document.place(start, start + len(entry.text) - len(entry.text.lstrip(_IDEOGRAPHIC)))
        yield Diagnostic(
            place,
            "the value of `{name}` begins with a full-width blank, which is part of it",
            (("name", entry.key),),
            (Related(tree.document.place(*entry.key_span), "the name"),),
            (Fix("Remove the blank", (Edit(place, ""),), Applicability.SAFE),),
        )
