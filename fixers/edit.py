"""An edit replaces one span of one file; a fix is a set of edits that apply together or not at all."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ..schemas.parsers.document import Place


class Applicability(Enum):
    """How far a fix may be trusted (ruff's words)."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Edit(NamedTuple):
    """Put `text` in the place of what stands at `place`; an empty span inserts, an empty text deletes."""

    place: Place
    text: str

    def __repr__(self) -> str:
        return f"<Edit {self.place!r}>"


class Fix(NamedTuple):
    """What to do, in words (`title`, holes filled from `values`), and the edits that do it, in one or several files."""

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability
    values: tuple[tuple[str, str], ...] = ()
