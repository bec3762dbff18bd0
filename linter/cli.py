"""The command line. Commands import what they need when they run, so that the program starts fast."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import __version__
from .console import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import Overrides

    F = TypeVar("F", bound=Callable[..., Any])

_FORMATS = ["full", "concise", "json", "lsp", "github", "sarif", "gitlab", "junit", "rdjson", "html"]
_SELECTOR = "Code, code prefix (CMP, CMP0), rule name, or ALL; several with commas."


def _all_reports(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(map(_report, given))


def _report(given: str) -> tuple[str, str]:
    """`FORMAT=FILE` as a pair."""
    format_, _, path = given.partition("=")
    if format_ not in _FORMATS or not path:
        raise click.BadParameter(f"{given!r} is not FORMAT=FILE, with one of the formats {', '.join(_FORMATS)}")
    return format_, path


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stackmend", message="%(prog)s %(version)s")
def cli() -> None:
    """Find and mend mistakes in the configuration of self-hosted stacks."""


def _project_options(command: F) -> F:
    """The options that say how Compose would be called."""
    for option in (
        click.option("--env-source", type=click.Choice(["shell", "none"]), help="Whether the shell's variables count."),
        click.option(
            "--profile", "profiles", multiple=True, metavar="P", help="Compose profile that is on; '*' for all."
        ),
        click.option("--env-file", "env_files", multiple=True, metavar="F", help="Environment file in place of .env."),
        click.option(
            "-f", "--file", "compose", multiple=True, metavar="COMPOSE", help="Compose file, as with docker compose."
        ),
        click.option("--config", metavar="F", help="Configuration file to use."),
        click.option("--isolated", is_flag=True, help="Use no configuration file."),
        click.option("--show-secrets", is_flag=True, help="Do not mask secrets."),
        click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
    ):
        command = option(command)
    return command


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH...|-]")
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option("--unsafe-fixes/--no-unsafe-fixes", default=None, help="Let --fix and --diff take unsafe fixes too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, change nothing.")
@click.option("--add-ignore", is_flag=True, help="Silence what is found by comments in the files.")
@click.option("--select", multiple=True, metavar="C", help=f"Rules that are on. {_SELECTOR}")
@click.option("--ignore", multiple=True, metavar="C", help=f"Rules that are off. {_SELECTOR}")
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="full", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file; - is standard output.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    callback=_all_reports,
    help="Write the same findings to a file in this format, too.",
)
@_project_options
@click.option("--host/--no-host", default=None, help="Let rules look at this machine (ports in use, processor).")
@click.option("--baseline", metavar="F", help="File of known findings: they are left out, and not mended.")
@click.option("--write-baseline", is_flag=True, help="Make all that is found known: write it to the baseline.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), help="Least severity for exit code 1.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit 1 when something was fixed.")
@click.option("--stdin-filename", metavar="N", help="The name of what stands on standard input.")
@click.option("--force-exclude", is_flag=True, help="Leave out excluded files even when they are named.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes for many deployments; by default all.")
@click.option("-w", "--watch", is_flag=True, help="Lint again whenever a file that was read changes.")
@click.option("--no-cache", is_flag=True, help="Look at everything anew, and keep nothing for the next run.")
@click.option("--statistics", is_flag=True, help="Count findings by rule; also as --format json.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and nothing else.")
@click.option("-v", "--verbose", is_flag=True, help="Show findings that are only information, too.")
def lint(**given: Any) -> int:
    """Lint deployments and configuration files.

    A PATH is a folder, which is searched for deployments, or a file, which stands for the deployment that reads it, as
    does a folder inside of one; `-` is standard input. Exit code: 0 clean, 1 findings, 2 wrong usage, wrong
    configuration or an internal error.
    """
    if given["stdin_filename"] and "-" not in given["paths"]:
        raise click.UsageError("--stdin-filename needs `-` as a PATH")
    if given["write_baseline"] and given["diff"]:
        raise click.UsageError("--write-baseline writes, and --diff changes nothing: take one of them")
    if given["add_ignore"] and given["fix"]:
        raise click.UsageError("--fix mends and --add-ignore silences: take one after the other")
    if given["statistics"] and given["format_"] not in ("full", "concise", "json"):
        raise click.UsageError("--statistics is text, or JSON with --format json")
    from .cache import cache_for

    cache = cache_for(given)
    known = cache.replay() if cache is not None else None
    if known is not None:
        return known
    from .linting import LintOptions, lint_command

    over, of_options = _overrides(given), LintOptions._fields
    chosen = {name: value for name, value in given.items() if name in of_options}
    options = LintOptions(over=over, format=given["format_"], **chosen)
    if not given["watch"]:
        return lint_command(options, cache=cache)
    if "-" in options.paths or options.fix or options.add_ignore or options.write_baseline:
        raise click.UsageError("--watch only looks: it goes with no `-`, --fix, --add-ignore or --write-baseline")
    from .watch import watch_command

    return watch_command(options)


def _overrides(given: dict[str, Any]) -> Overrides:
    from ..schemas.files import normal
    from .config import Overrides
    from .diagnostic import Severity

    fail_on = given.get("fail_on")
    return Overrides(
        select=_split(given["select"]) if given.get("select") else None,
        ignore=_split(given.get("ignore", ())),
        fail_on=Severity(fail_on) if fail_on else None,
        unsafe_fixes=given.get("unsafe_fixes"),
        host=given.get("host"),
        files=tuple(normal(p) for p in given["compose"]),
        env_files=tuple(normal(p) for p in given["env_files"]),
        profiles=tuple(p.strip() for given_profile in given["profiles"] for p in given_profile.split(",")),
        env_source=given["env_source"],
        show_secrets=given["show_secrets"],
        # What a person is not shown is not changed either.
        mend_notes=bool(given.get("verbose") or given.get("select")),
        force_exclude=given.get("force_exclude", False),
        baseline=normal(given["baseline"]) if given.get("baseline") else None,
        topology="html" in (given.get("format_"), *(name for name, _ in given.get("reports", ()))),
    )


def _split(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for word in words for part in word.replace(",", " ").split())


@cli.command()
@click.argument("code")
def explain(code: str) -> int:
    """Show the page of a rule."""
    from .commands import explain_command

    return explain_command(code)


@cli.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(format_: str) -> int:
    """List all rules."""
    from .commands import rules_command

    return rules_command(format_)


@cli.command()
def undo() -> int:
    """Put back what the last --fix in this folder changed."""
    from .commands import undo_command

    return undo_command()


@cli.command()
@click.argument("service", required=False)
@click.argument("variable", required=False)
@_project_options
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def trace(service: str | None, variable: str | None, format_: str, **given: Any) -> int:
    """Show where each value in a container's environment comes from, step by step.

    The shell's variables count, as they do for Compose, unless --env-source none.
    """
    from .commands import trace_command

    given["env_source"] = given["env_source"] or "shell"

    return trace_command(
        service,
        variable,
        _overrides(given),
        format_=format_,
        color=given["color"],
        config=given["config"],
        isolated=given["isolated"],
    )


@cli.command()
def server() -> int:
    """Serve an editor: a language server on standard input and output."""
    from .commands import server_command

    return server_command()


def main() -> None:
    """Run the program."""
    # Trees are many small objects that live to the end: the default collects every 700 of them, 6 % of a run's time.
    gc.set_threshold(50_000, 20, 50)
    code = guarded(_run)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    # All is written: taking every object apart before the end would cost a fifteenth of the run.
    os._exit(code)


def _run() -> int | None:
    try:
        result = cli.main(prog_name="stackmend", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    return result if isinstance(result, int) else 0
