"""Which findings count: those that nothing silences and that have a part in the files that were named."""

from __future__ import annotations

from collections.abc import Collection

from .diagnostic import Diagnostic
from .globs import matches
from .rule import Rule
from .selection import picks
from .settings import Settings
from .suppress import Suppressions


class Relevance:
    """Judges the findings of one pass. `named` are the files that the user gave by name."""

    def __init__(self, settings: Settings, suppressions: Suppressions) -> None:
        self.named: Collection[str] = ()
        self._settings = settings
        self._suppressions = suppressions

    def counts(self, diagnostic: Diagnostic, *, everything: bool) -> bool:
        """Whether a finding is not silenced and, unless `everything` counts, concerns the named files."""
        rule = diagnostic.rule
        assert rule is not None
        if self._suppressions.silences(diagnostic, rule) or self._left_out(diagnostic, rule):
            return False
        return everything or self._concerns_named(diagnostic)

    def _left_out(self, diagnostic: Diagnostic, rule: Rule) -> bool:
        """Whether `per-file-ignores` leaves a finding out."""
        path = diagnostic.place.document.path
        return any(
            matches(pattern, path, self._settings.base) and any(picks(s, rule) for s in selectors)
            for pattern, selectors in self._settings.per_file_ignores
        )

    def _concerns_named(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding stands in a named file or is caused by one."""
        if diagnostic.place.document.path in self.named:
            return True
        return any(related.place.document.path in self.named for related in diagnostic.related)
