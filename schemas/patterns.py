"""Regular expressions that are compiled at their first use: a run needs few of all those that rules hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cached_property


class LatePattern:
    """A pattern with the methods of `re.Pattern` that rules use. Raises `re.error` at the first use, not before."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self._source = source
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern itself."""
        return re.compile(self._source, self._flags)

    def match(self, text: str, pos: int = 0) -> re.Match[str] | None:
        """Match at a position."""
        return self.compiled.match(text, pos)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match the whole text."""
        return self.compiled.fullmatch(text)

    def search(self, text: str, pos: int = 0) -> re.Match[str] | None:
        """Look for the first match from a position on."""
        return self.compiled.search(text, pos)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches, one after the other."""
        return self.compiled.finditer(text)

    def findall(self, text: str, pos: int = 0, endpos: int = sys.maxsize) -> list[str]:
        """The texts of all matches, of their group where the pattern has one."""
        return self.compiled.findall(text, pos, endpos)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        """The text with its matches replaced."""
        return self.compiled.sub(replacement, text, count)

    def split(self, text: str) -> list[str]:
        """The parts of a text between the matches."""
        return [part or "" for part in self.compiled.split(text)]
