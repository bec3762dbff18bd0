"""How texts of linted files are put into Markdown: no secret, no control character, no mark-up of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...schemas.models.value import Value
from ..masking import MASK, escape
from ..reports.veil import Veil
from ..secrets import is_value, secret_name

if TYPE_CHECKING:
    from ...schemas.models.variable_fact import VariableFact
    from ...schemas.parsers.document import Place
    from .analysis import Analysis

LONGEST = 400
LONGEST_LABEL = 80


def code(text: str) -> str:
    """A text as a code span that it cannot leave (CommonMark, 6.1)."""
    shown = shortened(escape(text), LONGEST).replace("\t", " ")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def shortened(text: str, most: int) -> str:
    """A text cut to so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names as code spans with commas between, the last ones counted where there are many."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(map(code, every[:most])) + more


class Shown:
    """Texts of one analysis as they may be shown."""

    def __init__(self, analysis: Analysis) -> None:
        self.masker = analysis.report.masker
        self.report = analysis.report
        self._veil = Veil(self.masker)

    def where(self, place: Place) -> str:
        """`file:line` relative to the folder."""
        return f"{self.report.shown_path(place.document.path)}:{place.line}"

    def value(self, name: str, value: Value, fact: VariableFact | None = None) -> str | None:
        """The text of a variable's value, masked; None where it is unknown."""
        if value.text is None:
            return None
        return self.hidden(name, "".join(self._veil.pieces(name, value)), value.text, fact)

    def text(self, name: str, text: str, fact: VariableFact | None = None) -> str:
        """What is written for a variable, masked."""
        return self.hidden(name, self._veil.text(name, text), text, fact)

    def hidden(self, name: str, shown: str, text: str, fact: VariableFact | None = None) -> str:
        """`shown`, or nothing of it where the product's table says that the variable is secret."""
        secret = fact is not None and fact.secret and not self.masker.show
        return MASK if secret and shown and is_value(name, text) else shown

    def secret(self, name: str, fact: VariableFact | None = None) -> bool:
        """Whether a variable holds a secret, by its name or by the product's table."""
        return secret_name(name) or (fact is not None and fact.secret)

    def label(self, text: str) -> str:
        """Any text of a file on one short line, masked before it is cut."""
        return shortened(self.masker.mask(text), LONGEST_LABEL)

    def plain(self, text: str) -> str:
        """Any text of a file, masked."""
        return self.masker.mask(text)
