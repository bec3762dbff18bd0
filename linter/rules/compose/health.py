"""Services that wait for the health of a service whose health nobody checks."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Dependency,
    Deployment,
    Diagnostic,
    Diagnostics,
    MappingNode,
    Place,
    Related,
    ScalarNode,
    SequenceNode,
    Service,
    Severity,
    rule,
)


@rule("CMP016", "healthy-without-healthcheck", Deployment, Severity.ERROR)
def healthy_without_healthcheck(deployment: Deployment) -> Diagnostics:
    """`condition: service_healthy` on a service without a health check."""
    for service, dependency in _waiting(deployment):
        target = deployment.services.get(dependency.service)
        if target is None or not target.active:
            continue
        values = (("service", service.name), ("other", target.name))
        off = _switched_off(target)
        if off is not None:
            yield Diagnostic(
                dependency.place,
                "`{service}` waits until `{other}` is healthy, but the health check of `{other}` is switched off: "
                "Compose stops here instead of starting `{service}`",
                values,
                (Related(off, "switched off here"),),
            )
        elif not _has_test(target) and _brings_none(deployment, target):
            related = (Related(target.image_place, "an image without a health check"),) if target.image_place else ()
            yield Diagnostic(
                dependency.place,
                "`{service}` waits until `{other}` is healthy, but `{other}` has no `healthcheck`, and its image brings"
                " none: Compose stops here instead of starting `{service}`",
                values,
                related,
            )


def _waiting(deployment: Deployment) -> Iterator[tuple[Service, Dependency]]:
    """The active services that wait for the health of another, once for each place in the files."""
    seen: set[Place] = set()
    for service in deployment.project.active:
        for dependency in service.depends_on:
            if dependency.condition == "service_healthy" and dependency.required and dependency.place not in seen:
                seen.add(dependency.place)
                yield service, dependency


def _switched_off(service: Service) -> Place | None:
    """Where a service's health check is switched off: `disable: true` or the test `NONE`."""
    disable = service.get("healthcheck", "disable")
    if isinstance(disable, ScalarNode) and (disable.text or "").lower() in ("true", "yes", "on"):
        return disable.place
    test = service.get("healthcheck", "test")
    if isinstance(test, SequenceNode) and test.items:
        first = test.items[0]
        if isinstance(first, ScalarNode) and first.text == "NONE":
            return first.place
    return None


def _has_test(service: Service) -> bool:
    """Whether the Compose file may give the service a test; one that says only how often leaves it to the image."""
    node = service.get("healthcheck")
    return node is not None and (not isinstance(node, MappingNode) or "test" in node.entries)


def _brings_none(deployment: Deployment, service: Service) -> bool:
    """Whether the service's image is known to bring no HEALTHCHECK; nobody knows it of an image that is built."""
    server, image = deployment.server(service), deployment.image(service)
    if server is None or image is None or service.get("build") is not None:
        return False
    repository = image.repository.removeprefix("docker.io/").removeprefix("library/")
    return repository in server.facts.get("no_healthcheck", ())
