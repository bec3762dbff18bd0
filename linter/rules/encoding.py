"""The fix for a file in UTF-16, as all formats have it."""

from __future__ import annotations

from ..kit import Applicability, Document, Fix


def in_utf8(document: Document) -> Fix | None:
    """Write the file in UTF-8; None where its bytes are no UTF-16 after all."""
    from ..kit import encoding_edits

    edit = encoding_edits.from_utf16(document)
    values = (("encoding", "UTF-16"),)
    return Fix("Write the file, read as {encoding}, in UTF-8", (edit,), Applicability.UNSAFE, values) if edit else None
