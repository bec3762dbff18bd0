"""Variables whose names no release of the product knows, and that are a slip away from one that it reads."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    Service,
    Severity,
    Variable,
    rename_variable,
    rule,
)
from ..misspelt import Slip, slips


@rule("STK014", "unknown-variable", Deployment, Severity.WARNING, fix=Applicability.UNSAFE)
def unknown_variable(deployment: Deployment) -> Diagnostics:
    """A setting that is misspelled, so that the program goes on with its default."""
    found: dict[Place, list[Slip]] = {}
    for slip in slips(deployment):
        found.setdefault(slip.variable.key_place, []).append(slip)
    for place, group in found.items():
        service, variable, meant, table, _ = group[0]
        values = (("variable", variable.name), ("meant", meant), ("service", service.name), ("title", table.title))
        yield Diagnostic(
            place,
            "{title} knows no variable `{variable}`, so `{service}` goes on as if it were not there; did you mean "
            "`{meant}`?",
            values,
            (),
            _renamed(deployment, variable, meant),
            Severity.ERROR if any(_is_needed(deployment, slip) for slip in group) else None,
        )


def _is_needed(deployment: Deployment, slip: Slip) -> bool:
    """Whether nothing works without the variable: it is required, or the only way to a server that runs here."""
    service, meant, table, role = slip.service, slip.meant, slip.table, slip.role
    if meant in table.required_variables(deployment.versions.get(table.name), role.name):
        return True
    targets = deployment.contacts(service).get(meant, ())
    there = [each for each in deployment.project.active if _answers(deployment, each, targets)]
    called = {
        other.name
        for endpoint in deployment.endpoints
        if endpoint.reader is service and endpoint.variable is not slip.variable
        for other in deployment.lookup(service, endpoint.host.text).services
    }
    return bool(there) and not any(each.name in called for each in there)


def _answers(deployment: Deployment, service: Service, targets: tuple[str, ...]) -> bool:
    server = deployment.server(service)
    return deployment.role(service) in targets or (server is not None and server.name in targets)


def _renamed(deployment: Deployment, variable: Variable, meant: str) -> tuple[Fix, ...]:
    """The right name, where nobody but services of a product get what is written there."""
    for service in deployment.services.values():
        same = service.environment.get(variable.name)
        if same is not None and same.key_place == variable.key_place and service.name not in deployment.roles:
            return ()
    edit = rename_variable(variable, meant)
    return (Fix("Rename it to `{meant}`", (edit,), Applicability.UNSAFE, (("meant", meant),)),) if edit else ()
