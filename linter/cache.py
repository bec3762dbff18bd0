"""Keeps what a run printed, so that the same run over the same files only prints it again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO, cast

from .. import __version__
from ..schemas.files import DiskFiles, Listed, normal, reason_of
from ..schemas.traced import Trace, TracedFiles
from .console import BROKEN, wants_color

FOLDER = "STACKMEND_CACHE_DIR"
"""The environment variable that names the folder of the cache; an empty one switches it off."""
FORMATS = ("full", "concise", "json")  # the others look at a CI service's variables, or write files of their own
MOST = 200
MAX_BYTES = 4_000_000
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache (https://bford.info/cachedir/): delete it freely.\n"
# Runs that write or read something else than the files that are linted, or show secrets.
_OTHER = (
    *("fix", "diff", "add_ignore", "write_baseline", "output", "reports"),
    *("host", "watch", "show_secrets", "no_cache"),
)


class Contents(DiskFiles):
    """The disk, where a file is the same as long as its bytes are; `torn` once one was read with different bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.torn = False
        self._stamps: dict[str, str | None] = {}
        self._next: tuple[str, bytes] | None = None

    def stamp(self, path: str) -> str | None:
        """A digest of the file, or why it cannot be read; the bytes are those that `read` then gives."""
        found: str | None
        try:
            data = super().read(path)
        except FileNotFoundError:
            found = None
        except (OSError, ValueError) as error:
            found = reason_of(error)
        else:
            self._next = path, data
            found = hashlib.sha256(data).hexdigest()
        self.torn |= self._stamps.setdefault(path, found) != found
        return found

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        kept, self._next = self._next, None
        return kept[1] if kept is not None and kept[0] == path else super().read(path)


class Cache:
    """What was printed by one run, known by its options, the program and the terminal.

    It counts while the disk answers everything as it did that the run asked: each file by its bytes, each folder by its
    names. What depends on more than that (see `Outcome.ambient`), on processes of its own, or ended with an error, is
    never kept. What is kept was meant for the terminal, so its secrets are masked.
    """

    def __init__(self, folder: str, given: Mapping[str, Any]) -> None:
        self._folder = folder
        self._key = _key(given)
        name = hashlib.sha256(json.dumps(self._key).encode()).hexdigest()[:32]
        self._path = os.path.join(folder, f"{name}.json")
        self._contents = Contents()
        self._trace = Trace()
        self._whole = True
        self.files = TracedFiles(self._contents, known={})
        self.files.trace = self._trace

    def replay(self) -> int | None:
        """Print what was printed, and give the exit code; None where that does not hold any more, or never was."""
        try:
            kept = json.loads(_read_own(self._path))
            if kept["key"] != self._key or not _asked(kept["asked"]).answers_hold(Contents()):
                return None
            code, err, out = int(kept["code"]), str(kept["err"]), str(kept["out"])
            os.utime(self._path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None  # not there, cut off, or not ours
        sys.stderr.write(err)
        sys.stdout.write(out)
        return code

    def spoil(self) -> None:
        """Keep nothing of this run: a part of it was asked where it is not written down."""
        self._whole = False

    def keep(self, tell: Callable[[], int]) -> int:
        """Let a run print its report, and keep that; the exit code."""
        out, err = _Tee(sys.stdout), _Tee(sys.stderr)
        sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", err)
        try:
            code = tell()
        finally:
            sys.stdout, sys.stderr = out.stream, err.stream
        if code != BROKEN and self._whole and not self._contents.torn:
            asked = [[question, path, answer] for (question, path), answer in self._trace.asked.items()]
            kept = {
                "key": self._key,
                "asked": asked,
                "code": code,
                "err": "".join(err.parts),
                "out": "".join(out.parts),
            }
            _write(self._folder, self._path, json.dumps(kept).encode())
        return code


def cache_for(given: Mapping[str, Any]) -> Cache | None:
    """The cache for a run of `lint` with these options; None for one that is not to be kept."""
    if any(given[name] for name in _OTHER) or "-" in given["paths"] or given["format_"] not in FORMATS:
        return None
    folder = os.environ.get(FOLDER)
    if folder is None:
        folder = os.path.join(_caches(), "stackmend")
    return Cache(folder, given) if os.path.isabs(folder) else None


def _caches() -> str:
    """The folder in which programs of this user keep their caches; "" where there is none."""
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA", "")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches")
    return os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")


def _key(given: Mapping[str, Any]) -> list[Any]:
    """All that decides over a report beside the files."""
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    options = sorted((name, repr(value)) for name, value in given.items())
    color = wants_color(given["color"], sys.stdout, os.environ)
    where = [normal("."), os.path.expanduser("~")]
    return [__version__, _program(), sys.version, *where, color, columns, [list(option) for option in options]]


def _program() -> int:
    """When the program was last changed: installed, or edited in its checkout."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    if not os.path.exists(os.path.join(package, "pyproject.toml")):
        return os.stat(__file__).st_mtime_ns
    files = (
        os.path.join(top, name)
        for floor in ("linter", "fixers", "schemas")
        for top, _, names in os.walk(os.path.join(package, floor))
        for name in names
        if not name.endswith(".pyc")  # what a run compiles is no change of the program
    )
    return max(os.stat(path).st_mtime_ns for path in files)


def _asked(rows: list[Any]) -> Trace:
    """A trace as it was written down."""
    trace = Trace()
    for question, path, answer in rows:
        if question not in ("kind", "entries", "listing", "real", "stamp"):
            raise ValueError(question)
        trace.asked[question, path] = (
            [Listed(*each) for each in answer] if question == "listing" and answer is not None else answer
        )
    return trace


def _read_own(path: str) -> bytes:
    """A file that this user has written. Raises OSError."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
        if hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid():
            raise PermissionError(13, "another user's file", path)
        return file.read(MAX_BYTES)


def _write(folder: str, path: str, data: bytes) -> None:
    """Write a file of the cache, which others cannot read; nothing where that fails, for it is only a cache."""
    if len(data) >= MAX_BYTES:
        return
    own = f"{path}.{os.getpid()}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        os.replace(own, path)
        _tidy(folder)
    except OSError:
        return


def _tidy(folder: str) -> None:
    """Mark the folder as a cache, and take away what was not used for longest."""
    for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
        if not os.path.lexists(os.path.join(folder, name)):
            with open(os.path.join(folder, name), "x", encoding="ascii") as file:
                file.write(text)
    with os.scandir(folder) as found:
        kept = [(entry.stat(follow_symlinks=False).st_mtime_ns, entry.path) for entry in found if ".json" in entry.name]
    for _, path in sorted(kept, reverse=True)[MOST:]:
        os.unlink(path)


class _Tee(io.TextIOBase):
    """A stream that also keeps what is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.parts: list[str] = []

    def write(self, text: str) -> int:
        self.parts.append(text)
        return self.stream.write(text)

    def flush(self) -> None:
        self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()
