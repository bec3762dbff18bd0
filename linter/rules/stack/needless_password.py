"""A password for a Redis that was never given one: the server refuses the log-in, and not only a wrong one."""

from __future__ import annotations

from ...kit import (
    Deployment,
    Diagnostic,
    Endpoint,
    LatePattern,
    Node,
    Related,
    ScalarNode,
    SequenceNode,
    Server,
    Service,
)
from .logins import used

# What may set a password behind our back: a file, a shell, another program, an access list.
_MORE = LatePattern(r"\.conf|\$|`|requirepass|aclfile|--user\b|\bsh\b|;")


def needless_password(
    deployment: Deployment, endpoint: Endpoint, service: Service, server: Server
) -> Diagnostic | None:
    """A client that sends a password to an official image which starts without any.

    Many clients only warn of it, and with a user before it the server takes any password: `AUTH default …`.
    """
    image, role = deployment.image(service), deployment.roles.get(endpoint.reader.name)
    table = deployment.table(role[0]) if role else None
    if role is None or table is None or role[1].name not in table.data.get("refused_by_open_redis", ()):
        return None
    if not server.facts.get("password_flag") or image is None:
        return None
    if image.repository not in server.facts.get("official", ()) or not _starts_open(service):
        return None
    ours, user = used(endpoint, "password"), used(endpoint, "user")
    if ours is None or not ours.text or (user is not None and user.text):
        return None
    values = (("reader", endpoint.reader.name), ("service", service.name), ("ours", ours.name))
    return Diagnostic(
        ours.place or endpoint.variable.place,
        "`{reader}` sends a password (in `{ours}`), but `{service}` was given none, and Redis refuses that (`AUTH … "
        "called without any password configured`): start it with `redis-server --requirepass …`, or leave the password "
        "out",
        values,
        (Related(service.place, "this server has no password", values),),
    )


def _starts_open(service: Service) -> bool:
    """Whether nothing that the compose file says can give the server a password."""
    keys = ("entrypoint", "configs", "secrets", "volumes_from", "env_file")
    if any(service.get(key) is not None for key in keys) or service.environment:
        return False
    if any((mount.target or "").rstrip("/") != "/data" for mount in service.mounts):
        return False
    words = _words(service.get("command"))
    return words is not None and not any(_MORE.search(word) for word in words)


def _words(command: Node | None) -> list[str] | None:
    items = command.items if isinstance(command, SequenceNode) else [] if command is None else [command]
    texts = [item.text if isinstance(item, ScalarNode) else None for item in items]
    known = [text for text in texts if text is not None]
    return known if len(known) == len(texts) else None
