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
from .targets import trees

_MEGABYTE = 1_000_000
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
        for variable, megabytes in _raised(deployment, limits):
            if megabytes * _MEGABYTE > largest.bytes:
                yield _too_small(deployment, largest, variable, megabytes)


def _raised(deployment: Deployment, limits: dict[str, int]) -> Iterator[tuple[Variable, int]]:
    """The upload limits that somebody set above what is shipped; shipped ones are the product's own business."""
    for service in deployment.playing("dify", "api"):
        for name, shipped in limits.items():
            variable = service.environment.get(name)
            text = (variable.value.text or "").strip() if variable else ""
            if variable is not None and re.fullmatch(r"[0-9]{1,9}", text) and int(text) > shipped:
                yield variable, int(text)


def _sizes(deployment: Deployment, nginx: Service) -> Iterator[BodySize]:
    for file, tree in trees(deployment, nginx):
        for directive, _ in tree.walk():
            if directive.name.text == "client_max_body_size" and directive.arguments:
                text = file.filled(directive.arguments[0].text) or ""
                match = re.fullmatch(r"([0-9]{1,12})([kmg]?)", text.lower())
                size = int(match[1]) * _UNITS[match[2]] if match else 0
                yield BodySize(file, tree, directive, size, text)


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
