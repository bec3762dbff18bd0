"""What the smaller commands do: explain, rules, undo, trace."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..schemas.files import DiskFiles, normal, reason_of
from .console import BROKEN, CLEAN, FINDINGS, fail, say, wants_color
from .masking import escape
from .rules import all_rules, find_rules

if TYPE_CHECKING:
    from .config import Overrides


def explain_command(code: str) -> int:
    """Print the page of the rule that a code or name stands for; of a name that several rules have, those rules."""
    from .pages import page_text

    found = find_rules(code)
    if not found:
        from .near import near

        known = [r.code for r in all_rules()] + [r.name for r in all_rules()]
        meant = near(code.upper(), known) or near(code, known)
        fail(f"there is no rule {escape(code)!r}" + (f"; did you mean {meant}?" if meant else ""))
    rule, *more = found
    if more:
        sys.stdout.write(f"{rule.name} is the name of {len(found)} rules; explain one of them by its code:\n\n")
        for each in found:
            title = (page_text(each) or each.check.__doc__ or "").partition("\n")[0].lstrip("# ")
            sys.stdout.write(f"{each.code}  {each.severity.value:<7}  {title}\n")
        return CLEAN
    fix = f", {rule.fix.value} fix" if rule.fix else ""
    sys.stdout.write(f"{rule.code} {rule.name} ({rule.severity.value}{fix})\n\n")
    sys.stdout.write(page_text(rule) or f"{rule.check.__doc__ or ''}\n")
    return CLEAN


def rules_command(format_: str) -> int:
    """Print all rules, a line each or as JSON."""
    rules = sorted(all_rules(), key=lambda r: r.code)
    if format_ == "json":
        import json

        table = [
            {
                "code": r.code,
                "name": r.name,
                "severity": r.severity.value,
                "fix": r.fix.value if r.fix else None,
                "faq": list(r.faq),
                "host": r.host,
            }
            for r in rules
        ]
        sys.stdout.write(json.dumps(table, indent=2) + "\n")
        return CLEAN
    for r in rules:
        sys.stdout.write(f"{r.code}  {r.severity.value:<7}  {r.fix.value if r.fix else '-':<7}  {r.name}\n")
    return CLEAN


def undo_command() -> int:
    """Put back what the last change in the working directory replaced."""
    from ..fixers.undo import undo

    try:
        undone = undo(normal("."))
    except OSError as error:
        fail(f"the undo journal: {reason_of(error)}")
    if undone is None:
        say("nothing to undo here")
        return CLEAN
    for path in undone.restored:
        say(f"restored {escape(os.path.relpath(path))}")
    for path, reason in undone.refused:
        say(f"{escape(os.path.relpath(path))}: {reason}")
    return FINDINGS if undone.refused else CLEAN


def trace_command(
    service: str | None,
    variable: str | None,
    over: Overrides,
    *,
    format_: str,
    color: str,
    config: str | None,
    isolated: bool,
) -> int:
    """Print the trails of the deployment in the working directory."""
    from ..schemas.models.compose import load_project
    from ..schemas.models.deployment import find_boundary
    from ..schemas.models.project import Options
    from ..schemas.workspace import Workspace
    from .config import ConfigError, find_config, make_settings, read_config
    from .masking import Masker
    from .reports.trace import UnknownServiceError, write_trace
    from .secrets import of_projects

    cwd = normal(".")
    workspace = Workspace(DiskFiles())
    try:
        found = None
        if config is not None:
            found = read_config(workspace.files, normal(config))
        elif not isolated:
            found = find_config(workspace.files, cwd)
        settings = make_settings(found, over, dict(os.environ), cwd)
        root = settings.files[0].rpartition("/")[0] if settings.files else cwd
        boundary = find_boundary(workspace.files, root)
        options = Options(settings.files, settings.env_files, settings.profiles, settings.shell, boundary=boundary)
        project = load_project(workspace, root, options)
    except (ConfigError, OSError) as error:
        fail(escape(str(error)))
    if not project.files:
        fail("there is no Compose file here; name one with -f")
    masker = Masker(lambda: of_projects((project,)), public=project.services, show=over.show_secrets)
    try:
        write_trace(
            project,
            sys.stdout,
            masker=masker,
            cwd=cwd,
            service=service,
            variable=variable,
            format="json" if format_ == "json" else "text",
            color=wants_color(color, sys.stdout, os.environ),
        )
    except UnknownServiceError as error:
        say(escape(str(error)))
        return BROKEN
    return CLEAN


def server_command() -> int:
    """Serve an editor until it says to exit; the exit code is 1 if it leaves without a word (LSP 3.17, `exit`)."""
    try:
        from .server.main import serve
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        fail("the language server needs one package more: pip install 'stackmend[server]'")
    return serve()
