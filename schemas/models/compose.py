"""A Compose project loaded as Docker Compose 2.40 would load it, with every refusal and warning as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from ..files import normal
from ..parsers.document import Place
from .casts import check_casts
from .consistency import check_services
from .convert import Converter
from .discovery import (
    chosen_profiles,
    default_files,
    env_file_paths,
    find_compose_files,
    named_files,
)
from .environment import over, read_env_files, shell_values
from .load import Loader
from .mentions import assigned
from .node import MappingNode, ScalarNode
from .project import Options, Project
from .record import Record, top
from .resolve import Scope
from .service import Service
from .service_env import EnvironmentReader
from .services import Setup, build_service
from .setting import Named, Setting
from .shape import check_resources, check_shape
from .unique import unique_services
from .value import Piece, Source, Value

if TYPE_CHECKING:
    from ..parsers.dotenv import DotenvTree
    from ..workspace import Workspace

__all__ = ["find_compose_files", "load_project"]


def load_project(workspace: Workspace, root: str, options: Options) -> Project:
    """Load the project that `docker compose` run in the folder `root` would load, or that of `options.files`.

    Never raises for what the files hold: what Compose refuses or warns about is in `Project.problems`.
    """
    record = Record()
    loader = Loader(workspace, options, record)
    environment = _Environment(workspace, loader, options, normal(root))
    files = environment.files
    folder = _folder(files[0]) if files else normal(root)
    name = _project_name(loader, environment, files, folder)
    known = options.shell is not None
    elsewhere = cache(partial(assigned, workspace.files, folder, options.boundary or folder))
    variables = {**environment.variables, "COMPOSE_PROJECT_NAME": name}
    scope = Scope(variables, known, known or bool(environment.trees), elsewhere)
    model = loader.model([Named(f, None) for f in files], Setting(scope, folder, Source.LITERAL))
    if model is None:
        if not loader.partial:
            _nothing(record, files, folder)
        model = MappingNode({}, top(files[0] if files else folder))
    model = unique_services(model, record)
    profiles = chosen_profiles(options, scope.variables)
    reader = EnvironmentReader(loader, scope, record)
    services = _services(model, Setup(reader, profiles, (options.shell or {}).get("HOME"), record))
    check_shape(model, record)
    check_casts(model, record)
    check_resources(model, record)
    if not loader.partial and not record.cut:
        check_services(services, model, record)
    return Project(
        root=folder,
        name=name.text or "",
        files=tuple(loader.trees.values()),
        env_files=environment.trees,
        service_env_files=tuple(reader.trees.values()),
        variables=scope.variables,
        services=services,
        networks=_resources(model, "networks"),
        volumes=_resources(model, "volumes"),
        secrets=_resources(model, "secrets"),
        configs=_resources(model, "configs"),
        profiles=tuple(filter(None, profiles)),
        uses=record.uses,
        problems=record.problems,
        tree=model,
    )


class _Environment:
    """The variables for interpolation and the compose files, which may depend on each other (cli/options.go)."""

    def __init__(self, workspace: Workspace, loader: Loader, options: Options, root: str) -> None:
        shell = shell_values(options.shell)
        if options.shell is not None:
            shell.setdefault("PWD", Value((Piece(root, Source.SHELL, None),)))
        start = _folder(options.files[0]) if options.files else root
        known = options.shell is not None
        paths = env_file_paths(workspace, options, start)
        self.trees: tuple[DotenvTree, ...] = _dotenv_trees(loader, paths)
        first = read_env_files(self.trees, Scope(shell, known), loader.record)
        self.variables = over(shell, first)
        self.files = (
            options.files or named_files(self.variables, root) or default_files(workspace, root, options.boundary)
        )
        if not self.files or _folder(self.files[0]) == start:
            return
        others = tuple(p for p in env_file_paths(workspace, options, _folder(self.files[0])) if p not in paths)
        if others:
            trees = _dotenv_trees(loader, others)
            second = read_env_files(trees, Scope(self.variables, known), loader.record)
            self.variables = over(self.variables, second)
            self.trees = (*trees, *self.trees)


def _dotenv_trees(loader: Loader, paths: tuple[str, ...]) -> tuple[DotenvTree, ...]:
    return tuple(tree for path in paths if (tree := loader.dotenv(Named(path, None))) is not None)


def _services(model: MappingNode, setup: Setup) -> dict[str, Service]:
    services = model.get("services")
    return {
        entry.key: build_service(entry, entry.node, setup)
        for entry in (services if isinstance(services, MappingNode) else ())
        if isinstance(entry.node, MappingNode)
    }


def _resources(model: MappingNode, section: str) -> Mapping[str, MappingNode | None]:
    node = model.get(section)
    if not isinstance(node, MappingNode):
        return {}
    return {e.key: e.node if isinstance(e.node, MappingNode) else None for e in node}


def _project_name(loader: Loader, environment: _Environment, files: tuple[str, ...], folder: str) -> Value:
    """COMPOSE_PROJECT_NAME, else the last `name` of the files, else the folder's name in Compose's alphabet."""
    record = loader.record
    given = environment.variables.get("COMPOSE_PROJECT_NAME")
    if given is not None and given.text:
        # Of several parts the last one stands in the variable's own line.
        place = given.edit_place or next((p.place for p in reversed(given.pieces) if p.place is not None), None)
        if place is not None and _normal_name(given.text) != given.text:
            _bad_name(record, place, given.text)
        return given
    scope = Scope(environment.variables, shell_known=True)
    named: ScalarNode | None = None
    for file in files:
        tree = loader.yaml(Named(file, None))
        for root in tree.roots if tree is not None else ():
            entry = getattr(root, "entry", None)
            found = entry("name") if entry is not None else None
            if tree is not None and found is not None:
                node = Converter(tree, scope, Source.LITERAL, folder, record).convert(found.value, ("name",))
                named = node if isinstance(node, ScalarNode) and node.text else named
    if named is not None:
        name = _normal_name(named.text or "")
        if not name:
            _bad_name(record, named.place, named.text or "")
        return named.value if name == named.text else Value((Piece(name, Source.LITERAL, named.place),))
    name = _normal_name(folder.rpartition("/")[2])
    if not name and files:
        message = "the folder's name, {name}, leaves nothing for a project name: give the file a `name:`"
        record.problem("invalid-project-name", top(files[0]), message, name=folder.rpartition("/")[2])
    return Value((Piece(name, Source.DEFAULT, None),))


def _normal_name(text: str) -> str:
    """A project name in Compose's alphabet (loader/loader.go: NormalizeProjectName)."""
    return re.sub("[^a-z0-9_-]", "", text.lower()).lstrip("_-")


def _bad_name(record: Record, place: Place, name: str) -> None:
    record.problem(
        "invalid-project-name",
        place,
        "`{name}` is no project name: lower-case letters, digits, `_` and `-`, and a letter or a digit first",
        name=name,
    )


def _nothing(record: Record, files: tuple[str, ...], folder: str) -> None:
    if files:
        record.problem("empty-file", top(files[0]), "the compose file is empty")
    else:
        record.problem("file-missing", top(folder), "there is no compose file in {path}", path=folder)


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "/"
