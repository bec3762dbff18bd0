"""What keeps a JSON file from being read at all: every mistake of it, each at its place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...kit import (
    UTF16,
    Applicability,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    JsonScalar,
    JsonTree,
    LatePattern,
    Place,
    Problem,
    Severity,
    rule,
    said,
)
from ..encoding import in_utf8
from .reading import conflict, is_template, scalars

_SAFE = Applicability.SAFE
_ESCAPED = {"\t": "\\t", "\b": "\\b", "\f": "\\f"}
# Mistakes that go away when another text stands there.
_PLAIN = {
    "bom": ("Remove the byte order mark", ""),
    "trailing-comma": ("Remove the comma", ""),
    "missing-comma": ("Put a comma", ","),
    "spare-comma": ("Remove the comma", ""),
    "other-colon": ("Put a colon", ":"),
    "foreign-blank": ("Put a space", " "),
}
# What a page in Markdown puts around a file.
_FENCE = LatePattern(r"\s*(```\w*)[ \t]*\r?\n")
# What a server sends in place of a file, and a download saves under its name.
_WEB_PAGE = LatePattern(
    r"\ufeff?\s*(<(?:!doctype|html|head|body|\?xml)\b[^>\n]*>?|40[0-9]: [A-Z][\w ]*\s*\Z)", re.IGNORECASE
)


@rule("JSN001", "syntax", JsonTree, Severity.ERROR, faq=("F2.7",), fix=_SAFE)
def syntax(tree: JsonTree) -> Diagnostics:
    """Text that the reader of the file refuses, and with it the whole file."""
    problems = [p for p in tree.problems if p.kind != "duplicate-key"]
    page = _WEB_PAGE.match(tree.document.text) if problems else None
    if page is not None:
        yield Diagnostic(
            tree.document.place(*page.span(1)),
            "this is no JSON but what a web server answered: a download has saved a page in its place; fetch the file "
            "itself again, from the address of its raw text",
        )
        return
    if not problems or is_template(tree) or _is_lines(tree, problems):
        return
    left = conflict(tree)
    fence = _FENCE.match(tree.document.text)
    if left is not None or fence is not None:
        yield _around(tree, left, fence)
        return
    found = scalars(tree)
    for problem in problems:
        fix = _fix(tree, problem, found)
        yield said(problem, (fix,) if fix else ())


def _around(tree: JsonTree, left: re.Match[str] | None, fence: re.Match[str] | None) -> Diagnostic:
    """What does not belong to the file at all, and makes everything behind it look wrong."""
    if left is not None:
        return Diagnostic(
            tree.document.place(*left.span()),
            "two versions of the file were merged, and the marks of the conflict are still in it: keep one of the two "
            "parts, and take the lines with `<<<<<<<`, `=======` and `>>>>>>>` out",
        )
    assert fence is not None
    return Diagnostic(
        tree.document.place(*fence.span(1)),
        "the marks that a page puts around its examples were copied along: take this line out, and the one at the end",
    )


def _is_lines(tree: JsonTree, problems: list[Problem]) -> bool:
    """Whether the file is a list of values, one on each line, which some programs read."""
    text, root = tree.document.text, tree.root
    if len(problems) != 1 or problems[0].kind != "trailing-text" or root is None:
        return False
    one_line = "\n" not in text[root.span.start : root.span.end]
    return one_line and problems[0].place.text[:1] in ("{", "[") and "\n" in text[root.span.end :].rstrip()


def _fix(tree: JsonTree, problem: Problem, found: Mapping[int, JsonScalar]) -> Fix | None:
    kind, place = problem.kind, problem.place
    if kind == UTF16:
        return next(iter(in_utf8(place.document, place.document.utf16_codec)), None)
    if kind in _PLAIN:
        title, text = _PLAIN[kind]
        return Fix(title, (Edit(place, text),), _SAFE)
    if kind == "other-name":
        meant = dict(problem.values)["meant"]
        return Fix("Write `{meant}`", (Edit(place, meant),), _SAFE, (("meant", meant),))
    if kind == "comment":
        return _without_comment(tree, place)
    if kind in ("single-quote", "unquoted-key"):
        scalar = found.get(place.span.start)
        return _quoted(place, scalar) if scalar else None
    if kind == "full-width":
        return _half_width(problem, found)
    return _escaped(place) if kind == "control-character" else None


def _without_comment(tree: JsonTree, place: Place) -> Fix:
    if tree.dialect == "json5":
        start = place.span.start
        return Fix("Write the comment with `//`", (Edit(tree.document.place(start, start + 1), "//"),), _SAFE)
    from ...kit import json_edits

    return Fix("Remove the comment", (json_edits.remove_span(tree, place.span),), _SAFE)


def _quoted(place: Place, scalar: JsonScalar) -> Fix:
    from ...kit import json_edits

    return Fix("Put it in double quotes", (Edit(place, json_edits.quote(scalar.text)),), _SAFE)


def _half_width(problem: Problem, found: Mapping[int, JsonScalar]) -> Fix | None:
    meant = dict(problem.values)["meant"]
    if meant not in ("'", '"'):
        return Fix("Write `{meant}`", (Edit(problem.place, meant),), _SAFE, (("meant", meant),))
    document, (start, _) = problem.place
    scalar = found.get(start)
    # Without a quote at its end nobody knows where the text was to end.
    return _quoted(document.place(*scalar.span), scalar) if scalar and problem.related else None


def _escaped(place: Place) -> Fix:
    if "\n" in place.text or "\r" in place.text:
        return Fix("Write the line end as `\\n`", (Edit(place, "\\n"),), Applicability.UNSAFE)
    written = "".join(_ESCAPED.get(c, f"\\u{ord(c):04x}") for c in place.text)
    return Fix("Write it as an escape", (Edit(place, written),), _SAFE)
