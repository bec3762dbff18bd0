"""The deployments of a folder while a half-typed line breaks one of its Compose files: read without that line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...schemas.models.project import Options
from ...schemas.parsers.document import Document
from ...schemas.parsers.yaml import YamlTree
from .index import concerned

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from .analysis import Analysis

Key = tuple[str, str, tuple[Document, ...]]
# While somebody types in a line the rest of the file stays as it is, so the last reading serves until the line is left.
_LAST: list[tuple[Key, tuple[Deployment, ...]]] = []


def whole(analysis: Analysis, path: str, offset: int | None = None) -> tuple[Deployment, ...]:
    """The deployments that a file is about; where YAML breaks off in it, as they are without the line of an offset.

    Without an offset those of the last time that one was given.
    """
    found = concerned(analysis, path)
    tree = next((t for t in analysis.trees(path) if isinstance(t, YamlTree)), None)
    if tree is None or tree.stopped_at is None or not found:
        return found
    if offset is None:
        return _LAST[0][1] if _LAST and _LAST[0][0][0] == path else found
    text = tree.document.text
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    mended = text[:start] + (text[end:] if end != -1 else "")
    others = {t.document for d in found for t in d.trees if t.document.path != path}
    key = path, mended, tuple(sorted(others, key=lambda document: document.path))
    if not _LAST or _LAST[0][0] != key:
        _LAST[:] = [(key, tuple(_without(analysis, deployment, path, mended) for deployment in found))]
    return _LAST[0][1]


def _without(analysis: Analysis, deployment: Deployment, path: str, text: str) -> Deployment:
    """The deployment with another text in a file; the one there is where that shows no more services."""
    from ...schemas.models.loading import load_deployment

    workspace = analysis.workspace.changed({path: text})
    for files in ((), (path,)):
        options = Options(files, boundary=deployment.boundary)
        try:
            found = load_deployment(workspace, deployment.root, options)
        except OSError:
            continue
        if path in {tree.document.path for tree in found.project.files}:
            return found if len(found.services) > len(deployment.services) else deployment
    return deployment
