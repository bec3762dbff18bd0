"""Bytes that editors on Windows put into a dotenv file, and files in another encoding than UTF-8."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...kit import Applicability, Diagnostic, Diagnostics, Document, DotenvTree, Edit, Fix, Severity, rule
from ..encoding import in_utf8

# Bytes that are not UTF-8, as a document holds them.
_STRANGE = re.compile("[\udc80-\udcff]+")
_HIGH = re.compile(b"[\x80-\xff]+")
# Chinese characters, the punctuation between them, and full-width forms.
_CHINESE = re.compile("[\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff01-\uffe5]+")
_WESTERN = re.compile("[\u00a0-\u00ff\u20ac\u2013-\u201e\u2026\u2122]+")


@rule("ENV010", "bom-or-crlf", DotenvTree, Severity.WARNING, fix=Applicability.SAFE)
def bom_or_crlf(tree: DotenvTree) -> Diagnostics:
    """A byte order mark, or a carriage return inside a value of several lines or in place of all line ends."""
    document = tree.document
    if document.has_bom:
        yield _bom(tree)
    if "\r\n" in document.text and tree.dialect == "compose":
        yield from _carriage_returns(tree)
    if "\r" in document.text and "\n" not in document.text and tree.dialect != "python-dotenv":
        yield _one_line(tree)


def _one_line(tree: DotenvTree) -> Diagnostic:
    """Line ends of a kind that only python-dotenv knows."""
    document = tree.document
    ends = [at for at, sign in enumerate(document.text) if sign == "\r"]
    edits = tuple(Edit(document.place(at, at + 1), "\n") for at in ends)
    return Diagnostic(
        document.place(0, ends[0]),
        "the lines end with a carriage return (CR) alone, so the whole file is one line for its reader",
        fixes=(Fix("End the lines with LF", edits, Applicability.SAFE),),
    )


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


@rule("ENV019", "encoding", DotenvTree, Severity.ERROR, fix=Applicability.UNSAFE)
def encoding(tree: DotenvTree) -> Diagnostics:
    """A file that is not written in UTF-8."""
    document = tree.document
    first = document.undecodable
    if first is None:
        return
    found = _encoding(document)
    severity = None
    if found.startswith("utf-16"):
        message = "the file is written in UTF-16, and its readers want UTF-8: they can make nothing of it"
    elif tree.dialect != "compose":
        message = "the file is not written in UTF-8, so its reader refuses it: it stops at this character"
    elif (first_read := _outside_comments(tree)) is None:
        message = "this comment is not written in UTF-8; other readers of env files refuse the whole file for it"
        severity = Severity.INFO
    else:
        first = first_read
        message = "the file is not written in UTF-8: Compose puts a replacement character in the place of this one"
    place = document.place(first, first + 1)
    yield Diagnostic(place, message, fixes=in_utf8(document, found), severity=severity)


def _encoding(document: Document) -> str:
    """The encoding that a file which is not UTF-8 is certainly or most likely written in; "" when nothing tells."""
    if document.utf16_codec:
        return document.utf16_codec
    # By the bytes: a part of a character in one encoding may be a whole one in another.
    runs = _HIGH.findall(document.encode())
    if any(len(run) > 2 and _decoded(run, "utf-8") for run in runs):
        return ""  # of two encodings
    if _all_in("gb18030", runs, _CHINESE):
        return "gb18030"
    if all(len(run) <= 2 for run in runs) and _all_in("cp1252", runs, _WESTERN):
        return "cp1252"
    return ""


def _all_in(encoding: str, runs: list[bytes], characters: re.Pattern[str]) -> bool:
    """Whether every run of bytes that are not ASCII is, in an encoding, a text of these characters."""
    return all(characters.fullmatch(_decoded(run, encoding)) for run in runs)


def _decoded(data: bytes, encoding: str) -> str:
    """The text of bytes in an encoding, "" when they are none."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _outside_comments(tree: DotenvTree) -> int | None:
    """The offset of the first byte that is not UTF-8 and stands in no comment."""
    text, at = tree.document.text, 0
    for comment in sorted(tree.comments):
        found = _STRANGE.search(text, at, comment.start)
        if found:
            return found.start()
        at = comment.end
    found = _STRANGE.search(text, at)
    return found.start() if found else None
