"""Settings that a choice brings with it: what a value of one variable makes others necessary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...kit import Deployment, Diagnostic, Place, ProductTable, Related, Service, Severity, Variable

if TYPE_CHECKING:
    from ...kit import VariableFact


def lacking_for_choices(deployment: Deployment) -> Iterator[Diagnostic]:
    """One finding for each choice of which settings are absent or empty, at the choice."""
    told: set[Place] = set()
    for name, (product, role) in deployment.roles.items():
        service, table = deployment.services[name], deployment.table(product)
        if table is None or not service.active or not all(file.read for file in service.env_files):
            continue
        for selector, facts in _lacking(deployment, table, service, role.name).items():
            choice = service.environment[selector]
            place = choice.edit_place
            if place not in told:
                told.add(place)
                yield _said(deployment, table, service, choice, facts)


def _lacking(deployment: Deployment, table: ProductTable, service: Service, role: str) -> dict[str, list[VariableFact]]:
    """The facts of what is not set to anything, by the variable whose value asks for it."""
    found: dict[str, list[VariableFact]] = {}
    for fact in table.required_with(deployment.versions.get(table.name), role):
        for selector, values in fact.required_when.items():
            choice, variable = service.environment.get(selector), service.environment.get(fact.name)
            if choice is None or choice.value.text not in values:
                continue
            if variable is None or (variable.value.text is not None and not variable.value.text.strip()):
                found.setdefault(selector, []).append(fact)
    return found


def _said(
    deployment: Deployment, table: ProductTable, service: Service, choice: Variable, facts: list[VariableFact]
) -> Diagnostic:
    place, names = choice.edit_place, [fact.name for fact in facts]
    # What a program can do without, it misses when it comes to it.
    late = all(fact.optional for fact in facts)
    values = (
        ("selector", choice.name),
        ("value", choice.value.text or ""),
        ("service", service.name),
        ("names", ", ".join(f"`{name}`" for name in names)),
        ("title", table.title),
        ("version", ".".join(map(str, deployment.versions.get(table.name) or ()))),
    )
    empty = [service.environment[name] for name in names if name in service.environment]
    related = [Related(variable.place, "this is empty") for variable in empty]
    if choice.place.document is not place.document:
        related.insert(0, Related(choice.place, "`{service}` gets it here", values))
    return Diagnostic(
        place,
        "`{selector}` is `{value}`, and with that {title} {version} wants {names} too, which `{service}` is not given: "
        "it does not start, or goes on without what was chosen; set them, or choose otherwise",
        values,
        tuple(related),
        severity=Severity.WARNING if late else None,
    )
