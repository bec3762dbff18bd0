"""What the commands share: standard streams, colour, exit codes, and how the program ends when something goes wrong."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Mapping
from typing import NoReturn, TextIO

CLEAN, FINDINGS, BROKEN = 0, 1, 2
INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 + the signal's number, as shells count
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def say(text: str) -> None:
    """A line for the person, on standard error."""
    sys.stderr.write(f"stackmend: {text}\n")


def fail(text: str) -> NoReturn:
    """End with exit code 2 and a line that says why."""
    say(text)
    raise SystemExit(BROKEN)


def wants_color(choice: str, out: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether to colour: `--color` decides, then NO_COLOR, FORCE_COLOR, then whether a terminal reads it."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return out.isatty() and environment.get("TERM") != "dumb"


def guarded(command: Callable[[], int | None]) -> int:
    """Run the program and make an exit code of every way in which it can end; tracebacks may hold values, so none."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python would write to the closed pipe once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last line of defence
        if isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM:
            say(f"standard output: {(error.strerror or '').lower()}")
            return BROKEN
        from .crash import internal_error

        say(internal_error("the program", error))
        return BROKEN
    return code or CLEAN
