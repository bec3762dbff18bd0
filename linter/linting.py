"""What `stackmend lint` does, once its options are read."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TextIO

from ..schemas.files import DiskFiles, Files, normal, reason_of
from ..schemas.workspace import Workspace
from .config import ConfigError, Overrides
from .console import BROKEN, CLEAN, FINDINGS, fail, say, wants_color
from .masking import escape
from .plan import Spread
from .progress import Progress
from .report import Report
from .selection import UnknownSelectorError
from .session import Outcome, Request, run

if TYPE_CHECKING:
    from .cache import Cache


class LintOptions(NamedTuple):
    """The options of `lint` that say how to answer; what to look for stands in `Overrides`."""

    paths: tuple[str, ...]
    over: Overrides
    config: str | None = None
    isolated: bool = False
    fix: bool = False
    diff: bool = False
    format: str = "full"
    output: str | None = None
    reports: tuple[tuple[str, str], ...] = ()
    color: str = "auto"
    stdin_filename: str | None = None
    exit_zero: bool = False
    exit_non_zero_on_fix: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    write_baseline: bool = False
    add_ignore: bool = False
    jobs: int | None = None


def lint_command(options: LintOptions, files: Files | None = None, cache: Cache | None = None) -> int:
    """Lint, mend where asked to, print, and give the exit code. `files` take the place of the disk.

    `cache` keeps what a run that mends nothing prints.
    """
    cwd = normal(".")
    overlay: dict[str, bytes] = {}
    paths = tuple(normal(p) for p in options.paths if p != "-")
    if "-" in options.paths:
        name = normal(options.stdin_filename or "docker-compose.yaml")
        overlay[name] = sys.stdin.buffer.read()
        paths += (name,)
    if not paths and not options.over.files:
        paths = (cwd,)
    config = normal(options.config) if options.config is not None else None
    mending = options.fix or options.add_ignore or options.diff
    progress = Progress(sys.stderr, os.environ, quiet=options.quiet)

    def show(done: int, total: int) -> None:
        if cache is not None:
            cache.spoil()  # the processes that look at shares write nothing down
        progress.show(done, total)

    request = Request(
        paths,
        cwd,
        options.over,
        config,
        options.isolated,
        dict(os.environ),
        mending,
        options.write_baseline,
        options.add_ignore,
        # Under pre-commit only the files that it names are in the commit; the others (an ignored .env) are read only.
        only_named=bool(os.environ.get("PRE_COMMIT")),
        spread=Spread(options.jobs, show) if files is None else None,
    )
    try:
        outcome = run(request, Workspace(files or (cache.files if cache is not None else DiskFiles(overlay))))
    except (ConfigError, UnknownSelectorError) as error:
        fail(escape(str(error)))
    except OSError as error:
        fail(escape(f"{error.filename or config}: {reason_of(error)}"))
    finally:
        progress.clear()
    if cache is None or outcome.ambient:
        return _tell(outcome, options, request, overlay)
    return cache.keep(partial(_tell, outcome, options, request, overlay))


def _tell(outcome: Outcome, options: LintOptions, request: Request, overlay: dict[str, bytes]) -> int:
    """Print what came of a run, write what it changes, and give the exit code."""
    report, changing = outcome.report, options.fix or options.add_ignore
    for line in report.errors:
        say(line)
    _say_what_was_passed_over(options, report)
    if options.diff:
        return _show_diff(outcome)
    written = _apply(outcome, overlay, options) if changing else True
    if not written:
        outcome = run(request._replace(mending=False, silencing=False), Workspace(DiskFiles(overlay)))
    if outcome.gone or outcome.baselines:
        written &= _keep_baselines(outcome, quiet=options.quiet)
    _print(outcome, options, sys.stderr if changing and overlay else sys.stdout)
    if report.failed or not written:
        return BROKEN
    if options.exit_non_zero_on_fix and report.fixed:
        return FINDINGS
    return FINDINGS if outcome.failing and not options.exit_zero else CLEAN


def _say_what_was_passed_over(options: LintOptions, report: Report) -> None:
    """Say which of the named files nothing was said about and why, or that there is nothing at all to lint."""
    passed_over: list[str] = []
    # With --force-exclude a program names the files, and those that it names for nothing are no news.
    for path in () if options.over.force_exclude else options.paths:
        shown = report.shown_path(normal(path))
        said = any(line.startswith(f"{shown}: ") for line in report.errors)
        if path != "-" and not said and normal(path) not in report.paths and os.path.isfile(path):
            passed_over.append(path)
            say(f"{shown}: not linted: no deployment reads it, and its name does not tell what it is")
    if not report.files and not report.errors and not passed_over:
        say(escape(f"{', '.join(options.paths) or '.'}: no Compose, dotenv, nginx or squid file here"))


def _show_diff(outcome: Outcome) -> int:
    from ..fixers.apply import unified_diff

    report = outcome.report
    for change in outcome.changes:
        before, after = (data.decode("utf-8", "surrogateescape") for data in (change.before, change.after))
        for line in unified_diff(before, after, report.shown_path(change.path)):
            sys.stdout.write(report.masker.mask(line.removesuffix("\r")) + "\n")
    if report.failed:
        return BROKEN
    return FINDINGS if outcome.changes else CLEAN


def _apply(outcome: Outcome, overlay: dict[str, bytes], options: LintOptions) -> bool:
    """Write what was mended: standard input's text to standard output, files to the disk. Whether that went well."""
    from ..fixers.undo import forget, record
    from ..fixers.write import write_changes

    report = outcome.report
    for path, data in overlay.items():
        changed = next((c.after for c in outcome.changes if c.path == path), data)
        sys.stdout.flush()
        sys.stdout.buffer.write(changed)
    changes = tuple(c for c in outcome.changes if c.path not in overlay)
    try:
        if changes:
            record(changes, cwd=report.cwd)
    except OSError as error:
        say(f"these fixes cannot be undone: {reason_of(error)}")
    try:
        write_changes(changes)
    except OSError as error:
        forget(report.cwd)
        say(f"{report.shown_path(str(error.filename))}: not written: {reason_of(error)}; no file was changed")
        return False
    if not options.quiet:
        done = "silenced" if options.add_ignore else "fixed"
        for fixed in sorted(report.fixed, key=lambda fixed: (fixed.path, fixed.line, fixed.rule.code)):
            say(f"{done} {report.shown_path(fixed.path)}:{fixed.line}: {fixed.rule.code} {fixed.title}")
    return True


def _keep_baselines(outcome: Outcome, *, quiet: bool) -> bool:
    """Write the baselines that are to be written, and say what of them is gone. Whether that went well."""
    from .baseline import write_baseline

    report = outcome.report
    if not quiet:
        for line in outcome.gone:
            say(f"gone from the baseline: {line}" if outcome.baselines else f"known and no longer found: {line}")
        if outcome.gone and not outcome.baselines:
            say("--write-baseline takes what is no longer found out of the baseline")
    if outcome.baselines and report.failed:
        say("the baseline was not written: not everything could be checked")
        return False
    for baseline in outcome.baselines:
        try:
            write_baseline(baseline)
        except OSError as error:
            say(f"{report.shown_path(baseline.path)}: not written: {reason_of(error)}")
            return False
        if not quiet:
            count = baseline.counts.total()
            known = "1 finding is" if count == 1 else f"{count} findings are"
            say(f"{report.shown_path(baseline.path)}: {known} known now")
    return True


def _print(outcome: Outcome, options: LintOptions, out: TextIO) -> None:
    """Write the report, and those that `--report` asks for besides."""
    report = outcome.report
    verbose = options.verbose or outcome.fail_on.value == "info"
    for format_, path in options.reports:
        with _opened(path) as file:
            _write(report, format_, file, color=options.color == "always", verbose=verbose)
    if options.quiet and not report.diagnostics and options.format in ("full", "concise"):
        return
    with nullcontext(out) if options.output in (None, "-") else _opened(options.output) as stream:
        if options.statistics:
            from .reports.statistics import write

            write(report, stream, as_json=options.format == "json", verbose=verbose)
        else:
            color = wants_color(options.color, stream, os.environ)
            _write(report, options.format, stream, color=color, verbose=verbose)


@contextmanager
def _opened(path: str) -> Generator[TextIO, None, None]:
    """A file to write a report to; the program ends with a clear line where that fails."""
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
    except OSError as error:
        fail(escape(f"{path}: {reason_of(error)}"))


def _write(report: Report, format_: str, out: TextIO, *, color: bool, verbose: bool) -> None:
    module = import_module(f".reports.{format_}", __package__)
    module.write(report, out, color=color, verbose=verbose)
