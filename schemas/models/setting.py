"""What reading a set of compose files starts from: the files, the variables, the folder, who asked for them."""

from __future__ import annotations

from typing import NamedTuple

from ..parsers.document import Place
from .resolve import Scope
from .value import Source


class Named(NamedTuple):
    """A file to read and the place that names it, None for the first ones."""

    path: str
    place: Place | None


class Setting(NamedTuple):
    """How a set of files is read: the variables it sees, the folder its paths count from, who included it."""

    scope: Scope
    base: str
    source: Source
    chain: tuple[str, ...] = ()
