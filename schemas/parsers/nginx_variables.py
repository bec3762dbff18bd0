"""The variables of nginx: which ones its modules have, where a file uses them, and where it makes its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from ..patterns import LatePattern
from .document import Span
from .nginx import NginxDirective, NginxTree, NginxWord
from .nginx_directives import table

# In a name, nginx takes letters of either case for the same (ngx_http_get_variable_index).
_USE = LatePattern(r"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))")
_WHOLE = LatePattern(r"\$([A-Za-z0-9_]+)")
_CAPTURE = LatePattern(r"\(\?P?[<']([A-Za-z_]\w*)[>']", re.ASCII)
# Which argument of a directive of nginx's own is the variable that it makes.
_MADE = {
    "set": 0,
    "auth_request_set": 0,
    "perl_set": 0,
    "js_set": 0,
    "js_var": 0,
    "map": 1,
    "geo": -1,
    "split_clients": 1,
}


@cache
def names() -> frozenset[str]:
    """The variables of nginx's own modules, and the usual ones of those that begin with a fixed part."""
    return frozenset(table()["variables"])


def is_known(name: str) -> bool:
    """Whether a name in small letters is a variable of nginx's own modules, or may be one by its beginning."""
    return name in names() or name.startswith(tuple(table()["variable_prefixes"]))


def defined(tree: NginxTree) -> frozenset[str]:
    """The variables that a file makes, in small letters: by directives of any module, and captures of patterns."""
    evaluated: dict[str, Any] = table()["evaluated"]
    found: set[str] = set()
    for directive, parents in tree.walk():
        name, words = directive.name.text, [directive.name, *directive.arguments]
        at = _MADE.get(name)
        # Of another module's directive nobody knows which.
        making = words if name not in evaluated and not (parents and parents[-1].name.text == "map") else []
        if at is not None:
            making = directive.arguments[at:][:1]
        found.update(match[1].lower() for word in making if (match := _WHOLE.fullmatch(word.text)))
        for word in words:
            if "(?" in word.text:
                found.update(capture.lower() for capture in _CAPTURE.findall(word.text))
    return frozenset(found)


def used(tree: NginxTree, directive: NginxDirective, parents: Sequence[NginxDirective]) -> Iterator[tuple[str, Span]]:
    """The variables in those arguments of a directive that nginx evaluates, each with the place of its name."""
    text = tree.document.text
    for word in _evaluated(directive, parents):
        for match in _USE.compiled.finditer(text, word.span.start, word.span.end):
            if not match[match.lastindex or 0].isdigit():
                yield match[match.lastindex or 0], Span(*match.span(match.lastindex or 0))


def _evaluated(directive: NginxDirective, parents: Sequence[NginxDirective]) -> Sequence[NginxWord]:
    words = directive.arguments
    if parents and parents[-1].name.text == "map":
        return words[:1]
    which: str | None = table()["evaluated"].get(directive.name.text)
    if which is None:
        return ()
    if which == "-1":
        return words[-1:]
    first = int(which.rstrip("+"))
    found = words[first:] if which.endswith("+") else words[first : first + 1]
    return [word for word in found if not word.text.startswith(("~", "^"))]
