"""`include`: other projects, each read with its own folder and `.env`, brought into the one that names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..files import normal
from ..parsers.document import Place
from .environment import over, read_env_files
from .extends import is_remote
from .merge import is_null, merge
from .node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from .resolve import Scope
from .setting import Named, Setting
from .tags import Path, without
from .value import Piece, Source, Value

if TYPE_CHECKING:
    from .load import Loader

_SECTIONS = ("services", "volumes", "networks", "secrets", "configs", "models")
MAX_DEPTH = 40


class Included(NamedTuple):
    """One item of `include`."""

    paths: tuple[ScalarNode, ...]
    folder: ScalarNode | None
    env_files: tuple[ScalarNode, ...]


def apply_include(loader: Loader, model: MappingNode, setting: Setting, tagged: tuple[Path, ...]) -> MappingNode:
    """The model with all that its `include` names brought in (compose-go, loader/include.go)."""
    entry = model.entries["include"]
    entries = {key: e for key, e in model.entries.items() if key != "include"}
    result = MappingNode(entries, model.place, model.flow, model.merged)
    if is_null(entry.node):
        return result
    if not isinstance(entry.node, SequenceNode):
        loader.record.problem("invalid-include", entry.node.place, "`include` must be a list of files")
        return result
    for item in entry.node.items:
        included = _item(item)
        if included is None:
            loader.record.problem("invalid-include", item.place, "an item of `include` must name a file (`path`)")
            continue
        imported = _load(loader, included, setting)
        if imported is not None:
            result = _brought_in(loader, result, imported, tagged)
    return result


def _item(node: Node) -> Included | None:
    if isinstance(node, ScalarNode):
        return Included((node,), None, ()) if node.kind == "str" else None
    if not isinstance(node, MappingNode):
        return None
    paths = tuple(_texts(node.get("path")))
    folder = node.get("project_directory")
    env_files = tuple(_texts(node.get("env_file")))
    return Included(paths, folder if isinstance(folder, ScalarNode) else None, env_files) if paths else None


def _texts(node: Node | None) -> Iterator[ScalarNode]:
    items = node.items if isinstance(node, SequenceNode) else (node,)
    for item in items:
        if isinstance(item, ScalarNode) and item.kind == "str":
            yield item


def _load(loader: Loader, included: Included, setting: Setting) -> MappingNode | None:
    """The project that an item names; None when it is remote, unknown, or already being read."""
    texts = [path.text for path in included.paths]
    if any(text is None or is_remote(text) for text in texts):
        loader.partial = True
        return None
    named = [Named(normal(path.text or "", setting.base), path.place) for path in included.paths]
    place = included.paths[0].place
    if named[0].path in setting.chain:
        _cycle(loader, place, named[0].path)
        return None
    if len(setting.chain) > MAX_DEPTH:
        loader.partial = True
        loader.record.problem("too-much", place, "these includes nest too deeply to follow")
        return None
    folder = named[0].path.rpartition("/")[0] or "/"
    if included.folder is not None and included.folder.text:
        folder = normal(included.folder.text, setting.base)
    scope = _scope(loader, included, folder, setting)
    model = loader.model(named, Setting(scope, folder, Source.INCLUDE, setting.chain))
    return _inherited(model, scope) if model is not None else None


def _scope(loader: Loader, included: Included, folder: str, setting: Setting) -> Scope:
    """The variables of an included project: those of the including one, then those of its own env files."""
    files: list[Named] = []
    if included.env_files:
        given = [node for node in included.env_files if node.text not in {None, "/dev/null"}]
        files = [Named(normal(node.text or "", setting.base), node.place) for node in given]
    elif loader.kind(folder + "/.env") == "file":
        files.append(Named(folder + "/.env", included.paths[0].place))
    trees = tuple(tree for named in files if (tree := loader.dotenv(named)) is not None)
    outer = setting.scope
    if not trees:
        return outer
    own = read_env_files(trees, outer, loader.record)
    return outer._replace(variables=over(outer.variables, own), settled=True)


def _inherited(model: MappingNode, scope: Scope) -> MappingNode:
    """The model with `- KEY` items of `environment` given the value that the included project's own variables have."""
    services = model.get("services")
    if not isinstance(services, MappingNode):
        return model
    changed: dict[str, Entry] = {}
    for name, entry in services.entries.items():
        service = entry.node
        listed = service.get("environment") if isinstance(service, MappingNode) else None
        if isinstance(service, MappingNode) and isinstance(listed, SequenceNode):
            items = tuple([_given(item, scope) for item in listed.items])
            if items != listed.items:
                own = service.entries["environment"]
                given = SequenceNode(items, listed.place, listed.flow)
                below = {**service.entries, "environment": Entry("environment", own.key_place, given, own.shadowed)}
                service = MappingNode(below, service.place, service.flow, service.merged)
        changed[name] = Entry(name, entry.key_place, service, entry.shadowed)
    head = model.entries["services"]
    node = MappingNode(changed, services.place, services.flow, services.merged)
    entries = {**model.entries, "services": Entry("services", head.key_place, node, head.shadowed)}
    return MappingNode(entries, model.place, model.flow, model.merged)


def _given(item: Node, scope: Scope) -> Node:
    if not isinstance(item, ScalarNode) or item.kind != "str" or not item.text or "=" in item.text:
        return item
    found = scope.variables.get(item.text)
    if found is None:
        return item
    pieces = (*item.value.pieces, Piece("=", Source.INCLUDE, item.place), *found.pieces)
    return ScalarNode(Value(pieces, known=found.known), item.place, "str", item.style, True, item.base)


def _brought_in(loader: Loader, model: MappingNode, imported: MappingNode, tagged: tuple[Path, ...]) -> MappingNode:
    """The model with the imported services and resources; of one name both have, the including file's lies on top."""
    entries = dict(model.entries)
    for section in _SECTIONS:
        theirs = imported.get(section)
        if not isinstance(theirs, MappingNode):
            continue
        mine = entries.get(section)
        if mine is not None and not isinstance(mine.node, MappingNode):
            continue
        merged = dict(mine.node.entries) if mine is not None and isinstance(mine.node, MappingNode) else {}
        for name, entry in theirs.entries.items():
            own = merged.get(name)
            if own is None:
                merged[name] = entry
            elif not _same(own.node, entry.node):
                _clash(loader, section, name, own.key_place, entry.key_place)
                base = without(entry.node, tagged, (section, name))
                node = merge(base, own.node, (section, name), loader.record)
                merged[name] = Entry(name, own.key_place, node, own.shadowed)
        place = mine.node.place if mine is not None else theirs.place
        key_place = mine.key_place if mine is not None else imported.entries[section].key_place
        entries[section] = Entry(section, key_place, MappingNode(merged, place))
    return MappingNode(entries, model.place, model.flow, model.merged)


def _same(one: Node, other: Node) -> bool:
    """Whether two nodes say the same: what two includes bring from one file is no clash."""
    if one is other:
        return True
    if isinstance(one, ScalarNode) and isinstance(other, ScalarNode):
        return one.kind == other.kind and one.text == other.text
    if isinstance(one, SequenceNode) and isinstance(other, SequenceNode):
        return len(one.items) == len(other.items) and all(map(_same, one.items, other.items))
    if isinstance(one, MappingNode) and isinstance(other, MappingNode):
        return one.entries.keys() == other.entries.keys() and all(
            _same(entry.node, other.entries[key].node) for key, entry in one.entries.items()
        )
    return False


def _clash(loader: Loader, section: str, name: str, mine: Place, theirs: Place) -> None:
    loader.record.problem(
        "include-conflict",
        mine,
        "`{section}.{name}` is also in an included file; some versions of Compose lay this one over it, others stop",
        (theirs, "the included one"),
        section=section,
        name=name,
    )


def _cycle(loader: Loader, place: Place, path: str) -> None:
    loader.record.problem(
        "include-cycle", place, "{file} is included by what it includes itself", file=path.rpartition("/")[2]
    )
