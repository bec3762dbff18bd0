"""The variables that a Compose file asks for and nothing sets."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit import Deployment, VariableUse

# What a login shell, the desktop or Compose itself gives.
_SHELL = frozenset(
    (
        *("COLUMNS", "DISPLAY", "DOCKER_HOST", "EDITOR", "EUID", "GID", "GROUP", "HOME", "HOST", "HOSTNAME", "LANG"),
        *("LINES", "LOGNAME", "OLDPWD", "OSTYPE", "PATH", "PPID", "PWD", "RANDOM", "SHELL", "SSH_AUTH_SOCK", "TEMP"),
        *("TERM", "TMP", "TMPDIR", "TZ", "UID", "USER", "USERNAME", "XAUTHORITY", "XDG_RUNTIME_DIR", "WAYLAND_DISPLAY"),
        # What Laravel's `sail` exports before it starts Compose; it lies in `vendor`.
        *("WWWGROUP", "WWWUSER"),
        *("APPDATA", "USERPROFILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    )
)

RUN_IN_A_SHELL = frozenset(("command", "entrypoint", "healthcheck"))
"""The keys of a service that hold what its container runs."""


def settled(deployment: Deployment) -> bool:
    """Whether it can be told which variables are set: there is an env file, or the shell's variables are known."""
    project = deployment.project
    return bool(project.env_files) or "PWD" in project.variables


def unset_uses(deployment: Deployment) -> Iterator[VariableUse]:
    """The variables that are needed and not set; those of services that are off do not count, nor the shell's own."""
    services = deployment.services
    files = {tree.document for tree in deployment.project.files}
    for use in deployment.project.uses:
        if use.bound or not use.reached or use.operator not in ("", "?", ":?") or use.place.document not in files:
            continue
        if use.name in _SHELL or use.name.startswith(("COMPOSE_", "DOCKER_", "XDG_")):
            continue
        service = services.get(use.path[1]) if use.path[:1] == ("services",) and len(use.path) > 1 else None
        if service is None or service.active:
            yield use


def set_names(deployment: Deployment) -> Iterator[str]:
    """The names that a person may have meant: those that env files set."""
    for tree in deployment.project.env_files:
        for entry in tree.entries:
            if entry.key:
                yield entry.key
