"""What is wrong with one of the URLs that Dify hands to browsers, seen beside the others."""

from __future__ import annotations

from typing import NamedTuple

from ...kit import Severity
from .origins import PublicUrl


class Fault(NamedTuple):
    """A URL that does not fit, why, the URL that it does not fit to, and the mended text ("" when nobody can tell).

    `alike` are URLs with the same mistake, and their mended texts.
    """

    url: PublicUrl
    message: str
    other: PublicUrl | None = None
    mended: str = ""
    port: int = 0
    severity: Severity | None = None
    alike: tuple[tuple[PublicUrl, str], ...] = ()
