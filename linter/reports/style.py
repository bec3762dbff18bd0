"""Colours of the terminal reports, by what a piece of text is and not by its colour."""

from __future__ import annotations

from collections.abc import Callable

Paint = Callable[[str, str], str]

SGR = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "frame": "1;34",
    "strong": "1",
    "added": "32",
    "dim": "2",
}


def painter(*, color: bool) -> Paint:
    """A function `(text, role) -> text` that puts ANSI colours around text, or leaves it as it is."""
    if not color:
        return _plain
    return _colored


def _plain(text: str, _role: str) -> str:
    return text


def _colored(text: str, role: str) -> str:
    return f"\x1b[{SGR[role]}m{text}\x1b[0m" if text else text
