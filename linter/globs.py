"""Path patterns of the configuration: `*`, `?`, `[…]`, and `**` for any number of folders."""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, path: str, root: str) -> bool:
    """Whether an absolute path matches a pattern that is relative to `root`.

    A pattern without `/` matches a name anywhere; one that matches a folder matches all below it.
    """
    if not path.startswith(root.rstrip("/") + "/"):
        return False
    return _compiled(pattern).search(path[len(root.rstrip("/")) + 1 :]) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    pattern = pattern.strip("/").removeprefix("./")
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            out.append("(?:[^/]+/)*")
            at += 3
            continue
        if pattern.startswith("**", at):
            out.append(".*")
            at += 2
            continue
        close = pattern.find("]", at + 2) if char == "[" else -1
        if close > 0:
            inner = pattern[at + 1 : close].replace("\\", "\\\\")
            out.append(f"[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]")
            at = close
        else:
            out.append({"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char))
        at += 1
    return re.compile(f"{'^' if anchored else '(?:^|/)'}{''.join(out)}(?:/|$)")
