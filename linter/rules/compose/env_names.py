"""Env files under names that Compose does not look for."""

from __future__ import annotations

from collections.abc import Sequence

from ...kit import Deployment, DotenvTree, LatePattern, within

# What editors, Windows and the habits of other programs make of `.env`.
_OTHER = LatePattern(r"\.?env[._-](?:local|prod|production|dev|development|docker|txt|custom|my|new)|_env|env")


def other_env_file(deployment: Deployment, names: Sequence[str]) -> DotenvTree | None:
    """The one file beside the compose file that sets all these variables, and that Compose reads when it is told to."""
    files, found = deployment.workspace.files, list[DotenvTree]()
    for name in deployment.entries(deployment.root):
        path = f"{deployment.root}/{name}"
        if _OTHER.fullmatch(name) is None or files.kind(path) != "file":
            continue
        if not within(files.real(path), files.real(deployment.boundary)):
            continue
        tree = deployment.workspace.dotenv(path)
        if all(tree.last(each) is not None for each in names):
            found.append(tree)
    return found[0] if len(found) == 1 else None
