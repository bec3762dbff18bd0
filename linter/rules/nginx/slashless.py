"""Locations whose path lacks the `/` with which the path of every request begins."""

from __future__ import annotations

from ...kit import Applicability, Diagnostic, Diagnostics, Edit, Fix, LatePattern, NginxTree, Severity, rule
from .directives import placed

_PATH = LatePattern(r"[A-Za-z0-9_][\w./-]*")


@rule("NGX032", "location-without-slash", NginxTree, Severity.WARNING, fix=Applicability.UNSAFE)
def location_without_slash(tree: NginxTree) -> Diagnostics:
    """nginx takes such a location, and only what another line rewrites to it can ever come there."""
    words: list[str] | None = None
    for each in placed(tree):
        arguments = each.directive.arguments
        if each.name != "location" or not arguments or [w.text for w in arguments[:-1]] not in ([], ["="], ["^~"]):
            continue
        word = arguments[-1]
        inside = [directive.name.text for directive in each.directive.block or ()]
        if word.quote or not _PATH.fullmatch(word.text) or "internal" in inside:
            continue
        if words is None:
            words = [word.text for directive, _ in tree.walk() for word in directive.arguments]
        if sum(text.startswith(word.text) for text in words) > 1:
            # An inner request, or one that is rewritten, may have a path without a slash.
            continue
        place = tree.document.place(*word.span)
        values = (("path", word.text),)
        yield Diagnostic(
            place,
            "every path begins with `/`, so nothing ever comes to this location, and another one answers; write "
            "`/{path}`",
            values,
            fixes=(Fix("Write `/{path}`", (Edit(place, f"/{word.text}"),), Applicability.UNSAFE, values),),
        )
