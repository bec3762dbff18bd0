"""What to lint: which deployments and loose files the paths on the command line stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..schemas.files import Files, within
from .discovery import Found, excluded, folders_above, leads_out, search, why_not
from .names import COMPOSE_FILES, is_compose, named_kind
from .settings import Settings

MANY = 8  # for fewer folders with deployments another process costs more than it gives


class Spread(NamedTuple):
    """How to work through a large plan: in how many processes (None: as many as pay), and who is told how far it is."""

    jobs: int | None = None
    progress: Callable[[int, int], None] | None = None


@dataclass(slots=True)
class Plan:
    """The work of a run, as absolute paths.

    `roots` are Compose files that Compose finds by itself, linted with their overrides; `compose` are others, linted
    alone unless a root reads them; `loose` are files of other formats, linted alone unless a deployment reads them.
    `named` are the files that the user gave by name, or by a folder below their deployment; `searched` the roots and
    files that were found in the folders `tops` that the user gave, whose findings count wherever they are. `spare` are
    Compose files that are tried when no root reads a named file; `above` main files in the folders above a named
    Compose file, which may include it.
    """

    roots: list[str] = field(default_factory=list[str])
    compose: list[str] = field(default_factory=list[str])
    loose: list[str] = field(default_factory=list[str])
    spare: list[str] = field(default_factory=list[str])
    above: list[str] = field(default_factory=list[str])
    named: set[str] = field(default_factory=set[str])
    searched: set[str] = field(default_factory=set[str])
    tops: set[str] = field(default_factory=set[str])
    missing: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def take(self, found: Found) -> None:
        """Add what a folder holds."""
        self.roots += found.roots
        self.compose += found.compose
        self.loose += found.loose
        self.missing += found.unfit
        self.searched.update(found.roots, found.compose, found.loose)


def make_plan(paths: Sequence[str], settings: Settings, files: Files) -> Plan:
    """Work out what absolute paths stand for. Reads folders, no file."""
    plan = Plan()
    for path in dict.fromkeys(paths):
        kind = files.kind(path)
        if kind == "directory":
            found = search(files, path, settings)
            plan.take(found)
            plan.tops.add(path)
            for file in _of_above(path, found, files):
                plan.named.add(file)
                _take_named(plan, file, files)
            if found.cut:
                plan.notes.append((path, "too many folders; what lies deepest was not searched"))
        elif kind == "file" and leads_out(files, path, settings):
            plan.missing.append((path, why_not(files, path)))
        elif kind == "file":
            if not (settings.force_exclude and excluded(path, settings)):
                plan.named.add(path)
                _take_named(plan, path, files)
        else:
            plan.missing.append((path, why_not(files, path)))
    for names in (plan.roots, plan.compose, plan.loose, plan.spare, plan.above):
        names[:] = dict.fromkeys(names)
    return plan


def _of_above(top: str, found: Found, files: Files) -> list[str]:
    """The loose files of a folder that a deployment above it may read: they stand for it as named files do."""
    if not found.loose or all(main_of(files, folder) is None for folder in folders_above(files, top)):
        return []
    homes = [root.rpartition("/")[0] for root in found.roots]
    return [path for path in found.loose if not any(within(path, home) for home in homes)]


def _take_named(plan: Plan, path: str, files: Files) -> None:
    name = path.rpartition("/")[2]
    if is_compose(name) or name.endswith((".yaml", ".yml")):
        main = main_of(files, path.rpartition("/")[0])
        if main is not None:
            plan.roots.append(main)
        if path != main:
            plan.compose.append(path)
        mains = [main_of(files, folder) for folder in folders_above(files, path)]
        plan.above += [above for above in mains if above is not None and above != main]
        return
    for folder in folders_above(files, path):
        main = main_of(files, folder)
        if main is not None:
            plan.roots.append(main)
        plan.spare += [f"{folder}/{n}" for n in files.entries(folder) if is_compose(n) and f"{folder}/{n}" != main]
    if named_kind(path) or name.endswith((".json", ".json5")):
        plan.loose.append(path)


def own_env_files(files: Files, path: str) -> tuple[str, ...] | None:
    """The env files that a Compose file beside the folder's main one is meant to be run with.

    `docker-compose.NAME.yaml` is a deployment of its own when `NAME.env` lies beside it, or an example of that file
    (`NAME.env.example`, also in `envs`): its variables come from `NAME.env`, and from no file, (), while that is not
    there yet. None where no such file is to be seen: then the folder's `.env` counts, as for Compose.
    """
    folder, _, name = path.rpartition("/")
    match = re.fullmatch(r"(?:docker-)?compose[._-](.+)\.ya?ml", name)
    if match is None:
        return None
    own = f"{folder}/{match[1]}.env"
    if files.kind(own) == "file":
        return (own,)
    examples = (f"{own}.example", f"{folder}/envs/{match[1]}.env.example")
    return () if any(files.kind(example) == "file" for example in examples) else None


def main_of(files: Files, folder: str) -> str | None:
    """The Compose file that Compose finds by itself in a folder, None where there is none."""
    return next((p for n in COMPOSE_FILES if files.kind(p := f"{folder}/{n}") == "file"), None)
