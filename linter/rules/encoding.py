"""The fix for a file that is written in another encoding than UTF-8, as all formats have it."""

from __future__ import annotations

from ..kit import Applicability, Document, Fix

NAMES = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "gb18030": "GB 18030", "cp1252": "Windows-1252"}


def in_utf8(document: Document, encoding: str) -> tuple[Fix, ...]:
    """Write the file in UTF-8, read in an encoding; () where that is "", or the bytes are not in it."""
    if not encoding:
        return ()
    from ..kit import encoding_edits

    edit = encoding_edits.in_utf8(document, encoding)
    values = (("encoding", NAMES[encoding]),)
    return (Fix("Write the file, read as {encoding}, in UTF-8", (edit,), Applicability.UNSAFE, values),) if edit else ()
