"""What is shown about a variable: its value in each service, the way it came there, what lost, what it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from ...schemas.models.value import Source
from ..masking import MASK
from ..reports.trail import Step, Trail, Trails
from .facts import Known, documentation, known, of_servers, readers
from .words import Shown, code, listed

if TYPE_CHECKING:
    from ...schemas.models.deployment import Deployment
    from ...schemas.models.service import Service

_NOWHERE = {Source.SHELL: "the shell", Source.DEFAULT: "set nowhere"}
_KINDS = {"from": "from", "through": "asked for by", "hidden": "hidden:"}
_MOST_GROUPS, _MOST_STEPS, _MOST_USES = 6, 8, 8


def variable_lines(
    deployments: tuple[Deployment, ...], name: str, shown: Shown, owners: Collection[str] = ()
) -> Iterator[str]:
    """Markdown about a variable, a deployment after the other; of `owners` where these are services that have it."""
    yield f"**{code(name)}**"
    for deployment in deployments[:3]:
        services = [s for s in deployment.services.values() if name in s.environment]
        services = [s for s in services if not owners or s.name in owners] or services
        found = known(deployment, name, (s.name for s in services))
        yield from _values(deployment, name, services, shown, found)
        yield from _interpolated(deployment, name, services, shown, found)
        if found is not None:
            yield "\n".join(f"- {line}" for line in documentation(found, readers(deployment, name)))
        yield from of_servers(deployment, name, (s.name for s in services))


def _values(
    deployment: Deployment, name: str, services: list[Service], shown: Shown, found: Known | None
) -> Iterator[str]:
    """The value in each service; services that have the same, from the same place, stand together."""
    trails = Trails(deployment.project, shown.masker)
    groups: dict[tuple[object, ...], tuple[Trail, list[str], bool]] = {}
    for service in services:
        variable = service.environment[name]
        trail = trails.of(variable)
        # Two secrets look alike when they are masked, and are two values all the same.
        key = (variable.value.text, *((step.kind, step.place) for step in trail.steps))
        groups.setdefault(key, (trail, [], False))[1].append(service.name)
    secret = found is not None and found.fact.secret
    for trail, names, _ in list(groups.values())[:_MOST_GROUPS]:
        yield f"{listed(names)}: {_said(trail.text, secret=secret)}"
        steps = (*trail.steps, *trail.hidden)
        if steps:
            yield "\n".join(f"- {_step(step, shown, secret=secret)}" for step in steps[:_MOST_STEPS])
    if len(groups) > _MOST_GROUPS:
        yield f"And {len(groups) - _MOST_GROUPS} other values in other services."


def _said(text: str | None, *, secret: bool) -> str:
    if text is None:
        return "only known when the stack runs"
    if not text:
        return "empty"
    return code(MASK if secret else text)


def _step(step: Step, shown: Shown, *, secret: bool) -> str:
    where = code(shown.where(step.place)) if step.place else _NOWHERE.get(step.source, "nowhere in the files")
    # With a fallback in it a `${…}` of a secret is one, too.
    text = MASK if secret and step.text and not step.text.startswith("${") else step.text
    if secret and step.text.startswith("${") and any(mark in step.text for mark in "-?+"):
        text = MASK
    words = f" ({step.words})" if step.words else ""
    return f"{_KINDS[step.kind]} {where}: {code(text) if text else 'empty'}{words}"


def _interpolated(
    deployment: Deployment, name: str, services: list[Service], shown: Shown, found: Known | None
) -> Iterator[str]:
    """What Compose puts in the place of `${NAME}`, and where it does, for what no environment shows already."""
    uses = [use for use in deployment.project.uses if use.name == name]
    shown_above = {via for s in services for piece in s.environment[name].value.pieces for via in piece.via}
    elsewhere = [use for use in uses if use.place not in shown_above]
    value = deployment.project.variables.get(name)
    if uses and (elsewhere or not services):
        fact = found.fact if found is not None else None
        text = shown.value(name, value, fact) if value is not None else None
        if value is None:
            yield f"{code('${' + name + '}')} is set nowhere."
        else:
            place = value.edit_place
            origin = f", from {code(shown.where(place))}" if place is not None else ""
            yield f"{code('${' + name + '}')}: {_said(text, secret=False)}{origin}"
    if elsewhere:
        rows = [f"- {code('.'.join(use.path) or 'a value')} at {code(shown.where(use.place))}" for use in elsewhere]
        more = [f"- and {len(rows) - _MOST_USES} more"] if len(rows) > _MOST_USES else []
        yield "Asked for by:\n\n" + "\n".join(rows[:_MOST_USES] + more)
    if not uses and not services:
        yield "No service of this deployment gets it."
