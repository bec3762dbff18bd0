"""Writes the comments that silence findings: one above each line that has some, with all their codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..fixers.edit import Applicability, Edit, Fix
from ..schemas.parsers.document import Document
from .diagnostic import Diagnostic, Severity
from .suppress import MARK


def with_comments(diagnostics: list[Diagnostic], *, notes: bool = True) -> list[Diagnostic]:
    """The diagnostics, each with one fix in place of its own: a comment above its line that silences the whole line.

    Without `notes` mere information is let be. Reports about such comments are not silenced by more of them. Where no
    comment can stand (strict JSON, a file that is not UTF-8) there is no fix; where one would be part of a value, the
    gate of fixing finds it out.
    """
    lines: dict[tuple[str, int], dict[str, None]] = {}
    for each in diagnostics:
        assert each.rule is not None
        note = (each.severity or each.rule.severity) is Severity.INFO
        if each.rule.family != "SUP" and (notes or not note):
            lines.setdefault((each.place.document.path, each.place.line), {})[each.rule.code] = None
    return [_silenced(each, lines.get((each.place.document.path, each.place.line), {})) for each in diagnostics]


def _silenced(diagnostic: Diagnostic, codes: Iterable[str]) -> Diagnostic:
    assert diagnostic.rule is not None
    document, line = diagnostic.place.document, diagnostic.place.line
    mark = _comment_mark(document)
    if diagnostic.rule.code not in codes or mark is None or _goes_on(document, line):
        return replace(diagnostic, fixes=())
    start, end = document.line_span(line)
    text = document.text[start:end]
    if text.startswith("\ufeff"):
        start, text = start + 1, text[1:]
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    comment = f"{indent}{mark} {MARK} ignore[{','.join(sorted(codes))}]{document.newline}"
    edit = Edit(document.place(start, start), comment)
    return replace(diagnostic, fixes=(Fix("Ignore it on this line", (edit,), Applicability.SAFE),))


def _comment_mark(document: Document) -> str | None:
    """What starts a comment in a file; None where there are none."""
    if document.undecodable is not None or document.path.endswith(".json"):
        return None
    return "//" if document.path.endswith((".json5", ".jsonc")) else "#"


def _goes_on(document: Document, line: int) -> bool:
    """Whether a line continues the one above it, so that a comment between them would cut it."""
    if line == 1:
        return False
    start, end = document.line_span(line - 1)
    return document.text[start:end].endswith("\\")
