"""A service's environment: its `environment` over its `env_file`s, each variable with the places that define it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from ..files import normal
from ..parsers.document import Place
from ..parsers.interpolation import names
from .environment import read_env_files
from .merge import is_null
from .node import Entry, Loss, MappingNode, Node, ScalarNode, SequenceNode
from .pairs import as_mapping
from .record import Record
from .resolve import Scope
from .service import EnvFile, Variable
from .setting import Named
from .value import Source, Value

if TYPE_CHECKING:
    from ..parsers.dotenv import DotenvTree
    from .load import Loader

Form = Literal["map", "list", "env_file", "inherited"]


class EnvironmentReader:
    """Reads the environments of a project's services; what they share by anchors and files is read once."""

    def __init__(self, loader: Loader, scope: Scope, record: Record) -> None:
        self.trees: dict[int, DotenvTree] = {}
        self._loader = loader
        self._scope = scope
        self._record = record
        self._variables: dict[int, Variable | None] = {}
        self._files: dict[tuple[int, ...], tuple[dict[str, Variable], object]] = {}
        self._asked: dict[int, tuple[str, ...]] = {}

    def read(self, service: MappingNode, *, active: bool) -> tuple[dict[str, Variable], tuple[EnvFile, ...]]:
        """The effective environment and the env files of a service.

        A file that is missing is a problem only for an active service: Compose looks at no other's.
        """
        own = self._own(service.get("environment"))
        files: list[EnvFile] = []
        given: dict[str, Variable] = {}
        for entry in self._env_files(service.get("env_file")):
            tree, read = self._tree(entry, active=active)
            if tree is not None and self._record.spend(len(tree.entries) + len(given)):
                given = _lay(self._file(tree, given, own), given)
            elif tree is not None:
                read = False
            files.append(entry if read else EnvFile(entry.path, entry.place, entry.required, entry.format, read=False))
        return (_lay(own, given) if given else own), tuple(files)

    def _own(self, node: Node | None) -> dict[str, Variable]:
        if node is None:
            return {}
        self._check_items(node)
        found: dict[str, Variable] = {}
        cache = self._variables
        for entry in as_mapping(node, node.place):
            key = id(entry)
            if key in cache:
                variable = cache[key]
            else:
                variable = self._variable(entry)
                if isinstance(node, MappingNode):
                    cache[key] = variable
            if variable is not None:
                found[entry.key] = variable
        return found

    def _variable(self, entry: Entry) -> Variable | None:
        """The variable that an entry defines; one without a value that no file sets is unknown: the shell may."""
        node = entry.node
        if not isinstance(node, ScalarNode):
            self._record.problem(
                "invalid-environment",
                node.place,
                "the value of `{name}` must be a single text or number",
                name=entry.key,
            )
            return None
        lost = tuple(v for n in entry.shadowed if (v := self._lost(entry, n)) is not None)
        if node.kind == "null":
            value = self._scope.variables.get(entry.key) or Value.unknown()
            return Variable(entry.key, value, entry.key_place, node.place, "inherited", lost)
        if node.kind == "timestamp":
            self._record.problem(
                "invalid-environment",
                node.place,
                "YAML reads this value of `{name}` as a date, which Compose refuses: quote it",
                name=entry.key,
            )
        value = node.value
        if lost:
            value = value.with_shadowed(tuple(variable.value for variable in lost))
        return Variable(entry.key, value, entry.key_place, node.place, "list" if entry.item else "map", lost)

    def _lost(self, entry: Entry, node: Node) -> Variable | None:
        if not isinstance(node, ScalarNode):
            return None
        loss: Loss | None = next((why for lost, why in entry.losses if lost is node), None)
        form: Form = "inherited" if is_null(node) else "map"
        return Variable(entry.key, node.value, node.place, node.place, form, (), loss)

    def _check_items(self, node: Node) -> None:
        for item in node.items if isinstance(node, SequenceNode) else ():
            if isinstance(item, ScalarNode):
                if item.kind == "str":
                    continue
                what = f"a {item.kind}"
            else:
                what = "`KEY: value`" if isinstance(item, MappingNode) else "a list"
            self._record.problem(
                "invalid-environment",
                item.place,
                "an item of this list must be `KEY=value`, and this is {what}",
                what=what,
            )

    def _env_files(self, node: Node | None) -> list[EnvFile]:
        """The files of `env_file`, each path once, the later mention in the earlier one's place."""
        found: dict[object, EnvFile] = {}
        items = node.items if isinstance(node, SequenceNode) else () if node is None or is_null(node) else (node,)
        for item in items:
            file = _env_file(item)
            if file is not None:
                found[file.path or id(item)] = file
        return list(found.values())

    def _tree(self, file: EnvFile, *, active: bool) -> tuple[DotenvTree | None, bool]:
        """The parsed file, and whether all that it gives is known."""
        if file.path is None:
            return None, False
        if self._loader.kind(file.path) == "missing" and not (file.required and active):
            return None, not file.required
        if file.format not in {"compose", "raw"}:
            self._record.problem(
                "invalid-env-file",
                file.place,
                "`{format}` is no format of env files that Compose knows",
                format=file.format,
            )
            return None, False
        tree = self._loader.dotenv(Named(file.path, file.place), "raw" if file.format == "raw" else "compose")
        if tree is not None:
            self.trees.setdefault(id(tree), tree)
        return tree, tree is not None

    def _file(
        self, tree: DotenvTree, given: Mapping[str, Variable], own: Mapping[str, Variable]
    ) -> dict[str, Variable]:
        """The variables of one file; services for which its expressions mean the same share them."""
        asked = self._asked.get(id(tree))
        if asked is None:
            asked = self._asked[id(tree)] = _asked(tree)
        context = {name: v.value for name in asked if (v := own.get(name)) is not None and v.value.known}
        before = {name: v.value for name in asked if (v := given.get(name)) is not None}
        key = (id(tree), *map(id, context.values()), 0, *map(id, before.values()))
        known = self._files.get(key)
        if known is not None:
            return known[0]
        scope = self._scope._replace(variables={**context, **self._scope.variables}) if context else self._scope
        values = read_env_files((tree,), scope, self._record, Source.ENV_FILE, before)
        places = {entry.key: entry for entry in tree.entries}
        found: dict[str, Variable] = {}
        for name, value in values.items():
            entry = places[name]
            key_place = Place(tree.document, entry.key_span)
            place = Place(tree.document, entry.span)
            lost = tuple(Variable(name, v, p, p, "env_file") for v in value.shadowed if (p := v.edit_place) is not None)
            found[name] = Variable(name, value, key_place, place, "env_file", lost)
        # The values of the key are kept, so that their identities stay theirs.
        self._files[key] = found, (context, before)
        return found


def _asked(tree: DotenvTree) -> tuple[str, ...]:
    """The names that the file's expressions and its keys without a value look up, sorted."""
    found = {entry.key for entry in tree.entries if entry.text is None}
    for entry in tree.entries:
        if entry.template is not None:
            found.update(reference.name for reference in names(entry.template))
    return tuple(sorted(found))


def _lay(winner: Mapping[str, Variable], loser: Mapping[str, Variable]) -> dict[str, Variable]:
    """Two environments as one; what loses stays reachable in the winner's `shadowed`."""
    merged = dict(loser)
    for name, variable in winner.items():
        lost = loser.get(name)
        if lost is not None:
            shadowed = (*variable.shadowed, lost, *lost.shadowed)
            value = variable.value.with_shadowed(tuple(v.value for v in shadowed))
            variable = variable._replace(value=value, shadowed=shadowed)  # noqa: PLW2901
        merged[name] = variable
    return merged


def _env_file(node: Node) -> EnvFile | None:
    path = node.get("path") if isinstance(node, MappingNode) else node
    if not isinstance(path, ScalarNode):
        return None
    absolute = normal(path.text, path.base) if path.text else None
    if not isinstance(node, MappingNode):
        return EnvFile(absolute, path.place)
    required, form = node.get("required"), node.get("format")
    return EnvFile(
        absolute,
        path.place,
        not (isinstance(required, ScalarNode) and required.text == "false"),
        (form.text if isinstance(form, ScalarNode) else None) or "compose",
    )
