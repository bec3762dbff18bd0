"""Variables that a service is given and does not read, each a slip away from one that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..kit import Deployment, ProductTable, Role, Service, Variable, near

# Shorter names are a slip away from too many others.
SHORTEST = 7
MOST = 100


class Slip(NamedTuple):
    """A variable that a service does not read, and the name that was probably meant."""

    service: Service
    variable: Variable
    meant: str
    table: ProductTable
    role: Role


def slips(deployment: Deployment) -> tuple[Slip, ...]:
    """The misspelled variables of the services of products, one service after the other."""
    return deployment.all_of(_slips)


def _slips(deployment: Deployment) -> Iterator[Slip]:
    known: dict[tuple[str, str], list[str]] = {}
    for name, (product, role) in deployment.roles.items():
        service, table = deployment.services[name], deployment.table(product)
        unknown = service.environment.keys() - table.names() if table is not None and service.active else None
        # Who gives a service so many names of his own has a reason that no table knows.
        if table is None or not unknown or len(unknown) > MOST:
            continue
        if (product, role.name) not in known:
            read = table.variables(deployment.versions.get(product), role.name)
            known[product, role.name] = sorted(each for each in table.names(role.name) if each in read)
        for each in sorted(unknown):
            variable = service.environment[each]
            meant = _meant(deployment, table, variable, known[product, role.name])
            if meant is not None and _is_free(service, meant) and not _is_read(deployment, product, role.name, each):
                yield Slip(service, variable, meant, table, role)


def is_misspelt(deployment: Deployment, service: Service, *names: str) -> bool:
    """Whether a service is given one of these under a misspelled name, of which STK014 speaks."""
    return any(slip.service is service and slip.meant in names for slip in slips(deployment))


def _is_free(service: Service, name: str) -> bool:
    """Whether a service is not given a variable, or an env file has it empty, as it came with the example."""
    variable = service.environment.get(name)
    return variable is None or (variable.form == "env_file" and variable.value.text == "")


def _is_read(deployment: Deployment, product: str, role: str, name: str) -> bool:
    """Whether the source that is deployed reads a variable which no release of the table does."""
    return name in (deployment.read_by_source(product, role) or ())


def _meant(deployment: Deployment, table: ProductTable, variable: Variable, known: list[str]) -> str | None:
    if len(variable.name) < SHORTEST or table.free_prefix(variable.name):
        return None
    if variable.form == "env_file" and any(use.name == variable.name for use in deployment.project.uses):
        # The file is for Compose as well, and Compose reads the name.
        return None
    meant = near(variable.name, known)
    return meant if meant is not None and _same_words(variable.name, meant) else None


def _same_words(name: str, meant: str) -> bool:
    """Whether at most one word differs, and no digit: `S3_KEY_2` is no slip for `S3_KEY_1`."""
    if [c for c in name if c.isdigit()] != [c for c in meant if c.isdigit()]:
        return False
    one, other = name.upper().replace("-", "_").split("_"), meant.split("_")
    if len(one) != len(other):
        return "".join(one) == "".join(other)
    return sum(left != right for left, right in zip(one, other, strict=True)) <= 1
