"""Scripts and templates near a deployment that name its variables: found and shown, never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...schemas.models.mentions import MAX_BYTES, MAX_FILES, reading_files
from ...schemas.parsers.document import Place

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment

_EXAMPLE = re.compile(r".*env.*(?:example|sample|template|tmpl|dist|default).*|.*\.ya?ml", re.IGNORECASE)


def script_mentions(deployment: Deployment, name: str) -> tuple[Place, ...]:
    """Where files that the deployment does not read itself name a variable; examples of env files are none of them.

    Of more files, or larger ones, than can be searched only the first are.
    """
    return tuple(_mentions(deployment, name))


def _mentions(deployment: Deployment, name: str) -> Iterator[Place]:
    pattern = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])")
    own = {tree.document.path for tree in deployment.trees}
    workspace = deployment.workspace
    for count, path in enumerate(reading_files(workspace.files, deployment.root, deployment.boundary)):
        if count >= MAX_FILES:
            return
        if path in own or _EXAMPLE.fullmatch(path.rpartition("/")[2]):
            continue
        try:
            document = workspace.document(path)
        except OSError:
            continue
        if len(document.text) <= MAX_BYTES and name in document.text:
            yield from (document.place(*match.span()) for match in pattern.finditer(document.text))
