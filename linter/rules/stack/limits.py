"""Numbers that must not exceed another setting's, set or left at what the program falls back on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Fix,
    Place,
    ProductTable,
    Related,
    Service,
    Variable,
    change_value,
)

if TYPE_CHECKING:
    from ...kit import VariableFact


def above_others(deployment: Deployment) -> Iterator[Diagnostic]:
    """One finding for each pair of numbers that is the wrong way round, at the one that a person set."""
    told: set[Place] = set()
    for name, (product, role) in deployment.roles.items():
        service, table = deployment.services[name], deployment.table(product)
        if table is None or not service.active or not all(file.read for file in service.env_files):
            continue
        for fact in table.limited_by_others(deployment.versions.get(product), role.name):
            for diagnostic in _judged(deployment, table, service, role.name, fact):
                if diagnostic.place not in told:
                    told.add(diagnostic.place)
                    yield diagnostic


def _judged(
    deployment: Deployment, table: ProductTable, service: Service, role: str, fact: VariableFact
) -> Iterator[Diagnostic]:
    limit = table.variables(deployment.versions.get(table.name), role).get(fact.not_above)
    low, high = service.environment.get(fact.name), service.environment.get(fact.not_above)
    given = _number(low, fact.default)
    bound = _number(high, limit.default if limit is not None else None)
    if given is None or bound is None or given <= bound:
        return
    values = (
        ("variable", fact.name),
        ("limit", fact.not_above),
        ("given", str(given)),
        ("bound", str(bound)),
        ("service", service.name),
    )
    if low is not None and _is_set(low):
        yield Diagnostic(
            low.edit_place,
            "`{variable}` is {given}, more than `{limit}`, which is {bound}, and `{service}` does not start with that: "
            "write {bound} or less, or raise the other",
            values,
            (Related(high.edit_place, "this is the limit"),) if high is not None and _is_set(high) else (),
            _set_to(deployment, low, bound),
        )
    elif high is not None:
        yield Diagnostic(
            high.edit_place,
            "`{limit}` is {bound}, less than `{variable}`, which is {given} where nobody sets it, and `{service}` does "
            "not start with that: write {given} or more, or set the other, too",
            values,
            fixes=_set_to(deployment, high, given),
        )


def _is_set(variable: Variable) -> bool:
    return variable.value.text is None or variable.value.text != ""


def _number(variable: Variable | None, default: str | None) -> int | None:
    """The number that counts, None where it is unknown or none at all; an empty text counts as not set."""
    text = variable.value.text if variable is not None and _is_set(variable) else default
    return int(text) if text is not None and re.fullmatch(r"\s*[0-9]{1,18}\s*", text) else None


def _set_to(deployment: Deployment, variable: Variable, number: int) -> tuple[Fix, ...]:
    edit = change_value(deployment, variable.value, str(number))
    return (Fix("Write {number}", (edit,), Applicability.UNSAFE, (("number", str(number)),)),) if edit else ()
