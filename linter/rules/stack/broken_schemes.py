"""Addresses whose beginning has a slip (`http:/host`, `https//host`), in the variables of any program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    change_part,
)
from .addresses import listed

_BEGINNING = LatePattern(
    r"\s*(?P<scheme>https?|wss?|grpc|rediss?|postgres(?:ql)?|mysql|mariadb|mongodb|amqps?|clickhouse|nats)"
    r"(?P<driver>\+[a-z0-9]+)?"
    r"(?P<slip>:+/(?!/)|;//|::+//|:\\\\|//)"
    r"(?=[\w.:\[-])",
    re.IGNORECASE,
)


class Slip(NamedTuple):
    """A wrong beginning of an address, where it stands in the variable's text, and the right one."""

    service: Service
    variable: Variable
    wrong: str
    start: int
    right: str


def broken_schemes(deployment: Deployment) -> Iterator[tuple[Place, Sequence[Slip]]]:
    """The addresses that begin with a slip, by where a person edits them: one for each service that gets it."""
    found: dict[Place, list[Slip]] = {}
    for service in deployment.project.active:
        for variable in service.environment.values():
            slip = _slip(service, variable)
            if slip is not None:
                found.setdefault(variable.edit_place, []).append(slip)
    yield from found.items()


def _slip(service: Service, variable: Variable) -> Slip | None:
    text = variable.value.text
    # An address as it should be is what nearly all are, and is seen fastest.
    if not text or ("/" not in text and "\\" not in text) or ("://" in text and "::" not in text):
        return None
    match = _BEGINNING.match(text)
    if match is None:
        return None
    beginning = match["scheme"] + (match["driver"] or "")
    return Slip(service, variable, beginning + match["slip"], match.start("scheme"), f"{beginning}://")


def of_slips(deployment: Deployment, place: Place, slips: Sequence[Slip]) -> Diagnostic:
    """What is said of one written address."""
    _, variable, wrong, start, right = slips[0]
    edit = change_part(deployment, variable.value, (wrong, start, start + len(wrong)), right)
    values = (
        ("variable", variable.name),
        ("services", listed([slip.service for slip in slips])),
        ("wrong", wrong),
        ("right", right),
    )
    passed = Related(variable.place, "it is passed on here")
    return Diagnostic(
        place,
        "`{variable}` of {services} begins with `{wrong}`, which is no address; it should be `{right}`",
        values,
        (passed,) if variable.place.document is not place.document else (),
        (Fix("Write `{right}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
        Severity.WARNING,
    )
