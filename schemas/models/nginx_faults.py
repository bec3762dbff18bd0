"""An argument that nginx does not take."""

from __future__ import annotations

from typing import NamedTuple

from ..parsers.nginx import NginxWord


class Fault(NamedTuple):
    """An argument that nginx does not take. `wanted`: what to write instead, "" if unknown."""

    kind: str
    word: NginxWord
    wanted: str = ""
