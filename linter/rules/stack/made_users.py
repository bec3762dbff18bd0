"""Users that a database's image makes when nobody names one, against the user with whom a product logs in."""

from __future__ import annotations

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Endpoint,
    Fix,
    Related,
    Server,
    Service,
    Severity,
    change_part,
    change_value,
)
from .logins import given, used


def unmade_user(deployment: Deployment, endpoint: Endpoint, service: Service, server: Server) -> Diagnostic | None:
    """A product's own database user that an official image was never told to make; people may have made it by hand."""
    made, image = str(server.facts.get("default_user", "")), deployment.image(service)
    role = deployment.roles.get(endpoint.reader.name)
    names = server.variables("user")
    if not made or not names or image is None or image.repository not in server.facts.get("official", ()):
        return None
    if role is None or not role[1].settings or any(name in service.environment for name in names):
        return None
    scripts = any("initdb" in (mount.target or "") for mount in service.mounts)
    ours = used(endpoint, "user")
    if ours is None or not ours.text or ours.text == made or scripts or any(not f.read for f in service.env_files):
        return None
    if given(service, server.variables("password")) is None:
        return None
    values = (
        ("reader", endpoint.reader.name),
        ("service", service.name),
        ("made", made),
        ("ours", ours.name),
        ("name", names[0]),
    )
    part = (ours.written, ours.start, ours.end)
    whole = ours.written == ours.value.text
    edit = change_value(deployment, ours.value, made) if whole else change_part(deployment, ours.value, part, made)
    return Diagnostic(
        ours.place or endpoint.variable.place,
        "`{reader}` logs in to `{service}` as another user (in `{ours}`) than `{made}`, the only one that its image "
        "makes without `{name}`: unless you made that user by hand, it is turned away",
        values,
        (Related(service.place, "this is the server, and it is given no `{name}`", values),),
        (Fix("Log in as `{made}`", (edit,), Applicability.UNSAFE, values),) if edit else (),
        Severity.WARNING,
    )
