"""Variables that another release of the product knew under this name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    Related,
    Service,
    Severity,
    Variable,
    Version,
    change_value,
    in_range,
    rename_variable,
    rule,
)

if TYPE_CHECKING:
    from ....schemas.models.variable_fact import VariableFact


class Gone(NamedTuple):
    """A variable that a service is given and does not read any more, with the last fact about it."""

    service: Service
    variable: Variable
    fact: VariableFact
    title: str
    version: Version


@rule("STK015", "renamed-or-removed-variable", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def renamed_or_removed_variable(deployment: Deployment) -> Diagnostics:
    """A setting that this release takes from a variable of another name."""
    found: dict[Place, list[Gone]] = {}
    for name, (product, role) in deployment.roles.items():
        table, version, service = deployment.table(product), deployment.versions.get(product), deployment.services[name]
        if table is None or version is None or not service.active:
            continue
        facts = table.gone(version, role.name)
        gone_names = service.environment.keys() & facts.keys()
        source = deployment.read_by_source(product, role.name) if gone_names else None
        for each in gone_names - (source or {}).keys():
            variable = service.environment[each]
            # In an env file a name may be meant for others that read the file as well.
            if variable.form in ("map", "list") and not table.free_prefix(each):
                gone = Gone(service, variable, facts[each], table.title, version)
                found.setdefault(variable.key_place, []).append(gone)
    for place, group in sorted(found.items(), key=lambda item: item[0].span):
        readers = _readers(deployment, group[0].variable)
        # What is written once for several services is no mistake as long as one of the product's reads it.
        if {gone.service.name for gone in group} >= readers & deployment.roles.keys():
            yield from _said(deployment, place, group, alone=len(readers) == len(group))


def _readers(deployment: Deployment, variable: Variable) -> set[str]:
    """The names of the active services that are given what is written there."""
    given = ((s.name, s.environment.get(variable.name)) for s in deployment.project.active)
    return {name for name, other in given if other is not None and other.key_place == variable.key_place}


def _said(deployment: Deployment, place: Place, group: list[Gone], *, alone: bool) -> Iterator[Diagnostic]:
    service, variable, fact, title, version = group[0]
    values = (
        ("variable", variable.name),
        ("service", service.name),
        ("title", title),
        ("version", ".".join(map(str, version))),
        ("until", fact.until),
        ("name", fact.renamed_to),
    )
    if not fact.renamed_to:
        yield Diagnostic(
            place,
            "`{service}` does not read `{variable}` any more: {title} knew it up to {until}, this is {version}",
            values,
            severity=Severity.INFO,
        )
        return
    new = service.environment.get(fact.renamed_to)
    if new is not None and new.value.text != "":
        return
    after = next(iter(_now(deployment, group[0])), None)
    same = after is not None and after.form == fact.form
    fixes: tuple[Fix, ...] = ()
    if alone and new is None and after is not None:
        fixes = _renamed(variable, after, values) if same else _joined(deployment, group[0], after, values)
    yield Diagnostic(
        place,
        "{title} {version} reads `{name}` in place of `{variable}`, which it knew up to {until}: what is set here does "
        "nothing, and `{service}` goes on with its default"
        if same
        else "{title} {version} reads `{name}` in place of `{variable}`, which it knew up to {until}, and the text is "
        "another, too: what is set here does nothing",
        values,
        tuple(Related(other.service.place, "this service gets it, too") for other in group[1:]),
        fixes,
    )


def _renamed(variable: Variable, after: VariableFact, values: tuple[tuple[str, str], ...]) -> tuple[Fix, ...]:
    edit = rename_variable(variable, after.name) if after.accepts(variable.value.text or "") else None
    return (Fix("Call it `{name}`", (edit,), Applicability.UNSAFE, values),) if edit else ()


def _joined(
    deployment: Deployment, gone: Gone, after: VariableFact, values: tuple[tuple[str, str], ...]
) -> tuple[Fix, ...]:
    """The address that a host, its port and TLS make, where a host is written there and the port is known."""
    service, variable = gone.service, gone.variable
    if not gone.fact.joined_with or any(piece.via for piece in variable.value.pieces):
        return ()
    port, secure = (service.environment.get(name) for name in gone.fact.joined_with)
    host, number = variable.value.text or "", (port.value.text or "") if port is not None else ""
    if not re.fullmatch(r"[\w.-]+", host) or not number.isdigit() or (secure and secure.value.text is None):
        return ()
    address = f"{'https' if secure and secure.value.text == 'true' else 'http'}://{host}:{number}"
    edits = rename_variable(variable, after.name), change_value(deployment, variable.value, address)
    if edits[0] is None or edits[1] is None:
        return ()
    shown = (*values, ("address", address))
    return (Fix("Call it `{name}`, and write `{address}`", (edits[0], edits[1]), Applicability.UNSAFE, shown),)


def _now(deployment: Deployment, gone: Gone) -> Iterator[VariableFact]:
    product, role = deployment.roles[gone.service.name]
    table = deployment.table(product)
    for fact in table.history(role.name, gone.fact.renamed_to) if table else ():
        if in_range(gone.version, fact.since, fact.until):
            yield fact
