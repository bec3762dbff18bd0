"""Env files under names that Compose does not look for."""

from __future__ import annotations

from collections.abc import Sequence

from ...kit import Deployment, DotenvTree, LatePattern, within

# What editors, Windows and the habits of other programs make of `.env`.
_OTHER = LatePattern(r"\.?env[._-](?:local|prod|production|dev|development|docker|txt|custom|my|new)|_env|env")
# Names that people choose, to give the file to Compose by hand: `--env-file .env.prod`.
_CHOSEN = LatePattern(r"\.?env[._-](?:local|prod|production|dev|development|docker)")


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


def is_given_by_hand(deployment: Deployment, file: DotenvTree) -> bool:
    """Whether a file may well be one that is named on the command line; the products say to write a `.env`."""
    name = file.document.path.rpartition("/")[2]
    return deployment.product is None and _CHOSEN.fullmatch(name) is not None
