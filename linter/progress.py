"""The line on a terminal that says how far a long run is; it is gone when the run is over."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TextIO

PATIENCE = 0.4  # seconds before which nobody wonders
PACE = 0.1  # seconds between two looks of the line


class Progress:
    """Shows progress on a terminal that somebody watches, and nowhere else."""

    def __init__(self, out: TextIO, environment: Mapping[str, str], *, quiet: bool) -> None:
        self._out = out
        watched = out.isatty() and environment.get("TERM") != "dumb" and not environment.get("CI")
        self._next = time.monotonic() + PATIENCE if watched and not quiet else float("inf")
        self._shown = False

    def show(self, done: int, total: int) -> None:
        """Say how many folders are done."""
        now = time.monotonic()
        if now < self._next or total < 2:
            return
        self._next = now + PACE
        self._shown = True
        self._out.write(f"\r\x1b[Klinting: {done} of {total} folders")
        self._out.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._out.write("\r\x1b[K")
            self._out.flush()
            self._shown = False
