"""Which files make a Compose project: the compose file, its override, the `.env` files, by Compose's own search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..files import normal, within
from .project import Options
from .value import Value

if TYPE_CHECKING:
    from ..workspace import Workspace

# In Compose's order of preference (compose-go, cli/options.go).
COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def find_compose_files(workspace: Workspace, folder: str) -> tuple[str, ...]:
    """The compose file that `docker compose` takes in a folder and its override file; () where there is none."""
    names = set(workspace.files.entries(folder))
    if names.isdisjoint(COMPOSE_NAMES):
        return ()
    prefix = folder.rstrip("/") + "/"
    found: list[str] = []
    for candidates in (COMPOSE_NAMES, OVERRIDE_NAMES):
        path = next((prefix + n for n in candidates if n in names and workspace.files.kind(prefix + n) == "file"), None)
        if path is None and not found:
            return ()
        if path is not None:
            found.append(path)
    return tuple(found)


def default_files(workspace: Workspace, folder: str, boundary: str | None) -> tuple[str, ...]:
    """The files of the folder, else of its nearest parent that has some; a boundary is not left."""
    while True:
        found = find_compose_files(workspace, folder)
        parent = folder.rpartition("/")[0] or "/"
        if found or parent == folder or (boundary is not None and not within(parent, boundary)):
            return found
        folder = parent


def named_files(variables: Mapping[str, Value], folder: str) -> tuple[str, ...]:
    """The files that COMPOSE_FILE names, () where it is not set."""
    value = variables.get("COMPOSE_FILE")
    if value is None or not value.text:
        return ()
    separator = variables.get("COMPOSE_PATH_SEPARATOR")
    parts = value.text.split((separator.text if separator else None) or ":")
    return tuple(normal(part, folder) for part in parts if part and part != "-")


def env_file_paths(workspace: Workspace, options: Options, folder: str) -> tuple[str, ...]:
    """The env files for interpolation: those given, those of COMPOSE_ENV_FILES, else the folder's `.env`."""
    shell = options.shell or {}
    if options.env_files:
        return options.env_files
    if shell.get("COMPOSE_ENV_FILES"):
        return tuple(normal(part, folder) for part in shell["COMPOSE_ENV_FILES"].split(","))
    # strconv.ParseBool's words for true
    if not options.find_env or shell.get("COMPOSE_DISABLE_ENV_FILE") in {"1", "t", "T", "TRUE", "true", "True"}:
        return ()
    path = folder.rstrip("/") + "/.env"
    return (path,) if workspace.files.kind(path) == "file" else ()


def chosen_profiles(options: Options, variables: Mapping[str, Value]) -> tuple[str, ...]:
    """The profiles that are on: those given, else those of COMPOSE_PROFILES.

    "" is one of them when COMPOSE_PROFILES is unset or has an empty part: it switches on services with the profile "".
    """
    if options.profiles:
        return options.profiles
    value = variables.get("COMPOSE_PROFILES")
    text = (value.text if value is not None else None) or ""
    return tuple(part.strip() for part in text.split(","))
