"""One effective tree laid over another, as Compose lays an override file over the file before it."""

from __future__ import annotations

from collections.abc import Callable

from ..parsers.document import Place
from .node import Entry, MappingNode, Node, ScalarNode, SequenceNode
from .pairs import as_mapping, skeleton
from .record import Record
from .value import Piece, Source, Value

Path = tuple[str, ...]
Merger = Callable[[Node, Node, Path, Record], Node]

# services.*.KEY and services.*.build.KEY whose lists and mappings of KEY=value join by key
# (override/merge.go: mergeToSequence, then override/uncity.go: keyValueIndexer).
_PAIRS = frozenset({"annotations", "environment", "labels", "sysctls"})
_BUILD_PAIRS = frozenset({"additional_contexts", "args", "labels"})
_LISTS = frozenset({"dns", "dns_opt", "dns_search", "env_file", "label_file", "tmpfs"})
_NAMED = frozenset({"depends_on", "models", "networks"})
_REPLACED = frozenset({"command", "entrypoint"})


def merge(left: Node, right: Node, path: Path, record: Record) -> Node:
    """`right` laid over `left`, both standing at `path` of the compose tree. Neither is changed.

    What cannot be laid over what is a problem "cannot-merge", and `left` stays.
    """
    special = _special(path)
    if special is not None:
        return special(left, right, path, record)
    if is_null(right):
        return left
    if isinstance(left, MappingNode):
        if isinstance(right, MappingNode):
            return _mappings(left, right, path, record)
        return _cannot(left, right, path, record)
    if isinstance(left, SequenceNode):
        if isinstance(right, SequenceNode):
            return _appended(left, right)
        return _cannot(left, right, path, record)
    return _replaced(left, right, path, record)


def is_null(node: Node | None) -> bool:
    """Whether a node is YAML's null (an empty value, `null`, `~`)."""
    return isinstance(node, ScalarNode) and node.kind == "null" and node.value.known


def names_mapping(node: Node, default: bool = False) -> MappingNode:
    """A list of names as a mapping of them to null; `depends_on` and `networks` come in both forms.

    With `default` the values are what `depends_on` means by a bare name.
    """
    if isinstance(node, MappingNode):
        return node
    found: dict[str, Entry] = {}
    if isinstance(node, SequenceNode):
        for item in node.items:
            if isinstance(item, ScalarNode):
                found[skeleton(item.value)] = Entry(skeleton(item.value), item.place, _named(item, default), (), True)
    return MappingNode(found, node.place)


def _special(path: Path) -> Merger | None:
    length = len(path)
    if length < 3:
        return None
    if path[0] == "services":
        key = path[2]
        if length == 3:
            return _service_special(key)
        if length == 4:
            return _nested_special(key, path[3])
        return None
    if length == 3 and path[0] in {"networks", "volumes"} and path[2] == "labels":
        return _pairs
    if length == 4 and path[0] == "networks" and path[2:] == ("ipam", "config"):
        return _subnets
    return None


def _service_special(key: str) -> Merger | None:
    if key in _PAIRS:
        return _pairs
    if key in _LISTS:
        return _lists
    if key in _NAMED:
        return _depends if key == "depends_on" else _named_mappings
    if key in _REPLACED:
        return _replaced
    return {"extra_hosts": _hosts, "build": _build, "logging": _logging}.get(key)


def _nested_special(key: str, below: str) -> Merger | None:
    if key == "build":
        return _pairs if below in _BUILD_PAIRS else _hosts if below == "extra_hosts" else None
    if (key, below) == ("healthcheck", "test") or key == "ulimits":
        return _replaced
    return _pairs if (key, below) == ("deploy", "labels") else None


def _mappings(left: MappingNode, right: MappingNode, path: Path, record: Record) -> MappingNode:
    entries = dict(left.entries)
    for key, entry in right.entries.items():
        lost = entries.get(key)
        if lost is None:
            entries[key] = entry
            continue
        node = merge(lost.node, entry.node, (*path, key), record)
        if node is lost.node:
            continue
        # A value that was replaced leaves what it replaced reachable; one that was joined holds both.
        hidden = (lost.node, *lost.shadowed) if node is entry.node or isinstance(node, ScalarNode) else lost.shadowed
        losses = (*entry.losses, *lost.losses)
        entries[key] = Entry(key, entry.key_place, node, (*entry.shadowed, *hidden), entry.item, losses)
    return MappingNode(entries, right.place, right.flow, {**left.merged, **right.merged})


def _replaced(left: Node, right: Node, _path: Path, _record: Record) -> Node:
    if not (isinstance(left, ScalarNode) and isinstance(right, ScalarNode)):
        return right
    value = right.value.with_shadowed((*right.value.shadowed, left.value, *left.value.shadowed))
    return ScalarNode(value, right.place, right.kind, right.style, right.interpolated, right.base)


def _appended(left: SequenceNode, right: SequenceNode) -> Node:
    return SequenceNode(left.items + right.items, right.place, right.flow)


def _cannot(left: Node, right: Node, path: Path, record: Record) -> Node:
    record.problem(
        "cannot-merge",
        right.place,
        "`{path}` is {right} here and {left} where it is first given; Compose cannot put one over the other",
        (left.place, "first given here"),
        path=".".join(path),
        right=_what(right),
        left=_what(left),
    )
    return left


def _pairs(left: Node, right: Node, path: Path, record: Record) -> Node:
    """Lists and mappings of KEY=value join by key; here a null takes the place of a value, as `- KEY` does."""
    if is_null(right):
        return left
    first, second = as_mapping(left, left.place), as_mapping(right, right.place)
    entries = dict(first.entries)
    for key, entry in second.entries.items():
        lost = entries.get(key)
        if lost is not None:
            node = _replaced(lost.node, entry.node, path, record)
            hidden = (*entry.shadowed, lost.node, *lost.shadowed)
            losses = (*entry.losses, *lost.losses)
            entry = Entry(key, entry.key_place, node, hidden, entry.item, losses)  # noqa: PLW2901
        entries[key] = entry
    return MappingNode(entries, second.place, second.flow, {**first.merged, **second.merged})


def _lists(left: Node, right: Node, _path: Path, _record: Record) -> Node:
    if is_null(right):
        return left
    first, second = _as_list(left), _as_list(right)
    return SequenceNode(first.items + second.items, second.place, second.flow)


def _named_mappings(left: Node, right: Node, path: Path, record: Record) -> Node:
    return left if is_null(right) else _mappings(names_mapping(left), names_mapping(right), path, record)


def _depends(left: Node, right: Node, path: Path, record: Record) -> Node:
    if is_null(right):
        return left
    return _mappings(names_mapping(left, default=True), names_mapping(right, default=True), path, record)


def _hosts(left: Node, right: Node, _path: Path, _record: Record) -> Node:
    """A host may stand several times; what is written the same is left out (override/merge.go: mergeExtraHosts)."""
    if is_null(right):
        return left
    first = _host_items(left)
    known = {skeleton(item.value) for item in first if isinstance(item, ScalarNode)}
    more = [i for i in _host_items(right) if not (isinstance(i, ScalarNode) and skeleton(i.value) in known)]
    return SequenceNode((*first, *more), right.place)


def _host_items(node: Node) -> tuple[Node, ...]:
    if isinstance(node, SequenceNode):
        return node.items
    if not isinstance(node, MappingNode):
        return ()
    found: list[Node] = []
    for entry in node:
        values = entry.node.items if isinstance(entry.node, SequenceNode) else (entry.node,)
        for value in values:
            if isinstance(value, ScalarNode):
                key = Piece(entry.key + "=", Source.LITERAL, entry.key_place)
                joined = Value((key, *value.value.pieces), known=value.value.known)
                found.append(ScalarNode(joined, value.place, "str", value.style, value.interpolated, value.base))
    return tuple(found)


def _build(left: Node, right: Node, path: Path, record: Record) -> Node:
    if is_null(right):
        return left
    return _mappings(_as_build(left), _as_build(right), path, record)


def _as_build(node: Node) -> MappingNode:
    """`build: DIR` as `build: {context: DIR}`."""
    if isinstance(node, MappingNode):
        return node
    entries = {} if is_null(node) else {"context": Entry("context", node.place, node)}
    return MappingNode(entries, node.place)


def _logging(left: Node, right: Node, path: Path, record: Record) -> Node:
    """Logging options join only when both name the same driver, or one names none (override/merge.go)."""
    if not (isinstance(left, MappingNode) and isinstance(right, MappingNode)):
        return left if is_null(right) else right if is_null(left) else _cannot(left, right, path, record)
    first, second = left.get("driver"), right.get("driver")
    if isinstance(first, ScalarNode) and isinstance(second, ScalarNode) and first.text != second.text:
        return right
    return _mappings(left, right, path, record)


def _subnets(left: Node, right: Node, path: Path, record: Record) -> Node:
    """Address pools join by their subnet; one with another subnet is added."""
    if not (isinstance(left, SequenceNode) and isinstance(right, SequenceNode)):
        return left if is_null(right) else _cannot(left, right, path, record)
    pools: dict[str, Node] = {}
    for item in (*left.items, *right.items):
        subnet = item.get("subnet") if isinstance(item, MappingNode) else None
        key = (subnet.text or "") if isinstance(subnet, ScalarNode) else ""
        known = pools.get(key)
        both = isinstance(known, MappingNode) and isinstance(item, MappingNode)
        pools[key] = merge(known, item, (*path, "[]"), record) if both and known is not None else item
    return SequenceNode(tuple(pools.values()), right.place)


def _as_list(node: Node) -> SequenceNode:
    if isinstance(node, SequenceNode):
        return node
    return SequenceNode(() if is_null(node) else (node,), node.place)


def _named(item: ScalarNode, default: bool) -> Node:
    place: Place = item.place
    if not default:
        return ScalarNode(Value((Piece("", Source.LITERAL, place),)), place, "null", "", False, item.base)

    def scalar(text: str, kind: str) -> ScalarNode:
        value = Value((Piece(text, Source.DEFAULT, place),))
        return ScalarNode(value, place, "bool" if kind == "bool" else "str", "", False, item.base)

    entries = {
        "condition": Entry("condition", place, scalar("service_started", "str")),
        "required": Entry("required", place, scalar("true", "bool")),
    }
    return MappingNode(entries, place)


def _what(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "a single value"
    return "a mapping" if isinstance(node, MappingNode) else "a list"
