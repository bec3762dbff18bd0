"""Lints again whenever something changes that the last run looked at, until Ctrl-C."""

from __future__ import annotations

import gc
import os
import sys
import time

from ..schemas.files import DiskFiles, FileKind, normal
from .console import BROKEN, INTERRUPTED, say
from .crash import internal_error
from .linting import LintOptions, lint_command

INTERVAL = 0.25
CLEAR = "\x1b[2J\x1b[3J\x1b[H"

Stamp = tuple[int, int, int] | None


class Seen(DiskFiles):
    """The disk, remembering how all looked that was asked for; `own` is a file that the program writes itself."""

    def __init__(self, own: str | None = None) -> None:
        super().__init__()
        self._own = own
        self._stamps: dict[str, Stamp] = {}
        self._kinds: dict[str, FileKind] = {}
        self._names: dict[str, tuple[Stamp, list[str]]] = {}

    @property
    def count(self) -> int:
        """How many files were read."""
        return len(self._stamps)

    def read(self, path: str) -> bytes:
        self._stamps.setdefault(path, _stamp(path))
        return super().read(path)

    def kind(self, path: str) -> FileKind:
        found = super().kind(path)
        self._kinds.setdefault(path, found)
        return found

    def entries(self, path: str) -> list[str]:
        if path not in self._names:
            self._names[path] = _stamp(path), self._listed(path)
        return super().entries(path)

    def changed(self) -> bool:
        """Whether anything looks different now."""
        return (
            any(_stamp(path) != stamp for path, stamp in self._stamps.items() if path != self._own)
            or any(self._relisted(path) for path in self._names)
            or any(super(Seen, self).kind(path) != kind for path, kind in self._kinds.items() if path != self._own)
        )

    def _relisted(self, path: str) -> bool:
        stamp, names = self._names[path]
        now = _stamp(path)
        if now == stamp:
            return False
        # An editor's temporary file comes and goes, and changes the folder's time without changing what is in it.
        self._names[path] = now, names
        return self._listed(path) != names

    def _listed(self, path: str) -> list[str]:
        return [name for name in super().entries(path) if f"{path.rstrip('/')}/{name}" != self._own]


def watch_command(options: LintOptions) -> int:
    """Lint and lint again; the exit code is that of the last run that came to its end."""
    code = INTERRUPTED
    own = normal(options.output) if options.output not in (None, "-") else None
    try:
        while True:
            files = Seen(own)
            if own is None and sys.stdout.isatty():
                sys.stdout.write(CLEAR)
            code = _once(options, files)
            sys.stdout.flush()
            if not options.quiet:
                say(f"watching {files.count} files; Ctrl-C ends")
            gc.collect()
            while not files.changed():
                time.sleep(INTERVAL)
    except KeyboardInterrupt:
        return code


def _once(options: LintOptions, files: Seen) -> int:
    """One run; a configuration that is wrong for a moment, or a mistake of ours, does not end the watch."""
    try:
        return lint_command(options, files)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else BROKEN
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the next change may get round it
        say(internal_error("the program", error))
        return BROKEN


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
