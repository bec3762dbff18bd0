"""Services that do not exist, are switched off, wait for each other, or share a name."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    Place,
    Severity,
    near,
    rule,
    said,
)
from .refusals import comparable


@rule("CMP012", "unknown-service-reference", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def unknown_service_reference(deployment: Deployment) -> Diagnostics:
    """`depends_on`, `links`, `extends` and the like that name no service."""
    containers = {
        service.container_name.text: service.name
        for service in deployment.services.values()
        if service.container_name is not None and service.container_name.text
    }
    comparable_names = comparable(len(deployment.services))
    for count, problem in enumerate(p for p in deployment.project.problems if p.kind == "undefined-service"):
        values = dict(problem.values)
        name = values.get("name", "")
        container = containers.get(name)
        others = (n for n in deployment.services if n != values.get("service")) if count < comparable_names else ()
        meant = container or near(name, others)
        if not meant or "file" in values:
            yield said(problem)
            continue
        hint = "; that is the container name of `{near}`" if container else "; did you mean `{near}`?"
        yield Diagnostic(
            problem.place,
            problem.message + hint,
            (*problem.values, ("near", meant)),
            fixes=tuple(renamed(problem.place, name, meant)),
        )


def renamed(place: Place, name: str, meant: str) -> Iterator[Fix]:
    """The name, which a place holds once, changed to the one that was meant."""
    at = place.text.find(name)
    if name and place.text.count(name) == 1:
        start = place.span.start + at
        edit = Edit(place.document.place(start, start + len(name)), meant)
        yield Fix("Change `{name}` to `{near}`", (edit,), Applicability.UNSAFE, (("name", name), ("near", meant)))


@rule("CMP014", "inactive-dependency", Deployment, Severity.ERROR)
def inactive_dependency(deployment: Deployment) -> Diagnostics:
    """A dependency on a service whose profile is not active."""
    for problem in deployment.project.problems:
        if problem.kind == "inactive-dependency":
            yield said(problem)


@rule("CMP015", "dependency-cycle", Deployment, Severity.ERROR)
def dependency_cycle(deployment: Deployment) -> Diagnostics:
    """Services that wait for each other."""
    for problem in deployment.project.problems:
        if problem.kind == "dependency-cycle":
            yield said(problem)


@rule("CMP017", "duplicate-container-name", Deployment, Severity.ERROR)
def duplicate_container_name(deployment: Deployment) -> Diagnostics:
    """One container name for two services."""
    for problem in deployment.project.problems:
        if problem.kind == "duplicate-container-name":
            yield said(problem)
