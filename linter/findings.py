"""Which findings count: each once, not silenced, not left out, and with a part in the files that were named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from .diagnostic import Diagnostic
from .examination import Key, in_order, key_of
from .globs import matches
from .rule import Rule
from .selection import picks
from .settings import Settings
from .suppress import Suppressions


class Findings:
    """The findings of one pass. `named` are the files that the user gave by name."""

    def __init__(self, settings: Settings, suppressions: Suppressions) -> None:
        self.named: Collection[str] = ()
        self._settings = settings
        self._suppressions = suppressions
        self._kept: dict[Key, Diagnostic] = {}
        self._agreeing: dict[Key, int] = {}

    def keep(self, found: Iterable[Diagnostic], *, everything: bool) -> None:
        """Take in the findings that are not silenced and, unless `everything` counts, concern the named files."""
        counted: set[Key] = set()
        for each in found:
            rule = each.rule
            assert rule is not None
            if self._suppressions.silences(each, rule) or self._left_out(each, rule):
                continue
            if not everything and not self._concerns_named(each):
                continue
            key = key_of(each)
            self._kept.setdefault(key, each)
            if rule.everywhere and key not in counted:
                counted.add(key)
                self._agreeing[key] = self._agreeing.get(key, 0) + 1

    def sorted(self, readers: Mapping[str, int]) -> list[Diagnostic]:
        """What counts, in order; `readers` says how many deployments read a file, whom an everywhere-rule needs all."""
        kept = [
            (key, each)
            for key, each in self._kept.items()
            if key not in self._agreeing or self._agreeing[key] >= readers.get(key[0], 1)
        ]
        return [each for _, each in sorted(kept, key=in_order)]

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
