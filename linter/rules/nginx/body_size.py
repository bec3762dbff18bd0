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
    Related,
    Service,
    Severity,
    Variable,
    change_value,
    rule,
)
from .body_in_front import MEGABYTE, OTHER_UNIT, set_number, size_in_bytes, too_small_in_front
from .targets import trees

# Limits in bytes of what comes in through nginx.
REQUESTS = ("PLUGIN_MAX_PACKAGE_SIZE", "WEBHOOK_REQUEST_BODY_MAX_SIZE")


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
    yield from too_small_in_front(deployment)
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
            if megabytes * MEGABYTE > largest.bytes
        ]
        for variable, megabytes in raised:
            yield _too_small(deployment, largest, variable, megabytes)
        if not raised:
            yield from _lowered(deployment, largest, limits["UPLOAD_FILE_SIZE_LIMIT"])


def _lowered(deployment: Deployment, size: BodySize, shipped: int) -> Diagnostics:
    """A limit of nginx that is under what the API takes as it is."""
    limit = max((m for v, m in _set_limits(deployment) if v.name == "UPLOAD_FILE_SIZE_LIMIT"), default=shipped)
    if limit >= OTHER_UNIT or size.bytes >= limit * MEGABYTE or not deployment.playing("dify", "api"):
        return
    place = size.variable.edit_place if size.variable else size.place
    values = (("size", size.text), ("limit", str(limit)), ("nginx", size.file.service.name))
    yield Diagnostic(
        place,
        "`{nginx}` lets only {size} through, but Dify takes files of {limit} MB: larger uploads end in 413",
        values,
        (Related(size.place, "`{nginx}` limits the body here", values),) if size.variable else (),
        _larger(deployment, size, f"{limit}M"),
    )


def _raised(deployment: Deployment, limits: dict[str, int]) -> Iterator[tuple[Variable, int]]:
    """The upload limits that somebody set above what is shipped; shipped ones are the product's own business."""
    for variable, megabytes in _set_limits(deployment):
        if OTHER_UNIT > megabytes > limits.get(variable.name, megabytes):
            yield variable, megabytes
    table = deployment.table("dify")
    for name in REQUESTS:
        shipped = table.data["byte_limits"][name] if table else 0
        for service in deployment.playing("dify", "api"):
            limit, size = set_number(service, name)
            if limit is not None and size > shipped:
                yield limit, size // (1 << 20)


def _set_limits(deployment: Deployment) -> Iterator[tuple[Variable, int]]:
    """The upload limits of the API in megabytes, as they are set."""
    table = deployment.table("dify")
    for service in deployment.playing("dify", "api"):
        for name in table.data["uploads"] if table else ():
            variable, megabytes = set_number(service, name)
            if variable is not None:
                yield variable, megabytes


def _sizes(deployment: Deployment, nginx: Service) -> Iterator[BodySize]:
    for file, tree in trees(deployment, nginx):
        for directive, _ in tree.walk():
            if directive.name.text == "client_max_body_size" and directive.arguments:
                text = file.filled(directive.arguments[0].text) or ""
                yield BodySize(file, tree, directive, size_in_bytes(text), text)


def _too_small(deployment: Deployment, size: BodySize, variable: Variable, megabytes: int) -> Diagnostic:
    setting = size.variable.name if size.variable else "client_max_body_size"
    return Diagnostic(
        variable.edit_place,
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
