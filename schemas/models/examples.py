"""Example env files (`.env.example`, `sample.env`, …): what a person copies to `.env` before the first start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..parsers.document import Document
    from ..parsers.dotenv import DotenvTree
    from ..workspace import Workspace

_WORDS = "example|sample|template|tmpl|dist|defaults?"
_EXAMPLE = re.compile(rf"\.?env[._-](?:[\w-]+[._-])?(?:{_WORDS})|(?:\.?env[._-])?(?:{_WORDS})[._-]env", re.IGNORECASE)


def env_examples(workspace: Workspace, folder: str) -> tuple[DotenvTree, ...]:
    """The example env files of a folder, `.env.example` first; those that cannot be read are left out."""
    return tuple(workspace.dotenv(document.path) for document in example_documents(workspace, folder))


def example_documents(workspace: Workspace, folder: str) -> tuple[Document, ...]:
    """The texts of a folder's example env files, not split into statements; in the order of `env_examples`."""
    names = [name for name in workspace.files.entries(folder) if _EXAMPLE.fullmatch(name)]
    names.sort(key=lambda n: (n != ".env.example", n))
    found = (_document(workspace, f"{folder.rstrip('/')}/{name}") for name in names)
    return tuple(document for document in found if document is not None)


def _document(workspace: Workspace, path: str) -> Document | None:
    try:
        return workspace.document(path)
    except OSError:
        return None


def example_beside(workspace: Workspace, path: str) -> str | None:
    """The file beside a missing one, or in `envs`, that is meant to be copied to its name; None when there is none.

    `config.json` has `config.json.example`, `config.example.json`, `example.config.json` or `config-example.json`.
    """
    folder, _, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:  # `.env`
        stem, dot, suffix = name, "", ""
    before, bare, after = re.escape(stem), re.escape(stem.lstrip(".")), re.escape(dot + suffix)
    forms = (
        rf"{before}{after}[._-](?:{_WORDS})",
        rf"{before}[._-](?:{_WORDS}){after}",
        rf"\.?(?:{_WORDS})[._-]{bare}{after}",
    )
    pattern = "|".join(forms)
    for place in (folder, f"{folder}/envs"):
        for entry in workspace.files.entries(place):
            if re.fullmatch(pattern, entry, re.IGNORECASE):
                return f"{place}/{entry}"
    return None
