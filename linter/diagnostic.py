"""What a rule says: a place, words, related places, fixes."""

from __future__ import annotations

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


def render(template: str, values: tuple[tuple[str, str], ...]) -> str:
    """Fill the `{name}` holes of a template; text that looks like a hole inside a value stays as it is."""
    if "{" not in template:
        return template
    filled = dict(values)
    parts = template.split("{")
    out = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        out.append(filled[name] + rest if brace and name in filled else "{" + part)
    return "".join(out)
