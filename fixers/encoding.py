"""A file that is written in another encoding than its reader wants, written anew."""

from __future__ import annotations

from ..schemas.parsers.document import Document
from .edit import Edit


def in_utf8(document: Document, encoding: str) -> Edit | None:
    """The text of all bytes, read in an encoding, in the place of the whole file; None where they are not in it."""
    data = document.encode()
    try:
        text = (data[2:] if document.utf16_codec else data).decode(encoding)
    except UnicodeDecodeError:
        return None
    return Edit(document.place(0, len(document.text)), text) if text else None
