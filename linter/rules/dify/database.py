"""The database: its kind against the server behind DB_HOST, and the port."""

from __future__ import annotations

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
    change_value,
    rule,
)
from .settings import known_choices, nearest_choice, no_such_choice

# The servers that answer to each kind of driver, and the kind to choose for each server.
SERVERS = {
    "postgresql": ("postgres",),
    "mysql": ("mysql", "mariadb"),
    "oceanbase": ("oceanbase",),
    "seekdb": ("seekdb",),
}
KINDS = {server: kind for kind, names in SERVERS.items() for server in names}


@rule("DFY081", "database-type", Deployment, Severity.ERROR, fix=Applicability.UNSAFE)
def database_type(deployment: Deployment) -> Diagnostics:
    """DB_TYPE or DB_PORT is not that of the server at DB_HOST."""
    seen: set[Place] = set()
    for service in deployment.playing("dify", "api", "worker", "beat", "plugin_daemon"):
        unknown = _unknown(deployment, service)
        if unknown is not None and unknown.place not in seen:
            seen.add(unknown.place)
            yield unknown
        server = _server(deployment, service)
        if server is None:
            continue
        for diagnostic in (*_kind(deployment, service, server), *_port(deployment, service, server)):
            if diagnostic.place not in seen:
                seen.add(diagnostic.place)
                yield diagnostic


def _unknown(deployment: Deployment, service: Service) -> Diagnostic | None:
    """A kind of database that this release does not have."""
    variable, known = service.environment.get("DB_TYPE"), known_choices(deployment, "DB_TYPE")
    text = variable.value.text if variable is not None else None
    if variable is None or not text or not known or text in known:
        return None
    meant = nearest_choice(text, known) or next((each for each in known if each.startswith(text.strip().lower())), None)
    message = (
        "`DB_TYPE` is `{kind}`, and Dify knows no such database, so `{service}` does not start; write one of {known}"
    )
    return no_such_choice(deployment, service, variable, message, known=known, meant=meant)


def _server(deployment: Deployment, service: Service) -> Service | None:
    """The service of this stack that answers at DB_HOST."""
    variable = service.environment.get("DB_HOST")
    if variable is None or not variable.value.text:
        return None
    found = deployment.lookup(service, variable.value.text)
    return found.services[0] if found.reach == "reached" and len(found.services) == 1 else None


def _kind(deployment: Deployment, service: Service, target: Service) -> Diagnostics:
    variable, server = service.environment.get("DB_TYPE"), deployment.server(target)
    kind = variable.value.text if variable is not None else None
    if variable is None or server is None or kind not in SERVERS or server.name not in KINDS:
        return
    right = KINDS[server.name]
    # OceanBase and seekdb speak MySQL's protocol.
    if server.name in SERVERS[kind] or (kind != "postgresql" and right != "postgresql"):
        return
    yield _diagnostic(
        deployment,
        (service, target),
        variable,
        right,
        "`DB_TYPE` is `{was}`, but `DB_HOST` of `{service}` leads to `{target}`, which is {server}: no connection can "
        "come about; choose `{right}`, or the server that fits",
    )


def _port(deployment: Deployment, service: Service, target: Service) -> Diagnostics:
    variable, listening = service.environment.get("DB_PORT"), deployment.listening(target)
    text = (variable.value.text or "").strip() if variable is not None else ""
    server = deployment.server(target)
    if variable is None or not text.isascii() or not text.isdigit() or listening is None or server is None:
        return
    right = server.ports[0].port if server.ports else 0
    # Where the first port was moved, there is only one to name if it is alone.
    right = right if right in listening else next(iter(listening)) if len(listening) == 1 else 0
    if not right or server.name not in KINDS or int(text) in listening:
        return
    yield _diagnostic(
        deployment,
        (service, target),
        variable,
        str(right),
        "`DB_PORT` is {was}, but `{target}` at `DB_HOST` listens on {right}: `{service}` finds nobody there",
    )


def _diagnostic(
    deployment: Deployment, services: tuple[Service, Service], variable: Variable, right: str, message: str
) -> Diagnostic:
    service, target = services
    server = deployment.server(target)
    values = (
        ("service", service.name),
        ("target", target.name),
        ("server", server.name if server else ""),
        ("was", variable.value.text or ""),
        ("right", right),
        ("name", variable.name),
    )
    edit = change_value(deployment, variable.value, right)
    return Diagnostic(
        variable.edit_place,
        message,
        values,
        (Related(target.image_place or target.place, "the server is here"),),
        (Fix("Set `{name}` to `{right}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
