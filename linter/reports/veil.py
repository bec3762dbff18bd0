"""Hides the secrets in the parts of a value, where the masker alone would see only pieces of them."""

from __future__ import annotations

import re

from ...schemas.models.value import Value
from ..masking import MASK, Masker, covered
from ..secrets import is_value, secret_name


class Veil:
    """Masks texts of variables. With a masker that shows secrets nothing is hidden."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker

    def pieces(self, name: str, value: Value) -> list[str]:
        """The texts of a value's pieces. A secret in the joined text is hidden in every piece that has a part of it."""
        if self._masker.show:
            return [piece.text for piece in value.pieces]
        spans = self._spans(name, value.text or "")
        out: list[str] = []
        at = 0
        for piece in value.pieces:
            end = at + len(piece.text)
            inside = [(max(s, at) - at, min(e, end) - at) for s, e in spans if s < end and e > at]
            out.append(covered(piece.text, inside) if inside else self.text(piece.variable or name, piece.text))
            at = end
        return out

    def text(self, name: str, text: str) -> str:
        """What a variable of this name was given."""
        return text if self._masker.show else covered(text, self._spans(name, text))

    def expression(self, name: str, text: str) -> str:
        """A `${…}` in the value of a variable of this name: its fallback is hidden when the variable is secret."""
        if self._masker.show:
            return text
        if secret_name(name):
            text = re.sub(r"(:?[-+?]).*(?=\}$)", rf"\1{MASK}", text, count=1, flags=re.DOTALL)
        return covered(text, self._masker.spans(text))

    def hides(self, text: str) -> bool:
        """Whether a text that came from here has a hidden part."""
        return not self._masker.show and MASK in text

    def _spans(self, name: str, text: str) -> list[tuple[int, int]]:
        if secret_name(name) and is_value(name, text):
            return [(0, len(text))]
        return self._masker.spans(text)
