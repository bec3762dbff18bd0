"""Variables and services without which a release of the product does not work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Place,
    ProductTable,
    Related,
    Service,
    Severity,
    Variable,
    add_variable,
    left_out,
    rule,
)
from ..misspelt import is_misspelt
from .chosen import lacking_for_choices
from .first_start import with_half_a_login, without_password

if TYPE_CHECKING:
    from ....schemas.models.product_facts import Required

GENERATED = (
    "{title} {version} does not work without `{variable}`, and `{service}` is not given it: add one, made with "
    "`openssl rand -hex 32`"
)
SHARED = (
    "{title} {version} does not start without `{variable}`, and `{service}` is not given it: it must be what `{other}` "
    "has in `{theirs}`"
)
ABSENT = "{title} {version} does not work without `{variable}`, and `{service}` is not given it"
# A service with fewer settings of the product is a part of a file, as of an override that is looked at alone.
ENOUGH, MANY = 4, 6
UNLINKED = (
    "{title} {version} finds its {wanted} service by `{variable}`, and `{service}` is not given it: `{running}` is "
    "there, and nothing calls it"
)
EMPTY = "{title} {version} does not work without `{variable}`, and `{service}` gets an empty one"


@rule("STK019", "required-variable-missing", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def required_variable_missing(deployment: Deployment) -> Diagnostics:
    """A variable without default that a service is not given."""
    yield from without_password(deployment)
    yield from with_half_a_login(deployment)
    if deployment.project.cut_off:
        return
    told: set[tuple[Place, str]] = set()
    for table, service, role in _own(deployment):
        wanted = table.required_variables(deployment.versions[table.name], role)
        lacking = [name for name in wanted if _is_empty(service, name)]
        # Where most of a long list is missing, the settings come from somewhere that is not seen here.
        elsewhere = len(wanted) >= MANY and 2 * len(lacking) > len(wanted)
        if not lacking or elsewhere or not _is_configured(table, service, role):
            continue
        for name in lacking:
            variable = service.environment.get(name)
            if any(need.variable == name for need, readers in _missing(deployment, table) if service in readers):
                continue
            place = service.environment_place if variable is None else _value_place(variable)
            if (place, name) in told or (variable is None and is_misspelt(deployment, service, name)):
                continue
            told.add((place, name))
            yield _not_given(deployment, table, service, name, place)
    yield from _unlinked(deployment, told)
    yield from lacking_for_choices(deployment)


def _not_given(deployment: Deployment, table: ProductTable, service: Service, name: str, place: Place) -> Diagnostic:
    values = (*_values(deployment, table), ("variable", name), ("service", service.name))
    if name in service.environment:
        return Diagnostic(place, EMPTY, values, (Related(service.place, "this is the service"),))
    holder = _holder(deployment, table, service, name)
    if holder is None:
        secret = any(fact.secret for fact in table.history(deployment.role(service) or "", name))
        return Diagnostic(place, GENERATED if secret else ABSENT, values)
    other, variable = holder
    values += (("other", other.name), ("theirs", variable.name))
    return Diagnostic(place, SHARED, values, (Related(variable.place, "`{other}` has it here", values),))


def _holder(
    deployment: Deployment, table: ProductTable, service: Service, name: str
) -> tuple[Service, Variable] | None:
    """Another service with the variable that must hold the same text."""
    role = deployment.role(service)
    for group in table.agreeing(deployment.versions[table.name]):
        if any(member.variable == name and role in member.roles for member in group.members):
            for member in group.members:
                for other in deployment.playing(table.name, *member.roles):
                    variable = other.environment.get(member.variable)
                    if other is not service and variable is not None and variable.value.text and not member.part:
                        return other, variable
    return None


def _unlinked(deployment: Deployment, told: set[tuple[Place, str]]) -> Iterator[Diagnostic]:
    """Services that run here, beside a reader that is not told where."""
    for table, service, role in _own(deployment):
        # Under the name of another release STK015 speaks of it.
        gone = table.gone(deployment.versions[table.name], role)
        renamed = {gone[name].renamed_to for name in service.environment.keys() & gone.keys()}
        if not _is_configured(table, service, role):
            continue
        for need in table.required(deployment.versions[table.name]):
            running = [each for each in deployment.project.active if _is(deployment, each, need)]
            place = service.environment_place
            if role not in need.needed_by or len(running) != 1 or (place, need.variable) in told:
                continue
            if need.variable in renamed or is_misspelt(deployment, service, need.variable):
                continue
            # Where the program falls back on an address of its own, that may be the right one; of a variable that is
            # required by itself the table says since when.
            known = any(fact.default is not None or fact.required for fact in table.history(role, need.variable))
            if not need.variable or need.part or known or not _calls_nobody(table, service, role, need):
                continue
            told.add((place, need.variable))
            values = (
                *_values(deployment, table),
                ("wanted", need.roles[0].replace("_", " ")),
                ("variable", need.variable),
                ("service", service.name),
                ("running", running[0].name),
            )
            yield Diagnostic(
                place,
                UNLINKED,
                values,
                (Related(running[0].place, "this is the service that nothing calls"),),
                _linked(deployment, table, service, running[0], need),
            )


def _is_configured(table: ProductTable, service: Service, role: str) -> bool:
    """Whether a service is given enough of its product's variables to say that one is missing."""
    return len(service.environment.keys() & table.names(role)) >= ENOUGH


def _linked(
    deployment: Deployment, table: ProductTable, service: Service, running: Service, need: Required
) -> tuple[Fix, ...]:
    """The address of a service of the product itself; one with a log-in is for a person to write."""
    listening = deployment.listening(running) or frozenset()
    if deployment.role(running) not in need.roles or len(listening) != 1 or need.variable in service.environment:
        return ()
    if not any(
        fact.form in ("address", "web-address") for fact in table.history(deployment.role(service) or "", need.variable)
    ):
        return ()
    address = f"http://{running.name}:{next(iter(listening))}"
    edit = add_variable(deployment, service, need.variable, address)
    values = (("variable", need.variable), ("address", address))
    return (Fix("Set `{variable}` to `{address}`", (edit,), Applicability.UNSAFE, values),) if edit else ()


def _value_place(variable: Variable) -> Place:
    place = variable.value.edit_place
    return place if place is not None and place.text else variable.place


def _is_empty(service: Service, name: str) -> bool:
    variable = service.environment.get(name)
    return variable is None or (variable.value.text is not None and not variable.value.text.strip())


@rule("STK021", "required-service-missing", Deployment, Severity.ERROR, faq=("D5",))
def required_service_missing(deployment: Deployment) -> Diagnostics:
    """A service that others call in this release, and that nobody defined."""
    for table in deployment.tables if not deployment.project.cut_off else ():
        for need, readers in _missing(deployment, table):
            off = _inactive(deployment, need)
            values = (
                *_values(deployment, table),
                ("service", readers[0].name),
                ("wanted", need.roles[0].replace("_", " ")),
                ("variable", need.variable),
                ("since", need.since),
                ("off", off.name if off else ""),
            )
            if off is not None:
                message = (
                    "{title} {version} needs `{off}`, but no active profile starts it: put its profile into "
                    "COMPOSE_PROFILES"
                )
            elif need.variable:
                message = (
                    "{title} needs a {wanted} service from {since} on, and this is {version}: there is none here, and "
                    "`{service}` has no `{variable}` that leads to another"
                )
            else:
                message = "{title} needs a {wanted} service from {since} on, and this is {version}: there is none here"
            related = (Related(off.place, "this service is off"),) if off else ()
            severity = Severity.INFO if need.part else None
            yield Diagnostic(readers[0].environment_place, message, values, related, severity=severity)


def _values(deployment: Deployment, table: ProductTable) -> tuple[tuple[str, str], ...]:
    version = deployment.versions[table.name]
    return (("title", table.title), ("version", ".".join(map(str, version or ()))))


def _own(deployment: Deployment) -> Iterator[tuple[ProductTable, Service, str]]:
    """The active services whose role and release are known, and whose variables are all seen."""
    for name, (product, role) in deployment.roles.items():
        table, service = deployment.table(product), deployment.services[name]
        # A program of one's own in the image, or a file that cannot be read, may set anything.
        changed = service.get("entrypoint") is not None or service.get("command") is not None
        if table and service.active and deployment.versions.get(product) and _all_seen(service) and not changed:
            yield table, service, role.name


def _all_seen(service: Service) -> bool:
    return all(file.read for file in service.env_files)


def _missing(deployment: Deployment, table: ProductTable) -> Iterator[tuple[Required, tuple[Service, ...]]]:
    """The services that this release needs and the stack lacks, each with those that need it.

    Silent where the stack is only a part of the product, where a service is built here and may be anything, and where
    an address leads somewhere else.
    """
    version = deployment.versions.get(table.name)
    needed = table.required(version)
    if not needed or any(deployment.image(service) is None for service in deployment.project.active):
        return
    there = [need for need in needed if _running(deployment, need)]
    if 2 * len(there) < len(needed):
        return
    for need in needed:
        if need in there or not (need.variable or _of_an_image_here(deployment, table, need)):
            continue
        readers = [(s, role) for t, s, role in _own(deployment) if t is table and role in need.needed_by]
        lacking = tuple(s for s, role in readers if _calls_nobody(table, s, role, need))
        if lacking:
            yield need, lacking


def _of_an_image_here(deployment: Deployment, table: ProductTable, need: Required) -> bool:
    """Whether another container of the same image runs here: what has one of its own may well run elsewhere."""
    images = {image for role in table.roles if role.name in need.roles for image in role.images}
    here = (deployment.image(service) for service in deployment.project.active)
    return any(image is not None and image.name in images for image in here)


def _running(deployment: Deployment, need: Required) -> bool:
    return any(_is(deployment, service, need) for service in deployment.project.active)


def _is(deployment: Deployment, service: Service, need: Required) -> bool:
    server = deployment.server(service)
    return deployment.role(service) in need.roles or (server is not None and server.name in need.roles)


def _inactive(deployment: Deployment, need: Required) -> Service | None:
    others = (service for service in deployment.services.values() if not service.active)
    return next((service for service in others if _is(deployment, service, need)), None)


def _calls_nobody(table: ProductTable, service: Service, role: str, need: Required) -> bool:
    """Whether a service has no address for a need; not where it does without when it is given none."""
    variable = service.environment.get(need.variable) if need.variable else None
    if variable is not None and variable.value.text != "":
        return False
    if left_out(service.environment, need.unless):
        return False
    return not any(fact.optional and fact.default is None for fact in table.history(role, need.variable))
