"""Combines fixes into new texts, and shows texts before and after as a diff."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ..schemas.parsers.document import Document
from .edit import Edit, Fix


class OverlapError(ValueError):
    """Edits that cannot be applied together; the text says where, and nothing of what stands there."""


class Combined(NamedTuple):
    """What combining fixes gave.

    `taken` and `waiting` are indices into the fixes that were given; `texts` the new text of every file that changes,
    by path.
    """

    taken: tuple[int, ...]
    waiting: tuple[int, ...]
    texts: dict[str, str]


class _Taken:
    """The edits of one file that are taken so far, sorted by place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.edits: list[tuple[int, int, str]] = []

    def fits(self, start: int, end: int, text: str) -> bool:
        """Whether an edit clashes with none that is taken; an equal one does not."""
        if not 0 <= start <= end <= len(self.document.text):
            return False
        at = bisect_left(self.edits, (start, end, text))
        # Taken edits do not overlap each other, so only neighbours can clash; an insertion may stand between two.
        for other in self.edits[max(0, at - 2) : at + 2]:
            if other == (start, end, text):
                return True
        return not any(_clash(start, end, o[0], o[1]) for o in self.edits[max(0, at - 2) : at + 2])

    def add(self, start: int, end: int, text: str) -> None:
        """Take an edit that fits."""
        at = bisect_left(self.edits, (start, end, text))
        if at == len(self.edits) or self.edits[at] != (start, end, text):
            insort(self.edits, (start, end, text))


def _clash(start: int, end: int, other_start: int, other_end: int) -> bool:
    """Whether two ranges overlap, or both insert at one point (whose order nobody knows)."""
    if start == end and other_start == other_end:
        return start == other_start
    return start < other_end and other_start < end


def combine(fixes: Sequence[Fix]) -> Combined:
    """Take the fixes in order; each whole or not at all.

    A fix of which an edit overlaps one that is taken, or inserts at the same point, waits for the next round. An edit
    equal to one that is taken counts as done. A fix whose own edits overlap never fits. A fix that changes nothing is
    not taken.
    """
    files: dict[str, _Taken] = {}
    taken: list[int] = []
    waiting: list[int] = []
    for index, fix in enumerate(fixes):
        (taken if _take(files, fix) else waiting).append(index)
    texts = {path: _applied(f.document.text, f.edits) for path, f in files.items() if f.edits}
    return Combined(tuple(taken), tuple(waiting), texts)


def _take(files: dict[str, _Taken], fix: Fix) -> bool:
    edits = [e for e in dict.fromkeys(fix.edits) if e.place.text != e.text]
    if not edits or not coherent(edits):
        return False
    for place, text in edits:
        held = files.get(place.document.path)
        if held is not None and held.document is not place.document and held.document.text != place.document.text:
            return False
        if not (held or _Taken(place.document)).fits(*place.span, text):
            return False
    for place, text in edits:
        files.setdefault(place.document.path, _Taken(place.document)).add(*place.span, text)
    return True


def coherent(edits: Iterable[Edit]) -> bool:
    """Whether the edits of one fix do not clash with each other."""
    spans = sorted((e.place.document.path, e.place.span) for e in edits)
    return not any(left[0] == right[0] and _clash(*left[1], *right[1]) for left, right in pairwise(spans))


def _applied(text: str, edits: Sequence[tuple[int, int, str]]) -> str:
    out: list[str] = []
    at = 0
    for start, end, new in edits:
        out += (text[at:start], new)
        at = end
    return "".join([*out, text[at:]])


def apply_fix(fix: Fix) -> dict[str, str]:
    """The new text of each file that one fix changes. Raises OverlapError when its edits clash with each other."""
    combined = combine((fix,))
    if combined.waiting and any(e.place.text != e.text for e in fix.edits):
        raise OverlapError("the edits of this fix overlap each other or lie outside of their file")
    return combined.texts


def unified_diff(before: str, after: str, path: str) -> list[str]:
    """The lines of a unified diff without line ends, [] for equal texts.

    A last line without a line end is followed by the marker that `patch` and git know. Lines end at LF only; a CR stays
    in the line.
    """
    if before == after:
        return []
    from difflib import unified_diff as difference

    old, new = _lines(before), _lines(after)
    out: list[str] = []
    for line in difference(old, new, f"a/{path}", f"b/{path}"):
        out.append(line.removesuffix("\n"))
        if not line.endswith("\n"):
            out.append("\\ No newline at end of file")
    return out


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
