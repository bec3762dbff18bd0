"""Bodies that an nginx cuts off on their way to a product: what it lets through, and what is taken behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Fix,
    Port,
    Related,
    Service,
    Variable,
    in_range,
    nginx_edits,
)
from .front import called_port, host_servers, lines_of
from .serving import Line, is_understood, known_servers, location_of, setting, target_of

MEGABYTE = 1_000_000
# Such a number of megabytes, and such a number of bytes for nginx, were meant in another unit (DFY050).
OTHER_UNIT = 1 << 20
_FEW_BYTES = 1 << 12
# nginx counts in powers of two: 1m is 1,048,576 bytes (http://nginx.org/en/docs/syntax.html), and is what it lets
# through unless it is told more (ngx_http_core_module).
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_UNTOLD = 1 << 20


class Goal(NamedTuple):
    """What takes large bodies: the path by which they come, the services, and how many megabytes they take.

    `untold` are those of which so much is taken that any limit that somebody wrote down may be meant.
    """

    title: str
    path: str
    services: Sequence[Service]
    limit: int
    untold: bool = False


def too_small_in_front(deployment: Deployment) -> Diagnostics:
    """Every nginx on the host, and those of the stack that were told nothing, before what takes larger bodies."""
    for goal in _goals(deployment):
        for server, ports in host_servers(deployment, [service.name for service in goal.services]):
            location = location_of(server, goal.path)
            port = called_port(server, location, ports) if location is not None else None
            if location is None or port is None or lines_of(server, location) is None:
                continue
            line = setting(server, location, "client_max_body_size")
            size = size_in_bytes(line.filled(line.words[0]) or "") if line is not None else _UNTOLD
            if 0 < size < goal.limit * MEGABYTE and not (line and goal.untold):
                yield _cut_off(location, line, port, goal)
        for nginx, server in known_servers(deployment):
            location = location_of(server, goal.path) if is_understood(server) else None
            target = target_of(deployment, nginx, server, location) if location else None
            if location is None or target not in goal.services or lines_of(server, location) is None:
                continue
            if setting(server, location, "client_max_body_size") is None and goal.limit * MEGABYTE > _UNTOLD:
                yield _cut_off(location, None, None, goal)


def _goals(deployment: Deployment) -> Iterator[Goal]:
    dify, fastgpt = deployment.table("dify"), deployment.table("fastgpt")
    if dify is not None:
        services = deployment.playing("dify", "api")
        limits = [number for service in services if (number := set_number(service, "UPLOAD_FILE_SIZE_LIMIT")[1])]
        limit = max(limits, default=dify.data["uploads"]["UPLOAD_FILE_SIZE_LIMIT"])
        if services and limit < OTHER_UNIT:
            yield Goal("Dify", "/console/api/files/upload", services, limit)
    version = deployment.versions.get("fastgpt")
    if fastgpt is not None and version is not None:
        services = deployment.playing("fastgpt", "app")
        for name, shipped in fastgpt.data["uploads"].items():
            limits = [number for service in services if (number := set_number(service, name)[1])]
            # A release without the variable has no such limit.
            if services and any(in_range(version, f.since, f.until) for f in fastgpt.history("app", name)):
                yield Goal("FastGPT", "/api/v1/chat/completions", services, max(limits, default=shipped))
        uploads = [number for service in services if (number := set_number(service, "UPLOAD_FILE_MAX_SIZE")[1])]
        storage = [s for s in deployment.project.active if (r := deployment.server(s)) and r.name == "minio"]
        if storage and uploads:
            yield Goal("FastGPT's storage", "/", storage, max(uploads), untold=True)


def set_number(service: Service, name: str) -> tuple[Variable | None, int]:
    """A variable of a service that is a number, and the number; (None, 0) for any other."""
    variable = service.environment.get(name)
    text = (variable.value.text or "").strip() if variable else ""
    return (variable, int(text)) if re.fullmatch(r"[0-9]{1,12}", text) else (None, 0)


def size_in_bytes(text: str) -> int:
    """A size of nginx in bytes, 0 for none, one that nobody can know, and one whose letter was left out."""
    match = re.fullmatch(r"([0-9]{1,12})([kmg]?)", text.lower())
    size = int(match[1]) * _UNITS[match[2]] if match else 0
    return size if size >= _FEW_BYTES else 0


def _cut_off(location: Line, line: Line | None, port: Port | None, goal: Goal) -> Diagnostic:
    wanted = f"{goal.limit}M"
    values = (
        ("limit", str(goal.limit)),
        ("wanted", wanted),
        ("size", line.words[0] if line else "1m"),
        ("product", goal.title),
    )
    head = line or location
    first, words = head.directive.name, head.directive.arguments
    edit = (
        nginx_edits.set_argument(line.tree, line.directive, 0, wanted)
        if line is not None
        else nginx_edits.insert_directive(
            location.tree,
            location.directive,
            f"client_max_body_size {wanted};",
            before=(location.directive.block or [])[0],
        )
    )
    return Diagnostic(
        head.tree.document.place(first.span.start, words[-1].span.end),
        "this nginx lets only {size} through (`client_max_body_size`), but {product} behind it takes {limit} MB: "
        "larger uploads end in 413",
        values,
        (Related(port.place, "{product} answers on this port", values),) if port else (),
        (Fix("Let {wanted} through", (edit,), Applicability.UNSAFE, values),),
    )
