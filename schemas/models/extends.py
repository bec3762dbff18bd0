"""`extends`: a service is laid over the one that it names, in this file or in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..files import normal
from ..parsers.document import Place
from .convert import Converter
from .merge import merge
from .node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from .resolve import Scope
from .setting import Named
from .tags import Path, tagged_paths, without
from .value import Source, Value

if TYPE_CHECKING:
    from .load import Loader


_COST = 25  # a copied node against a character of text


class Origin(NamedTuple):
    """The file that a set of services stands in, and how it is read."""

    file: str
    scope: Scope
    base: str
    tagged: tuple[Path, ...] = ()


class Step(NamedTuple):
    """A service on the way from one that extends to the last base."""

    name: str
    service: MappingNode
    services: MappingNode
    origin: Origin


class Bases:
    """What the `extends` of one project has read and merged so far; `full` when it may copy no more."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, int], tuple[MappingNode | None, Origin]] = {}
        self.done: dict[tuple[int, str], MappingNode] = {}
        self.full = False
        self.keep: list[object] = []


def apply_extends(loader: Loader, model: MappingNode, services: MappingNode, origin: Origin) -> MappingNode:
    """The model with each service laid over what it extends (compose-go, loader/extends.go)."""
    if not any(isinstance(e.node, MappingNode) and "extends" in e.node.entries for e in services):
        return model
    # Identity keys of the cache stay valid while the nodes live.
    loader.bases.keep.extend((services, origin.scope.variables))
    entries = dict(services.entries)
    for name, entry in services.entries.items():
        if isinstance(entry.node, MappingNode) and "extends" in entry.node.entries:
            extended = _extended(loader, Step(name, entry.node, services, origin))
            entries[name] = Entry(name, entry.key_place, extended, entry.shadowed)
    below = MappingNode(entries, services.place, services.flow, services.merged)
    head = model.entries["services"]
    changed = {**model.entries, "services": Entry("services", head.key_place, below, head.shadowed)}
    return MappingNode(changed, model.place, model.flow, model.merged)


def is_remote(path: str) -> bool:
    """Whether Compose would fetch a path from a Git host or an OCI registry."""
    return path.startswith(("oci://", "git@", "git://", "http://", "https://", "ssh://")) or ".git#" in path


def relabelled(node: Node, source: Source) -> Node:
    """A copy in which text that is written out is marked as coming from `source`."""
    if isinstance(node, ScalarNode):
        pieces = tuple([p._replace(source=source) if p.source in _WRITTEN else p for p in node.value.pieces])
        value = Value(pieces, node.value.shadowed, known=node.value.known)
        return ScalarNode(value, node.place, node.kind, node.style, node.interpolated, node.base)
    if isinstance(node, SequenceNode):
        return SequenceNode(tuple([relabelled(item, source) for item in node.items]), node.place, node.flow)
    entries = {
        key: Entry(key, e.key_place, relabelled(e.node, source), e.shadowed, e.item, e.losses)
        for key, e in node.entries.items()
    }
    return MappingNode(entries, node.place, node.flow, node.merged)


_WRITTEN = frozenset({Source.LITERAL, Source.OVERRIDE, Source.INCLUDE})


def _extended(loader: Loader, first: Step) -> MappingNode:
    """A service with all that it inherits; the chain is walked down to its last base, then merged upwards."""
    steps = [first]
    seen = {(first.origin.file, first.name)}
    done = loader.bases.done
    result: MappingNode | None = None
    while result is None:
        step = _base(loader, steps[-1])
        if step is None:
            break
        key = (step.origin.file, step.name)
        if key in seen:
            _cycle(loader, steps[-1], step)
            break
        result = done.get((id(step.services), step.name))
        if result is None:
            seen.add(key)
        steps.append(step)
    if result is None:
        # Where the chain could not be followed to its end, the last `extends` stays and says so.
        last = steps[-1]
        result = done[id(last.services), last.name] = last.service
    base_file = steps[-1].origin.file
    for step in reversed(steps[:-1]):
        result = _over(loader, result, step, same_file=base_file == step.origin.file)
        base_file = step.origin.file
        done[id(step.services), step.name] = result
    return result


def _over(loader: Loader, base: MappingNode, step: Step, *, same_file: bool) -> MappingNode:
    """A step's service laid over its base."""
    bases = loader.bases
    if bases.full or not loader.record.spend(_COST * _weight(base)):
        if not bases.full:
            message = "`extends` copies more values than can be followed"
            loader.record.problem("too-much", step.service.place, message)
        bases.full = True
        return _plain(step.service)
    inherited: Node = relabelled(base, Source.EXTENDS) if same_file else base
    if step.origin.tagged:
        inherited = without(inherited, step.origin.tagged, ("services", step.name))
    merged = merge(inherited, _plain(step.service), ("services", step.name), loader.record)
    assert isinstance(merged, MappingNode)
    return merged


def _base(loader: Loader, step: Step) -> Step | None:
    """The service that a step extends; None, with a problem where it is an error, when there is none."""
    extends = step.service.entries.get("extends")
    if extends is None:
        return None
    node = extends.node
    service = node.get("service") if isinstance(node, MappingNode) else node
    file = node.get("file") if isinstance(node, MappingNode) else None
    if not isinstance(service, ScalarNode) or service.kind == "null":
        loader.record.problem("invalid-extends", node.place, "`extends` must name a `service`")
        return None
    name = service.text
    if name is None:
        return None
    services, origin = step.services, step.origin
    if isinstance(file, ScalarNode) and file.kind != "null":
        found = _file(loader, file, step)
        if found is None or found[0] is None:
            return None
        services, origin = found[0], found[1]
    entry = services.entries.get(name)
    if entry is None:
        if not loader.partial:
            loader.record.problem(
                "undefined-service",
                service.place,
                "there is no service `{name}` to extend in {file}",
                name=name,
                file=origin.file.rpartition("/")[2],
            )
        return None
    return Step(name, entry.node, services, origin) if isinstance(entry.node, MappingNode) else None


def _file(loader: Loader, file: ScalarNode, step: Step) -> tuple[MappingNode | None, Origin] | None:
    """The services of another file and where they stand; None when it is unknown or cannot be read."""
    text = file.text
    if text is None or is_remote(text):
        return None
    path = normal(text, file.base)
    scope = step.origin.scope
    key = (path, id(scope.variables))
    known = loader.bases.files.get(key)
    if known is None:
        origin = Origin(path, scope, path.rpartition("/")[0] or "/")
        loader.bases.keep.append(scope.variables)
        known = loader.bases.files[key] = _read(loader, Named(path, file.place), origin, file.place)
        loader.bases.keep.append(known[0])
    return known


def _read(loader: Loader, named: Named, origin: Origin, place: Place) -> tuple[MappingNode | None, Origin]:
    """The services of a file without its includes; its documents laid over each other."""
    tree = loader.yaml(named)
    model: Node | None = None
    tagged: tuple[Path, ...] = ()
    for root in tree.roots if tree is not None else ():
        assert tree is not None
        node = Converter(tree, origin.scope, Source.EXTENDS, origin.base, loader.record).convert(root)
        if not isinstance(node, MappingNode):
            continue
        paths = tagged_paths(root)
        tagged += paths
        model = node if model is None else merge(without(model, paths), node, (), loader.record)
    services = model.get("services") if isinstance(model, MappingNode) else None
    if isinstance(services, MappingNode):
        return services, origin._replace(tagged=tagged)
    if tree is not None and not loader.partial:
        loader.record.problem(
            "undefined-service", place, "{file} has no services to extend", file=origin.file.rpartition("/")[2]
        )
    return None, origin


def _plain(service: MappingNode) -> MappingNode:
    """A service without its `extends`."""
    if "extends" not in service.entries:
        return service
    entries = {key: entry for key, entry in service.entries.items() if key != "extends"}
    return MappingNode(entries, service.place, service.flow, service.merged)


def _weight(node: Node) -> int:
    """The number of entries and items of a node: what a copy and a merge of it cost."""
    if isinstance(node, MappingNode):
        return 1 + sum(_weight(entry.node) for entry in node)
    if isinstance(node, SequenceNode):
        return 1 + sum(_weight(item) for item in node.items)
    return 1


def _cycle(loader: Loader, step: Step, back: Step) -> None:
    place = step.service.entries["extends"].node.place
    loader.record.problem(
        "extends-cycle",
        place,
        "`{name}` extends `{base}`, which in the end extends `{name}` again",
        name=step.name,
        base=back.name,
    )
