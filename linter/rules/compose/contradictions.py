"""Definitions that contradict themselves, go round in circles, or say what Compose cannot carry out."""

from __future__ import annotations

from ...kit import Deployment, Diagnostic, Diagnostics, LatePattern, Place, Related, Severity, rule, said
from .refusals import refused


@rule("CMP025", "network-mode-conflict", Deployment, Severity.ERROR)
def network_mode_conflict(deployment: Deployment) -> Diagnostics:
    """`network_mode` beside `networks`, or `ports` in the network of the host."""
    for problem in deployment.project.problems:
        if problem.kind == "network-mode-conflict":
            yield said(problem)
    for service in deployment.project.active:
        if service.network_mode == "host" and service.ports:
            entries = service.node.entries
            yield Diagnostic(
                entries["ports"].key_place,
                "`{service}` uses the host's network, so its `ports` do nothing: it takes its own ports on the host",
                (("service", service.name),),
                (Related(entries["network_mode"].key_place, "the host's network"),),
                severity=Severity.WARNING,
            )


@rule("CMP035", "invalid-port", Deployment, Severity.ERROR)
def invalid_port(deployment: Deployment) -> Diagnostics:
    """A `ports` item that Compose cannot read."""
    for problem in refused(deployment, "invalid-port"):
        yield said(problem)


# In a container of Windows a path may begin with a drive.
_ABSOLUTE = LatePattern(r"/|[A-Za-z]:|\\\\")
_RELATIVE = (
    "`{target}` is no absolute path, and Docker makes no container that has something mounted there: begin it with `/`"
)
_NO_TARGET = (
    "one path alone is the target, in the container, and `{target}` is no absolute one: Docker makes no container of "
    "`{service}`; write the folder, a colon and the path in the container"
)


@rule("CMP036", "invalid-mount", Deployment, Severity.ERROR)
def invalid_mount(deployment: Deployment) -> Diagnostics:
    """A `volumes` item that Compose cannot read."""
    for problem in refused(deployment, "invalid-volume"):
        yield said(problem)
    seen: set[Place] = set()
    for service in deployment.project.active:
        for mount in service.mounts:
            if mount.target and not _ABSOLUTE.match(mount.target) and mount.place not in seen:
                seen.add(mount.place)
                yield Diagnostic(
                    mount.place,
                    _RELATIVE if mount.source is not None else _NO_TARGET,
                    (("target", mount.target), ("service", service.name)),
                )


@rule("CMP037", "endless-reference", Deployment, Severity.ERROR)
def endless_reference(deployment: Deployment) -> Diagnostics:
    """An alias, `extends` or `include` that leads back to itself, or aliases that explode."""
    kinds = ("alias-cycle", "extends-cycle", "include-cycle", "too-many-nodes")
    for problem in deployment.project.problems:
        if problem.kind in kinds:
            yield said(problem)


@rule("CMP038", "refused-definition", Deployment, Severity.ERROR)
def refused_definition(deployment: Deployment) -> Diagnostics:
    """A service, volume, secret, config or project name that Compose refuses although its keys are right."""
    kinds = (
        *("missing-image", "invalid-healthcheck", "invalid-extra-host", "invalid-project-name", "invalid-resource"),
        *("scaled-container-name", "unknown-restart"),
    )
    for problem in refused(deployment, *kinds):
        yield said(problem)


@rule("CMP039", "override-conflict", Deployment, Severity.ERROR)
def override_conflict(deployment: Deployment) -> Diagnostics:
    """Two files that give one thing different shapes, or that both define it."""
    for problem in deployment.project.problems:
        if problem.kind == "cannot-merge":
            yield said(problem)
        elif problem.kind == "include-conflict":
            yield said(problem, severity=Severity.INFO)
