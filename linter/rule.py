"""What a rule is: a pure generator over one subject, with its code, name, severity and FAQ entries in the decorator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..fixers.edit import Applicability
from .diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from ..schemas.models.deployment import Deployment

S = TypeVar("S")

Diagnostics = Iterator[Diagnostic]


class Rule(NamedTuple):
    """One mistake that the linter knows. `subject` is the type its check takes; `fix` the best that it can offer.

    A finding of an `everywhere` rule counts only when every deployment that reads the file has it: a variable that one
    of two deployments uses is no unused one. `together` is what a rule about one format says of the files that a server
    of a deployment reads one after the other, beside what its check says of each alone.
    """

    code: str
    name: str
    subject: type
    severity: Severity
    check: Callable[[Any], Diagnostics]
    faq: tuple[str, ...] = ()
    fix: Applicability | None = None
    host: bool = False
    everywhere: bool = False
    together: Callable[[Deployment], Diagnostics] | None = None

    def __reduce__(self) -> tuple[Callable[[str], Rule | None], tuple[str]]:
        # Between processes a rule goes by its code: its check is found under the name of the rule itself.
        from .rules import find_rule

        return find_rule, (self.code,)

    @property
    def checks(self) -> Mapping[str, Callable[[Any], Diagnostics]]:
        """Its checks by the name of the type that each takes."""
        own = {self.subject.__name__: self.check}
        return own if self.together is None else {**own, "Deployment": self.together}

    @property
    def family(self) -> str:
        """The letters of the code: CMP, ENV, …"""
        return self.code.rstrip("0123456789")


def rule(
    code: str,
    name: str,
    subject: type[S],
    severity: Severity,
    *,
    faq: tuple[str, ...] = (),
    fix: Applicability | None = None,
    host: bool = False,
    everywhere: bool = False,
    together: Callable[[Deployment], Diagnostics] | None = None,
) -> Callable[[Callable[[S], Diagnostics]], Rule]:
    """Make a rule of a check. `host` rules run only with `--host`."""

    def make(check: Callable[[S], Diagnostics]) -> Rule:
        return Rule(code, name, subject, severity, check, faq, fix, host, everywhere, together)

    return make
