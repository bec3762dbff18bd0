"""What an examination leaves behind for the next one, which then looks only at what a change reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ..schemas.traced import Trace, TracedFiles
from .diagnostic import Diagnostic
from .examination import Loaded
from .plan import Plan, make_plan
from .rule import Rule
from .settings import Settings

if TYPE_CHECKING:
    from ..schemas.files import Files
    from ..schemas.models.deployment import Deployment
    from ..schemas.models.project import Options
    from ..schemas.workspace import Tree, Workspace

Key = tuple[object, ...]


class _Kept(NamedTuple):
    loaded: Loaded
    trace: Trace


class Memory:
    """Deployments and findings that still hold, for one set of settings and rules.

    A deployment holds while the documents that it was made of are those of the workspace and the disk answers as it
    did. The disk is asked again after `disk_changed` only: between two key strokes nobody else writes. `said` are the
    findings of trees, which hold for that very tree. `deployments` are those of the last examination.
    """

    def __init__(self) -> None:
        self.said: dict[int, tuple[Tree, list[Diagnostic]]] = {}
        self._settings: Settings | None = None
        self._codes: tuple[str, ...] = ()
        self._kept: dict[Key, _Kept] = {}
        self._checked: set[Key] = set()
        self._plans: dict[tuple[str, ...], Plan] = {}
        self.deployments: list[Deployment] = []

    def open(self, settings: Settings, rules: Sequence[Rule]) -> None:
        """Begin an examination: what was found under other settings or by other rules is forgotten."""
        self.deployments = []
        codes = tuple(rule.code for rule in rules)
        if settings != self._settings or codes != self._codes:
            self._settings, self._codes = settings, codes
            self._kept.clear()
            self.said.clear()
            self.disk_changed()

    def disk_changed(self) -> None:
        """Trust no answer of the disk before it was asked again."""
        self._checked.clear()
        self._plans.clear()

    def plan(self, paths: Sequence[str], files: Files) -> Plan:
        """What absolute paths stand for."""
        key = tuple(paths)
        if key not in self._plans:
            assert self._settings is not None
            self._plans[key] = make_plan(paths, self._settings, files)
        return self._plans[key]

    def loaded(
        self, path: str, options: Options, workspace: Workspace, load: Callable[[], Loaded | None]
    ) -> Loaded | None:
        """The deployment of a file with the findings of its rules: the one of before if it holds, else made anew."""
        key = (path, options._replace(shell=None))
        kept = self._kept.get(key)
        if kept is not None and self._holds(key, kept.trace, workspace):
            self.deployments.append(kept.loaded.deployment)
            return kept.loaded
        with traced(workspace) as trace:
            found = load()
        self._kept.pop(key, None)
        if found is not None:
            self.deployments.append(found.deployment)
        if found is not None and found.sound:
            self._kept[key] = _Kept(found, trace)
            self._checked.add(key)
        return found

    def forget_trees(self, workspace: Workspace) -> None:
        """Let go of the findings of trees that are not the workspace's any more."""
        documents = workspace.documents
        self.said = {i: s for i, s in self.said.items() if documents.get(s[0].document.path) is s[0].document}

    def _holds(self, key: Key, trace: Trace, workspace: Workspace) -> bool:
        if not trace.documents_hold(workspace):
            return False
        if key not in self._checked and not trace.answers_hold(workspace.files):
            return False
        self._checked.add(key)
        return True


@contextmanager
def traced(workspace: Workspace) -> Iterator[Trace]:
    """Write down what is asked of a workspace and of its files."""
    trace = Trace()
    files = workspace.files if isinstance(workspace.files, TracedFiles) else None
    workspace.trace = trace
    if files is not None:
        files.trace = trace
    try:
        yield trace
    finally:
        workspace.trace = None
        if files is not None:
            files.trace = None
