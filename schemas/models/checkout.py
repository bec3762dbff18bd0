"""A product's source checkout beside its deployment: which release it is, and which variables that release reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..files import within
from .image import Version, parse_version

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .product import ProductTable
    from .variable_fact import VariableFact

_RELEASE = r"(?:\bCURRENT_VERSION\b|^version\b).{0,200}?[\"'](\d+\.\d+[^\"'\s]{0,20})[\"']"


class Checkout:
    """The folder of a program's source; nothing in it is run. `path` is absolute."""

    def __init__(self, workspace: Workspace, path: str, facts: Mapping[str, Any], roles: tuple[str, ...]) -> None:
        self.path = path
        self._workspace = workspace
        self._facts = facts
        self._roles = roles

    @property
    def env_file(self) -> str | None:
        """The env file that the program reads when it is run from here; None while there is none."""
        path = f"{self.path}/{self._facts['env_file']}"
        return path if self._workspace.files.kind(path) == "file" else None

    @cached_property
    def version(self) -> Version | None:
        """The release that the source says it is, None where it does not."""
        for name in self._facts["released_in"]:
            try:
                text = self._workspace.document(f"{self.path}/{name}").text
            except (OSError, ValueError):
                continue
            found = re.search(_RELEASE, text, re.MULTILINE | re.DOTALL)
            if found:
                return parse_version(found[1])
        return None

    @cached_property
    def settings(self) -> Mapping[str, VariableFact]:
        """The variables that the settings classes read; {} without any, and where libcst is not installed."""
        from ..settings_source import read_settings

        try:
            facts = read_settings(self._workspace.files, f"{self.path}/{self._facts['settings']}")
        except ModuleNotFoundError:
            return {}
        return {fact.name: fact._replace(roles=self._roles) for fact in facts}


def find_checkout(workspace: Workspace, root: str, boundary: str, table: ProductTable) -> Checkout | None:
    """The checkout that a product's table expects beside a deployment in `root`, None when there is none.

    Files outside of `boundary` are not read.
    """
    from ..files import normal

    facts: Mapping[str, Any] | None = table.data.get("checkout")
    if facts is None:
        return None
    files, path = workspace.files, normal(f"{root}/{facts['folder']}")
    if files.kind(f"{path}/{facts['program']}") != "file" or not within(files.real(path), files.real(boundary)):
        return None
    return Checkout(workspace, path, facts, tuple(role.name for role in table.roles if role.settings))
