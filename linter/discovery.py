"""Finds the deployments and the loose configuration files below a folder, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..schemas.files import Files, reason_of, within
from .globs import matches
from .names import COMPOSE_FILES, SKIPPED_FOLDERS, is_compose, loose_kind
from .settings import Settings

MAX_DEPTH = 12
MAX_FOLDERS = 20_000


@dataclass(slots=True)
class Found:
    """What stands below a folder.

    `roots` are the files that `docker compose` would find by itself; `compose` the other Compose files; `loose` files
    of the other formats. `unfit` are places that have the name of such a file and are none, with the reason.
    """

    roots: list[str] = field(default_factory=list[str])
    compose: list[str] = field(default_factory=list[str])
    loose: list[str] = field(default_factory=list[str])
    unfit: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
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
        try:
            listed = files.listing(folder)
        except OSError as error:
            # Databases keep their data below a deployment and let nobody else in; only what was named must be readable.
            if folder == top:
                found.unfit.append((top, reason_of(error)))
            continue
        for name, kind, is_link in listed:
            path = f"{folder.rstrip('/')}/{name}"
            if kind == "directory":
                below.append(name)
            if kind == "file" and (not is_link or within(files.real(path), boundary)):
                names.append(name)
            elif (is_compose(name) or (kind == "other" and loose_kind(path))) and not excluded(path, settings):
                found.unfit.append((path, why_not(files, path)))
        found.add(folder, names, settings)
        if depth < MAX_DEPTH:
            pending += [
                (f"{folder.rstrip('/')}/{name}", depth + 1)
                for name in reversed(below)
                if name not in SKIPPED_FOLDERS and not excluded(f"{folder}/{name}", settings)
            ]
    return found


def leads_out(files: Files, path: str, settings: Settings) -> bool:
    """Whether a file is a link out of its project: who may write there would have any file of the machine shown.

    An env file may lie elsewhere: secrets often do, and Compose reads them there.
    """
    real = files.real(path)
    if real == path or loose_kind(path) == "dotenv":
        return False
    from ..schemas.models.deployment import find_boundary

    folders = [find_boundary(files, path.rpartition("/")[0]), settings.base]
    return not any(within(real, files.real(folder)) for folder in folders if folder != "/")


def why_not(files: Files, path: str) -> str:
    """Why a path cannot be linted where a file was expected."""
    kind = files.kind(path)
    if kind == "file":
        return "the link leads out of the project, so it is not read"
    if kind == "directory":
        return "a folder, where a file was expected"
    try:
        files.read(path)
    except FileNotFoundError:
        return "no such file or folder"
    except (OSError, ValueError) as error:
        return reason_of(error)
    return "it cannot be used"


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
