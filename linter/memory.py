"""What an examination leaves behind for the next one, which then looks only at what a change reaches."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ..schemas.traced import Trace, TracedFiles
from .diagnostic import Diagnostic
from .plan import Plan, make_plan
from .rule import Rule
from .settings import Settings

if TYPE_CHECKING:
    from ..schemas.files import Files
    from ..schemas.models.deployment import Deployment
    from ..schemas.models.project import Options, Project
    from ..schemas.workspace import Tree, Workspace

    Key = tuple[str, Options]


class Memories:
    """What a run over paths leaves behind: a memory for each configuration that holds for some of them."""

    def __init__(self) -> None:
        self._by_base: dict[str, Memory] = {}

    def of(self, bases: Sequence[str]) -> list[Memory]:
        """The memories for the configurations of a run, by their folders; others are forgotten."""
        self._by_base = {base: self._by_base.get(base) or Memory() for base in bases}
        return [self._by_base[base] for base in bases]

    @property
    def deployments(self) -> list[Deployment]:
        """The deployments that the last run looked at."""
        return [deployment for memory in self._by_base.values() for deployment in memory.deployments]

    def disk_changed(self) -> None:
        """Trust no answer of the disk before it was asked again."""
        for memory in self._by_base.values():
            memory.disk_changed()

    def text_changed(self, path: str) -> None:
        """Trust no answer any more of which a file that is now different was a part."""
        for memory in self._by_base.values():
            memory.text_changed(path)

    def forget_trees(self, workspace: Workspace) -> None:
        """Let go of the findings of trees that are not the workspace's any more."""
        for memory in self._by_base.values():
            memory.forget_trees(workspace)


class Memory:
    """Deployments and findings that still hold, for one set of settings and rules.

    A deployment, and what the rules say of it, hold while the documents that they were made of are those of the
    workspace and the disk answers as it did. The disk is asked again after `disk_changed` only: between two key strokes
    nobody else writes. `said` are the findings of trees, which hold for that very tree. `deployments` are those that
    the last examination looked at.
    """

    def __init__(self) -> None:
        self.said: dict[int, tuple[Tree, list[Diagnostic]]] = {}
        self.deployments: list[Deployment] = []
        self._settings: Settings | None = None
        self._codes: tuple[str, ...] = ()
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._projects: dict[Key, tuple[Project, Trace]] = {}
        self._loaded: dict[Key, tuple[Deployment, Trace]] = {}
        self._found: dict[int, tuple[Deployment, Sequence[Diagnostic], Trace]] = {}
        self._checked: set[int] = set()
        self._used: set[Key] = set()

    def open(self, settings: Settings, rules: Sequence[Rule]) -> None:
        """Begin an examination: what was found under other settings or by other rules is forgotten."""
        codes = tuple(rule.code for rule in rules)
        if settings != self._settings or codes != self._codes:
            self._settings, self._codes = settings, codes
            self._projects.clear()
            self._loaded.clear()
            self._found.clear()
            self.said.clear()
            self.disk_changed()
        # What the last examination did not come upon is gone from the folder, or not looked at any more.
        self._loaded = {key: kept for key, kept in self._loaded.items() if key in self._used}
        self._projects = {key: kept for key, kept in self._projects.items() if key in self._used}
        self._used.clear()
        self._found = {id(d): self._found[id(d)] for d in self.deployments if id(d) in self._found}
        self.deployments = []

    def disk_changed(self) -> None:
        """Trust no answer of the disk before it was asked again."""
        self._checked.clear()
        self._plans.clear()

    def text_changed(self, path: str) -> None:
        """Trust no answer any more of which a file that is now different was a part."""
        for trace in self._traces():
            if ("stamp", path) in trace.asked:
                self._checked.discard(id(trace))

    def _traces(self) -> Iterator[Trace]:
        for kept in self._projects.values():
            yield kept[1]
        for loaded in self._loaded.values():
            yield loaded[1]
        for found in self._found.values():
            yield found[2]

    def plan(self, paths: Sequence[str], files: Files) -> Plan:
        """What absolute paths stand for."""
        key = tuple(paths)
        if key not in self._plans:
            assert self._settings is not None
            self._plans[key] = make_plan(paths, self._settings, files)
        return self._plans[key]

    def deployment(
        self, path: str, options: Options, workspace: Workspace, load: Callable[[], Deployment | None]
    ) -> Deployment | None:
        """The deployment of a file: the one of before if it holds, else loaded anew."""
        key = (path, options._replace(shell=None))
        self._used.add(key)
        kept = self._loaded.get(key)
        if kept is not None and self._holds(kept[1], workspace):
            found = self._found.get(id(kept[0]))
            if found is None or not self._holds(found[2], workspace):
                # Rules read on in files that the deployment was not made of: those of today's workspace.
                kept = self._loaded[key] = replace(kept[0], workspace=workspace), kept[1]
            return kept[0]
        self._loaded.pop(key, None)
        with traced(workspace) as trace:
            deployment = load()
        if deployment is not None:
            self._loaded[key] = deployment, trace
            self._checked.add(id(trace))
        return deployment

    def project(self, path: str, options: Options, workspace: Workspace, load: Callable[[], Project]) -> Project:
        """The Compose project of a file: the one of before if it holds, as where only a mounted file has changed."""
        key = (path, options._replace(shell=None))
        kept = self._projects.get(key)
        if kept is not None and self._holds(kept[1], workspace):
            if workspace.trace is not None:
                workspace.trace.include(kept[1])
            return kept[0]
        with traced(workspace) as trace:
            project = load()
        self._projects[key] = project, trace
        self._checked.add(id(trace))
        return project

    def findings(
        self,
        deployment: Deployment,
        workspace: Workspace,
        look: Callable[[], Sequence[Diagnostic]],
        sound: Callable[[], bool],
    ) -> Sequence[Diagnostic]:
        """What the rules say of a deployment: what they said before if it holds, else found anew.

        What is not `sound` afterwards, because a rule has crashed, is not kept.
        """
        self.deployments.append(deployment)
        kept = self._found.get(id(deployment))
        if kept is not None and self._holds(kept[2], workspace):
            return kept[1]
        with traced(workspace) as trace:
            found = look()
        if sound():
            self._found[id(deployment)] = deployment, found, trace
            self._checked.add(id(trace))
        return found

    def forget_trees(self, workspace: Workspace) -> None:
        """Let go of the findings of trees that are not the workspace's any more."""
        documents = workspace.documents
        self.said = {i: s for i, s in self.said.items() if documents.get(s[0].document.path) is s[0].document}

    def _holds(self, trace: Trace, workspace: Workspace) -> bool:
        if not trace.documents_hold(workspace):
            return False
        if id(trace) not in self._checked and not trace.answers_hold(workspace.files):
            return False
        self._checked.add(id(trace))
        return True


@contextmanager
def traced(workspace: Workspace) -> Generator[Trace, None, None]:
    """Write down what is asked of a workspace and of its files; it counts for a trace around this one, too."""
    trace, around = Trace(), workspace.trace
    _set(workspace, trace)
    try:
        yield trace
    finally:
        _set(workspace, around)
        if around is not None:
            around.include(trace)


def _set(workspace: Workspace, trace: Trace | None) -> None:
    workspace.trace = trace
    if isinstance(workspace.files, TracedFiles):
        workspace.files.trace = trace
