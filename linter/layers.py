"""Over which other Compose files a file is laid, as the commands in scripts and notes of its project say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..schemas.files import Files, normal, within
from .names import is_compose
from .plan import main_of

# Where people write down how they start their stack.
_TELLING = re.compile(
    r"(?i)(?:(?:gnu)?makefile|justfile|taskfile.*|package\.json|readme.*|\.env.*|.+\.(?:mk|sh|bash|zsh|ps1|bat|cmd|md|just))"
)
_FOLDERS = ("scripts", "script", "bin", "docs", "tools")
_MOST_FILES = 100
_MOST_BYTES = 256_000
_CONTINUED = re.compile(r"\\[ \t]*\r?\n[ \t]*")
_COMMAND_END = re.compile(r"&&|[;|\n]")
_FILE = re.compile(r"(?<!\S)(?:-f|--file)(?:[ \t]+|=)[\"']?([^\s\"'`,)]+)")
_VARIABLE = re.compile(r"COMPOSE_FILE[=:][ \t]*[\"']?([^\s\"'`]+)")
_PREFIX = re.compile(r"\$(?:\w+|\{\w+\}|\(\w+\))/")


def orders(files: Files, path: str, boundary: str) -> Iterator[tuple[str, ...]]:
    """The lists of Compose files, in the order of a command, of which a file is one and not the first.

    Nothing is read outside of the boundary.
    """
    folders = list(_upwards(path, boundary))
    name = path.rpartition("/")[2]
    seen: set[tuple[str, ...]] = set()
    for at, text in _texts(files, folders):
        for named in _lists(text) if name in text else ():
            order = _resolved(files, named, folders[at:], path)
            if order and order not in seen and all(within(files.real(each), boundary) for each in order):
                seen.add(order)
                yield order


def mains_above(files: Files, path: str, boundary: str) -> Iterator[str]:
    """The main files of the folders above that of a file, the nearest first."""
    for folder in list(_upwards(path, boundary))[1:]:
        main = main_of(files, folder)
        if main is not None:
            yield main


def is_override(files: Files, path: str) -> bool:
    """Whether a file is named as an override of a main file, and its folder has none: Compose never reads it alone."""
    folder, _, name = path.rpartition("/")
    return ".override." in name and main_of(files, folder) is None


def _upwards(path: str, boundary: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while within(folder, boundary):
        yield folder
        if folder == boundary:
            return
        folder = folder.rpartition("/")[0]


def _texts(files: Files, folders: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What the telling files say, each with the folder to which the paths in its commands are likely relative."""
    left = _MOST_FILES
    for at, folder in enumerate(folders):
        for place in (folder, *(f"{folder}/{name}" for name in _FOLDERS)):
            for name in files.entries(place) if files.kind(place) == "directory" else ():
                if not (_TELLING.fullmatch(name) or is_compose(name)) or files.kind(f"{place}/{name}") != "file":
                    continue
                left -= 1
                if left < 0:
                    return
                try:
                    data = files.read(f"{place}/{name}")
                except (OSError, ValueError):
                    continue
                if len(data) <= _MOST_BYTES:
                    yield at, data.decode("utf-8", "replace")


def _lists(text: str) -> Iterator[tuple[str, ...]]:
    for command in _COMMAND_END.split(_CONTINUED.sub(" ", text)):
        found = tuple(_FILE.findall(command))
        if len(found) > 1:
            yield found
    for value in _VARIABLE.findall(text):
        found = tuple(part for part in re.split("[:;]", value) if part)
        if len(found) > 1:
            yield found


def _resolved(files: Files, named: tuple[str, ...], bases: Sequence[str], path: str) -> tuple[str, ...]:
    """The files of a command up to `path`, from the first folder in which all of them are; () where there is none."""
    for base in bases:
        order = [normal(_PREFIX.sub("", part, count=1), base) for part in named]
        if path in order[1:] and all(files.kind(each) == "file" for each in order):
            return tuple(order)
    return ()
