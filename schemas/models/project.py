"""What loading a Compose project gives: services, variables, files, and every refusal as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..parsers.document import Place, Problem
from .endpoint import Endpoint, endpoints
from .node import MappingNode
from .service import Service
from .value import Value

if TYPE_CHECKING:
    from ..parsers.dotenv import DotenvTree
    from ..parsers.yaml import YamlTree


REFUSALS = frozenset({
    "alias-cycle", "cannot-merge", "dependency-cycle", "duplicate-container-name", "duplicate-mount-target",
    "empty-file", "empty-mapping", "extends-cycle", "file-missing", "inactive-dependency", "include-cycle",
    "invalid-env-file", "invalid-environment", "invalid-extends", "invalid-extra-host", "invalid-healthcheck",
    "invalid-include", "invalid-interpolation", "invalid-port", "invalid-project-name", "invalid-resource",
    "invalid-type", "invalid-volume", "merge-of-non-map", "missing-image", "network-mode-conflict", "non-string-key",
    "not-a-mapping", "required-variable", "scaled-container-name", "too-many-nodes", "undefined-config",
    "undefined-network", "undefined-secret", "undefined-service", "undefined-volume", "unreadable",
})  # fmt: skip
"""The kinds of `Project.problems` for which Compose does not load the project; the others are warnings."""


class VariableUse(NamedTuple):
    """One `${NAME…}` or `$NAME` in a compose file (or in an env_file).

    `operator` is "", ":-", "-", ":?", "?", ":+" or "+"; `place` covers the whole expression, `name_place` the name;
    `bound` says that the variable is set; `default` says that its fallback was taken. `reached` is False for one that
    stands in a fallback which was not needed. `path` is the place in the compose tree (`services`, `api`, …), or ().
    """

    name: str
    operator: str
    place: Place
    name_place: Place
    bound: bool
    default: bool
    reached: bool
    path: tuple[str, ...] = ()


class Options(NamedTuple):
    """How the user would call Compose. Paths are absolute.

    `shell` is the process environment, {} for an empty one; None when it is not known: what every shell sets (`HOME`,
    `PWD`) is then unknown, everything else unset; without any env file a variable that has no fallback is unknown too.
    `find_env` is False where no `.env` is looked for when `env_files` names none. Files outside `boundary`, a folder,
    are named but not read.
    """

    files: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    shell: Mapping[str, str] | None = None
    boundary: str | None = None
    find_env: bool = True


@dataclass(frozen=True, eq=False)
class Project:
    """A loaded Compose project.

    `root` is the project directory. `files` are the compose files in merge order with those that include and extends
    brought in; `env_files` the project's `.env` trees, later ones winning. `variables` is the interpolation environment
    (shell over `.env`). `problems` holds all that Compose would refuse, and what it warns about.
    """

    root: str
    name: str
    files: tuple[YamlTree, ...]
    env_files: tuple[DotenvTree, ...]
    service_env_files: tuple[DotenvTree, ...]
    variables: Mapping[str, Value]
    services: Mapping[str, Service]
    networks: Mapping[str, MappingNode | None]
    volumes: Mapping[str, MappingNode | None]
    secrets: Mapping[str, MappingNode | None]
    configs: Mapping[str, MappingNode | None]
    profiles: tuple[str, ...]
    uses: tuple[VariableUse, ...]
    problems: tuple[Problem, ...]
    tree: MappingNode

    @cached_property
    def cut_off(self) -> bool:
        """Whether reading a compose file ended early, so that what is not here may be written further down."""
        return any(tree.stopped_at is not None for tree in self.files)

    @cached_property
    def active(self) -> tuple[Service, ...]:
        """The services that the user's profiles switch on."""
        return tuple(s for s in self.services.values() if s.active)

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every address in the environment of every active service."""
        return tuple(endpoint for service in self.active for endpoint in endpoints(service))
