"""One run over paths: each under the configuration nearest to it, linted or mended, one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from ..fixers.write import Change
from .assemble import build_report, masker_of, merged
from .config import Config, Overrides, find_config, make_settings, read_config
from .diagnostic import Diagnostic, Severity
from .engine import examine
from .examination import Examination
from .report import FixedDiagnostic, Report
from .rule import Rule
from .selection import check_tables
from .settings import Settings

if TYPE_CHECKING:
    from ..schemas.workspace import Workspace
    from .baseline import Baseline
    from .fixing import Mended
    from .masking import Masker
    from .memory import Memories
    from .plan import Spread
    from .sieve import Sieve


class Request(NamedTuple):
    """What to do: absolute `paths`, seen from the absolute folder `cwd`.

    `config` is a configuration file that is used in place of those near the paths; `isolated` uses none. `shell` is the
    process environment. `mending` applies fixes in memory. `write_baseline` makes all that is found known.
    `silencing` (with `mending`) adds comments that silence what is found, in place of fixes. `only_named` changes no
    file but those of `paths`. `spread` says how a large run may be divided; none is where trees must stay at hand
    (fixes, a baseline) or rules are the caller's own.
    """

    paths: tuple[str, ...]
    cwd: str
    over: Overrides = Overrides()
    config: str | None = None
    isolated: bool = False
    shell: Mapping[str, str] | None = None
    mending: bool = False
    write_baseline: bool = False
    silencing: bool = False
    only_named: bool = False
    spread: Spread | None = None


class Outcome(NamedTuple):
    """The report of a run, the files that mending would change, and whether something at or above `fail-on` is left.

    `fail_on` is the mildest that the configurations of the paths ask for. `gone` are lines about the entries of a
    baseline that nothing is found for any more, `baselines` those to be written. `ambient` says that more than files
    counted: this machine, or the shell's variables.
    """

    report: Report
    changes: tuple[Change, ...]
    failing: bool
    fail_on: Severity
    gone: tuple[str, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    ambient: bool = False


def run(
    request: Request, workspace: Workspace, rules: Sequence[Rule] | None = None, memories: Memories | None = None
) -> Outcome:
    """Do what is asked; writes and prints nothing. Raises ConfigError, UnknownSelectorError and OSError.

    `memories` are what an earlier run of the same request left.
    """
    spread = request.spread if rules is None else None
    if rules is None:
        from .rules import all_rules

        rules = all_rules()
    groups = _groups(request, workspace)
    for settings, _ in groups:
        check_tables(settings.per_file_ignores, settings.severity, rules)
    sieve = _sieve(request, groups, workspace, rules)
    if request.mending:
        from .fixing import mend

        mended = [
            mend(
                paths,
                settings,
                workspace,
                rules,
                request.cwd,
                only_named=request.only_named,
                spared=sieve.spared(index, workspace) if sieve is not None else None,
                offering=_comments(settings) if request.silencing else None,
            )
            for index, (settings, paths) in enumerate(groups)
        ]
        masker = masker_of([e for m in mended for e in (m.first, m.examination)], show=request.over.show_secrets)
        reports = [_report_of(m, masker, request.cwd) for m in mended]
        changes = tuple(c for m in mended for c in _changes(m, workspace))
        looked = [(m.examination, m.workspace) for m in mended]
    else:
        spread = spread if sieve is None else None
        kept = memories.of([settings.base for settings, _ in groups]) if memories is not None else repeat(None)
        examined = [
            examine(paths, settings, workspace, rules, request.cwd, spread=spread, memory=memory)
            for (settings, paths), memory in zip(groups, kept, strict=False)
        ]
        masker = masker_of(examined, show=request.over.show_secrets)
        reports = [build_report(e, masker, workspace.files, request.cwd) for e in examined]
        changes = ()
        looked = [(e, workspace) for e in examined]
    if sieve is not None:
        reports = [sieve.sift(i, report, *looked[i]) for i, report in enumerate(reports)]
    failing = any(
        d.severity.rank <= settings.fail_on.rank
        for (settings, _), report in zip(groups, reports, strict=True)
        for d in report.diagnostics
    )
    fail_on = max((settings.fail_on for settings, _ in groups), key=lambda severity: severity.rank)
    ambient = any(settings.host or settings.shell is not None for settings, _ in groups)
    changed = tuple({c.path: c for c in changes}.values())
    outcome = Outcome(merged(reports), changed, failing, fail_on, ambient=ambient)
    return outcome if sieve is None else outcome._replace(gone=sieve.gone(), baselines=sieve.written())


def _sieve(
    request: Request, groups: Sequence[tuple[Settings, tuple[str, ...]]], workspace: Workspace, rules: Sequence[Rule]
) -> Sieve | None:
    """What takes known findings out; None for a run without a baseline, which need not load the code for it."""
    if not request.write_baseline and all(settings.baseline is None for settings, _ in groups):
        return None
    from .sieve import Sieve

    return Sieve(groups, workspace.files, rules, writing=request.write_baseline)


def _groups(request: Request, workspace: Workspace) -> list[tuple[Settings, tuple[str, ...]]]:
    """The paths, put together by the configuration that holds for them."""
    files = workspace.files
    given: Config | None = None
    if request.config is not None:
        given = read_config(files, request.config)
    by_config: dict[str, tuple[Config | None, list[str]]] = {}
    anchors = request.paths or request.over.files[:1] or (request.cwd,)
    for path in anchors:
        config = given
        if request.config is None and not request.isolated:
            config = find_config(files, path if files.kind(path) == "directory" else path.rpartition("/")[0])
        entry = by_config.setdefault(config.path if config else "", (config, []))
        if request.paths:
            entry[1].append(path)
    return [
        (make_settings(config, request.over, request.shell or {}, request.cwd), tuple(paths))
        for config, paths in by_config.values()
    ]


def _comments(settings: Settings) -> Callable[[list[Diagnostic]], list[Diagnostic]]:
    """What puts silencing comments in the place of fixes."""
    from functools import partial

    from .silence import with_comments

    return partial(with_comments, notes=settings.mend_notes)


def _report_of(mended: Mended, masker: Masker, cwd: str) -> Report:
    fixed: list[FixedDiagnostic] = []
    for applied in mended.applied:
        rule, place = applied.diagnostic.rule, applied.diagnostic.place
        assert rule is not None
        title = masker.message(applied.fix.title, applied.fix.values)
        fixed.append(FixedDiagnostic(rule, title, place.document.path, place.line))
    examination = mended.examination
    _add_notes(examination, mended)
    return build_report(examination, masker, mended.workspace.files, cwd, tuple(fixed))


def _add_notes(examination: Examination, mended: Mended) -> None:
    examination.errors += mended.notes
    examination.failed |= mended.failed


def _changes(mended: Mended, workspace: Workspace) -> list[Change]:
    from ..schemas.models.deployment import find_boundary

    found: list[Change] = []
    for path in sorted(mended.texts):
        before = workspace.document(path).encode()
        after = mended.workspace.document(path).encode()
        if before != after:
            found.append(Change(path, find_boundary(workspace.files, path.rpartition("/")[0]), before, after))
    return found
