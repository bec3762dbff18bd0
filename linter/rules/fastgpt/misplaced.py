"""An address of FastGPT's for browsers that was given to a container which does not read it."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Fix,
    ProductTable,
    Related,
    Service,
    Variable,
    copy_variables,
)

# What stands in its environment may be filled into the configuration of the other.
_FILLS_TEMPLATES = "nginx"


def given_elsewhere(deployment: Deployment, table: ProductTable) -> Iterator[Diagnostic]:
    """Addresses that FastGPT lacks, and that a server beside it has."""
    for name in table.data["public_urls"]:
        readers = [s for s in deployment.playing("fastgpt") if _reads(deployment, table, s, name)]
        if not any(deployment.role(s) == "app" for s in readers):
            continue
        if any(name in s.environment or not all(file.read for file in s.env_files) for s in readers):
            continue
        for service in deployment.project.active:
            variable = service.environment.get(name)
            if variable is not None and _is_no_reader(deployment, service) and (variable.value.text or "").strip():
                yield _said(deployment, service, variable, readers)


def _reads(deployment: Deployment, table: ProductTable, service: Service, name: str) -> bool:
    version = deployment.versions.get("fastgpt")
    return version is not None and name in table.variables(version, deployment.role(service))


def _is_no_reader(deployment: Deployment, service: Service) -> bool:
    server = deployment.server(service)
    foreign = server is not None and server.name != _FILLS_TEMPLATES
    return foreign or service in deployment.playing("fastgpt")


def _said(deployment: Deployment, service: Service, variable: Variable, readers: list[Service]) -> Diagnostic:
    values = (
        ("variable", variable.name),
        ("service", service.name),
        ("readers", ", ".join(f"`{reader.name}`" for reader in readers)),
    )
    edits = [copy_variables(deployment, reader, (variable,)) for reader in readers]
    done = tuple(edit for edit in edits if edit is not None)
    whole = len(done) == len(edits)
    return Diagnostic(
        variable.key_place,
        "`{variable}` stands at `{service}`, which does not read it; what reads it is {readers}, and is not given it: "
        "write it there",
        values,
        tuple(Related(reader.place, "this reads it", values) for reader in readers),
        (Fix("Give it to {readers} too", done, Applicability.UNSAFE, values),) if whole else (),
    )
