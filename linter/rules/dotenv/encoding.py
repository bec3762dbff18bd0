"""Bytes that editors on Windows put into a dotenv file, and that some readers take for content."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import Applicability, Diagnostic, Diagnostics, DotenvTree, Edit, Fix, Severity, rule


@rule("ENV010", "bom-or-crlf", DotenvTree, Severity.WARNING, fix=Applicability.SAFE)
def bom_or_crlf(tree: DotenvTree) -> Diagnostics:
    """A byte order mark, or a carriage return inside a value of several lines."""
    document = tree.document
    if document.has_bom:
        yield _bom(tree)
    if "\r\n" in document.text and tree.dialect == "compose":
        yield from _carriage_returns(tree)


def _bom(tree: DotenvTree) -> Diagnostic:
    place = tree.document.place(0, 1)
    first = next((e.key for e in tree.entries if e.key), "")
    line = tree.document.place(*tree.entries[0].key_span).line if tree.entries else 0
    message = (
        "the file begins with a byte order mark (BOM); older releases of Compose and other readers stumble over it"
    )
    if first and line == 1:
        message = (
            "the file begins with a byte order mark (BOM): older releases of Compose and other readers take it for a "
            "part of the name `{name}`, which is then not set"
        )
    fix = Fix("Remove the byte order mark", (Edit(place, ""),), Applicability.SAFE)
    return Diagnostic(place, message, (("name", first),), (), (fix,))


def _carriage_returns(tree: DotenvTree) -> Iterator[Diagnostic]:
    """Quoted values over several lines: Compose keeps the carriage return at the end of each."""
    document = tree.document
    for entry in tree.entries:
        start, end = entry.value_span
        if not entry.quote or "\r\n" not in document.text[start:end]:
            continue
        edits: list[Edit] = []
        at = document.text.find("\r\n", start, end)
        while at != -1:
            edits.append(Edit(document.place(at, at + 1), ""))
            at = document.text.find("\r\n", at + 2, end)
        yield Diagnostic(
            document.place(*entry.key_span),
            "the lines of this value of `{name}` end with a carriage return (CR), and Compose keeps it in the value",
            (("name", entry.key),),
            (),
            (Fix("Remove the carriage returns from the value", tuple(edits), Applicability.SAFE),),
        )
