"""stackmend as a library: pure functions over paths or files in memory. Nothing is printed or written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..schemas.files import DiskFiles, Files, MemoryFiles, normal
from ..schemas.workspace import Workspace
from .config import Overrides
from .report import Report
from .session import Outcome, Request, run


class Fixed(NamedTuple):
    """What fixing gives: the report on the new texts, and the new bytes of each file that changes, by absolute path."""

    report: Report
    files: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"<Fixed {sorted(self.files)}>"


def lint(
    *paths: str,
    files: Mapping[str, str | bytes] | None = None,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    profiles: Sequence[str] = (),
    env_files: Sequence[str] = (),
    config: str | None = None,
    isolated: bool = False,
    show_secrets: bool = False,
) -> Report:
    """Lint files or folders, by default the working directory; with `files` (path → text) nothing but those is read.

    The keyword arguments are the options of `stackmend lint`. Secrets in the report's texts are masked unless
    `show_secrets`. Raises ValueError for a wrong configuration or an unknown rule, OSError for a configuration that
    cannot be read.
    """
    over = Overrides(
        select=tuple(select) if select is not None else None,
        ignore=tuple(ignore),
        profiles=tuple(profiles),
        env_files=tuple(map(normal, env_files)),
        show_secrets=show_secrets,
    )
    return _run(paths, files, over, config, isolated=isolated, mending=False).report


def fix(
    *paths: str,
    files: Mapping[str, str | bytes] | None = None,
    unsafe: bool = False,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    profiles: Sequence[str] = (),
    env_files: Sequence[str] = (),
    config: str | None = None,
    isolated: bool = False,
) -> Fixed:
    """Work out the new texts that `stackmend lint --fix` would write; `unsafe` takes unsafe fixes too.

    The other arguments and what is raised are those of `lint`.
    """
    over = Overrides(
        select=tuple(select) if select is not None else None,
        ignore=tuple(ignore),
        profiles=tuple(profiles),
        env_files=tuple(map(normal, env_files)),
        unsafe_fixes=unsafe,
    )
    outcome = _run(paths, files, over, config, isolated=isolated, mending=True)
    return Fixed(outcome.report, {change.path: change.after for change in outcome.changes})


def _run(
    paths: Sequence[str],
    files: Mapping[str, str | bytes] | None,
    over: Overrides,
    config: str | None,
    *,
    isolated: bool,
    mending: bool,
) -> Outcome:
    source: Files = DiskFiles()
    wanted = tuple(map(normal, paths))
    if files is not None:
        memory = {
            normal(p): t if isinstance(t, bytes) else t.encode("utf-8", "surrogateescape") for p, t in files.items()
        }
        source = MemoryFiles(memory)
        wanted = wanted or ((os.path.commonpath([p.rpartition("/")[0] or "/" for p in memory]),) if memory else ())
    if not wanted:
        wanted = (normal("."),)
    given = normal(config) if config is not None else None
    return run(Request(wanted, normal("."), over, given, isolated, {}, mending), Workspace(source))
