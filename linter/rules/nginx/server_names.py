"""Names of servers in a form in which no request ever names a host: with a scheme, a port, a path, or a comma."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    NginxTree,
    Place,
    Related,
    Severity,
    Variable,
    change_value,
    rule,
)
from .directives import Placed, placed
from .pieces import address
from .targets import trees

# The scheme, the host, its port and path; several of them with commas between.
_FORM = LatePattern(r"(?:[a-z]+://)?([A-Za-z0-9_*.-]+)(?::\d*)?(?:/[^,]*)?")
_MESSAGE = (
    "a request names its host without scheme, port and path, and blanks part several names: nothing ever matches "
    "`{name}`; write `{wanted}`"
)


def _filled_in(deployment: Deployment) -> Diagnostics:
    """Names that a variable puts into a template."""
    told: set[Place] = set()
    for nginx in deployment.project.active:
        for file, tree in trees(deployment, nginx):
            for each in _server_names(tree) if file.template else ():
                for word in each.directive.arguments:
                    found = address(file, tree, {}, word) if "$" in word.text else None
                    pieces = [piece for piece in found.pieces if piece.text] if found and not found.late else []
                    variable = pieces[0].variable if len(pieces) == 1 else None
                    if variable is not None and variable.edit_place not in told:
                        told.add(variable.edit_place)
                        related = Related(tree.document.place(*word.span), "it is filled in here")
                        yield from _of_variable(deployment, variable, related)


@rule("NGX035", "server-name-form", NginxTree, Severity.WARNING, fix=Applicability.UNSAFE, together=_filled_in)
def server_name_form(tree: NginxTree) -> Diagnostics:
    """nginx takes such a name, and compares it in vain with the host of each request."""
    for each in _server_names(tree):
        for word in each.directive.arguments:
            wanted = _meant(word.text)
            if wanted and not word.quote:
                place = tree.document.place(*word.span)
                values = (("name", word.text), ("wanted", wanted))
                fix = Fix("Write `{wanted}`", (Edit(place, wanted),), Applicability.UNSAFE, values)
                yield Diagnostic(place, _MESSAGE, values, fixes=(fix,))


def _server_names(tree: NginxTree) -> Iterator[Placed]:
    return (each for each in placed(tree) if each.name == "server_name")


def _of_variable(deployment: Deployment, variable: Variable, related: Related) -> Diagnostics:
    text = variable.value.text or ""
    wanted = [_meant(name) or name for name in text.split()]
    if wanted != text.split():
        values = (("name", text), ("wanted", " ".join(wanted)))
        edit = change_value(deployment, variable.value, " ".join(wanted))
        fixes = (Fix("Write `{wanted}`", (edit,), Applicability.UNSAFE, values),) if edit else ()
        yield Diagnostic(variable.edit_place, _MESSAGE, values, (related,), fixes)


def _meant(name: str) -> str:
    """What was meant by a name that no host has, "" for any other."""
    if name.startswith(("~", "[")) or not any(sign in name for sign in ":/,"):
        return ""
    parts = [_FORM.fullmatch(part) for part in name.split(",") if part]
    hosts = [match[1] for match in parts if match is not None]
    return " ".join(dict.fromkeys(hosts)) if len(hosts) == len(parts) else ""
