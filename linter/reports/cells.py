"""Text as a terminal shows it: how many columns each character takes, and what cannot be shown as itself."""

from __future__ import annotations

from typing import NamedTuple

from ..masking import escape

TAB = 4


class Cells(NamedTuple):
    """A line ready to be printed: `shown[i]` is what stands for character i, `edges[i]` the column where it begins.

    `edges` has one more item than `shown`: the last is the width of the whole line. Columns count from 0.
    """

    shown: list[str]
    edges: list[int]

    def cut(self, start: int, end: int) -> str:
        """The text between two character offsets."""
        return "".join(self.shown[start:end])


def visible(character: str) -> str:
    """A character as it may be printed: one without a shape of its own, or not of this text, as an escape."""
    from unicodedata import category

    shown = escape(character)
    if shown != character or character.isprintable() or category(character) == "Zs":
        return shown
    return f"\\u{ord(character):04x}"


def width(character: str) -> int:
    """The columns that a printable character takes (Unicode TR11: wide and full-width ones take two, marks none)."""
    from unicodedata import category, east_asian_width

    if category(character) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def cells(line: str) -> Cells:
    """Lay out one line (no line end in it); tabs go to the next multiple of four columns."""
    if line.isascii() and line.isprintable():
        return Cells(list(line), list(range(len(line) + 1)))
    shown: list[str] = []
    edges = [0]
    at = 0
    for character in line:
        text = " " * (TAB - at % TAB) if character == "\t" else visible(character)
        at += len(text) if len(text) != 1 else width(text)
        shown.append(text)
        edges.append(at)
    return Cells(shown, edges)
