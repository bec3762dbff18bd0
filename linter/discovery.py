"""Finds the deployments and the loose configuration files below a folder, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..schemas.files import Files, within
from .globs import matches
from .names import COMPOSE_FILES, SKIPPED_FOLDERS, is_compose, loose_kind
from .settings import Settings

MAX_DEPTH = 12
MAX_FOLDERS = 20_000


@dataclass(slots=True)
class Found:
    """What stands below a folder.

    `roots` are the files that `docker compose` would find by itself; `compose` the other Compose files; `loose` files
    of the other formats.
    """

    roots: list[str] = field(default_factory=list[str])
    compose: list[str] = field(default_factory=list[str])
    loose: list[str] = field(default_factory=list[str])
    cut: bool = False

    def add(self, folder: str, names: list[str], settings: Settings) -> None:
        """Take in the files of one folder."""
        present = [n for n in names if is_compose(n) and not excluded(f"{folder}/{n}", settings)]
        main = next((n for n in COMPOSE_FILES if n in present), None)
        if main:
            self.roots.append(f"{folder}/{main}")
        self.compose += [f"{folder}/{n}" for n in present if n != main]
        for name in names:
            path = f"{folder}/{name}"
            of_product = name in ("config.json", "config.local.json") and present
            if (of_product or loose_kind(path)) and not excluded(path, settings):
                self.loose.append(path)


def excluded(path: str, settings: Settings) -> bool:
    """Whether the configuration leaves a path out."""
    return any(matches(pattern, path, settings.base) for pattern in settings.exclude)


def search(files: Files, top: str, settings: Settings) -> Found:
    """Look through a folder. Links to folders never lead out of `top`, links to files not out of its checkout."""
    from ..schemas.models.deployment import find_boundary

    found = Found()
    real_top = files.real(top)
    boundary = files.real(find_boundary(files, top))
    seen: set[str] = set()
    pending = [(top, 0)]
    while pending:
        folder, depth = pending.pop()
        if len(seen) >= MAX_FOLDERS:
            found.cut = True
            break
        real = files.real(folder)
        if real in seen or not within(real, real_top):
            continue
        seen.add(real)
        names: list[str] = []
        below: list[str] = []
        for name, is_folder, is_link in files.listing(folder):
            if is_folder:
                below.append(name)
            elif not is_link or within(files.real(f"{folder}/{name}"), boundary):
                names.append(name)
        found.add(folder, names, settings)
        if depth < MAX_DEPTH:
            pending += [
                (f"{folder.rstrip('/')}/{name}", depth + 1)
                for name in reversed(below)
                if name not in SKIPPED_FOLDERS and not excluded(f"{folder}/{name}", settings)
            ]
    return found


def folders_above(files: Files, path: str) -> Iterator[str]:
    """The folder of a file and those above it, up to the checkout's own folder and 8 at most, the nearest first."""
    folder = path.rpartition("/")[0]
    for _ in range(8):
        if not folder:
            return
        yield folder
        if files.kind(f"{folder}/.git") != "missing":
            return
        folder = folder.rpartition("/")[0]
