"""Variables that neither nginx nor the file knows."""

from __future__ import annotations

from collections.abc import Collection

from ...kit import (
    Applicability,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    NginxTree,
    Place,
    Severity,
    edit_distance,
    nginx_variables,
    rule,
)
from .directives import is_legible
from .targets import in_image

# Shorter names that differ in one letter, and in two, are often meant to differ.
_ONE_SLIP = 6
_TWO_SLIPS = 8


@rule("NGX007", "unknown-variable", NginxTree, Severity.ERROR, fix=Applicability.SAFE)
def unknown_variable(tree: NginxTree) -> Diagnostics:
    """nginx does not start with a variable that nothing makes; what others' modules make nobody knows but they."""
    if "$" not in tree.document.text or not is_legible(tree):
        return
    own: frozenset[str] | None = None
    whole = False
    for directive, parents in tree.walk():
        if parents and (parents[0].name.text in ("stream", "mail") or any(p.raw for p in parents)):
            continue
        for name, span in nginx_variables.used(tree, directive, parents):
            # Names in capitals are holes that another program fills.
            if not name.islower() or nginx_variables.is_known(name):
                continue
            if own is None:
                own, whole = nginx_variables.defined(tree), _is_whole(tree)
            meant = None if name in own else _meant(name, own, whole=whole)
            if meant is not None:
                yield _unknown(Place(tree.document, span), name, meant, whole=whole)


def _is_whole(tree: NginxTree) -> bool:
    """Whether no other file can make variables for this one, nor any module that it loads."""
    names = {directive.name.text for directive in tree.directives}
    return (
        "http" in names
        and "load_module" not in names
        and all(
            directive.name.text != "include" or in_image("/etc/nginx/" + directive.arguments[0].text)
            for directive, _ in tree.walk()
            if directive.arguments
        )
    )


def _meant(name: str, own: Collection[str], *, whole: bool) -> str | None:
    """The one variable that is nearest to a name; None where there is none, or several, or it may be another's."""
    slips = 2 if len(name) >= _TWO_SLIPS else 1
    found: dict[int, list[str]] = {}
    for candidate in {*nginx_variables.names(), *own}:
        distance = edit_distance(name, candidate, slips)
        if distance <= slips:
            found.setdefault(distance, []).append(candidate)
    nearest = found[min(found)] if found else []
    if len(nearest) != 1:
        return None
    (meant,) = nearest
    if whole or (len(name) >= _ONE_SLIP and not name.startswith(meant)) or sorted(name) == sorted(meant):
        return meant
    return None


def _unknown(place: Place, name: str, meant: str, *, whole: bool) -> Diagnostic:
    values = (("name", name), ("near", meant))
    applicability = Applicability.SAFE if whole else Applicability.UNSAFE
    return Diagnostic(
        place,
        'nginx has no variable `${name}` and does not start (`unknown "{name}" variable`); did you mean `${near}`?',
        values,
        fixes=(Fix("Write `${near}`", (Edit(place, meant),), applicability, values),),
    )
