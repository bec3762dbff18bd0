"""The modules of a settings package as a whole: names followed through imports, classes through their bases."""

from __future__ import annotations

from collections.abc import Iterator

from .files import Files
from .models.variable_fact import VariableFact
from .settings_syntax import (
    MAX_BYTES,
    Call,
    Constant,
    Expression,
    Import,
    Item,
    Module,
    Name,
    Operation,
    SettingsClass,
    read_module,
)
from .settings_types import fact_of_field, names_of_field

MAX_FILES = 400
MAX_TOTAL = 1_000_000
MAX_FOLDERS = 6
MAX_BASES = 400
MAX_STEPS = 20

Place = tuple[str, ...]


def package_of(files: Files, folder: str) -> Package:
    """The package whose modules stand in a folder; empty where there is none."""
    return Package({module.place: module for module in _modules(files, folder)}, folder.rpartition("/")[2])


def _modules(files: Files, folder: str) -> Iterator[Module]:
    left = MAX_TOTAL
    for place, path in _sources(files, folder):
        package = path.endswith("/__init__.py")
        try:
            data = files.read(path)
        except OSError:
            continue
        if len(data) <= min(MAX_BYTES, left):
            left -= len(data)
            module = read_module(data.decode("utf-8-sig", "replace"), place, package=package)
            if module is not None:
                yield module


def _sources(files: Files, folder: str) -> Iterator[tuple[Place, str]]:
    left = MAX_FILES
    waiting: list[Place] = [()]
    while waiting and left:
        place = waiting.pop()
        here = "/".join([folder, *place])
        for entry in files.entries(here):
            path = f"{here}/{entry}"
            stem = entry.removesuffix(".py")
            if stem == entry and entry.isidentifier() and len(place) < MAX_FOLDERS and files.kind(path) == "directory":
                waiting.append((*place, entry))
            elif stem != entry and stem.isidentifier() and left:
                left -= 1
                yield place if stem == "__init__" else (*place, stem), path


class Package:
    """The modules of one package by their dotted place below it; `name` is how its own modules import it."""

    def __init__(self, modules: dict[Place, Module], name: str) -> None:
        self._modules = modules
        self._name = name

    def roots(self) -> list[SettingsClass]:
        """The classes whose instances hold the settings."""
        top = self._modules.get(())
        made: list[SettingsClass] = []
        for value in top.names.values() if top is not None else ():
            if top is not None and isinstance(value, Call) and isinstance(value.function, Name):
                found = self.find(value.function.text, top)
                if found is not None and self._is_settings(found):
                    made.append(found)
        return made or self._leaves()

    def facts(self, root: SettingsClass) -> Iterator[VariableFact]:
        """The facts of a class with all that it inherits; `alias_of` marks those that stand in for another name."""
        lineage = self._lineage(root)
        prefix = _prefix(lineage)
        seen: set[str] = set()
        for each in lineage:
            scope = ClassScope(self, each)
            for name, field in each.fields.items():
                if name in seen or name.startswith("_") or name == "model_config" or _is_constant(field.annotation):
                    continue
                seen.add(name)
                fact = fact_of_field(name, field, scope)
                first, *others = names_of_field(name, field, prefix)
                yield fact._replace(name=first)
                for other in others:
                    yield fact._replace(name=other, alias_of=first, required=False, default=None)
            # A method hides the field of a class further back: it is computed, and no variable sets it.
            seen |= each.methods

    def find(self, name: str, module: Module) -> SettingsClass | None:
        """The class that a dotted name means in a module, imports followed inside the package."""
        first, *rest = name.split(".")
        found = self.look_up(first, module)
        each = found if isinstance(found, SettingsClass) else None
        for part in rest:
            each = each.nested.get(part) if each is not None else None
        return each

    def look_up(self, name: str, module: Module, steps: int = MAX_STEPS) -> SettingsClass | Expression | None:
        """What a top-level name of a module is; None for what comes from outside the package."""
        if steps <= 0:
            return None
        found = module.names.get(name)
        if isinstance(found, Import):
            source = self._source(found, module)
            return self.look_up(found.name, source, steps - 1) if source is not None else None
        if found is not None:
            return found
        for star in module.stars[:MAX_STEPS]:
            source = self._source(star, module)
            # One step for all of them: stars that import each other would be asked again and again.
            wanted = self.look_up(name, source, min(steps - 1, 2)) if source is not None else None
            if wanted is not None:
                return wanted
        return None

    def _source(self, wanted: Import, module: Module) -> Module | None:
        parts = tuple(wanted.module.split(".")) if wanted.module else ()
        if not wanted.level:
            # `configs.feature` and `api.configs.feature` are the same module, by where Python was started.
            return self._modules.get(parts[parts.index(self._name) + 1 :]) if self._name in parts else None
        up = wanted.level - module.package
        if up > len(module.place):
            return None
        return self._modules.get((*module.place[: len(module.place) - up], *parts))

    def _leaves(self) -> list[SettingsClass]:
        classes = [c for m in self._modules.values() for c in m.names.values() if isinstance(c, SettingsClass)]
        inherited = {id(base) for each in classes for base in self._bases(each)}
        return [each for each in classes if id(each) not in inherited and self._is_settings(each)]

    def _lineage(self, root: SettingsClass) -> list[SettingsClass]:
        """A class and its bases, nearest first: each stands behind all classes that inherit it, as in Python."""
        walk: list[SettingsClass] = []
        waiting = [root]
        while waiting and len(walk) < MAX_BASES:
            each = waiting.pop()
            walk.append(each)
            waiting += reversed([base for base in self._bases(each) if base is not root])
        last = {id(each): index for index, each in enumerate(walk)}
        return [each for index, each in enumerate(walk) if last[id(each)] == index]

    def _bases(self, each: SettingsClass) -> list[SettingsClass]:
        found = [self.find(base.text, each.module) for base in each.bases if isinstance(base, Name)]
        return [base for base in found if base is not None and not base_names(base) & {"Protocol", "TypedDict"}]

    def _is_settings(self, each: SettingsClass) -> bool:
        return any(name.endswith("BaseSettings") for one in self._lineage(each) for name in base_names(one))


class ClassScope:
    """The names as a class body sees them: its own nested classes first, then the module's."""

    def __init__(self, package: Package, owner: SettingsClass) -> None:
        self._package = package
        self._owner = owner

    def alias(self, name: str) -> Expression | None:
        """The type expression that a name of the module stands for."""
        found = self._package.look_up(name, self._owner.module) if name not in self._owner.nested else None
        return found if isinstance(found, (Item, Operation, Name, Constant)) else None

    def members(self, name: str) -> dict[str, str] | None:
        """The members of the enumeration of that name; None where a value is no text."""
        first, _, rest = name.partition(".")
        nested = self._owner.nested.get(first)
        found = nested if nested is not None and not rest else self._package.find(name, self._owner.module)
        kinds = base_names(found) if found is not None else frozenset[str]()
        if found is None or not kinds & {"Enum", "StrEnum"}:
            return None
        members: dict[str, str] = {}
        for key, value in found.assigned.items():
            if isinstance(value, Constant) and isinstance(value.value, str):
                members[key] = value.value
            elif "StrEnum" in kinds and isinstance(value, Call) and value.function in (Name("auto"), Name("enum.auto")):
                members[key] = key.lower()
            elif not key.startswith("_"):
                return None
        return members


def base_names(each: SettingsClass) -> frozenset[str]:
    """The last words of the names of a class's direct bases (`Enum` for `enum.Enum`)."""
    plain = [base.base if isinstance(base, Item) else base for base in each.bases]
    return frozenset(base.text.rpartition(".")[2] for base in plain if isinstance(base, Name))


def _prefix(lineage: list[SettingsClass]) -> str:
    for each in lineage:
        config = each.assigned.get("model_config")
        prefix = config.named.get("env_prefix") if isinstance(config, Call) else None
        if isinstance(prefix, Constant) and isinstance(prefix.value, str):
            return prefix.value
    return ""


def _is_constant(annotation: Expression) -> bool:
    base = annotation.base if isinstance(annotation, Item) else annotation
    return isinstance(base, Name) and base.text.rpartition(".")[2] in ("ClassVar", "Final")
