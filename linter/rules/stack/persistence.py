"""Databases whose data is gone with their container."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    LatePattern,
    ServerDetails,
    Service,
    Severity,
    append_to,
    rule,
    server_details,
)

# What people keep in these is theirs. A cache or a queue may be made to be empty at each start.
STORES = frozenset(
    [
        *(
            "postgres",
            "mysql",
            "mariadb",
            "mongo",
            "opengauss",
            "vastbase",
            "oceanbase",
            "seekdb",
            "oracle",
            "couchbase",
        ),
        *("weaviate", "qdrant", "elasticsearch", "opensearch", "clickhouse", "myscale", "matrixone"),
    ]
)
# Who writes one of these means a server that stays, no database for an afternoon or for tests.
STAYS = ("always", "unless-stopped", "on-failure")
# Settings, start-up scripts, certificates, logs and copies: where a server is mounted something that is not its data.
MIN_DEPTH = 2
_NO_DATA = LatePattern(
    r"initdb|^/etc/|\.(?:cnf|conf|ini|js|json|key|pem|sh|sql|ya?ml)$|/(?:backups?|certs?|conf(?:ig)?|init|logs?|plugins|scripts)(?:/|$)"
)


@rule("STK007", "state-not-persisted", Deployment, Severity.WARNING, faq=("D2", "D9"), fix=Applicability.UNSAFE)
def state_not_persisted(deployment: Deployment) -> Diagnostics:
    """A database without a mount where it keeps its data."""
    for service in deployment.project.active if not deployment.project.cut_off else ():
        server = deployment.server(service)
        if server is None or server.name not in STORES or not _stays(service):
            continue
        details = server_details(server.name)
        folder = _data_folder(service, details) if details is not None else None
        if folder is not None and not _mounted(deployment, service, folder):
            yield _lost(deployment, service, folder)


def _stays(service: Service) -> bool:
    text: str = getattr(service.get("restart"), "text", None) or ""
    return text.partition(":")[0] in STAYS


def _data_folder(service: Service, details: ServerDetails) -> str | None:
    """Where the server keeps its data; None when that cannot be told, or when it is another program that runs."""
    if not details.data or service.get("entrypoint") is not None:
        return None
    for word in service.words("command"):
        if details.flags.get(word.partition("=")[0]) in ("data", "config"):
            return None
    variable = service.environment.get(details.data_variable)
    if variable is None:
        return details.data[0]
    text = (variable.value.text or "").rstrip("/")
    return text if text.startswith("/") else None


def _mounted(deployment: Deployment, service: Service, folder: str) -> bool:
    """Whether data may be kept in a mount: at the known folder, or at another one that an image of one's own uses."""
    if any(service.get(key) is not None for key in ("tmpfs", "volumes_from", "extends")):
        return True
    image, server = deployment.image(service), deployment.server(service)
    if image is not None and server is not None and image.repository in server.facts.get("official", ()):
        # Newer images keep their data deeper, and a mount may stand above or below the folder of the table.
        top = folder.rpartition("/")[0] if folder.count("/") > MIN_DEPTH else folder
        command = " ".join(service.words("command"))
        return any(
            m.target is None or m.target in command or _related(m.target.rstrip("/"), top) for m in service.mounts
        )
    return any(not mount.read_only and not _NO_DATA.search(mount.target or "") for mount in service.mounts)


def _related(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _lost(deployment: Deployment, service: Service, folder: str) -> Diagnostic:
    item = f"./volumes/{service.name}:{folder}"
    values = (("service", service.name), ("folder", folder), ("item", item))
    edit = append_to(deployment, service, "volumes", item)
    return Diagnostic(
        service.place,
        "`{service}` keeps its data in `{folder}`, and nothing is mounted there: with the container the data is gone; "
        "mount a volume or a folder there",
        values,
        (),
        (Fix("Mount `{item}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
    )
