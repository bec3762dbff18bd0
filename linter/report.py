"""What one run found, ready for every output format: rendered, masked, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..schemas.files import within
from ..schemas.parsers.document import Place
from .diagnostic import Diagnostic, Severity
from .masking import Masker
from .rule import Rule

if TYPE_CHECKING:
    from .topology import Topology


class Reported:
    """A diagnostic as it is shown: `message` rendered and masked, `fingerprint` the same in every run and checkout.

    Both are made when they are first asked for: most runs show none of their notes, and secrets must be gathered first.
    """

    def __init__(self, diagnostic: Diagnostic, message: Callable[[], str], fingerprint: Callable[[], str]) -> None:
        self.diagnostic = diagnostic
        self._say = message
        self._name = fingerprint

    @cached_property
    def message(self) -> str:
        """What is wrong, in words."""
        return self._say()

    @cached_property
    def fingerprint(self) -> str:
        """The finding's name over runs: 16 hexadecimal digits."""
        return self._name()

    @property
    def rule(self) -> Rule:
        """The rule that found it."""
        assert self.diagnostic.rule is not None
        return self.diagnostic.rule

    @property
    def severity(self) -> Severity:
        """The severity in force: the user's, else the diagnostic's own, else the rule's."""
        return self.diagnostic.severity or self.rule.severity

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.diagnostic.place


class DeploymentSummary(NamedTuple):
    """A deployment that was linted: its folder and files as absolute paths, product and version where known.

    `topology` is there for a run that asked for it.
    """

    root: str
    files: tuple[str, ...]
    product: str | None = None
    product_version: str | None = None
    topology: Topology | None = None


class FixedDiagnostic(NamedTuple):
    """A finding that a fix took away: `title` is rendered and masked; `path` and `line` are from before the fix."""

    rule: Rule
    title: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run.

    `diagnostics` are sorted by file, position and code. `errors` are single lines about what could not be done (an
    unreadable file, a rule that crashed, a fix that was withdrawn). `files` counts the files read. `cwd` is the
    absolute folder that paths are shown relative to. `failed` says that a named path could not be read or a part of
    ours crashed. `paths` are the files read, sorted. `known` counts the findings that a
    baseline left out, None where there was no baseline.
    """

    diagnostics: tuple[Reported, ...]
    deployments: tuple[DeploymentSummary, ...]
    errors: tuple[str, ...]
    fixed: tuple[FixedDiagnostic, ...]
    files: int
    masker: Masker
    cwd: str
    failed: bool = False
    paths: tuple[str, ...] = ()
    known: int | None = None

    def count(self, severity: Severity) -> int:
        """How many diagnostics have this severity."""
        return sum(1 for d in self.diagnostics if d.severity is severity)

    def text(self, template: str, values: tuple[tuple[str, str], ...] = ()) -> str:
        """A template of a rule (a related place's message, a fix's title) rendered and masked."""
        return self.masker.message(template, values)

    def shown_path(self, path: str) -> str:
        """An absolute path as it is shown: relative to `cwd` when it lies below, control characters escaped."""
        return self.masker.escape(relative(path, self.cwd))


def relative(path: str, cwd: str) -> str:
    """A path relative to a folder when it lies below it, with `../` when it is near, else absolute."""
    if path == cwd:
        return "."
    if within(path, cwd):
        return path[len(cwd.rstrip("/")) + 1 :]
    up, base = "", cwd
    while base.count("/") > 1:
        base = base.rpartition("/")[0]
        up += "../"
        if within(path, base) and path != base:
            return up + path[len(base) + 1 :]
    return path
