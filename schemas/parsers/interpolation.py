"""The Compose template grammar: `$NAME`, `${NAME:-default}` and its five sisters, nested to any depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .document import Span

Operator = Literal["", ":-", "-", ":?", "?", ":+", "+"]


@dataclass(frozen=True, slots=True)
class Text:
    """Text that stays; `$$` is already `$`. `span` is where it stands in the template's text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """`$NAME` or `${NAME…}`; spans count in the template's text. `argument` is what follows the operator."""

    span: Span
    name_span: Span
    name: str
    operator: Operator
    argument: Template | None


@dataclass(frozen=True, slots=True)
class Template:
    """Parts in order; `invalid` are the spans of expressions that do not fit the grammar ("invalid template")."""

    parts: tuple[Text | Reference, ...]
    invalid: tuple[Span, ...]
