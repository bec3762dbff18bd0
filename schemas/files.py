"""Where file contents come from: the disk with texts laid over it, or memory; bounded in size."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

FileKind = Literal["file", "directory", "other", "missing"]

MAX_BYTES = 10_000_000


class Listed(NamedTuple):
    """A name in a folder: what stands there, links followed, and whether it may be a link."""

    name: str
    kind: FileKind
    is_link: bool


class RefusedError(OSError):
    """A file that is there but is not read; the text says why, in words for a person."""


def reason_of(error: OSError | ValueError) -> str:
    """Why a file could not be read or written, in the system's words or ours, without the path."""
    if isinstance(error, RefusedError):
        return str(error.args[0])
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return "it cannot be used under this name"


class Files(Protocol):
    """Read access to files. Paths are absolute strings with `/`, normalised (`normal`)."""

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError, or RefusedError for what is too large or no regular file."""
        ...

    def kind(self, path: str) -> FileKind:
        """What stands at the path, links followed."""
        ...

    def entries(self, path: str) -> list[str]:
        """The sorted names in a folder, [] when there is none or it cannot be read."""
        ...

    def listing(self, path: str) -> list[Listed]:
        """What stands in a folder, sorted by name. Raises OSError for a folder that is not there or cannot be read."""
        ...

    def real(self, path: str) -> str:
        """The path with all links resolved."""
        ...

    def stamp(self, path: str) -> object:
        """What is equal as long as the file stays as it is; None for a file that is not there."""
        ...

    def mode(self, path: str) -> int | None:
        """Who may read and write a file, as chmod takes it; None where no system tells."""
        ...

    def changed(self, data: Mapping[str, bytes]) -> Files:
        """The same files, with these contents (path → bytes) laid over them."""
        ...


def normal(path: str, base: str | None = None) -> str:
    """An absolute, normalised path with `/`; relative ones are joined to `base` (default: the working directory)."""
    joined = os.path.join(base if base is not None else os.getcwd(), os.path.expanduser(path))
    return os.path.normpath(joined).replace(os.sep, "/")


def within(path: str, root: str) -> bool:
    """Whether a normalised path is the root or lies below it."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def _kind_of(entry: os.DirEntry[str]) -> FileKind:
    """What stands at an entry; "other" is also a link that leads to itself, "missing" one that leads nowhere."""
    try:
        if entry.is_dir():
            return "directory"
        if entry.is_file():
            return "file"
    except OSError:
        return "other"
    return "other" if not entry.is_symlink() or os.path.exists(entry.path) else "missing"


class DiskFiles:
    """The disk, with the texts of `overlay` (path → bytes) in place of what is written there."""

    def __init__(self, overlay: Mapping[str, bytes] | None = None) -> None:
        self.overlay = dict(overlay or {})

    def read(self, path: str) -> bytes:
        if path in self.overlay:
            return self.overlay[path]
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise RefusedError("not a regular file")
        if status.st_size > MAX_BYTES:
            raise RefusedError(f"larger than {MAX_BYTES // 1_000_000} MB ({status.st_size // 1_000_000} MB)")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise RefusedError(f"larger than {MAX_BYTES // 1_000_000} MB")
        return data

    def kind(self, path: str) -> FileKind:
        if path in self.overlay:
            return "file"
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):
            return "missing"
        return "file" if stat.S_ISREG(mode) else "directory" if stat.S_ISDIR(mode) else "other"

    def entries(self, path: str) -> list[str]:
        below = {p.rpartition("/")[2] for p in self.overlay if p.rpartition("/")[0] == path}
        try:
            return sorted(below.union(os.listdir(path)))
        except OSError:
            return sorted(below)

    def listing(self, path: str) -> list[Listed]:
        found: dict[str, Listed] = {}
        laid_over = [name for folder, _, name in (p.rpartition("/") for p in self.overlay) if folder == path]
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    kind = _kind_of(entry)
                    if kind != "missing":
                        found[entry.name] = Listed(entry.name, kind, entry.is_symlink())
        except OSError:
            if not laid_over:
                raise
        found.update((name, Listed(name, "file", is_link=True)) for name in laid_over)
        return [found[name] for name in sorted(found)]

    def real(self, path: str) -> str:
        return os.path.realpath(path).replace(os.sep, "/")

    def stamp(self, path: str) -> object:
        if path in self.overlay:
            return hash(self.overlay[path])
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def mode(self, path: str) -> int | None:
        try:
            # Windows makes one up.
            return None if os.name == "nt" else stat.S_IMODE(os.stat(path).st_mode)
        except (OSError, ValueError):
            return None

    def changed(self, data: Mapping[str, bytes]) -> DiskFiles:
        return DiskFiles({**self.overlay, **data})


class MemoryFiles:
    """Files that stand only in memory, for tests, pages and library callers; `directories` may be empty ones."""

    def __init__(
        self, files: Mapping[str, bytes], directories: tuple[str, ...] = (), modes: Mapping[str, int] | None = None
    ) -> None:
        self.files = dict(files)
        self.modes = dict(modes or {})
        self.directories: set[str] = set()
        for path in (*files, *(f"{d}/." for d in directories)):
            while (path := path.rpartition("/")[0]) and path not in self.directories:
                self.directories.add(path)

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(2, "No such file or directory", path)
        if len(self.files[path]) > MAX_BYTES:
            raise RefusedError(f"larger than {MAX_BYTES // 1_000_000} MB")
        return self.files[path]

    def kind(self, path: str) -> FileKind:
        return "file" if path in self.files else "directory" if path in self.directories else "missing"

    def entries(self, path: str) -> list[str]:
        prefix = path.rstrip("/") + "/"
        below = (p for p in (*self.files, *self.directories) if p.startswith(prefix))
        return sorted({p[len(prefix) :].split("/")[0] for p in below})

    def listing(self, path: str) -> list[Listed]:
        folder = path.rstrip("/")
        return [Listed(name, self.kind(f"{folder}/{name}"), is_link=True) for name in self.entries(path)]

    def real(self, path: str) -> str:
        return path

    def stamp(self, path: str) -> object:
        return hash(self.files[path]) if path in self.files else None

    def mode(self, path: str) -> int | None:
        return self.modes.get(path)

    def changed(self, data: Mapping[str, bytes]) -> MemoryFiles:
        return MemoryFiles({**self.files, **data}, tuple(self.directories), self.modes)
