"""Lints again whenever something changes that the last run looked at, until Ctrl-C."""

from __future__ import annotations

import gc
import sys
import time

from ..schemas.files import DiskFiles, normal
from ..schemas.traced import Trace, TracedFiles
from .console import BROKEN, INTERRUPTED, say
from .crash import internal_error
from .linting import LintOptions, lint_command

INTERVAL = 0.25
# Programs empty a file before they write it, and save several at once: what is changing is given time to be whole.
SETTLE = 0.05
CLEAR = "\x1b[2J\x1b[3J\x1b[H"


class Seen:
    """What one run asked of the disk, with the answers. `own` is a file that the program writes itself."""

    def __init__(self, own: str | None = None) -> None:
        self.trace = Trace()
        self.files = TracedFiles(DiskFiles())
        self.files.trace = self.trace
        self._own = own

    @property
    def count(self) -> int:
        """How many files were read."""
        return sum(1 for question, _ in self.trace.asked if question == "stamp")

    def changed(self) -> bool:
        """Whether the disk would answer differently now."""
        return not self.trace.answers_hold(DiskFiles(), self._own)


def watch_command(options: LintOptions) -> int:
    """Lint and lint again; the exit code is that of the last run that came to its end."""
    code = INTERRUPTED
    own = normal(options.output) if options.output not in (None, "-") else None
    try:
        while True:
            seen = Seen(own)
            if own is None and sys.stdout.isatty():
                sys.stdout.write(CLEAR)
            code = _once(options, seen)
            sys.stdout.flush()
            # Python swallows an interrupt that comes while weak references are let go, so nobody is told of Ctrl-C yet.
            gc.collect()
            if not options.quiet:
                say(f"watching {seen.count} files; Ctrl-C ends")
            while not seen.changed():
                time.sleep(INTERVAL)
            time.sleep(SETTLE)
    except KeyboardInterrupt:
        return code


def _once(options: LintOptions, seen: Seen) -> int:
    """One run; a configuration that is wrong for a moment, or a mistake of ours, does not end the watch."""
    try:
        return lint_command(options, seen.files)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else BROKEN
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the next change may get round it
        say(internal_error("the program", error))
        return BROKEN
