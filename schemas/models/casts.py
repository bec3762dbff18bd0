"""Fields whose text Compose turns into sizes, durations and booleans once its schema has taken it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .node import MappingNode, Node, ScalarNode, SequenceNode
from .record import Record

# Path below a service ("*": each key or item) and the type. Compose decodes these last, so its schema takes any text
# there (compose-go, types/bytes.go, types/duration.go); what it casts before the schema stands in the schema (x-cast).
_FIELDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("depends_on", "*", "restart"), "boolean"),
    (("env_file", "*", "required"), "boolean"),
    (("healthcheck", "interval"), "duration"),
    (("healthcheck", "start_interval"), "duration"),
    (("healthcheck", "start_period"), "duration"),
    (("healthcheck", "timeout"), "duration"),
    (("mem_limit",), "size"),
    (("mem_reservation",), "size"),
    (("shm_size",), "size"),
    (("stop_grace_period",), "duration"),
    (("volumes", "*", "bind", "create_host_path"), "boolean"),
)
_WORDS = {
    "boolean": "true or false",
    "duration": "a duration such as 1m30s",
    "size": "a size such as 512m",
}
_PATTERNS = {
    "boolean": r"(?i:true|false|y|yes|on|n|no|off)",
    "duration": r"[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+)",
    "size": r"[0-9]+(?:\.[0-9]+)? ?(?i:[kmgtp]?i?b?)",
}


def check_casts(model: MappingNode, record: Record) -> None:
    """Note each known text that does not make the size, duration or boolean which its field wants."""
    services = model.get("services")
    for entry in services if isinstance(services, MappingNode) else ():
        if isinstance(entry.node, MappingNode):
            keys = entry.node.entries
            for path, wanted in _FIELDS:
                if path[0] in keys:
                    _check(entry.node, path, wanted, record)


def _check(node: Node, path: tuple[str, ...], wanted: str, record: Record) -> None:
    for found in _at(node, path):
        if found.kind != "str" or found.text is None:
            continue
        if re.fullmatch(_PATTERNS[wanted], found.text) is None:
            record.problem(
                "invalid-type",
                found.place,
                "`{field}` must be {wanted}",
                field=path[-1],
                wanted=_WORDS[wanted],
            )


def _at(node: Node, path: tuple[str, ...]) -> Iterator[ScalarNode]:
    """The scalars at a path."""
    if not path:
        if isinstance(node, ScalarNode):
            yield node
        return
    head, *rest = path
    below: list[Node] = []
    if head != "*":
        if isinstance(node, MappingNode) and head in node.entries:
            below = [node.entries[head].node]
    elif isinstance(node, MappingNode):
        below = [entry.node for entry in node]
    elif isinstance(node, SequenceNode):
        below = list(node.items)
    for child in below:
        yield from _at(child, tuple(rest))
