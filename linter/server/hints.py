"""What stands behind each `${NAME}`: the value that it becomes, written beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...schemas.parsers.document import Place, Span
from ...schemas.parsers.interpolation import (
    InvalidTemplateError,
    MissingVariableError,
    Reference,
    expand,
    names,
    parse_template,
)
from ..masking import MASK
from .facts import known
from .index import index_of
from .words import Shown, shortened

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.models.variable_fact import VariableFact
    from .analysis import Analysis

LONGEST = 40


class Hint(NamedTuple):
    """A text that is shown at an offset, behind an expression."""

    offset: int
    text: str
    tooltip: str


def inlay_hints(analysis: Analysis, path: str, span: Span) -> tuple[Hint, ...]:
    """What the `${NAME}` within a span become; nothing where the fallback is taken, which says so itself."""
    shown = Shown(analysis)
    found: dict[int, Hint] = {}
    for deployment in analysis.readers(path):
        for hint in (*_interpolated(deployment, shown, path, span), *_filled(deployment, shown, path, span)):
            found.setdefault(hint.offset, hint)
    return tuple(found[offset] for offset in sorted(found))


def _interpolated(deployment: Deployment, shown: Shown, path: str, span: Span) -> Iterator[Hint]:
    """What Compose fills in."""
    inner = -1
    uses = [u for u in deployment.project.uses if u.place.document.path == path and _touches(u.place.span, span)]
    for use in sorted(uses, key=lambda u: (u.place.span.start, -u.place.span.end)):
        # A reference in the fallback of another is a part of that one's hint.
        if use.place.span.start < inner:
            continue
        inner = use.place.span.end
        hint = _hint(deployment, shown, use.place)
        if hint is not None:
            yield hint


def _hint(deployment: Deployment, shown: Shown, place: Place) -> Hint | None:
    template = parse_template(place.text)
    if template.invalid or len(template.parts) != 1 or not isinstance(template.parts[0], Reference):
        return None
    reference = template.parts[0]
    asked = list(names(template))
    variables = deployment.project.variables
    if any(each.name in variables and variables[each.name].text is None for each in asked):
        return None
    try:
        text = expand(template, lambda name: variables[name].text if name in variables else None)
    except (InvalidTemplateError, MissingVariableError):
        return None
    fallback = reference.operator.endswith("-") and reference.argument is not None
    if fallback and place.text.endswith(reference.operator + text + "}"):
        return None
    secret = any(shown.secret(each.name, _fact(deployment, each.name)) for each in asked)
    return _made(shown, reference.name, place.span.end, text, secret=secret)


def _filled(deployment: Deployment, shown: Shown, path: str, span: Span) -> Iterator[Hint]:
    """What a container fills in from its environment."""
    if not any(file.template and file.path == path for file in deployment.mounted):
        return
    for mention in index_of(deployment).within(path, span):
        if mention.form != "template":
            continue
        owners = (deployment.services[o].environment.get(mention.name) for o in mention.owners)
        given = {variable.value.text for variable in owners if variable is not None}
        text = given.pop() if len(given) == 1 else None
        if text is not None:
            secret = shown.secret(mention.name, _fact(deployment, mention.name))
            yield _made(shown, mention.name, mention.place.span.end + 1, text, secret=secret)


def _made(shown: Shown, name: str, offset: int, text: str, *, secret: bool) -> Hint:
    hidden = secret and bool(text) and not shown.masker.show
    visible = MASK if hidden else shown.plain(shown.text(name, text))
    return Hint(offset, f"= {shortened(visible, LONGEST)}" if text else "= (empty)", f"{name}: {visible}")


def _fact(deployment: Deployment, name: str) -> VariableFact | None:
    found = known(deployment, name)
    return found.fact if found is not None else None


def _touches(own: Span, other: Span) -> bool:
    return own.start <= other.end and other.start <= own.end
