"""Fields whose text Compose turns into numbers, booleans, sizes and durations after interpolation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .node import MappingNode, Node, ScalarNode, SequenceNode
from .record import Record

# Path below a service ("*": each key or item) and the type (compose-go, loader/interpolate.go; sizes and durations are
# decoded later, in types/bytes.go and types/duration.go).
_FIELDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("cpu_count",), "integer"),
    (("cpu_percent",), "number"),
    (("cpu_period",), "integer"),
    (("cpu_quota",), "integer"),
    (("cpu_rt_period",), "integer"),
    (("cpu_rt_runtime",), "integer"),
    (("cpu_shares",), "integer"),
    (("cpus",), "number"),
    (("deploy", "placement", "max_replicas_per_node"), "integer"),
    (("deploy", "replicas"), "integer"),
    (("deploy", "restart_policy", "max_attempts"), "integer"),
    (("deploy", "rollback_config", "max_failure_ratio"), "number"),
    (("deploy", "rollback_config", "parallelism"), "integer"),
    (("deploy", "update_config", "max_failure_ratio"), "number"),
    (("deploy", "update_config", "parallelism"), "integer"),
    (("depends_on", "*", "required"), "boolean"),
    (("depends_on", "*", "restart"), "boolean"),
    (("env_file", "*", "required"), "boolean"),
    (("healthcheck", "disable"), "boolean"),
    (("healthcheck", "interval"), "duration"),
    (("healthcheck", "retries"), "integer"),
    (("healthcheck", "start_interval"), "duration"),
    (("healthcheck", "start_period"), "duration"),
    (("healthcheck", "timeout"), "duration"),
    (("init",), "boolean"),
    (("mem_limit",), "size"),
    (("mem_reservation",), "size"),
    (("oom_kill_disable",), "boolean"),
    (("oom_score_adj",), "integer"),
    (("pids_limit",), "integer"),
    (("ports", "*", "target"), "integer"),
    (("privileged",), "boolean"),
    (("read_only",), "boolean"),
    (("scale",), "integer"),
    (("shm_size",), "size"),
    (("stdin_open",), "boolean"),
    (("stop_grace_period",), "duration"),
    (("tty",), "boolean"),
    (("ulimits", "*"), "integer"),
    (("ulimits", "*", "hard"), "integer"),
    (("ulimits", "*", "soft"), "integer"),
    (("volumes", "*", "bind", "create_host_path"), "boolean"),
    (("volumes", "*", "read_only"), "boolean"),
    (("volumes", "*", "volume", "nocopy"), "boolean"),
)
_ROOT_FIELDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("configs", "*", "external"), "boolean"),
    (("networks", "*", "attachable"), "boolean"),
    (("networks", "*", "external"), "boolean"),
    (("networks", "*", "internal"), "boolean"),
    (("secrets", "*", "external"), "boolean"),
    (("volumes", "*", "external"), "boolean"),
)
_WORDS = {
    "boolean": "true or false",
    "duration": "a duration such as 1m30s",
    "integer": "a whole number",
    "number": "a number",
    "size": "a size such as 512m",
}
_PATTERNS = {
    "boolean": r"(?i:true|false|y|yes|on|n|no|off)",
    "duration": r"[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+)",
    "integer": r"[-+]?[0-9]+",
    "number": r"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|(?i:inf|infinity|nan))",
    "size": r"[0-9]+(?:\.[0-9]+)? ?(?i:[kmgtp]?i?b?)",
}


def check_casts(model: MappingNode, record: Record) -> None:
    """Note each text that does not make the number or boolean which its field wants; only where the text is known."""
    services = model.get("services")
    for entry in services if isinstance(services, MappingNode) else ():
        if isinstance(entry.node, MappingNode):
            keys = entry.node.entries
            for path, wanted in _FIELDS:
                if path[0] in keys:
                    _check(entry.node, path, wanted, record)
    for path, wanted in _ROOT_FIELDS:
        if path[0] in model.entries:
            _check(model, path, wanted, record)


def _check(node: Node, path: tuple[str, ...], wanted: str, record: Record) -> None:
    for found in _at(node, path):
        if found.kind != "str" or found.text is None:
            continue
        if re.fullmatch(_PATTERNS[wanted], found.text) is None:
            record.problem(
                "invalid-type",
                found.place,
                "`{field}` must be {wanted}",
                field=path[-1] if path[-1] != "*" else path[-2],
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
