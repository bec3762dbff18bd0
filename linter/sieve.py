"""Takes the findings that baselines know out of a run, and says what the baselines should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..schemas.files import Files, normal, within
from ..schemas.workspace import Workspace
from .assemble import masker_of
from .baseline import Baseline, Key, keys_of, read_baseline
from .config import ConfigError
from .diagnostic import Diagnostic
from .examination import Examination
from .report import Report
from .rule import Rule
from .selection import selected
from .settings import Settings

Group = tuple[Settings, tuple[str, ...]]


class _Judged(NamedTuple):
    """What one group of paths is judged by: its baseline, the paths, and the codes of the rules that are on."""

    baseline: Baseline | None
    paths: tuple[str, ...]
    on: frozenset[str]


class Sieve:
    """The baselines of a run over groups of paths; raises ConfigError for one that cannot be used.

    With `writing` every finding becomes known, and `written()` are the baselines to be kept.
    """

    def __init__(self, groups: Sequence[Group], files: Files, rules: Sequence[Rule], *, writing: bool) -> None:
        self._writing = writing
        self._exist = frozenset(rule.code for rule in rules)
        self._read: dict[str, Baseline] = {}
        self._gone: dict[str, Counter[Key]] = {}
        self._fresh: dict[str, Counter[Key]] = {}
        self._groups = [self._judged(settings, paths, files, rules) for settings, paths in groups]

    def _judged(self, settings: Settings, paths: tuple[str, ...], files: Files, rules: Sequence[Rule]) -> _Judged:
        on = selected(rules, settings.select, settings.ignore, host=settings.host)
        path = settings.baseline
        if path is None:
            if self._writing:
                raise ConfigError("--write-baseline needs a file: --baseline F, or `baseline` in the configuration")
            return _Judged(None, paths, frozenset())
        if path not in self._read:
            self._read[path] = read_baseline(files, path, missing_ok=self._writing)
            self._gone[path], self._fresh[path] = Counter(), Counter()
        return _Judged(self._read[path], paths, frozenset(rule.code for rule in on))

    def spared(self, index: int, workspace: Workspace) -> Callable[[Examination], list[Diagnostic]] | None:
        """What gives the known findings of an examination of a group: nobody is shown them, so none is mended."""
        baseline = self._groups[index].baseline
        if baseline is None:
            return None

        def known_in(examination: Examination) -> list[Diagnostic]:
            keys = keys_of(examination.diagnostics, workspace, masker_of([examination], show=False), baseline.folder)
            known = baseline.split(keys).known
            return [d for d, is_known in zip(examination.diagnostics, known, strict=True) if is_known]

        return known_in

    def sift(self, index: int, report: Report, examination: Examination, workspace: Workspace) -> Report:
        """The report of a group without the known findings."""
        baseline, paths, on = self._groups[index]
        if baseline is None:
            return report
        # Secrets are masked in keys even where the person is shown them.
        masker = masker_of([examination], show=False)
        keys = keys_of((d.diagnostic for d in report.diagnostics), workspace, masker, baseline.folder)
        known, left = baseline.split(keys)
        files = _covered({key.file for key in left}, baseline.folder, paths, examination.read)
        if not examination.failed:
            self._gone[baseline.path] += Counter(
                {
                    key: count
                    for key, count in left.items()
                    if key.file in files and (key.code in on or key.code not in self._exist)
                }
            )
        self._fresh[baseline.path] += Counter(keys) - (baseline.counts - left)
        if self._writing:
            return replace(report, diagnostics=(), known=len(keys))
        new = tuple(d for d, is_known in zip(report.diagnostics, known, strict=True) if not is_known)
        return replace(report, diagnostics=new, known=sum(known))

    def gone(self) -> tuple[str, ...]:
        """A line for each entry of a baseline that nothing is found for any more: mended, or no longer looked for."""
        lines = {f"{key.file}: {key.code} {key.path}".rstrip() for gone in self._gone.values() for key in gone}
        return tuple(sorted(lines))

    def written(self) -> tuple[Baseline, ...]:
        """The baselines as they should be kept: without what is gone, with what is new; () when not writing."""
        if not self._writing:
            return ()
        return tuple(
            Baseline(path, baseline.counts - self._gone[path] + self._fresh[path])
            for path, baseline in self._read.items()
        )


def _covered(files: Iterable[str], folder: str, paths: Sequence[str], read: set[str]) -> set[str]:
    """Those of a baseline's files that a run over absolute `paths` has judged; `read` counts where there are none."""
    found: set[str] = set()
    for file in files:
        path = normal(file, folder)
        if any(within(path, top) for top in paths) if paths else path in read:
            found.add(file)
    return found
