"""What a template of nginx gets when it is filled: values that nginx does not take, and holes that nothing fills."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    LatePattern,
    MountedFile,
    NginxTree,
    NginxWord,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    near,
    nginx_directives,
    rule,
)
from ..ungiven import ungiven
from .directives import Placed, placed
from .pieces import address, made
from .switches import misspelt_switches
from .targets import FILLED_HOLES, trees
from .values import faults_of, said_of

_HOLE = LatePattern(r"\$(?:\{(\w+)\}|(\w+))")
_CAPITALS = LatePattern(r"\$\{([A-Z][A-Z0-9_]+)\}")
_TWO_SCHEMES = LatePattern(r"https?://(https?://)")
_ENDS = LatePattern(r"[;{}\r\n]")


class Part(NamedTuple):
    """A word that nginx reads after the template was filled, and the variable that gives it whole or in part."""

    word: NginxWord
    variable: Variable | None


@rule("NGX008", "template-value", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def template_value(deployment: Deployment) -> Diagnostics:
    """nginx does not start with what its template is filled with."""
    yield from misspelt_switches(deployment)
    told: set[Place] = set()
    of_products = frozenset(name for table in deployment.tables for name in table.names("nginx"))
    for nginx in deployment.project.active:
        yield from ungiven(deployment, nginx, "nginx", _asked(deployment, nginx), _UNGIVEN)
        for file, tree in trees(deployment, nginx):
            if file.template and not _is_left_out(file):
                own = made(tree)
                for each in placed(tree):
                    for found in (
                        *_values(deployment, file, tree, each),
                        *_unfilled(file, tree, each, of_products),
                        *_schemes(file, tree, own, each),
                    ):
                        if found.place not in told:
                            told.add(found.place)
                            yield found


_UNGIVEN = (
    "`{service}` is not given {names}, for which its templates ask: nginx finds the bare `${…}` there and does not "
    "start; {title}'s own Compose file gives it to `{service}`"
)


def _asked(deployment: Deployment, nginx: Service) -> Iterator[tuple[str, Place]]:
    """The names in capitals for which the templates of an nginx ask, that its image or a start script fills in."""
    scripted = nginx.get("entrypoint") is not None or nginx.get("command") is not None
    for file, tree in trees(deployment, nginx):
        by_image = file.served_path != file.container_path.removesuffix(".template")
        if file.template and (scripted or by_image) and not _is_left_out(file):
            for directive, _ in tree.walk():
                for word in directive.arguments:
                    for match in _CAPITALS.finditer(word.text):
                        if file.fills(match[1]):
                            yield match[1], tree.document.place(*word.span)


def _is_left_out(file: MountedFile) -> bool:
    """Whether Dify's start script uses a template only with https switched on, and it is not."""
    switch = file.service.environment.get("NGINX_HTTPS_ENABLED")
    return file.container_path.endswith("/https.conf.template") and (not switch or switch.value.text != "true")


def _values(deployment: Deployment, file: MountedFile, tree: NginxTree, each: Placed) -> Iterator[Diagnostic]:
    parts = _parts(file, each) or []
    place = tree.document.place(*each.directive.span)
    for variable, message, details, wanted in _faults(each, parts):
        values = (*details, ("name", each.name), ("variable", variable.name))
        edit = change_value(deployment, variable.value, wanted) if wanted else None
        yield Diagnostic(
            variable.edit_place,
            "`{variable}` goes into `{name}` of nginx: " + message,
            values,
            (Related(place, "it is filled in here"),),
            (Fix("Write `{wanted}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
        )


def _faults(each: Placed, parts: list[Part]) -> Iterator[tuple[Variable, str, tuple[tuple[str, str], ...], str]]:
    """What nginx does not take of a filled directive: whose fault, what to say, and what to write instead."""
    filled = [(part.word, part.variable) for part in parts if part.variable]
    for word, variable in filled:
        ends = None if word.quote else _ENDS.search(word.text)
        if ends:
            yield variable, _BROKEN, (("end", ends[0].strip() or "line end"),), ""
            return
    directive = replace(each.directive, arguments=[part.word for part in parts])
    forms = [f for f in nginx_directives.forms(each.name) if f.block == (directive.block is not None)]
    if filled and not any(form.takes(len(parts)) for form in forms):
        yield filled[0][1], _COUNT, (("count", str(len(parts))),), ""
        return
    for fault in faults_of(directive, each.parents) if filled else ():
        giving = next((variable for word, variable in filled if word is fault.word), None)
        message, wanted = said_of(each.directive, fault)
        if giving is not None and message:
            whole = giving.value.text == fault.word.text
            yield giving, message, (("value", fault.word.text), ("wanted", wanted)), wanted if whole else ""


_BROKEN = "its `{end}` ends the directive before the one that the template has: nginx does not start"
_COUNT = "that makes {count} arguments, and nginx does not start"


def _parts(file: MountedFile, each: Placed) -> list[Part] | None:
    """The arguments of a directive after its holes are filled; None where nothing is filled in, or an unknown value."""
    found: list[Part] = []
    for word in each.directive.arguments:
        names = [match[1] or match[2] for match in _HOLE.finditer(word.text)]
        given = file.service.environment
        variables = [given[name] for name in names if name in given and file.fills(name)]
        if any(variable.value.text is None for variable in variables):
            return None
        if not variables:
            found.append(Part(word, None))
            continue
        texts = {variable.name: variable.value.text or "" for variable in variables}
        text = _HOLE.compiled.sub(lambda m: texts.get(m[1] or m[2], m[0]), word.text)  # noqa: B023
        words = [text] if word.quote or _ENDS.search(text) else text.split()
        found += [Part(NginxWord(word.span, each_text, word.quote), variables[0]) for each_text in words]
    return found if any(part.variable for part in found) else None


def _schemes(file: MountedFile, tree: NginxTree, own: Mapping[str, NginxWord], each: Placed) -> Iterator[Diagnostic]:
    """A scheme that a variable brings, after the one that `proxy_pass` has."""
    word = each.directive.arguments[0] if each.name == "proxy_pass" and each.directive.arguments else None
    found = address(file, tree, own, word) if word else None
    match = _TWO_SCHEMES.match(found.text) if found else None
    giving = found.piece(*match.span(1)) if found and match else None
    if found is None or match is None or giving is None or giving[0].variable is None or match.start(1) != giving[1]:
        return
    piece = giving[0]
    place = piece.place(tree, 0, len(match[1]))
    edits = (Edit(place, ""),) if place.text == match[1] else ()
    yield Diagnostic(
        place,
        "`{variable}` goes into `proxy_pass` of nginx behind a scheme: with a second one nginx gives 500; leave out "
        "`{scheme}`"
        if found.late
        else "`{variable}` goes into `proxy_pass` of nginx behind a scheme: with a second one nginx stops with "
        "`invalid port in upstream`; leave out `{scheme}`",
        (("variable", piece.variable.name if piece.variable else ""), ("scheme", match[1])),
        (Related(Place(tree.document, piece.word.span), "it is filled in here"),),
        (Fix("Leave out `{scheme}`", edits, Applicability.UNSAFE, (("scheme", match[1]),)),) if edits else (),
    )


def _unfilled(file: MountedFile, tree: NginxTree, each: Placed, own: Collection[str]) -> Iterator[Diagnostic]:
    """Names in capitals that the environment lacks, that are nearly one which it has, and not `own` of a product."""
    environment = file.service.environment
    for word in each.directive.arguments:
        for match in _CAPITALS.compiled.finditer(tree.document.text, word.span.start, word.span.end):
            if match[1] in environment or match[0] in FILLED_HOLES:
                continue
            meant = near(match[1], environment)
            if meant is None or match[1] in own:
                continue
            place = tree.document.place(*match.span(1))
            values = (("hole", match[1]), ("near", meant), ("nginx", file.service.name))
            yield Diagnostic(
                place,
                "`{nginx}` is given no variable `{hole}`, so that this stays as it is, and nginx reads it so; did you "
                "mean `{near}`?",
                values,
                fixes=(Fix("Write `{near}`", (Edit(place, meant),), Applicability.UNSAFE, values),),
            )
