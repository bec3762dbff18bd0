"""What the rules said about a plan, before it becomes a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .diagnostic import Diagnostic
from .report import DeploymentSummary

if TYPE_CHECKING:
    from ..schemas.models.deployment import Deployment

Key = tuple[str, str, int, int, str, tuple[tuple[str, str], ...]]


class Part(NamedTuple):
    """A deployment and what the rules for whole deployments say of it. `sound`: none of them crashed."""

    deployment: Deployment
    found: Sequence[Diagnostic]
    sound: bool


@dataclass(slots=True)
class Examination:
    """What the rules said about a plan. `secrets` give what must be masked; `syntax` counts each file's problems."""

    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    deployments: list[DeploymentSummary] = field(default_factory=list[DeploymentSummary])
    errors: list[str] = field(default_factory=list[str])
    failed: bool = False
    read: set[str] = field(default_factory=set[str])
    syntax: dict[str, int] = field(default_factory=dict[str, int])
    secrets: list[Callable[[], Iterable[str]]] = field(default_factory=list[Callable[[], Iterable[str]]])
    services: set[str] = field(default_factory=set[str])


def key_of(diagnostic: Diagnostic) -> Key:
    """What makes two findings the same: file, rule, place and words."""
    assert diagnostic.rule is not None
    document, span = diagnostic.place
    return (document.path, diagnostic.rule.code, span.start, span.end, diagnostic.message, diagnostic.values)


def in_order(item: tuple[Key, Diagnostic]) -> tuple[str, int, int, str, str, tuple[tuple[str, str], ...]]:
    """The order in which findings are shown: by file, place, code."""
    path, code, start, end, message, values = item[0]
    return path, start, end, code, message, values
