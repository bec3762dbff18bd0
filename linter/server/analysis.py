"""What is known of a folder at one moment: its deployments, the trees of their files, and what the rules said."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.workspace import Tree, Workspace
    from ..report import Report


@dataclass(frozen=True, eq=False)
class Analysis:
    """One reading of a workspace folder; a change of a file makes another one.

    `deployments` are those found below the folder, `report` is what a lint of the whole folder says. Offsets in what is
    made of it count code points in `workspace.document(path).text`.
    """

    workspace: Workspace
    deployments: tuple[Deployment, ...]
    report: Report

    def readers(self, path: str) -> tuple[Deployment, ...]:
        """The deployments that read a file, () for one that none reads."""
        return self._readers.get(path, ())

    def trees(self, path: str) -> tuple[Tree, ...]:
        """The trees of a file: one for each way in which it is read, () for a file that nothing read."""
        return tuple(self.workspace.parsed(path))

    @cached_property
    def _readers(self) -> dict[str, tuple[Deployment, ...]]:
        found: dict[str, tuple[Deployment, ...]] = {}
        for deployment in self.deployments:
            for path in dict.fromkeys(tree.document.path for tree in deployment.trees):
                found[path] = (*found.get(path, ()), deployment)
        return found
