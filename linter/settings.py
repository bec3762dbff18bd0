"""What the user asked for, from the command line and the configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from .diagnostic import Severity
from .rule import Rule

SeverityName = Literal["error", "warning", "info"]


class Settings(NamedTuple):
    """The settings of a run.

    Paths are absolute. `base` is the folder that the globs of `per_file_ignores` and `exclude` are relative to.
    `severity` maps a code or name to another severity. `mend_notes` lets fixes of
    mere information be applied, too. `shell` is the environment that Compose would see, None for
    none. `baseline` is the file of findings that are known. `topology` keeps each deployment's for the report.
    """

    base: str = "/"
    select: tuple[str, ...] = ("ALL",)
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: Mapping[str, Severity] = MappingProxyType({})
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    fail_on: Severity = Severity.ERROR
    unsafe_fixes: bool = False
    mend_notes: bool = True
    host: bool = False
    show_secrets: bool = False
    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    shell: Mapping[str, str] | None = None
    baseline: str | None = None
    topology: bool = False

    def severity_of(self, rule: Rule) -> Severity | None:
        """The severity that the user gives to a rule, None for its own."""
        return self.severity.get(rule.code) or self.severity.get(rule.name)
