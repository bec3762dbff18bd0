"""Reads the settings classes of a Dify checkout (`api/configs`): which variables it knows, and what they may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .files import Files

if TYPE_CHECKING:
    from .models.variable_fact import VariableFact


def read_settings(files: Files, folder: str) -> tuple[VariableFact, ...]:
    """The variables that the settings package in `folder` reads, sorted by name; () where there is none.

    Nothing is executed: the modules are parsed, and their classes, type names and imports followed inside the folder.
    The classes that count are those that the package's `__init__` makes an instance of, with all their bases; where it
    makes none, those that no other class inherits. Modules that do not parse are left out.
    Raises ModuleNotFoundError where libcst is not installed (the extra `stackmend[checkout]`).
    """
    # libcst takes 0.2 s to import, and few deployments have a checkout beside them.
    from .settings_package import package_of

    package = package_of(files, folder.rstrip("/"))
    found: dict[str, VariableFact] = {}
    for root in package.roots():
        for fact in package.facts(root):
            # A stand-in (`alias_of`) gives way to the field that has the name for itself.
            if fact.name not in found or (found[fact.name].alias_of and not fact.alias_of):
                found[fact.name] = fact
    return tuple(found[name] for name in sorted(found))
