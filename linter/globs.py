"""Path patterns of the configuration: `*`, `?`, `[…]`, and `**` for any number of folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

# Three things that repeat, and end where the next one begins.
_NAME, _ANY, _FOLDERS = "*", "**", "**/"


class Glob(NamedTuple):
    """What must stand one after the other: a character, a pattern for one, or one of the things that repeat."""

    anchored: bool
    steps: tuple[str | re.Pattern[str], ...]


def matches(pattern: str, path: str, root: str) -> bool:
    """Whether an absolute path matches a pattern that is relative to `root`.

    A pattern without `/` matches a name anywhere; one that matches a folder matches all below it. The time is that of
    the path's length times the pattern's: a regular expression could be made to take for ever.
    """
    root = root.rstrip("/") + "/"
    return path.startswith(root) and _found(_glob(pattern), path[len(root) :])


def _found(glob: Glob, path: str) -> bool:
    """All ways to match are followed side by side, each as how many steps are done, and if a folder's name is begun."""
    done = (len(glob.steps), False)
    ways: set[tuple[int, bool]] = set()
    for at, char in enumerate(path):
        if at == 0 or (path[at - 1] == "/" and not glob.anchored):
            ways |= _skipped(glob, [(0, False)])
        if char == "/" and done in ways:
            return True
        ways = _skipped(glob, (after for way in ways for after in _after(glob, way, char)))
    return done in ways


def _after(glob: Glob, way: tuple[int, bool], char: str) -> Iterable[tuple[int, bool]]:
    """Where a way leads with one more character."""
    number, _ = way
    if number == len(glob.steps):
        return ()
    step = glob.steps[number]
    if step == _ANY:
        return (way,)
    if step == _NAME:
        return () if char == "/" else (way,)
    if step == _FOLDERS:
        begun = way[1]
        return () if char == "/" and not begun else ((number, char != "/"),)
    fits = step == char if isinstance(step, str) else step.match(char) is not None
    return ((number + 1, False),) if fits else ()


def _skipped(glob: Glob, ways: Iterable[tuple[int, bool]]) -> set[tuple[int, bool]]:
    """The ways, and those that go on behind what repeats."""
    found = set(ways)
    for first, begun in tuple(found):
        number = first
        while not begun and number < len(glob.steps) and glob.steps[number] in (_NAME, _ANY, _FOLDERS):
            number += 1
            found.add((number, False))
    return found


@lru_cache(maxsize=256)
def _glob(pattern: str) -> Glob:
    anchored = "/" in pattern.rstrip("/")
    pattern = pattern.strip("/").removeprefix("./")
    steps: list[str | re.Pattern[str]] = []
    at = 0
    while at < len(pattern):
        step: str | re.Pattern[str] = next(s for s in (_FOLDERS, _ANY, pattern[at]) if pattern.startswith(s, at))
        length = len(str(step))
        close = pattern.find("]", at + 2) if step == "[" else -1
        if close > 0:
            inner = pattern[at + 1 : close].replace("\\", "\\\\")
            step = re.compile(f"[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]", re.DOTALL)
            length = close + 1 - at
        elif step == "?":
            step = re.compile("[^/]")
        # What repeats twice in a row repeats once.
        if not (steps and step == steps[-1] and step in (_NAME, _ANY, _FOLDERS)):
            steps.append(step)
        at += length
    return Glob(anchored, tuple(steps))
