"""How much nginx lets through, against what the product lets people upload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...kit import (
    Applicability,
    Deployment,
    Diagnostic,
    Diagnostics,
    Edit,
    Fix,
    MountedFile,
    NginxDirective,
    NginxTree,
    Place,
    Port,
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    rule,
)
from .front import called_port, host_servers, lines_of
from .serving import Line, location_of, setting
from .targets import trees

# Limits in bytes of what comes in through nginx.
REQUESTS = ("PLUGIN_MAX_PACKAGE_SIZE", "WEBHOOK_REQUEST_BODY_MAX_SIZE")
_UPLOAD = "/console/api/files/upload"
_MEGABYTE = 1_000_000
# Such a number of megabytes, and such a number of bytes for nginx, were meant in another unit (DFY050).
_OTHER_UNIT = 1 << 20
_FEW_BYTES = 1 << 12
# nginx counts in powers of two: 1m is 1,048,576 bytes (http://nginx.org/en/docs/syntax.html).
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class BodySize(NamedTuple):
    """A `client_max_body_size` in force, in bytes; `bytes` 0 is "no limit" or one that nobody can know."""

    file: MountedFile
    tree: NginxTree
    directive: NginxDirective
    bytes: int
    text: str

    @property
    def place(self) -> Place:
        """Where the directive stands."""
        return Place(self.tree.document, self.directive.span)

    @property
    def variable(self) -> Variable | None:
        """The variable of the nginx service that a template takes the size from."""
        name = re.fullmatch(r"\$\{(\w+)\}", self.directive.arguments[0].text)
        return self.file.service.environment.get(name[1]) if name else None


@rule("NGX014", "body-size-below-upload-limit", Deployment, Severity.WARNING, faq=("D11",), fix=Applicability.UNSAFE)
def body_size_below_upload_limit(deployment: Deployment) -> Diagnostics:
    """nginx answers 413 before the application sees an upload that it would accept."""
    table = deployment.table("dify")
    if table is None:
        return
    limits: dict[str, int] = table.data["uploads"]
    for nginx in deployment.project.active:
        sizes = list(_sizes(deployment, nginx))
        if not sizes or any(size.bytes == 0 for size in sizes):
            continue
        largest = max(sizes, key=lambda size: size.bytes)
        raised = [
            (variable, megabytes)
            for variable, megabytes in _raised(deployment, limits)
            if megabytes * _MEGABYTE > largest.bytes
        ]
        for variable, megabytes in raised:
            yield _too_small(deployment, largest, variable, megabytes)
        if not raised:
            yield from _lowered(deployment, largest, limits["UPLOAD_FILE_SIZE_LIMIT"])
    yield from _in_front(deployment, limits["UPLOAD_FILE_SIZE_LIMIT"])


def _lowered(deployment: Deployment, size: BodySize, shipped: int) -> Diagnostics:
    """A limit of nginx that is under what the API takes as it is."""
    limit = max((m for v, m in _set_limits(deployment) if v.name == "UPLOAD_FILE_SIZE_LIMIT"), default=shipped)
    if limit >= _OTHER_UNIT or size.bytes >= limit * _MEGABYTE or not deployment.playing("dify", "api"):
        return
    place = (size.variable.value.edit_place or size.variable.place) if size.variable else size.place
    values = (("size", size.text), ("limit", str(limit)), ("nginx", size.file.service.name))
    yield Diagnostic(
        place,
        "`{nginx}` lets only {size} through, but Dify takes files of {limit} MB: larger uploads end in 413",
        values,
        (Related(size.place, "`{nginx}` limits the body here", values),) if size.variable else (),
        _larger(deployment, size, f"{limit}M"),
    )


def _in_front(deployment: Deployment, shipped: int) -> Diagnostics:
    """An nginx on the host lets 1 MB through unless it is told more (ngx_http_core_module), and all uploads pass it."""
    for server, ports in host_servers(deployment):
        location = location_of(server, _UPLOAD)
        port = called_port(server, location, ports) if location is not None else None
        if location is None or port is None or lines_of(server, location) is None:
            continue
        line = setting(server, location, "client_max_body_size")
        limit = max((m for v, m in _set_limits(deployment) if v.name == "UPLOAD_FILE_SIZE_LIMIT"), default=shipped)
        size = _bytes(line.filled(line.words[0]) or "") if line is not None else 1 << 20
        if 0 < size < limit * _MEGABYTE:
            yield _too_small_in_front(location, line, port, limit)


def _too_small_in_front(location: Line, line: Line | None, port: Port, limit: int) -> Diagnostic:
    from ...kit import nginx_edits

    values = (("limit", str(limit)), ("wanted", f"{limit}M"), ("size", line.words[0] if line else "1m"))
    head = line or location
    first, words = head.directive.name, head.directive.arguments
    edit = (
        nginx_edits.set_argument(line.tree, line.directive, 0, f"{limit}M")
        if line is not None
        else nginx_edits.insert_directive(
            location.tree,
            location.directive,
            f"client_max_body_size {limit}M;",
            before=(location.directive.block or [])[0],
        )
    )
    return Diagnostic(
        head.tree.document.place(first.span.start, words[-1].span.end),
        "this nginx lets only {size} through (`client_max_body_size`), but Dify behind it takes files of {limit} MB: "
        "larger uploads end in 413",
        values,
        (Related(port.place, "Dify answers on this port"),),
        (Fix("Let {wanted} through", (edit,), Applicability.UNSAFE, values),),
    )


def _raised(deployment: Deployment, limits: dict[str, int]) -> Iterator[tuple[Variable, int]]:
    """The upload limits that somebody set above what is shipped; shipped ones are the product's own business."""
    for variable, megabytes in _set_limits(deployment):
        if _OTHER_UNIT > megabytes > limits.get(variable.name, megabytes):
            yield variable, megabytes
    table = deployment.table("dify")
    for name in REQUESTS:
        shipped = table.data["byte_limits"][name] if table else 0
        for service in deployment.playing("dify", "api"):
            limit, size = _set(service, name)
            if limit is not None and size > shipped:
                yield limit, size // (1 << 20)


def _set_limits(deployment: Deployment) -> Iterator[tuple[Variable, int]]:
    """The upload limits of the API in megabytes, as they are set."""
    table = deployment.table("dify")
    for service in deployment.playing("dify", "api"):
        for name in table.data["uploads"] if table else ():
            variable, megabytes = _set(service, name)
            if variable is not None:
                yield variable, megabytes


def _set(service: Service, name: str) -> tuple[Variable | None, int]:
    """A variable that holds a number, and the number; None for one that is absent, or holds something else."""
    variable = service.environment.get(name)
    text = (variable.value.text or "").strip() if variable else ""
    return (variable, int(text)) if re.fullmatch(r"[0-9]{1,12}", text) else (None, 0)


def _sizes(deployment: Deployment, nginx: Service) -> Iterator[BodySize]:
    for file, tree in trees(deployment, nginx):
        for directive, _ in tree.walk():
            if directive.name.text == "client_max_body_size" and directive.arguments:
                text = file.filled(directive.arguments[0].text) or ""
                yield BodySize(file, tree, directive, _bytes(text), text)


def _bytes(text: str) -> int:
    """A size of nginx in bytes, 0 for none, one that nobody can know, and one whose letter was left out."""
    match = re.fullmatch(r"([0-9]{1,12})([kmg]?)", text.lower())
    size = int(match[1]) * _UNITS[match[2]] if match else 0
    return size if size >= _FEW_BYTES else 0


def _too_small(deployment: Deployment, size: BodySize, variable: Variable, megabytes: int) -> Diagnostic:
    setting = size.variable.name if size.variable else "client_max_body_size"
    return Diagnostic(
        variable.value.edit_place or variable.place,
        "`{variable}` allows {limit} MB, but nginx lets only {size} through (`{setting}`): larger uploads end in 413",
        (
            ("variable", variable.name),
            ("limit", str(megabytes)),
            ("size", size.text),
            ("setting", setting),
        ),
        (Related(size.place, "`{nginx}` limits the body here", (("nginx", size.file.service.name),)),),
        _larger(deployment, size, f"{megabytes}M"),
    )


def _larger(deployment: Deployment, size: BodySize, wanted: str) -> tuple[Fix, ...]:
    edit: Edit | None
    word = size.directive.arguments[0]
    if size.variable is not None:
        edit = change_value(deployment, size.variable.value, wanted)
    elif "$" in word.text:
        edit = None
    else:
        edit = Edit(Place(size.tree.document, word.span), wanted)
    return (Fix("Let {wanted} through", (edit,), Applicability.UNSAFE, (("wanted", wanted),)),) if edit else ()
