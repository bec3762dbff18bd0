"""What a rule says: a place, words, related places, fixes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ..fixers.edit import Fix
from ..schemas.parsers.document import Place

if TYPE_CHECKING:
    from .rule import Rule


class Severity(Enum):
    """How bad it is: the deployment breaks or is open; likely wrong; worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return ("error", "warning", "info").index(self.value)


class Related(NamedTuple):
    """Another place that has a part in it, and why; holes of `message` are filled from `values`."""

    place: Place
    message: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake.

    `message` is an English template, `{name}` holes filled from `values`; it says what is wrong and what it does.
    `severity` is given only where it differs from the rule's own. `rule` is set by the engine.
    """

    place: Place
    message: str
    values: tuple[tuple[str, str], ...] = ()
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    severity: Severity | None = None
    rule: Rule | None = field(default=None, compare=False)


def pieces(template: str, values: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, bool]]:
    """The parts of a filled template, in order, each with whether it fills a hole.

    Text that looks like a hole inside a value stays as it is, and so does a hole that nothing fills.
    """
    filled = dict(values)
    first, *parts = template.split("{")
    yield first, False
    for part in parts:
        name, brace, rest = part.partition("}")
        if brace and name in filled:
            yield filled[name], True
            yield rest, False
        else:
            yield "{" + part, False


def render(template: str, values: tuple[tuple[str, str], ...]) -> str:
    """Fill the `{name}` holes of a template."""
    return "".join(text for text, _ in pieces(template, values)) if "{" in template else template
