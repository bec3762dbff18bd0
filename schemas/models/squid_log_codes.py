"""The codes of squid's log formats, `%>a` and the like: which of them squid does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from ..parsers import squid_directives
from ..parsers.squid import SquidWord
from .squid_words import Fault

# Quotes, left-hand side, zeros, widths, and an argument, which may hold blanks.
_FLAGS = r"""%["'\[#/]?-?0?[0-9]*\.?[0-9]*(?:\{[^}]*\}?)?"""


@cache
def _code() -> re.Pattern[str]:
    codes = "|".join(map(re.escape, squid_directives.log_codes()))
    # What stands in a namespace depends on the libraries that squid is built with.
    return re.compile(rf"{_FLAGS}(?:[a-z_]+::|{codes}|(?P<unknown>))")


def log_faults(words: Sequence[SquidWord]) -> Iterator[Fault]:
    """The first word of a `logformat` line in which a code begins that squid does not know."""
    format_words = words[1:]
    starts: list[int] = []
    text = ""
    for word in format_words:
        starts.append(len(text))
        text += f"{word.text} "
    at = 0
    while (at := text.find("%", at)) >= 0:
        match = _code().match(text, at)
        if match is None or match["unknown"] is not None:
            index = max(i for i, start in enumerate(starts) if start <= at)
            yield Fault("log-code", format_words[index : index + 1])
            return
        at = max(match.end(), at + 1)
