"""Examples from a product's documentation that were taken over as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    Place,
    Related,
    Service,
    Severity,
    Source,
    Variable,
    change_part,
    in_range,
    rule,
)

_HOST = LatePattern(r"://([\w.-]+)")
_ORIGIN = LatePattern(r"https?://[\w.-]+(?::\d+)?(?=[/,]|$)")


class Placeholder(NamedTuple):
    """An example in a variable of a service: its host, where that is written, and the domains that are examples."""

    service: Service
    variable: Variable
    host: str
    place: Place
    fact: Mapping[str, Any]


@rule("STK023", "placeholder-left", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def placeholder_left(deployment: Deployment) -> Diagnostics:
    """An address of this deployment that is still the documentation's example."""
    found: dict[Place, Placeholder] = {}
    for service in deployment.project.active:
        for placeholder in _placeholders(deployment, service):
            found.setdefault(placeholder.place, placeholder)
    for place, (service, variable, host, _, fact) in found.items():
        passed = Related(variable.place, "`{service}` gets it here", (("service", service.name),))
        yield Diagnostic(
            place,
            "`{variable}` is still the documentation's example, `{host}`, and that is not this deployment: whoever is "
            "given the address ends up elsewhere; write your own, or leave it empty where the product allows that",
            (("variable", variable.name), ("host", host)),
            (passed,) if variable.place.document is not place.document else (),
            _own_origin(deployment, service, variable, fact),
        )


def _placeholders(deployment: Deployment, service: Service) -> Iterator[Placeholder]:
    role = deployment.roles.get(service.name)
    table = deployment.table(role[0]) if role else None
    if table is None:
        return
    version = deployment.versions.get(table.name)
    for fact in table.data.get("placeholders", ()):
        if in_range(version, fact["since"], fact.get("until", "")) is False:
            continue
        for name in fact["variables"]:
            variable = service.environment.get(name)
            if variable is None:
                continue
            for match in _HOST.finditer(variable.value.text or ""):
                if _is_example(match[1], fact):
                    written = variable.value.place_of(match.start(1), match.end(1)) or variable.value.edit_place
                    yield Placeholder(service, variable, match[1], written or variable.place, fact)


def _is_example(host: str, fact: Mapping[str, Any]) -> bool:
    return any(host.lower() == domain or host.lower().endswith(f".{domain}") for domain in fact["hosts"])


def _own_origin(
    deployment: Deployment, service: Service, variable: Variable, fact: Mapping[str, Any]
) -> tuple[Fix, ...]:
    """The origin on which all the other addresses of the service agree, in the place of the example's."""
    match = _ORIGIN.match(variable.value.text or "")
    others = {origin for name in fact["variables"] if (origin := _origin(service, name, fact))}
    if match is None or len(others) != 1:
        return ()
    origin = others.pop()
    edit = change_part(deployment, variable.value, (match[0], match.start(), match.end()), origin)
    if edit is None:
        return ()
    return (Fix("Use `{origin}` as the other addresses do", (edit,), Applicability.UNSAFE, (("origin", origin),)),)


def _origin(service: Service, name: str, fact: Mapping[str, Any]) -> str:
    """The origin of an address that a person wrote; "" for none, for an example, and for a fallback."""
    variable = service.environment.get(name)
    match = _ORIGIN.match(variable.value.text or "") if variable else None
    host = _HOST.search(match[0]) if match else None
    if variable is None or match is None or host is None or _is_example(host[1], fact):
        return ""
    piece = variable.value.piece_at(0)
    return "" if piece is None or piece.source is Source.DEFAULT else match[0]
