"""What the rules said about a plan, before it becomes a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .crash import internal_error
from .diagnostic import Diagnostic
from .report import DeploymentSummary, relative

if TYPE_CHECKING:
    pass

Key = tuple[str, str, int, int, str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Examination:
    """What the rules said about a plan, seen from the folder `cwd`.

    `secrets` give what must be masked; `syntax` counts each file's problems.
    """

    cwd: str
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    deployments: list[DeploymentSummary] = field(default_factory=list[DeploymentSummary])
    errors: list[str] = field(default_factory=list[str])
    failed: bool = False
    read: set[str] = field(default_factory=set[str])
    syntax: dict[str, int] = field(default_factory=dict[str, int])
    secrets: list[Callable[[], Iterable[str]]] = field(default_factory=list[Callable[[], Iterable[str]]])
    services: set[str] = field(default_factory=set[str])
    crashes: int = 0

    def error(self, path: str, reason: str) -> None:
        """Add a line about a path."""
        self.note(f"{relative(path, self.cwd)}: {reason}")

    def note(self, line: str) -> None:
        """Add a line for the person, once."""
        if line not in self.errors:
            self.errors.append(line)

    def crash(self, what: str, path: str, error: Exception) -> None:
        """Add the line of a mistake of ours; it holds no value of the linted files."""
        self.failed = True
        self.crashes += 1
        self.error(path, internal_error(what, error))


@dataclass(slots=True)
class Findings:
    """What is kept of what rules said, each finding once.

    `readers` counts the deployments that read a file, `agreeing` those that have a finding of an `everywhere` rule.
    """

    kept: dict[Key, Diagnostic] = field(default_factory=dict[Key, Diagnostic])
    readers: dict[str, int] = field(default_factory=dict[str, int])
    agreeing: dict[Key, int] = field(default_factory=dict[Key, int])

    def read(self, path: str) -> None:
        """Count a deployment that reads a file."""
        self.readers[path] = self.readers.get(path, 0) + 1

    def add(self, found: Iterable[Diagnostic]) -> None:
        """Take in what one deployment or file has."""
        counted: set[Key] = set()
        for each in found:
            key = key_of(each)
            self.kept.setdefault(key, each)
            if each.rule is not None and each.rule.everywhere and key not in counted:
                counted.add(key)
                self.agreeing[key] = self.agreeing.get(key, 0) + 1

    def absorb(self, other: Findings) -> None:
        """Take in what another pass has found: counts add up, of equal findings the first stays."""
        for key, each in other.kept.items():
            self.kept.setdefault(key, each)
        for path, count in other.readers.items():
            self.readers[path] = self.readers.get(path, 0) + count
        for key, count in other.agreeing.items():
            self.agreeing[key] = self.agreeing.get(key, 0) + count

    def in_order(self) -> list[Diagnostic]:
        """The findings that count, sorted."""
        counting = [
            (key, each)
            for key, each in self.kept.items()
            if key not in self.agreeing or self.agreeing[key] >= self.readers.get(key[0], 1)
        ]
        return [each for _, each in sorted(counting, key=in_order)]


def key_of(diagnostic: Diagnostic) -> Key:
    """What makes two findings the same: file, rule, place and words."""
    assert diagnostic.rule is not None
    document, span = diagnostic.place
    return (document.path, diagnostic.rule.code, span.start, span.end, diagnostic.message, diagnostic.values)


def in_order(item: tuple[Key, Diagnostic]) -> tuple[str, int, int, str, str, tuple[tuple[str, str], ...]]:
    """The order in which findings are shown: by file, place, code."""
    path, code, start, end, message, values = item[0]
    return path, start, end, code, message, values
